"""The Draw page: what it answers with which networks, the own set, and its canvas in a browser."""

import io
import json
import shutil

import numpy as np
import pytest
from PIL import Image, ImageOps

from doodle_core import data, evaluation, runs
from doodle_core.data import own_set, raster, sketch
from doodle_core.files import HOME
from doodle_core.inference.classifier import load_classifier
from doodle_core.runs import latents
from doodle_core.training import stored
from pages.components import canvas
from support import browser
from support.apps import asked, check_apart, open_page, pixels, sent, words
from support.drawings import CATEGORIES, make_drawings
from support.networks import give_networks

pytestmark = pytest.mark.usefixtures("no_worker")
STROKES = [[[100, 500, 900], [100, 800, 100]], [[200, 800], [500, 500]]]
BITMAP = raster.draw_strokes(sketch.simplified(STROKES))


@pytest.fixture(autouse=True)
def no_set():
    yield
    shutil.rmtree(own_set.FOLDER, ignore_errors=True)


@pytest.fixture
def hand(monkeypatch):
    """What is on the canvas: a list of strokes to be changed."""
    strokes = []
    monkeypatch.setattr(canvas, "pad", lambda *_, **__: (list(strokes), 1))
    return strokes


def button(app, label):
    return next(one for one in app.button if one.label.startswith(label))


def test_without_networks_one_can_still_draw(hand):
    hand.extend(STROKES)
    app = open_page("draw")
    assert "nothing can be named" in words(app) and not app.error
    (shown,) = sent(app, "doodle_reading")
    assert np.array_equal(pixels({"pixels": shown["pictures"][0][2]})[0], BITMAP)
    assert shown["networks"] == [] and shown["words"] == "" and not sent(app, "doodle_space")


def test_without_networks_it_comes_without_tensorflow():
    check_apart("open_page('draw')")


def test_before_the_first_line(full):
    full()
    app = open_page("draw")
    (shown,) = sent(app, "doodle_reading")
    assert shown["isEmpty"] and shown["words"] == ""
    assert [name for name, _ in shown["networks"][0]["bars"]] == list(CATEGORIES)
    assert all(not ink and not heat for _, _, ink, heat in shown["pictures"])
    (space,) = sent(app, "doodle_space")
    assert space["at"] is None and space["near"] == [] and space["captions"] == []
    assert "first line" in space["titles"][1][1]


def test_what_is_drawn_is_answered(full, hand):
    path = full()
    hand.extend(STROKES)
    app = open_page("draw")
    (shown,) = sent(app, "doodle_reading")
    run = runs.load(runs.folder("done"))
    network = load_classifier(run.path, run.config)
    said = network.probabilities(BITMAP)[0]
    (block,) = shown["networks"]
    assert [name for name, _ in block["bars"]] == list(CATEGORIES)
    assert np.allclose([share for _, share in block["bars"]], said, atol=1e-5)
    assert "chance 33.3" in block["figures"] and " to " in block["figures"]
    assert shown["words"].startswith(CATEGORIES[said.argmax()]) and shown["n"] == 1
    (_, _, ink, _), (_, _, _, heat), (_, _, redrawn, _) = shown["pictures"]
    assert np.array_equal(pixels({"pixels": ink})[0], BITMAP)
    wanted = network.grad_cam(BITMAP, int(said.argmax()), list(network.convolutions)[-1])
    assert np.abs(pixels({"pixels": heat})[0] / 255 - wanted).max() < 0.01

    encoder, decoder = (stored.load(path / f"{one}.keras") for one in ("encoder", "decoder"))
    mean = np.asarray(encoder(BITMAP.reshape(1, 28, 28, 1))[0])
    assert np.abs(pixels({"pixels": redrawn})[0] - 255 * decoder(mean)[0, ..., 0]).max() <= 1
    (space,) = sent(app, "doodle_space")
    assert np.allclose(
        space["at"], latents.directions(path, len(mean[0])).project(mean)[0], atol=1e-4
    )
    found = latents.points(path, "test", 3, 4)
    places, distances = evaluation.nearest(found.means, mean[0], 8)
    assert space["captions"] == [
        f"{CATEGORIES[found.labels[place]]}\n{distance:.2f}"
        for place, distance in zip(places, distances)
    ]
    _, _, test = data.split(data.stored_drawings(run.config.data.source, CATEGORIES), CATEGORIES)
    shown = test.pixels(data.stored_drawings(run.config.data.source, CATEGORIES))[places]
    assert np.array_equal(pixels({"pixels": space["alike"]}), shown) and len(space["near"]) == 3


