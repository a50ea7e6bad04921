"""The Inside page: a drawing named, and what the network saw in it."""

import shutil

import keras
import numpy as np
import pytest
from keras import layers

from doodle_core import runs
from doodle_core.lab.score import score
from support.apps import open_page, pixels, sent, words
from support.drawings import CATEGORIES, make_drawings

pytestmark = pytest.mark.usefixtures("no_worker")


def convolutions(model):
    return [layer.name for layer in model.layers if isinstance(layer, layers.Conv2D)]


@pytest.mark.parametrize("network", ["report-base", "compact"])
def test_the_page_names_a_test_drawing_and_looks_inside(run_with_weights, network):
    path = run_with_weights(network=network)
    app = open_page("inside")
    text = words(app)
    assert "Test drawing 0" in text and "is named" in text and "practice" not in text
    assert "Grad-CAM" in text
    shown = convolutions(keras.models.load_model(path / "best.keras"))
    assert all(f"**{name}**" in text for name in shown)
    assert len(app.get("plotly_chart")) == 3 + len(shown) + 2


def test_the_page_filters_the_test_drawings(run_with_weights):
    path = run_with_weights()
    found = runs.results(path, 3)
    app = open_page("inside")
    select = {box.label: box for box in app.selectbox}
    select["Named"].set_value("wrong").run()
    first = int(np.flatnonzero(found.probabilities.argmax(axis=1) != found.labels)[0])
    assert not app.exception and f"Test drawing {first}" in words(app)
    select = {box.label: box for box in app.selectbox}
    select["True category"].set_value(CATEGORIES[found.labels[first]]).run()
    assert not app.exception and f"Test drawing {first}" in words(app)


def test_without_the_test_drawings_practice_ones_stand_in(run_with_weights, tmp_path):
    folder = make_drawings(tmp_path / "gone")
    run_with_weights(folder=folder)
    shutil.rmtree(folder)
    app = open_page("inside")  # its drawings are not here, so it begins with practice drawings
    kind = next(one for one in app.segmented_control if one.label == "Drawing")
    assert kind.value == "practice" and not app.info
    app = kind.set_value("test").run()
    text = words(app)
    assert "stand in" in app.info[0].value and "practice data" in text
    assert "A practice drawing" in text and "is named" in text


def test_a_run_without_weights_says_so(finished_run):
    finished_run()
    app = open_page("inside")
    assert "no weights here" in app.info[0].value and not app.get("plotly_chart")


def test_a_damaged_network_gets_one_sentence(run_with_weights):
    path = run_with_weights()
    file = path / "network.tflite"
    file.write_bytes(file.read_bytes()[:2000])
    assert "damaged" in open_page("inside").error[0].value


def test_the_pages_without_a_run_say_what_to_do():
    for page in ("inside", "compare"):
        assert "No run has finished yet" in words(open_page(page))


def test_a_drawing_that_was_scored_later_can_be_opened(run_with_weights, tmp_path):
    path = run_with_weights()
    folder = make_drawings(tmp_path / "new", 20, ("cup", "moon"), edge=7)
    found = score(runs.load(path), f"folder:{folder}")
    app = open_page("inside", run="done", drawings=found.key)
    text = words(app)
    assert not app.exception and "on 40 drawings" in text and "Drawing 0, **cup**" in text
    shown = pixels(sent(app, "gallery")[0])
    assert (shown[0] == np.load(folder / "cup.npy")[0].reshape(28, 28)).all()
