import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.calibration import calibration_curve
from sklearn.metrics import confusion_matrix, log_loss, precision_recall_fscore_support

from doodle_core import evaluation


def test_wilson_agrees_with_the_reports_interval():
    low, high = evaluation.wilson(194, 200)  # section 3: 0.936 to 0.986
    assert (round(low, 3), round(high, 3)) == (0.936, 0.986)


def test_wilson_stays_within_0_and_1_and_takes_arrays():
    low, high = evaluation.wilson([0, 5, 0], [5, 5, 0])
    assert low[0] == 0 and high[1] == 1 and (low[2], high[2]) == (0, 1)
    assert high[0] > 0.3 and low[1] < 0.7


@pytest.fixture
def scored():
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 5, 400)
    logits = rng.normal(size=(400, 5)) + 1.5 * np.eye(5)[labels]
    return labels, np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)


def test_metrics_agree_with_their_definitions(scored):
    labels, probabilities = scored
    found = evaluation.metrics(labels, probabilities)
    targets = np.eye(5)[labels] > 0.5
    assert found["top1"] == np.mean(probabilities.argmax(1) == labels)
    assert found["binary_accuracy"] == pytest.approx(((probabilities > 0.5) == targets).mean())
    ranks = (-probabilities).argsort(1).argsort(1)[np.arange(400), labels]
    assert found["top3"] == np.mean(ranks < 3)
    assert found["top1_low"] < found["top1"] < found["top1_high"]
    assert (found["chance"], found["binary_chance"]) == (1 / 5, 4 / 5)


def test_saying_nothing_scores_six_sevenths_on_the_reports_measure():
    labels = np.arange(7).repeat(10)
    nothing = np.full((70, 7), 1 / 7)
    assert evaluation.metrics(labels, nothing)["binary_accuracy"] == pytest.approx(6 / 7)


def test_matrix_and_table_agree_with_scikit_learn(scored):
    labels, probabilities = scored
    predicted = probabilities.argmax(1)
    matrix = evaluation.confusion_matrix(labels, predicted, 5)
    assert (matrix == confusion_matrix(labels, predicted)).all()
    every = np.arange(345, dtype=np.uint16)  # as a run's labels are kept
    assert (evaluation.confusion_matrix(every, every, 345) == np.eye(345)).all()
    rows = evaluation.per_category(labels, predicted, list("abcde"))
    precision, recall, f1, n = precision_recall_fscore_support(labels, predicted)
    assert np.allclose([row["precision"] for row in rows], precision)
    assert np.allclose([row["recall"] for row in rows], recall)
    assert np.allclose([row["f1"] for row in rows], f1)
    assert [row["n"] for row in rows] == n.tolist()


def test_surest_are_sorted_and_all_right_or_all_wrong(scored):
    labels, probabilities = scored
    for right in (True, False):
        places = evaluation.surest(labels, probabilities, right, n=20)
        assert len(places) == 20
        assert ((probabilities[places].argmax(1) == labels[places]) == right).all()
        sure = probabilities[places].max(1)
        assert (np.diff(sure) <= 0).all()
        rest = (probabilities.argmax(1) == labels) == right
        assert sure.min() >= np.sort(probabilities[rest].max(1))[-20]


def test_top_names_the_likeliest_first():
    assert evaluation.top(np.array([0.1, 0.7, 0.2]), "abc", 2) == [("b", 0.7), ("c", 0.2)]


def test_the_reliability_diagram_agrees_with_scikit_learn(scored):
    labels, probabilities = scored
    rows = evaluation.reliability(labels, probabilities, bins=10)
    right = probabilities.argmax(1) == labels
    accuracy, confidence = calibration_curve(right, probabilities.max(1), n_bins=10)
    assert np.allclose([row["accuracy"] for row in rows], accuracy)
    assert np.allclose([row["confidence"] for row in rows], confidence)
    assert sum(row["n"] for row in rows) == 400
    assert all(row["low"] < row["confidence"] <= row["high"] for row in rows)
    assert all(row["accuracy_low"] <= row["accuracy"] <= row["accuracy_high"] for row in rows)


def test_the_calibration_error_by_hand():
    probabilities = np.array([[0.9, 0.1], [0.9, 0.1], [0.4, 0.6], [0.4, 0.6]])
    labels = np.array([0, 1, 1, 1])  # 0.9 sure and half right; 0.6 sure and all right
    assert evaluation.ece(labels, probabilities) == pytest.approx(0.5 * 0.4 + 0.5 * 0.4)
    certain = np.eye(2)[[0, 1]]
    assert evaluation.ece([0, 1], certain) == 0 and evaluation.ece([1, 0], certain) == 1