def test_the_canvas_is_answered_at_its_address_as_by_the_page(full, request):
    full()
    first = open_page("draw")  # its session is there as long as it
    (shown,) = sent(first, "doodle_pad")
    at = shown["address"]
    status, found = asked(at, json.dumps({"strokes": STROKES}).encode())
    request.getfixturevalue("hand").extend(STROKES)
    app = open_page("draw")
    (shown,), (space,) = sent(app, "doodle_reading"), sent(app, "doodle_space")
    assert status == 200 and found["reading"]["words"]
    assert found["reading"] == {key: one for key, one in shown.items() if key != "n"}
    assert found["space"] == {key: space[key] for key in found["space"]} and found["space"]["at"]
    status, found = asked(at, json.dumps({"strokes": []}).encode())
    assert status == 200 and found["reading"]["isEmpty"] and found["space"]["at"] is None
    for wrong in (None, [], {}, {"strokes": "x"}, {"strokes": [[[1], [1, 2]]]}):
        assert asked(at, json.dumps(wrong).encode()) == (400, None)


def test_practice_drawings_stand_in(full, hand, tmp_path):
    folder = make_drawings(tmp_path / "gone")
    full(folder=folder)
    shutil.rmtree(folder)
    hand.extend(STROKES)
    app = open_page("draw")
    assert "stand in" in words(app) and not app.error
    (space,) = sent(app, "doodle_space")
    assert "practice data" in space["titles"][1][1] and len(space["captions"]) == 8


def test_a_damaged_network_is_left_out(full, hand, finished_run):
    path = full()
    hand.extend(STROKES)
    bad = give_networks(finished_run("bad", network="compact"))
    (bad / "network.tflite").write_bytes(b"PK\x03\x04")
    (path / "decoder.tflite").write_bytes(b"PK\x03\x04")
    app = open_page("draw")
    app.multiselect(key="draw classifiers").set_value(["bad", "done"]).run()
    assert not app.exception and not app.error
    assert ["left out" in one.value for one in app.warning] == [True, True]
    (shown,) = sent(app, "doodle_reading")
    assert [one["name"] for one in shown["networks"]] == ["done"]
    (path / "latent_test.npz").write_bytes(b"PK")
    assert "damaged" in words(open_page("draw"))


def test_only_what_can_answer_is_offered(full, finished_run, finished_vae):
    full()
    finished_run("bare")
    finished_vae("told", conditional=True)
    app = open_page("draw")
    assert app.multiselect(key="draw classifiers").options == ["done"]
    assert app.selectbox(key="draw vae").options == ["vae", "none"]


@pytest.mark.parametrize("latent", [1, 2])
def test_small_latent_spaces(full, hand, latent):
    full(latent=latent)
    hand.extend(STROKES)
    (space,) = sent(open_page("draw"), "doodle_space")
    assert space["dims"] == latent and len(space["at"]) == 3 and len(space["axes"]) == latent


def test_a_drawing_is_added_tested_and_taken_back(full, hand):
    full()
    app = open_page("draw")
    assert button(app, "Add").disabled, "nothing is drawn"
    hand.extend(STROKES)
    app.run()
    assert button(app, "Add").disabled, "it has no name"
    app.selectbox(key="draw category").set_value("cup").run()
    assert "apple" in app.selectbox(key="draw category").options
    assert len(app.selectbox(key="draw category").options) == 345
    button(app, "Add").click().run()
    assert not app.exception and app.success[0].value == "Added as cup\\."
    assert "1 drawing**: cup 1" in words(app)
    (line,) = (own_set.FOLDER / "cup.ndjson").read_text().splitlines()
    assert json.loads(line)["drawing"] == sketch.simplified(STROKES)
    assert app.session_state["draw sheet"] == 1

    button(app, "Test the networks").click().run()
    (row,) = app.dataframe[0].value.to_dict("records")
    assert row["network"] == "done" and row["named rightly"] in ("0 of 1", "1 of 1")
    assert " to " in row["top-1 (95 % interval)"] and row["chance"].startswith("33.3")
    button(app, "Take back").click().run()
    assert not app.exception and own_set.counts() == {}
    assert "Empty so far" in words(app) and str(own_set.FOLDER) in app.code[0].value


