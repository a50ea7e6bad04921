"""The latent page: through AppTest, and its cloud of points in a real browser."""

import json
import shutil

import numpy as np
import pytest

from doodle_core import data, runs
from doodle_core.data import practice
from doodle_core.files import HOME, read_json, write_json
from doodle_core.lab import export
from doodle_core.runs import latents
from pages.components import scatter
from support import browser
from support.apps import check_apart, open_page, words
from support.drawings import CATEGORIES

pytestmark = pytest.mark.usefixtures("no_worker")


def pin(app, place):
    """Pin a point by its number; the field's key names the run and the set."""
    app.number_input[0].set_value(place).run()
    assert not app.exception, app.exception
    return app


def table(app):
    """{measure: its row} of all tables of measures."""
    frames = [frame.value for frame in app.dataframe if "measure" in frame.value]
    return {row["measure"]: row for frame in frames for row in frame.to_dict("records")}


def test_the_page_shows_measures_with_units_and_intervals(finished_vae):
    finished_vae("one")
    app = open_page("latent", run="one")
    text, rows = words(app), table(app)
    assert "130.0 nats a drawing" in text and "reconstruction 110.0 + KL 20.0" in text
    assert rows["IWAE bound"]["this run"] == "126.0 nats"
    assert rows["Linear probe"]["95 % interval"] == "85.0 to 94.0"
    assert rows["Reconstructions, wrong range"]["the report"] == "68.5\u00a0%"
    assert "real against real is 0.5" in rows["Frechet distance (of the prior)"]["what it is"]
    assert "learned from none" in text and "of the variance" in text


@pytest.mark.parametrize(
    ("saw", "said"), [(1, "learned from some"), (None, "may have learned"), (0, "from none")]
)
def test_what_the_judge_has_seen_is_said(finished_vae, saw, said):
    path = finished_vae("one", with_practice=False)
    metrics = {k: v for k, v in read_json(path / "metrics.json").items() if k != "judge_saw"}
    write_json(path / "metrics.json", metrics | ({} if saw is None else {"judge_saw": saw}))
    assert said in words(open_page("latent"))


def test_without_a_judge_the_page_says_why(finished_vae):
    path = finished_vae("one", with_practice=False)
    kept = ("n", "train_n", "loss", "reconstruction", "kl", "best_epoch", "parameters", "seconds")
    metrics = read_json(path / "metrics.json")
    write_json(path / "metrics.json", {name: metrics[name] for name in (*kept, "test_pixels")})
    for which in ("test", "samples"):
        with np.load(path / f"latent_{which}.npz") as found:
            arrays = {k: found[k] for k in found if k not in ("probabilities", "redrawn")}
        np.savez(path / f"latent_{which}.npz", **arrays)
    app = open_page("latent")
    text = words(app)
    assert "no finished classifier knew these categories" in text
    assert "no classifier has judged" in text
    assert table(app)["Linear probe"]["this run"] == "–"


def test_a_conditional_run_says_what_its_networks_knew(finished_vae):
    finished_vae("one", conditional=True)
    assert "were given the category" in words(open_page("latent"))


def test_a_pinned_drawing_has_its_loss_and_its_place(finished_vae):
    path = finished_vae("one")
    losses = latents.points(path, "test", len(CATEGORIES), 4).losses
    app = pin(open_page("latent"), 7)
    text = words(app)
    assert f"**{losses[7].sum():.1f} nats**" in text and "is higher than that of" in text
    assert "source index" in text and "nearest neighbours in the 4-D latent space" in text
    app = pin(app, len(losses) + 3)  # a generated one
    assert "**Generated** from a random point of the prior" in words(app)
    app.toggle[0].set_value(False).run()  # and away it goes
    assert not app.exception and app.number_input[0].value is None


@pytest.mark.parametrize("mode", scatter.MODES)
def test_every_colour_and_layout_stands(finished_vae, mode):
    finished_vae("one", latent=2)
    app = open_page("latent")
    layout = next(one for one in app.segmented_control if one.label == "Layout")
    assert layout.options == ["Raw axes", "PCA"]
    next(one for one in app.segmented_control if one.label == "Colour by").set_value(mode).run()
    assert not app.exception
    if mode != "true":
        judged = next(one for one in app.segmented_control if one.label == "Judged")
        judged.set_value("reconstruction").run()
        assert not app.exception


