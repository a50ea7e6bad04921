"""What a VAE's run keeps of its latent space: written, read, and refused where it does not fit."""

import re
import zipfile
from dataclasses import replace

import numpy as np
import pytest

from doodle_core import evaluation
from doodle_core.runs import latents
from doodle_core.runs.latents import Points, Snapshot

C, D, N = 3, 4, 20
RNG = np.random.default_rng(0)
LABELS = np.arange(N) % C
PICTURES = RNG.integers(0, 256, (2, N, 28, 28), dtype=np.uint8)
POINTS = Points(
    labels=LABELS.astype(np.int16),
    means=RNG.normal(size=(N, D)),
    losses=RNG.gamma(9, 15, (N, 2)),
    projection=RNG.normal(size=(N, 3)),
    probabilities=RNG.dirichlet(np.ones(C), N),
    redrawn=RNG.dirichlet(np.ones(C), N),
    reconstructions=PICTURES[0],
)
SAMPLES = Points(np.full(N, -1), POINTS.means, np.full((N, 2), np.nan), drawings=PICTURES[1])
SNAPSHOT = Snapshot(LABELS, POINTS.means, PICTURES[0][:6], PICTURES[1][:6])
ROWS = [
    {"dimension": place + 1, "kl": 1 / 3, "spread": 0.5, "noise": 0.25, "active": 1}
    for place in range(D)
]


def same(found, given):
    """Whether what was read is what was written, in half precision."""
    for name, array in vars(given).items():
        other = getattr(found, name)
        if array is None:
            assert other is None, name
        elif array.dtype == np.uint8 or name == "labels":
            assert np.array_equal(other, array), name
        else:
            assert other.dtype == np.float32, name
            np.testing.assert_array_equal(other, array.astype(np.float16), err_msg=name)
    return True


def kinds(file):
    """{array: (dtype, whether it is compressed)} of an archive."""
    with np.load(file) as found, zipfile.ZipFile(file) as archive:
        return {
            name: (str(found[name].dtype), archive.getinfo(f"{name}.npy").compress_type > 0)
            for name in found
        }


@pytest.mark.parametrize(
    ("which", "points"), [("test", POINTS), ("practice", POINTS), ("samples", SAMPLES)]
)
def test_points_come_back_in_half_precision(tmp_path, which, points):
    assert latents.points(tmp_path, which, C, D) is None
    latents.write_points(tmp_path, which, points, C)
    assert same(latents.points(tmp_path, which, C, D), points)
    assert len(points.labels) == N  # what was given is as it was
    small, found = ("float16", True), kinds(tmp_path / f"latent_{which}.npz")
    assert found["means"] == found["losses"] == small
    assert found["labels"] == (str(points.labels.dtype), True)
    if which == "test":  # a published run comes without its reconstructions
        assert "reconstructions" not in found
        (tmp_path / "reconstructions_test.npz").unlink()
        found = latents.points(tmp_path, which, C, D)
        assert found.reconstructions is None and found.probabilities is not None


BAD = (
    ("labels", LABELS - 1, "its categories"),
    ("labels", LABELS + 1, "its categories"),
    ("labels", LABELS.astype(float), "its categories"),
    ("labels", LABELS[:-1], "means has the shape"),
    ("means", POINTS.means * np.inf, "means are not all numbers"),
    ("means", POINTS.means * 1e6, "means are not all numbers"),  # in half precision
    ("losses", POINTS.losses[:, :1], "losses has the shape"),
    ("projection", POINTS.means, "projection has the shape"),
    ("probabilities", POINTS.probabilities[:, :2], "probabilities has the shape"),
    ("probabilities", POINTS.probabilities * np.nan, "probabilities are not all numbers"),
    ("redrawn", POINTS.redrawn * np.nan, "redrawn are not all numbers"),
    ("drawings", PICTURES[0][:5], "drawings has the shape"),
    ("drawings", PICTURES[0].astype(float), "drawings are no pictures"),
)


@pytest.mark.parametrize(("name", "array", "words"), BAD, ids=[f"{one[0]} {one[2]}" for one in BAD])
def test_points_that_do_not_fit_are_neither_written_nor_read(tmp_path, name, array, words):
    with pytest.raises(ValueError, match=f"^latent_practice.npz is not written: {words}"):
        latents.write_points(tmp_path, "practice", replace(POINTS, **{name: array}), C)
    assert not list(tmp_path.iterdir())
    latents.write_points(tmp_path, "practice", POINTS, C)
    with np.load(tmp_path / "latent_practice.npz") as found:
        arrays = dict(found)
    arrays[name] = array.reshape(len(array), -1) if name == "drawings" else array
    if name == "means":
        with np.errstate(over="ignore"):
            arrays[name] = array.astype(np.float16)
    np.savez(tmp_path / "latent_practice.npz", **arrays)
    where = re.escape(f"latent_practice.npz of {tmp_path.name} is damaged: {words}")
    with pytest.raises(ValueError, match=where):
        latents.points(tmp_path, "practice", C, D)


def test_points_of_another_run_are_refused(tmp_path):
    latents.write_points(tmp_path, "test", POINTS, C)
    for classes, latent in ((2, D), (4, D), (C, 3)):
        with pytest.raises(ValueError, match="latent_test.npz of .* is damaged"):
            latents.points(tmp_path, "test", classes, latent)