def test_a_picture_file_is_read_too(full, monkeypatch):
    full()
    app = open_page("draw")
    app.segmented_control(key="draw from").set_value("file").run()
    assert "cannot be added" in words(app)
    assert not any(one.label == "Add" for one in app.button)
    file = io.BytesIO()
    Image.fromarray(np.kron(255 - BITMAP, np.ones((9, 9), np.uint8))).save(file, "PNG")
    good, bad = file.getvalue(), b"<svg onload=alert(1)>"
    app.file_uploader(key="draw file").set_value(("cup.png", good, "image/png")).run()
    assert not app.exception and not app.error
    (shown,) = sent(app, "doodle_reading")
    seen = pixels({"pixels": shown["pictures"][0][2]})[0].astype(int)
    assert np.abs(seen - BITMAP).mean() < 12 and not shown["isEmpty"]
    app.file_uploader(key="draw file").set_value(("cup.png", bad, "image/png")).run()
    assert not app.exception and "neither a PNG nor a JPEG" in app.error[0].value


def test_a_disk_that_cannot_be_written_gets_a_sentence(hand):
    hand.extend(STROKES)
    own_set.FOLDER.parent.mkdir(parents=True, exist_ok=True)
    own_set.FOLDER.write_text("a file in its place")
    try:
        app = open_page("draw")
        app.selectbox(key="draw category").set_value("cup").run()
        button(app, "Add").click().run()
        assert not app.exception and len(app.error) == 1
    finally:
        own_set.FOLDER.unlink()


def test_the_own_set_is_a_source_to_look_at_to_train_on_and_to_score_on():
    app = open_page("data")
    assert len(app.segmented_control(key="data_kind").options) == 3, "there is no own set yet"
    for category in ("cup", "moon"):
        own_set.add(category, sketch.simplified(STROKES))
    app = open_page("data")
    app.segmented_control(key="data_kind").set_value("mine").run()
    assert not app.exception and not app.error
    assert {one.label: one.value for one in app.metric}["Drawings"] == "2"
    next(one for one in app.multiselect if one.label == "Categories").set_value(["cup"]).run()
    assert {one.label: one.value for one in app.metric}["Drawings"] == "1", "one can be looked at"

    app = open_page("train")
    next(one for one in app.selectbox if one.label == "Scored on").set_value("mine").run()
    app.text_input[0].set_value("carried over").run()
    button(app, "Start").click().run()
    assert "hold no lollipop, canoe, penguin, eyeglasses, apple: choose" in app.error[
        0
    ].value.replace("\\", "")
    assert not runs.folder("carried over").exists()
    next(one for one in app.multiselect if one.label == "Categories").set_value(
        ["moon", "cup"]
    ).run()
    button(app, "Start").click().run()
    assert not app.exception and not app.error
    asked = runs.load(runs.folder("carried over")).config.data
    assert (asked.source, asked.test_source) == ("practice", own_set.SOURCE)
    next(one for one in app.selectbox if one.label == "Scored on").set_value("practice").run()
    app.text_input[0].set_value("the same").run()
    button(app, "Start").click().run()
    assert runs.load(runs.folder("the same")).config.data.test_source == "", "it is no other source"


def test_the_own_set_can_be_opened_and_trained_on():
    for place, name in enumerate(("cup", "moon")):
        for at in range(own_set.FEWEST):
            own_set.add(name, [[[0, 20 * at, 255], [0, 90 + 70 * place, 20 * at]]])
    app = open_page("data")
    app.segmented_control(key="data_kind").set_value("folder").run()
    app.text_input(key="data_folder").set_value(str(own_set.FOLDER)).run()
    assert not app.exception
    values = {metric.label: metric.value for metric in app.metric}
    assert values == {"Categories": "2", "Drawings": "18", "Exact duplicates": "0"}


@pytest.mark.parametrize(
    "value",
    [
        {"sheet": 0},
        {"sheet": 0, "n": "x", "strokes": []},
        {"sheet": 0, "n": -1, "strokes": []},
        {"sheet": 0, "n": 1, "strokes": [[["<b>"], [1]]]},
        {"sheet": 0, "n": 1, "strokes": "x"},
    ],
)
def test_what_the_browser_sends_is_checked(value):
    with pytest.raises(ValueError, match=r"\.$"):
        canvas.sketched(value, [], 0)


def test_a_sheet_that_was_taken_away_counts_no_more():
    late = {"sheet": 0, "n": 7, "strokes": STROKES}
    assert canvas.sketched(late, [], 1) == ([], 0)
    assert canvas.sketched(late, [], 0) == (STROKES, 7)
    assert canvas.sketched(None, STROKES, 0) == (STROKES, 0)


INK = """canvas => Array.from(canvas.getContext("2d").getImageData(0, 0, 28, 28).data)
    .filter((_, i) => i % 4 === 3)"""


LISTENING = """window.listening = 0;
for (const [change, by] of [["addEventListener", 1], ["removeEventListener", -1]]) {
  const as = document[change].bind(document);
  document[change] = (name, ...more) => {
    if (name === "doodle-answered") window.listening += by;
    return as(name, ...more);
  };
}"""