def test_files_of_the_cloud_have_relative_addresses(finished_vae):
    """A proxy may show this server below any path, and may not tell it of that."""
    finished_vae("one")
    (cloud,) = (
        json.loads(one.proto.json)
        for one in open_page("latent").get("bidi_component")
        if one.proto.component_name.endswith("doodle_scatter")
    )
    found = [cloud[name] for name in ("plotly", "places", "points", "drawings")]
    assert all(one.startswith("mock/media/") for one in found), found  # AppTest's place for files


def test_practice_drawings_stand_in_and_are_marked(finished_vae, tmp_path, drawings_folder):
    folder = tmp_path / "gone"
    shutil.copytree(drawings_folder, folder)
    path = finished_vae("one", folder=folder)
    shutil.rmtree(folder)
    app = open_page("latent")
    assert "Practice drawings" in app.info[0].value
    assert f"{len(CATEGORIES) * practice.PRACTICE_EACH} practice drawings" in words(app)
    assert "drawn by this program; not real" in words(pin(app, 3))
    (path / "latent_practice.npz").unlink()
    app = pin(open_page("latent"), 3)
    assert "not on this computer" in words(app) and "test drawings" in words(app)


@pytest.mark.parametrize(
    "file", ["latent_test.npz", "latent_samples.npz", "directions.npz", "dimensions.csv"]
)
def test_a_damaged_file_gets_one_sentence(finished_vae, file):
    path = finished_vae("one", with_practice=False)
    (path / file).write_bytes(b"PK")
    app = open_page("latent")
    assert len(app.error) == 1 and "damaged" in app.error[0].value


def test_it_comes_without_tensorflow(finished_vae):
    finished_vae("one", with_practice=False)
    check_apart(
        "app = open_page('latent')",
        "app.number_input[0].set_value(2).run()",
        "assert not app.exception and 'is higher than' in words(app)",
    )


# --- in a browser --------------------------------------------------------------------------------

_WHERE = """(place) => {  // where the page draws a point, by the scene's own camera
  const plot = document.querySelector(".doodle-scatter .plot");
  const scene = plot._fullLayout.scene._scene;
  const { model, view, projection } = scene.glplot.cameraParams;
  const times = (m, v) => [0, 1, 2, 3].map((i) =>
    m[i] * v[0] + m[i + 4] * v[1] + m[i + 8] * v[2] + m[i + 12] * v[3]);
  const at = place.map((one, k) => one * scene.dataScale[k]);
  const [x, y, , w] = times(projection, times(view, times(model, [...at, 1])));
  const box = plot.getBoundingClientRect();
  return [box.x + box.width * (1 + x / w) / 2, box.y + box.height * (1 - y / w) / 2];
}"""
_TIP = """() => [...document.querySelector(".doodle-scatter .tip canvas").getContext("2d")
  .getImageData(0, 0, 28, 28).data].filter((_, i) => i % 4 === 3)"""


def _hovered(view):
    return int(view.locator(".doodle-scatter").get_attribute("data-hovered") or -1)


def _point_at(view, place):
    """Move the pointer onto a point; the index that the page shows then."""
    x, y = view.evaluate(_WHERE, place)
    view.mouse.move(x - 3, y)
    view.mouse.move(x, y)
    for _ in range(40):
        view.wait_for_timeout(50)
        if _hovered(view) >= 0:
            break
    return _hovered(view)


