"""Each stop's verdict from made runs, on both sides and in between: autoencoders."""

import numpy as np
import pytest

from support.tour import change, found, latent

# --- autoencoders --------------------------------------------------------------------------------


@pytest.mark.parametrize(("more", "expected"), [(30.0, "holds"), (-30.0, "wrong"), (0.0, "open")])
def test_the_plane(finished_vae, more, expected):
    deep, flat = finished_vae("vae"), finished_vae("vae-2d", latent=2)
    losses = np.random.default_rng(1).normal(60, 5, (len(np.load(deep / "test_labels.npy")), 2))
    noise = np.random.default_rng(2).normal(0, 5, losses.shape)
    latent(deep, losses=losses.astype(np.float32))
    latent(flat, losses=(losses + noise - noise.mean(axis=0) + more / 2).astype(np.float32))
    finding = found("elbo")
    assert finding.verdict == expected and f"costs {more:+.1f} nats" in finding.words


@pytest.mark.parametrize("more", [{"target": "grey"}, {"classifier": 5.0}, {"epochs": 9}])
def test_the_plane_is_judged_by_autoencoders_that_differ_in_the_latent_alone(finished_vae, more):
    finished_vae("vae", target="binary")
    finished_vae("vae-2d", **{"latent": 2, "target": "binary"} | more)
    finding = found("elbo")
    assert finding.verdict == "open" and "this does not say what the plane costs" in finding.words
    assert next(iter(more)) in finding.words


def test_of_several_pairs_the_one_that_differs_in_the_least_counts(finished_vae):
    finished_vae("vae", target="grey", epochs=7)
    finished_vae("vae-separated", classifier=5.0, target="grey")
    finished_vae("vae-2d", latent=2, classifier=5.0, target="grey")
    finished_vae("vae-2d-plain", latent=2, target="binary")
    assert [run.name for run in found("elbo").runs] == ["vae-separated", "vae-2d"]


ALL_AXES = np.random.default_rng(3).choice([-1, 1], (3, 40))
ONE_AXIS = np.eye(3, 40) * [1, *[0] * 39]


@pytest.mark.parametrize(
    ("apart", "axes", "expected"),
    [
        (0.0, ALL_AXES, "holds"),
        (20.0, ALL_AXES, "wrong"),
        (0.85, ALL_AXES, "open"),
        (4.0, ONE_AXIS, "wrong"),  # one dimension stands for a category
    ],
)
def test_the_latent_space(finished_vae, apart, axes, expected):
    path = finished_vae("vae", latent=40)
    labels = np.load(path / "test_labels.npy")
    means = np.random.default_rng(0).normal(size=(len(labels), 40))
    latent(path, means=(means + apart * axes[labels]).astype(np.float32))
    finding = found("space")
    assert finding.verdict == expected, finding.words
    assert finding.evidence.startswith("vae (one seed); 42 of 42 test drawings")


@pytest.mark.parametrize(
    ("right", "wrong", "expected"),
    [
        ((0.9, 0.85, 0.94), (0.2, 0.1, 0.3), "wrong"),
        ((0.9, 0.85, 0.94), (0.88, 0.83, 0.92), "open"),
        ((0.9, 0.899, 0.901), (0.9, 0.899, 0.901), "holds"),
        ((0.2, 0.1, 0.3), (0.9, 0.85, 0.94), "open"),
    ],
)
def test_the_wrong_range(finished_vae, right, wrong, expected):
    path = finished_vae("vae")
    for name, share in (("reconstructed_top1", right), ("reconstructed01_top1", wrong)):
        ends = (f"{name}{end}" for end in ("", "_low", "_high"))
        change(path, **dict(zip(ends, share)))
    # grey drawings against binarised ones is not the question
    change(path, binarised_top1=0.1, binarised_top1_low=0.05, binarised_top1_high=0.15)
    finding = found("ranges")
    assert finding.verdict == expected
    assert [row["recall"] for row in finding.more["rows"]] == [0.9, 0.1, right[0], wrong[0]]