@pytest.mark.slow
@pytest.mark.skipif(not browser.CHROMIUM, reason="needs chromium (Debian's package)")
def test_a_drawing_in_a_browser(full):
    full()
    with browser.dashboard(HOME) as address, browser.page() as (view, faults):
        view.set_default_timeout(60_000)
        view.add_init_script(LISTENING)
        view.goto(f"{address}/draw")
        view.locator(".reading .network").wait_for()
        browser.settle(view)
        frame, says = view.locator(".pad .frame"), view.locator(".pad .says")
        box = frame.locator("canvas").bounding_box()

        def line(*points):
            for at, (x, y) in enumerate(points):
                view.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
                if not at:
                    view.mouse.down()
            view.mouse.up()

        def seen():
            """What the networks see, once all that was drawn is answered."""
            view.locator(".pad:not([data-waits])").wait_for()
            ink = np.array(view.locator(".stack .ink").first.evaluate(INK))
            return ink.reshape(28, 28)

        line((0.1, 0.1), (0.5, 0.8), (0.9, 0.1))
        one = seen()
        line((0.2, 0.5), (0.8, 0.5))
        both = seen()
        listening = view.evaluate("window.listening")
        assert np.abs(both.astype(int) - BITMAP).max() < 60 and (both != one).any()
        assert says.inner_text().split(",")[0] in CATEGORIES
        view.keyboard.press("Control+z")
        assert np.array_equal(seen(), one)
        view.keyboard.press("Control+Shift+z")
        assert np.array_equal(seen(), both)
        count = "(canvas) => canvas.getContext('2d').getImageData(0, 0, canvas.width,"
        count += " canvas.height).data.filter((one, i) => i % 4 === 3 && one).length"
        before = view.locator(".pad canvas").evaluate(count)
        line((0.1, 0.9))
        assert view.locator(".pad canvas").evaluate(count) > before, "a dot is seen"
        view.keyboard.press("Control+z")
        assert np.array_equal(seen(), both)
        assert view.evaluate("window.listening") == listening, "answers leave nothing behind"
        similar = view.locator(".alike button")
        caption = similar.nth(1).inner_text().split()
        similar.nth(1).click()
        dialog = view.get_by_role("dialog")
        dialog.get_by_text("Source").first.wait_for()
        assert dialog.get_by_role("heading", name=caption[0]).count()
        assert dialog.get_by_text(caption[1], exact=True).count()  # the distance
        view.keyboard.press("Escape")
        dialog.wait_for(state="hidden")
        view.locator(".pad .clear").click()
        assert not seen().any() and not says.inner_text()
        view.locator(".pad .undo").click()
        assert np.array_equal(seen(), both)

        view.get_by_role("combobox", name="Autoencoder").click()
        view.get_by_role("option", name="none").click()
        browser.settle(view)
        view.get_by_role("link", name="Data").click()
        view.get_by_role("heading", name="Data", exact=True).wait_for()
        view.get_by_role("link", name="Draw").click()
        view.locator(".reading .network").wait_for()
        browser.settle(view)
        assert np.array_equal(seen(), both), "the drawing was kept"
        assert not view.locator(".space").count(), "and the choice of no autoencoder"

        view.get_by_label("Add it to your own set as").click()
        view.keyboard.type("cup")
        view.get_by_role("option", name="cup", exact=True).click()
        browser.settle(view)
        view.get_by_role("button", name="Add", exact=True).click()
        view.get_by_text("Added as cup").first.wait_for()
        assert not seen().any() and own_set.counts() == {"cup": 1}
        line((0.5, 0.5))  # a dot
        assert seen()[13:15, 13:15].any()
        assert faults == []


def test_a_picture_says_what_was_left_out_or_why_it_is_refused(full):
    full()
    app = open_page("draw")
    app.segmented_control(key="draw from").set_value("file").run()
    sheet = Image.fromarray(np.kron(255 - BITMAP, np.ones((9, 9), np.uint8)))
    for picture, says in (
        (ImageOps.expand(sheet, 4, 0), "Left out: what surrounds the sheet."),
        (Image.new("L", (300, 300), 200), "This picture is empty"),
        (
            Image.fromarray(np.indices((300, 300)).sum(axis=0) % 2 == 0),
            "This is no picture of lines",
        ),
    ):
        file = io.BytesIO()
        picture.save(file, "PNG")
        app.file_uploader(key="draw file").set_value(("x.png", file.getvalue(), "image/png")).run()
        assert not app.exception
        said = [one.value for one in (*app.error, *app.caption)]
        assert any(says in one.replace("\\", "") for one in said), said