@pytest.mark.slow
@pytest.mark.skipif(not browser.CHROMIUM, reason="needs chromium (Debian's package)")
def test_the_pointer_and_a_click_find_the_right_drawing_after_one_is_hidden(finished_vae):
    path = finished_vae("one", with_practice=False)
    run = runs.load(path)
    labels, rows = runs.test_part(path, len(CATEGORIES))
    drawings = data.scored_pixels(run.config.data, labels, rows, run.metrics["test_pixels"])
    found = latents.points(path, "test", len(CATEGORIES), 4)
    places = latents.directions(path, 4).project(found.means)
    with browser.dashboard(HOME) as address, browser.page(1440, 1300) as (view, faults):
        view.goto(f"{address}/latent")
        view.wait_for_selector(".doodle-scatter[data-ready]", timeout=60_000)
        browser.settle(view)
        hide = view.locator(".doodle-scatter .legend button")
        hide.filter(has_text="generated").click()
        hide.filter(has_text=CATEGORIES[0]).click()
        view.wait_for_timeout(500)
        seen = []
        for place in np.flatnonzero(labels > 0)[::7]:
            index = _point_at(view, places[place].tolist())
            assert index >= 0 and labels[index] > 0  # itself, or one before it
            near = np.subtract(*(view.evaluate(_WHERE, places[i].tolist()) for i in (place, index)))
            assert np.abs(near).max() < 14
            shown = np.array(view.evaluate(_TIP)).reshape(28, 28)
            np.testing.assert_array_equal(shown, (drawings[index] >> 4) * 17)
            assert CATEGORIES[labels[index]] in view.locator(".doodle-scatter .tip").inner_text()
            seen.append(index == place)
        assert np.mean(seen) > 0.5
        view.mouse.down()
        view.mouse.up()
        field = view.get_by_label("Pinned point")
        view.wait_for_function("(field) => field.value !== ''", arg=field.element_handle())
        assert int(field.input_value()) == index
        eye = "document.querySelector('.doodle-scatter .plot')._fullLayout.scene._scene.getCamera()"
        before = view.evaluate(f"{eye}.eye.x")
        box = view.locator(".doodle-scatter .plot").bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        view.mouse.move(x, y)
        view.mouse.down()
        view.mouse.move(x + 40, y + 5)
        view.mouse.move(x + 90, y + 10)
        view.mouse.up()
        turned = view.evaluate(f"{eye}.eye.x")
        assert abs(turned - before) > 0.02
        browser.settle(view)
        assert int(field.input_value()) == index  # a turn is no click
        view.get_by_text("Confidence", exact=True).click()
        view.wait_for_selector(".doodle-scatter[data-ready^=confidence]")
        assert view.evaluate(f"{eye}.eye.x") == pytest.approx(turned, abs=1e-3)
        assert faults == []


WHOLE = ("directions.npz", "dimensions.csv", "latent_test.npz", "latent_practice.npz")


@pytest.mark.parametrize(
    ("what", "gone"),
    [
        ({"silhouette": "It needs more drawings."}, ()),
        ({"principal directions": "SVD did not converge"}, WHOLE[:1]),
        ({"active": "The memory is full."}, WHOLE[1:2]),
        ({"points (test)": "means are not all numbers."}, WHOLE[2:]),
        (
            {
                "principal directions": "No.",
                "active": "No.",
                "points (test)": "No.",
                "judge": "No.",
            },
            WHOLE,
        ),
    ],
)
def test_what_was_not_measured_is_said_and_the_rest_shown(finished_vae, what, gone):
    path = finished_vae("one", with_practice=False)
    metrics = read_json(path / "metrics.json")
    lost = ("silhouette", "judge") if "judge" in what else ("silhouette",)
    write_json(path / "metrics.json", {k: v for k, v in metrics.items() if k not in lost})
    runs.write_unmeasured(path, what)
    for name in gone:
        (path / name).unlink(missing_ok=True)
    app = open_page("latent", run="one")
    text = words(app).replace("\\", "")
    assert not app.error and all(said in text for said in runs.unmeasured_words(path))
    assert table(app)["Silhouette"]["this run"] == "–"
    assert table(app)["IWAE bound"]["this run"] == "126.0 nats"
    assert ("Nothing was judged. No." in text) == ("judge" in what)
    content = export.html(runs.load(path))
    assert all(said in content for said in runs.unmeasured_words(path))


def test_a_training_that_diverged_is_marked(finished_vae):
    path = finished_vae("one")
    runs.write_metrics(path, runs.load(path).config, runs.load(path).metrics | {"diverged": 4})
    text = words(open_page("latent", run="one")).replace("\\", "")
    assert runs.diverged_words(4) in text and "diverged from epoch 4 on]" in text
    content = export.html(runs.load(path))
    assert runs.diverged_words(4) in content and "diverged from epoch 4 on</span>" in content
