"""The measures that are: known, with words, a direction, and figures in finished runs."""

from doodle_core import runs
from doodle_core.evaluation import measures
from doodle_core.evaluation.measures import MEASURES


def test_which_direction_is_better():
    assert MEASURES["top1"].is_better(0.9, 0.8) and not MEASURES["top1"].is_better(0.8, 0.8)
    assert MEASURES["loss"].is_better(120, 130) and not MEASURES["loss"].is_better(130, 120)
    assert not MEASURES["chance"].is_better(0.5, 0.1) and not MEASURES["chance"].is_better(0.1, 0.5)


def test_every_measure_of_a_table_is_known_and_says_what_it_is():
    tables = [value for name, value in vars(measures).items() if name.isupper()]
    tables = [table for table in tables if isinstance(table, list)]
    assert len(tables) == 10
    for key in {key for table in tables for key in table} - {"n", "cross_entropy"}:
        assert MEASURES[key].words or MEASURES[key].says, key
    for measure in MEASURES.values():
        if "lower is better" in measure.says:
            assert measure.better == "lower"


def test_a_finished_run_has_what_its_tables_want(finished_run, finished_vae):
    """A key that no run writes would stand in a table as dashes for ever."""
    for path, tables in (
        (finished_run("one"), [measures.CLASSIFIER_FIGURES, measures.CLASSIFIER_NUMBERS]),
        (finished_vae("two"), [measures.VAE_LOSS, measures.VAE_SPACE, measures.VAE_NUMBERS]),
    ):
        figures = runs.load(path).metrics
        for key in (key for table in tables for key in table):
            assert MEASURES[key].value(figures) is not None, key


def shares(name, value):
    """A share with bounds that are nobody else's."""
    return {name: value, f"{name}_low": value - 0.05, f"{name}_high": value + 0.03}


def rows(figures, *tables):
    """The rows of a table as tuples: measure, this run, interval, the report's."""
    names = ("measure", "this run", "95 % interval", "the report")
    return [
        tuple(row.get(name, "") for name in names) for row in measures.as_table(figures, *tables)
    ]


def spaced(*texts):
    return tuple(text.replace(" %", "\u00a0%") for text in texts)


VAE = {"loss": 131.26, "reconstruction": 110.14, "kl": 21.12, "iwae": 126.71, "iwae_k": 100}
VAE |= {"iwae_n": 1000, "active": 3, "latent": 14, "silhouette": 0.127}
VAE |= shares("probe", 0.61) | shares("knn", 0.72)
JUDGED = {}
for _name, _value in (
    *(("judge_top1", 0.9), ("binarised_top1", 0.81), ("reconstructed_top1", 0.71)),
    *(("reconstructed01_top1", 0.62), ("samples_sure", 0.53), ("samples_top1", 0.44)),
    *(("near_samples_top1", 0.35), ("region_top1", 0.26)),
):
    JUDGED |= shares(_name, _value)
JUDGED |= {"frechet": 12.34, "precision": 0.7123, "recall": 0.6234, "frechet_floor": 0.52}
JUDGED |= {"region_frechet": 8.91, "region_precision": 0.8345, "region_recall": 0.5456}


def test_each_row_of_a_vaes_tables_has_its_own_figure():
    assert rows(VAE, measures.VAE_LOSS, measures.VAE_SPACE) == [
        ("Loss (negative ELBO)", "131.3 nats", "", "134.5, 134.2, 174.2"),
        ("Reconstruction", "110.1 nats", "", ""),
        ("KL divergence", "21.1 nats", "", ""),
        ("IWAE bound", "126.7 nats", "", ""),
        ("Dimensions in use", "3 of 14", "", ""),
        spaced("Linear probe", "61.0 %", "56.0 to 64.0", ""),
        spaced("k-NN, k = 10", "72.0 %", "67.0 to 75.0", ""),
        ("Silhouette", "0.13", "", ""),
    ]
    assert rows(JUDGED, measures.VAE_JUDGE, measures.VAE_SETS) == [
        spaced("Test drawings named rightly", "90.0 %", "85.0 to 93.0", ""),
        spaced("Binarised, named rightly", "81.0 %", "76.0 to 84.0", ""),
        spaced("Reconstructions named rightly", "71.0 %", "66.0 to 74.0", ""),
        spaced("Reconstructions, wrong range", "62.0 %", "57.0 to 65.0", "68.5 %"),
        spaced("Samples surely something", "53.0 %", "48.0 to 56.0", ""),
        spaced("Samples are what was asked for", "44.0 %", "39.0 to 47.0", ""),
        spaced("Samples at spread 0.8 are", "35.0 %", "30.0 to 38.0", ""),
        spaced("Category samples named rightly", "26.0 %", "21.0 to 29.0", ""),
        ("Frechet distance (of the prior)", "12.3", "", ""),
        ("Precision (of the prior)", "0.712", "", ""),
        ("Recall (of the prior)", "0.623", "", ""),
        ("Frechet distance (of categories' regions)", "8.9", "", ""),
        ("Precision (of categories' regions)", "0.835", "", ""),
        ("Recall (of categories' regions)", "0.546", "", ""),
    ]
    beside = {
        row["measure"]: row["what it is"] for row in measures.as_table(VAE, measures.VAE_LOSS)
    }
    assert "100 samples a drawing, 1,000 drawings" in beside["IWAE bound"]
    (frechet, *_) = measures.as_table(JUDGED, measures.VAE_SETS)
    assert frechet["what it is"] == (
        "on the judge's embeddings of 2,000 drawings each at most; real against real is 0.5"
    )


