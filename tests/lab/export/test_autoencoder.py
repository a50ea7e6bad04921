"""An autoencoder's report as one HTML file."""

import numpy as np
import pytest
from sklearn.decomposition import PCA

from doodle_core import data, runs
from doodle_core.lab.export.pieces import SHOWN
from doodle_core.runs import latents
from support.drawings import CATEGORIES
from support.export import array, body, figures, pictures


def test_an_autoencoders_report_has_measures_samples_and_reconstructions(finished_vae):
    text = body(finished_vae("one"))
    for words in (
        "130.0 nats a drawing",
        "reconstruction 110.0 + KL 20.0",
        "Linear probe",
        "85.0 to 94.0",
        "68.5",
        "learned from none",
        "Samples",
        "Reconstructions",
    ):
        assert words in text
    assert text.count("data:image/png;base64,") == SHOWN + SHOWN // 2
    assert len(figures(text)) == 6 and "practice data" not in text.lower()


def test_practice_drawings_that_stand_in_are_marked(finished_vae):
    path = finished_vae("one")
    (path / "reconstructions_test.npz").unlink()
    assert "Practice data: drawings made by this program" in body(path)


@pytest.fixture
def run(finished_vae):
    return runs.load(finished_vae("one", projection="none"))


def test_a_drawing_stands_beside_its_own_reconstruction(run):
    """Left the drawing, right what the decoder made of it, which here is half as light."""
    found = latents.points(run.path, "test", 3, 4)
    labels, rows = runs.test_part(run.path, 3)
    pixels = data.scored_pixels(run.config.data, labels, rows, run.metrics["test_pixels"])
    shown = pictures(body(run.path).split("Reconstructions</h2>")[1].split("<h2>")[0])
    places = [round(at * (len(labels) - 1) // 11) for at in range(12)]
    assert len(shown) == 12
    for (picture, words), place in zip(shown, places, strict=True):
        assert picture.shape == (28, 60) and (picture[:, 28:32] == 0).all()
        assert np.array_equal(picture[:, :28], pixels[place])
        assert np.array_equal(picture[:, 32:], found.reconstructions[place])
        assert words == [f"{CATEGORIES[labels[place]]}, and rebuilt"]


def test_samples_say_what_was_asked_for_and_what_was_seen(run):
    found = latents.points(run.path, "samples", 3, 4)
    shown = pictures(body(run.path).split("Samples</h2>")[1].split("<h2>")[0])
    assert len(shown) == SHOWN
    for place, (picture, words) in enumerate(shown):
        assert np.array_equal(picture, found.drawings[place])
        said, share = found.probabilities[place].argmax(), found.probabilities[place].max()
        assert words == [
            f"asked: {CATEGORIES[found.labels[place]]}",
            f"called {CATEGORIES[said]} {100 * share:.1f}\u00a0%",
        ]
    found.labels, found.probabilities = np.full(len(found), -1), None
    latents.write_points(run.path, "samples", found, 3)
    shown = pictures(body(run.path).split("Samples</h2>")[1].split("<h2>")[0])
    assert len(shown) == SHOWN and all(words == [""] for _, words in shown)


def test_the_latent_spaces_figures_are_of_its_own_numbers(run):
    found, every = latents.points(run.path, "test", 3, 4), figures(body(run.path))
    pca = PCA().fit(found.means)
    bars = [one["data"][0] for one in every if one["data"][0]["type"] == "bar"]
    kl, shares = (array(one["y"]) for one in bars)
    assert kl == pytest.approx([2, 1.5, 1, 0.5], abs=1e-3)  # as the run's table has them
    assert shares == pytest.approx(pca.explained_variance_ratio_, rel=1e-2)
    (cloud,) = (one for one in every if one["data"][0]["type"] == "scatter3d")
    titles = [cloud["layout"]["scene"][f"{axis}axis"]["title"]["text"] for axis in "xyz"]
    assert titles == [
        f"PC {at} ({100 * share:.1f}\u00a0%)"
        for at, share in enumerate(pca.explained_variance_ratio_[:3], 1)
    ]


def test_where_nothing_was_judged_it_says_so(run):
    assert "The judge is the classifier done." in body(run.path)
    metrics = {key: one for key, one in run.metrics.items() if key not in ("judge", "chance")}
    runs.write_metrics(run.path, run.config, metrics)
    text = body(run.path)
    assert "Nothing was judged." in text
    assert "By chance, 33.3\u00a0% is named rightly." in text


def test_a_plane_is_shown_as_it_is(finished_vae):
    path = finished_vae("plane", latent=2, projection="none")
    text, found = body(path), latents.points(path, "test", 3, 2)
    assert "the two dimensions as they are" in text
    titles = [one["layout"].get("xaxis", {}).get("title", {}).get("text") for one in figures(text)]
    plane = figures(text)[titles.index("latent 1")]
    assert plane["layout"]["yaxis"]["title"]["text"] == "latent 2"
    shown = np.concatenate([array(trace["x"]) for trace in plane["data"]])
    assert shown == pytest.approx(found.means[np.argsort(found.labels, kind="stable"), 0], abs=1e-3)