def test_directions_come_back(tmp_path):
    given = evaluation.principal(POINTS.means)
    latents.write_directions(tmp_path, given)
    found = latents.directions(tmp_path, D)
    for name, array in vars(given).items():
        assert np.array_equal(getattr(found, name), array) and array.dtype == np.float64
    assert not any(
        is_compressed for _, is_compressed in kinds(tmp_path / "directions.npz").values()
    )
    with pytest.raises(ValueError, match="directions.npz of .* is damaged"):
        latents.directions(tmp_path, 3)
    with pytest.raises(ValueError, match="directions.npz is not written: spread are not all"):
        latents.write_directions(tmp_path, replace(given, spread=given.spread * np.nan))
    with pytest.raises(ValueError, match="directions.npz is not written: axes has the shape"):
        latents.write_directions(tmp_path, replace(given, axes=given.axes[:2]))


def test_regions_come_back(tmp_path):
    centres, roots = RNG.normal(size=(C, D)), RNG.normal(size=(C, D, D))
    latents.write_categories(tmp_path, centres, roots)
    found = latents.categories(tmp_path, C, D)
    assert np.array_equal(found[0], np.float32(centres)) and found[1].shape == (C, D, D)
    for classes, latent in ((2, D), (C, 3)):
        with pytest.raises(ValueError, match="categories.npz of .* is damaged"):
            latents.categories(tmp_path, classes, latent)
    with pytest.raises(ValueError, match="categories.npz is not written: centres are not all"):
        latents.write_categories(tmp_path, centres * np.nan, roots)
    with pytest.raises(ValueError, match="categories.npz is not written: roots has the shape"):
        latents.write_categories(tmp_path, centres, roots[:2])


def test_dimensions_come_back(tmp_path):
    latents.write_dimensions(tmp_path, ROWS)
    found = latents.dimensions(tmp_path, D)
    assert found["dimension"].tolist() == [1, 2, 3, 4] and (found["kl"] == 1 / 3).all()
    with pytest.raises(ValueError, match="dimensions.csv of .* is damaged"):
        latents.dimensions(tmp_path, 3)
    with pytest.raises(ValueError, match="dimensions.csv is not written"):
        latents.write_dimensions(tmp_path, [ROWS[0], {"dimension": 2}])
    for content in (b"", b"\xff\x00", b"dimension,kl\n1,2\n"):
        (tmp_path / "dimensions.csv").write_bytes(content)
        with pytest.raises(ValueError, match="dimensions.csv of .* is damaged"):
            latents.dimensions(tmp_path, D)


def test_snapshots_come_back(tmp_path):
    assert latents.snapshots(tmp_path) == []
    for epoch in (2, 1, 10):
        latents.write_snapshot(tmp_path, epoch, SNAPSHOT, C)
    assert latents.snapshots(tmp_path) == [1, 2, 10]
    assert same(latents.snapshot(tmp_path, 10, C, D), SNAPSHOT)
    found = kinds(tmp_path / "snapshots/0010.npz")
    assert found["means"] == ("float16", True) and found["drawings"] == ("uint8", True)
    bare = replace(SNAPSHOT, drawings=None, reconstructions=None)
    latents.write_snapshot(tmp_path, 1, bare, C)
    assert same(latents.snapshot(tmp_path, 1, C, D), bare)
    for classes, latent in ((2, D), (C, 3)):
        with pytest.raises(ValueError, match="snapshots/0010.npz of .* is damaged"):
            latents.snapshot(tmp_path, 10, classes, latent)


@pytest.mark.parametrize(
    "change",
    [
        {"means": SNAPSHOT.means * np.nan},
        {"labels": LABELS[:5]},
        {"labels": LABELS + 1},
        {"drawings": PICTURES[0][:5]},
        {"drawings": None},
        {"reconstructions": None},
        {"drawings": PICTURES[0][:6].astype(float)},
    ],
)
def test_a_snapshot_that_does_not_fit_is_not_written(tmp_path, change):
    with pytest.raises(ValueError, match="snapshots/0001.npz is not written"):
        latents.write_snapshot(tmp_path, 1, replace(SNAPSHOT, **change), C)
    assert latents.snapshots(tmp_path) == []


def test_a_category_is_sampled_in_its_own_region(finished_vae):
    path = finished_vae(with_practice=False)
    centres, _ = latents.categories(path, 3, 4)
    for label, centre in enumerate(centres):
        found = latents.sample_categories(path, [label] * 400, 3, 4, seed=1)
        assert found.mean(axis=0) == pytest.approx(centre, abs=0.1)
        assert found.std(axis=0) == pytest.approx(0.3, abs=0.05)


@pytest.mark.parametrize("file", ["latent_test.npz", "directions.npz", "categories.npz"])
@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x80\x04K\x01.", "pickled", "short"])
def test_damaged_arrays_get_one_sentence(finished_vae, file, content):
    path = finished_vae(with_practice=False)
    if content == "pickled":
        np.savez(path / file, labels=np.array([{}], object), means=np.array([{}], object))
    elif content == "short":
        np.savez(
            path / file, labels=np.zeros(3, int), means=np.zeros((2, 4)), losses=np.zeros((3, 2))
        )
    else:
        (path / file).write_bytes(content)
    read = {
        "latent_test.npz": lambda: latents.points(path, "test", 3, 4),
        "directions.npz": lambda: latents.directions(path, 4),
        "categories.npz": lambda: latents.categories(path, 3, 4),
    }[file]
    with pytest.raises(ValueError, match="damaged"):
        read()