def test_each_column_of_a_table_of_runs_has_its_own_figure():
    figures = shares("top1", 0.9) | shares("val_top1", 0.8) | {"top3": 0.97, "macro_recall": 0.65}
    figures |= {"chance": 1 / 7, "binary_chance": 6 / 7, "majority": 0.4, "binary_accuracy": 0.96}
    figures |= {"loss": 0.12345, "n": 15_750, "parameters": 430_407, "seconds": 61.4}
    assert list(measures.columns(figures, measures.CLASSIFIER_TABLE).items()) == [
        ("top-1 (95 %)", "90.0\u00a0% (85.0 to 93.0)"),
        ("validation (95 %)", "80.0\u00a0% (75.0 to 83.0)"),
        ("top-3", "97.0\u00a0%"),
        ("macro recall", "65.0\u00a0%"),
        ("chance", "14.3\u00a0%"),
        ("largest category", "40.0\u00a0%"),
        ("loss (nats)", "0.1235"),
        ("test drawings", "15,750"),
    ]
    assert list(measures.columns(VAE | JUDGED | {"n": 999}, measures.VAE_TABLE).items()) == [
        ("dimensions in use", "3 of 14"),
        ("linear probe (95 %)", "61.0\u00a0% (56.0 to 64.0)"),
        ("reconstructions named rightly (95 %)", "71.0\u00a0% (66.0 to 74.0)"),
        ("test drawings", "999"),
    ]
    assert measures.columns({}, ["val_top1", "reconstructed_top1", "n"]) == {
        "validation (95 %)": "",
        "reconstructions named rightly (95 %)": "not judged",
        "test drawings": "–",
    }
    assert measures.shown(VAE, "kl") == "21.1 nats" and MEASURES["kl"].cell(VAE) == "21.12"
    said = [
        (MEASURES[key].text(figures), MEASURES[key].beside(figures).split("; ")[-1])
        for key in measures.CLASSIFIER_FIGURES
    ]
    assert said == [
        spaced("90.0 % (85.0 to 93.0)", "chance 14.3 %"),
        spaced("97.0 %", "the true category is among the three likeliest"),
        spaced("65.0 %", "the mean of the categories' recalls"),
        spaced("40.0 %", "what always naming it would score"),
        spaced("96.0 %", "chance 85.7 %"),
    ]
    assert [MEASURES[key].value(figures) for key in measures.CLASSIFIER_NUMBERS] == [
        *(0.9, 15_750, 0.65, 0.96, 1 / 7, 430_407, 61.4)
    ]
    assert MEASURES["seconds"].text(figures) == "61"
    assert [MEASURES[key].value(VAE | JUDGED | {"n": 9}) for key in measures.VAE_NUMBERS[:7]] == [
        *(131.26, 110.14, 21.12, 126.71, 0.61, 9, 0.71)
    ]


def test_which_way_is_better_of_every_measure():
    better = {
        way: {key for key, one in MEASURES.items() if one.better == way} for way in ("lower", "")
    }
    assert better["lower"] == {
        *("cross_entropy", "ece", "loss", "reconstruction", "iwae", "frechet", "region_frechet"),
        "val_loss",
    }
    assert better[""] == {"chance", "majority", "kl", "active", "n", "parameters", "seconds"}


def test_what_a_judge_may_have_seen():
    assert "from none" in measures.judge_saw({"judge_saw": 0})
    assert "so it flatters" in measures.judge_saw({"judge_saw": 1})
    assert "were not at hand" in measures.judge_saw({})