def test_scaling_is_a_softmax_with_a_temperature(scored):
    _, probabilities = scored
    logits = np.log(probabilities) + 3
    expected = np.exp(logits / 2) / np.exp(logits / 2).sum(axis=1, keepdims=True)
    assert np.allclose(evaluation.scale(probabilities, 2), expected)
    assert np.allclose(evaluation.scale(probabilities, 1), probabilities)
    assert np.isfinite(evaluation.scale(np.array([[1.0, 0.0]], np.float32), 0.05)).all()
    for wrong in (0, -1, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="temperature must be a positive"):
            evaluation.scale(probabilities, wrong)


def test_the_fitted_temperature_is_found_again_and_is_the_best():
    rng = np.random.default_rng(2)
    logits = 2 * rng.normal(size=(20_000, 4))
    honest = evaluation.scale(np.exp(logits), 1)
    labels = (honest.cumsum(1) > rng.random((20_000, 1))).argmax(1)
    too_sure = evaluation.scale(honest, 1 / 2.5)
    found = evaluation.fit_temperature(labels, too_sure)
    assert found == pytest.approx(2.5, rel=0.05)

    def loss(temperature):
        return log_loss(labels, evaluation.scale(too_sure, temperature))

    assert loss(found) < min(loss(found * 0.9), loss(found * 1.1), loss(1))
    before, after = (evaluation.ece(labels, evaluation.scale(too_sure, t)) for t in (1, found))
    assert after < 0.02 < before


@pytest.mark.parametrize("only_a, only_b", [(0, 0), (1, 0), (3, 12), (40, 40), (700, 610)])
def test_mcnemar_agrees_with_the_binomial_test(only_a, only_b):
    right_a = np.repeat([True, True, False, False], [50, only_a, only_b, 9])
    right_b = np.repeat([True, False, True, False], [50, only_a, only_b, 9])
    found = evaluation.mcnemar(right_a, right_b)
    n = only_a + only_b
    expected = binomtest(only_a, n).pvalue if n else 1.0
    assert found.pop("p") == pytest.approx(expected)
    assert found == {"both": 50, "only_a": only_a, "only_b": only_b, "neither": 9}


def test_mcnemar_wants_the_same_drawings():
    with pytest.raises(ValueError, match="same drawings"):
        evaluation.mcnemar([True] * 3, [True] * 4)


def test_suspects_are_the_labels_that_were_changed():
    rng = np.random.default_rng(4)
    true = rng.integers(0, 5, 1000)
    logits = rng.normal(size=(1000, 5)) + 7 * np.eye(5)[true]
    probabilities = evaluation.scale(np.exp(logits), 1).astype(np.float32)
    given = true.copy()
    given[:40] = (given[:40] + 1) % 5
    table = evaluation.suspects(given, probabilities)
    assert list(table.columns) == ["place", "quality", "suggested"]
    assert (table["place"] < 40).mean() > 0.9 and (table["place"] < 40).sum() > 35
    assert (table["suggested"] != given[table["place"]]).all()
    assert table["quality"].is_monotonic_increasing and table["quality"].between(0, 1).all()
    assert evaluation.suspects(true[:200], np.eye(5)[true[:200]]).empty


def test_suspects_stand_a_category_without_drawings(scored, recwarn):
    labels, probabilities = scored
    few = (labels < 3) | (np.cumsum(labels == 3) == 1)
    table = evaluation.suspects(labels[few], probabilities[few])
    assert (table["place"] < few.sum()).all() and not recwarn


def test_the_power_law_finds_the_exponent_it_was_made_with():
    n = np.array([100, 300, 1000, 3000])
    a, b = evaluation.power_law(n, 2 * n**-0.4)
    assert a == pytest.approx(2) and b == pytest.approx(0.4)
    assert evaluation.crossing(a, b, 0.03) == pytest.approx((2 / 0.03) ** 2.5)
    assert evaluation.crossing(1, -0.1, 0.03) == float("inf")
    assert evaluation.crossing(0.5, 1e-3, 0.03) == float("inf")  # more than a float can hold
    with pytest.raises(ValueError, match="two sizes"):
        evaluation.power_law([100, 100], [0.1, 0.2])
