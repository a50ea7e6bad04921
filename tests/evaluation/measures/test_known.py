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
