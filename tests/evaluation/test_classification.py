"""Measures of a classifier agree with their definitions and with scikit-learn."""

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    confusion_matrix,
    log_loss,
    precision_recall_fscore_support,
    top_k_accuracy_score,
)

from doodle_core import evaluation


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


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ([0.2] * 5, 0.0),  # all alike: nothing is among the three likeliest
        ([0.3, 0.3, 0.3, 0.05, 0.05], 1.0),
        ([0.25, 0.25, 0.25, 0.25, 0.0], 0.0),  # the fourth is as likely
        ([0.1, 0.5, 0.3, 0.1, 0.0], 0.0),
        ([np.nan] * 5, 0.0),
        ([np.nan, 0.5, 0.3, 0.1, 0.1], 0.0),
        ([np.nan] * 3, 0.0),  # of three categories all are among the three likeliest
        ([1 / 3] * 3, 1.0),
    ],
)
def test_ties_and_what_is_no_number_count_against_the_true_category(row, expected):
    found = evaluation.metrics([0], np.array([row]))
    assert found["top3"] == expected
    if np.isnan(row).any():
        assert found["top1"] == found["macro_recall"] == 0


def test_without_drawings_there_is_a_sentence():
    nothing = np.zeros((0, 3))
    for measure in (
        lambda: evaluation.metrics([], nothing),
        lambda: evaluation.ece([], nothing),
        lambda: evaluation.share("top1", np.zeros(0, bool)),
    ):
        with pytest.raises(ValueError, match=r"drawing.*\.$"):
            measure()


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


COUNTS = (200, 60, 30, 10)


@pytest.fixture
def unbalanced():
    """Labels of which most are the first category, and a sigmoid's outputs, which are no shares."""
    rng = np.random.default_rng(5)
    labels = rng.permutation(np.repeat(np.arange(4), COUNTS))
    outputs = 1 / (1 + np.exp(2.2 - rng.normal(size=(300, 4)) - 2.5 * np.eye(4)[labels]))
    return labels, outputs, evaluation.distribution(outputs)


def test_metrics_of_unbalanced_labels_agree_with_scikit_learn(unbalanced):
    labels, outputs, probabilities = unbalanced
    predicted = probabilities.argmax(axis=1)
    found = evaluation.metrics(labels, probabilities, outputs)
    own = binomtest(int((predicted == labels).sum()), 300).proportion_ci(method="wilson")
    assert (probabilities > 0.5).sum() != (outputs > 0.5).sum()  # else either would do
    assert found == pytest.approx(
        {
            "n": 300,
            "top1": accuracy_score(labels, predicted),
            "top1_low": own.low,
            "top1_high": own.high,
            "top3": top_k_accuracy_score(labels, probabilities, k=3),
            "macro_recall": balanced_accuracy_score(labels, predicted),
            "loss": log_loss(labels, probabilities),
            "binary_accuracy": ((outputs > 0.5) == np.eye(4)[labels]).mean(),
            "chance": 1 / 4,
            "majority": 200 / 300,
            "binary_chance": 3 / 4,
        }
    )
    assert len({round(found[name], 2) for name in ("top1", "macro_recall", "majority")}) == 3


def test_metrics_by_hand():
    labels = np.array([0, 0, 0, 0, 2])  # none of category 1
    outputs = np.array([[8, 1, 1], [6, 3, 1], [1, 8, 1], [4, 3, 3], [6, 6, 3]]) / 10
    found = evaluation.metrics(labels, evaluation.distribution(outputs), outputs)
    assert found["top1"] == 3 / 5 and found["macro_recall"] == (3 / 4 + 0) / 2
    # on the wrong side of 0.5: two of the third drawing, one of the fourth, three of the last
    assert found["binary_accuracy"] == pytest.approx(1 - 6 / 15)
    assert found["majority"] == 4 / 5 and found["chance"] == 1 / 3
    own = [0.8, 0.6, 0.1, 0.4, 3 / 15]
    assert found["loss"] == pytest.approx(-np.log(own).mean())


def test_recalls_intervals_are_over_the_true_counts(unbalanced):
    labels, _, probabilities = unbalanced
    predicted = probabilities.argmax(axis=1)
    assert np.bincount(predicted).tolist() != list(COUNTS)
    rows = evaluation.per_category(labels, predicted, list("abcd"))
    assert [row["category"] for row in rows] == list("abcd")
    for label, row in enumerate(rows):
        right = int(((predicted == label) & (labels == label)).sum())
        own = binomtest(right, COUNTS[label]).proportion_ci(method="wilson")
        assert row["n"] == COUNTS[label] and row["recall"] == right / COUNTS[label]
        assert (row["recall_low"], row["recall_high"]) == pytest.approx((own.low, own.high))


def test_a_category_that_is_never_there_or_never_said_scores_nothing():
    rows = evaluation.per_category([0, 0, 1], [0, 2, 2], list("abc"))
    assert [row["n"] for row in rows] == [2, 1, 0]
    assert [row["recall"] for row in rows] == [0.5, 0, 0]
    assert [row["precision"] for row in rows] == [1, 0, 0]
    assert [row["f1"] for row in rows] == pytest.approx([2 / 3, 0, 0])


def test_outputs_become_shares_of_their_own_row():
    found = evaluation.distribution([[0.2, 0.6], [0.5, 0.0], [0.0, 0.0]])
    assert found == pytest.approx(np.array([[0.25, 0.75], [1, 0], [0.5, 0.5]]), abs=1e-9)
    assert found.dtype == np.float64


def test_by_default_the_thirty_surest_and_the_three_likeliest(scored):
    labels, probabilities = scored
    right = evaluation.surest(labels, probabilities, True)
    assert len(right) == 30
    expected = np.flatnonzero(probabilities.argmax(1) == labels)
    expected = sorted(expected, key=lambda place: (-probabilities[place].max(), place))
    assert right.tolist() == expected[:30]
    assert [name for name, _ in evaluation.top(np.array([0.2, 0.1, 0.4, 0.3]), "abcd")] == [*"cda"]


def test_a_suspects_quality_is_the_given_labels_probability():
    rng = np.random.default_rng(4)
    true = rng.integers(0, 3, 300)
    # not yet divided by their sums
    shares = 2 * evaluation.scale(np.exp(rng.normal(size=(300, 3)) + 6 * np.eye(3)[true]), 1)
    given = true.copy()
    given[:10] = (given[:10] + 1) % 3
    table = evaluation.suspects(given, shares)
    for row in table.itertuples():
        assert row.quality == pytest.approx(shares[row.place, given[row.place]] / 2)
        assert row.suggested == shares[row.place].argmax()
