"""What the report claims of autoencoders: verdicts that follow from the figures."""

import numpy as np

from doodle_core import evaluation
from doodle_core.lab.tour import autoencoders
from support.tour import change, found


def test_two_dimensions_are_compared_with_more(finished_vae):
    finished_vae("plane", latent=2)
    deep = finished_vae("deep")
    change(deep, loss=100.0)
    finding = found("elbo")
    assert (
        finding.verdict == "holds" and "costs +30.0 nats here, +39.7 in the report" in finding.words
    )
    change(deep, loss=140.0)
    assert found("elbo").verdict == "wrong"


def test_the_latent_space_need_not_be_a_mess(finished_vae):
    plain, apart = finished_vae("plain"), finished_vae("apart", classifier=10.0)
    change(plain, silhouette=0.05)
    assert found("space").verdict == "half"
    change(apart, silhouette=0.01)
    finding = found("space")
    assert finding.verdict == "holds" and "with a classifier" in finding.words
    means = np.array([[0.0, 5], [0, 6], [1, 5], [1, 6]])
    assert evaluation.told_apart(means, np.array([0, 0, 1, 1])).tolist() == [1.0, 0.0]


def test_the_wrong_range_is_judged_by_its_intervals(finished_vae):
    path = finished_vae("one")
    assert found("ranges").verdict == "half"  # the same share both ways
    change(
        path, reconstructed01_top1=0.2, reconstructed01_top1_low=0.1, reconstructed01_top1_high=0.3
    )
    finding = found("ranges")
    assert finding.verdict == "wrong" and "20.0\u00a0% (10.0 to 30.0)" in finding.words
    assert [row["category"] for row in finding.more["rows"]] == list(autoencoders.JUDGED.values())
    change(path, judge_top1_high=None, probe_low=None)
    assert found("ranges").verdict == "open" and found("space").runs
