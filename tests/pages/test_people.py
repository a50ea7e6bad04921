"""The People page: what it offers and tells, what reaches a browser; a session in a real one."""

import base64
import errno
import json
import shutil

import numpy as np
import pandas as pd
import pytest

from doodle_core import data, runs
from doodle_core.data import categories
from doodle_core.files import MODELS, read_json, write_json
from doodle_core.lab import people
from pages.components import trial
from support import browser
from support.apps import check_apart, open_page, words
from support.drawings import CATEGORIES, make_drawings
from support.networks import give_networks

pytestmark = pytest.mark.usefixtures("no_worker")


@pytest.fixture(autouse=True)
def no_sessions():
    yield
    shutil.rmtree(people.PEOPLE, ignore_errors=True)


@pytest.fixture
def begin(finished_run):
    """A session of test drawings of the run "done"."""

    def make(name="me", n=10, **settings):
        run = runs.load(finished_run("done", **settings))
        labels, rows = runs.test_part(run.path, 3)
        pixels = data.scored_pixels(run.config.data, labels, rows, run.metrics["test_pixels"])
        return people.begin_test(name, run, pixels, n=n)

    return make


def answer_all(session, wrong=()):
    """Answer rightly, but for these places; finished then."""
    for place, label in enumerate(session.labels):
        option = (max(label, 0) + (place in wrong)) % len(session.categories)
        people.record(session, [{"n": place, "answer": option, "seconds": 1.0 + place}])
    people.finish(session)


def shown(app):
    """What the browser was sent of the session."""
    (found,) = (
        json.loads(one.proto.json)
        for one in app.get("bidi_component")
        if one.proto.component_name.endswith("doodle_trial")
    )
    return found


def pixels(found):
    return np.frombuffer(base64.b64decode(found["pixels"]), np.uint8).reshape(-1, 28, 28)


def tables(app):
    return " ".join(table.value.to_string() for table in app.dataframe)


# --- beginning -----------------------------------------------------------------------------------


def test_with_nothing_there_the_report_stands_in_the_table():
    app = open_page("people")  # practice drawings need nothing, so they are offered first
    assert app.segmented_control(key="kind").value == "practice" and not app.button[0].disabled
    app.segmented_control(key="kind").set_value("test").run()
    assert "No network has been scored" in words(app) and app.button[0].disabled
    text = tables(app)
    assert text.count("given by the report") == 2
    assert "194 of 200: 97.0" in text and "93.6 to 98.6" in text
    assert "100 of 100: 100.0" in text and "96.3 to 100.0" in text


def test_a_session_begins_and_no_label_reaches_the_browser(finished_run):
    finished_run()
    app = open_page("people")
    app.number_input[0].set_value(20).run()
    app.button[0].click().run()
    assert not app.exception
    session = people.load("person-1")
    assert session.n == 20 and app.query_params["session"] == "person-1"
    found = shown(app)
    assert set(found) == {
        "pixels",
        "first",
        "place",
        "total",
        "lines",
        "last",
        "session",
        "options",
        "keys",
    }
    assert (found["place"], found["total"], found["last"]) == (0, 20, -1)
    assert found["options"] == list(CATEGORIES) and found["keys"] == ["1", "2", "3"]
    assert np.array_equal(pixels(found), people.drawings(session)[: trial.AHEAD])
    assert not app.dataframe  # nor anything else that could tell


def test_a_name_that_is_taken_or_cannot_be_is_one_sentence(begin):
    begin("person-7")
    for name, says in (("person-7", "already"), ("../x", "session's name")):
        app = open_page("people")
        app.text_input[0].set_value(name).run()
        app.button[0].click().run()
        assert not app.exception and says in app.error[0].value


def test_without_the_drawings_there_is_practice_data(finished_run, tmp_path):
    folder = make_drawings(tmp_path / "gone")
    finished_run("done", folder=folder)
    shutil.rmtree(folder)
    app = open_page("people")
    assert app.segmented_control(key="kind").value == "practice"
    app.segmented_control(key="kind").set_value("test").run()
    assert "practice data needs none" in words(app) and app.button[0].disabled
    app.segmented_control(key="kind").set_value("practice").run()
    app.number_input[0].set_value(14).run()
    app.button[0].click().run()
    assert "practice data" in words(app)
    session = people.load("person-1")
    assert session.practice and len(pixels(shown(app))) == trial.AHEAD


def test_generated_drawings_have_one_more_answer(finished_vae):
    finished_vae()
    app = open_page("people")
    app.segmented_control(key="kind").set_value("generated").run()
    app.number_input[0].set_value(12).run()
    app.button[0].click().run()
    found = shown(app)
    assert found["options"] == [*CATEGORIES, "cannot tell"]
    assert found["keys"] == ["1", "2", "3", "0"]


@pytest.mark.parametrize("n, has_keys", [(7, True), (12, True), (13, False), (345, False)])
def test_many_answers_are_typed(n, has_keys):
    names = [f"category {i}" for i in range(n)]
    found = trial.keys(names)
    assert len(set(found)) == len(found) == (n if has_keys else 0)
    assert len(trial.keys([*names, "cannot tell"])) == (n + 1 if has_keys else 0)
    assert not {"c", "r", "p"} & set(found)  # Streamlit's keys, and that of the pause


# --- answering -----------------------------------------------------------------------------------


@pytest.fixture
def says(monkeypatch):
    """Stands in for the browser: what it sends in the next script run."""
    events = []

    def component(drawings, options, found, stamp, key, on_answers):
        if events:
            on_answers()

    monkeypatch.setattr(trial, "trial", component)
    monkeypatch.setattr(trial, "sent", lambda key, stamp: events)
    return events


def test_answers_are_saved_and_gone_on_with(begin, says):
    session = begin()
    says += [{"n": n, "answer": 1, "seconds": 2.0} for n in range(3)]
    app = open_page("people", session="me")
    assert people.answers(session).said == [1, 1, 1]
    app.run()
    assert people.answers(session).said == [1, 1, 1]
    assert [one.label for one in app.button if not one.disabled] == ["All sessions", "Finish early"]


def test_what_cannot_be_saved_is_told(begin, says, monkeypatch):
    def full(session, events):
        raise OSError(errno.ENOSPC, "full")

    session = begin()
    app = open_page("people", session="me")
    says += [{"n": 0, "answer": 1, "seconds": 2.0}]
    with monkeypatch.context() as patch:
        patch.setattr(people, "record", full)
        app.run().run()
    assert not app.exception and "The disk is full" in app.error[0].value
    app.run()  # the browser sends it again
    assert people.answers(session).said == [1]


def test_a_log_that_was_damaged_meanwhile(begin):
    session = begin()
    app = open_page("people", session="me")
    (session.path / "answers.csv").write_text("other\n1,2\n")
    app.run()
    assert not app.exception and "damaged" in app.error[0].value


def test_the_end_is_asked_for_and_leads_to_results(begin):
    session = begin(n=4)
    for place in range(4):
        people.record(session, [{"n": place, "answer": 0, "seconds": 1.0}])
    app = open_page("people", session="me")
    (button,) = (one for one in app.button if one.label == "See the results")
    button.click().run()
    assert people.load("me").finished and not app.exception
    assert "Named rightly" in [one.label for one in app.metric]


def test_the_browser_gets_the_drawing_before_to_take_it_back(begin):
    session = begin()
    for place in range(5):
        people.record(session, [{"n": place, "answer": 2, "seconds": 1.0}])
    found = shown(open_page("people", session="me"))
    assert (found["first"], found["place"], found["lines"], found["last"]) == (4, 5, 5, 2)
    assert np.array_equal(pixels(found), people.drawings(session)[4:])
    people.record(session, [{"n": 5, "answer": people.WITHDRAWN, "seconds": 0}])
    found = shown(open_page("people", session="me"))
    assert (found["first"], found["place"], found["lines"], found["last"]) == (3, 4, 6, -1)


@pytest.mark.parametrize("value", [None, 3, {"session": "other", "events": [1]}, {"events": [1]}])
def test_what_another_session_sent_is_left(monkeypatch, value):
    monkeypatch.setattr(trial.st, "session_state", {"k": {"answers": value}})
    assert trial.sent("k", "mine") == [] and trial.sent("x", "mine") == []


# --- results -------------------------------------------------------------------------------------


def test_results_beside_networks(begin, finished_run):
    session = begin(n=20, n_wrong=15)
    finished_run("other", n_wrong=0)
    answer_all(session, wrong=(2, 5))
    app = open_page("people", session="me")
    figures = {one.label: one.value for one in app.metric}
    assert figures["Named rightly"] == "90.0\u00a0%" and figures["90th percentile"] == "18.10 s"
    assert "18 of 20" in words(app) and "chance 33.3" in words(app)
    table = app.dataframe[0].value.set_index("who")
    assert list(table.index[:1]) == ["me"] and {"done", "other"} <= set(table.index)
    assert table.loc["me", "right"] == 18 and table.loc["other", "right"] == 20
    assert table.loc["other", "only the network"] == "2" and table.loc["other", "p"] == "0.5000"
    named, told = table.loc["given by the report"].to_dict("records")
    assert named["right"] == 194 and named["top-1"] == 97 and "other test" in named["note"]
    assert "100 of 100 recognised (96.3 to 100.0 %)" in told["note"]
    assert pd.isna(told["right"]) and pd.isna(told["top-1"]), "they were not named rightly"
    assert {"Fooled the person alone: 2", "Fooled both: 0"} & {tab.label for tab in app.tabs}
    assert app.get("plotly_chart") and app.get("download_button")


def test_without_any_network_left(begin):
    session = begin()
    answer_all(session, wrong=(1,))
    shutil.rmtree(MODELS)
    app = open_page("people", session="me")
    assert "are gone" in words(app) and "9 of 10" in words(app)
    assert [tab.label for tab in app.tabs] == ["Fooled the person: 1"]


def test_a_session_finished_without_an_answer(begin):
    people.finish(begin())
    assert "before a drawing was named" in words(open_page("people", session="me"))


def test_of_many_categories_those_that_occur_are_shown(begin):
    session = begin()
    names = [
        "apple",
        "moon",
        "cup",
        *[one for one in categories.CATEGORIES if one not in CATEGORIES][:60],
    ]
    told = read_json(session.path / "session.json")
    write_json(session.path / "session.json", told | {"categories": names})
    answer_all(people.load("me"))
    app = open_page("people", session="me")
    assert not app.exception and not app.error
    assert "The 3 categories that were shown or named" in words(app)
    (chart,) = app.get("plotly_chart")
    assert json.loads(chart.proto.spec)["layout"]["xaxis"]["ticktext"] == list(CATEGORIES)


def test_practice_data_is_marked(finished_run):
    answer_all(people.begin_practice("p", n=14), wrong=(0,))
    app = open_page("people", session="p")
    assert "practice data" in words(app) and "practice data" in tables(app)
    chart = json.dumps([json.loads(one.proto.spec) for one in app.get("plotly_chart")])
    assert "practice data" in chart
    assert "practice data" in tables(open_page("people"))


def test_generated_drawings_of_chance(finished_vae):
    run = runs.load(finished_vae())
    with np.load(run.path / "latent_samples.npz") as found:
        arrays = dict(found) | {"labels": np.full(40, -1, np.int16)}
    np.savez(run.path / "latent_samples.npz", **arrays)
    session = people.begin_generated("g", run, n=10)
    for place in range(10):
        people.record(session, [{"n": place, "answer": 3 if place < 2 else 0, "seconds": 1.0}])
    people.finish(session)
    app = open_page("people", session="g")
    assert {one.label: one.value for one in app.metric}["Recognised"] == "80.0\u00a0%"
    assert list(app.dataframe[0].value["named as by"]) == [
        "done",
        "given by the report: recognised",
    ]
    assert "Could not tell: 2" in [tab.label for tab in app.tabs]


def test_a_network_is_asked_and_its_answers_kept(finished_vae, finished_run):
    session = people.begin_generated("g", runs.load(finished_vae()), n=6)
    answer_all(session)
    give_networks(finished_run("asked", network="compact"))
    app = open_page("people", session="g")
    (button,) = (one for one in app.button if one.label == "Ask")
    button.click().run(timeout=120)
    assert not app.exception, app.exception
    assert people.networks(session) == ["asked", "done"]
    said = people.said_by(session, "asked")
    assert said.shape == (6, 3) and np.allclose(said.sum(axis=1), 1, atol=1e-3)
    assert "asked" in tables(app)


# --- what can go wrong ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["nobody", "../done", "<script>x</script>", "[x](http://x)"])
def test_a_session_that_is_not_there(name):
    app = open_page("people", session=name)
    text = words(app)
    assert app.error and "<script>" not in text and "[x](http" not in text
    app.button[0].click().run()
    assert "session" not in app.query_params and not app.exception


def test_a_damaged_session_is_a_sentence_and_can_be_deleted(begin):
    (begin().path / "session.json").write_text("{")
    app = open_page("people")
    assert "damaged" in app.error[0].value
    app.button(key="delete me").click().run()
    assert not app.exception and app.code[0].value == "me"  # it is asked first
    people.delete("me")
    assert "damaged" not in words(open_page("people"))


def test_the_page_needs_no_tensorflow(begin):
    answer_all(begin())
    check_apart("open_page('people')", "open_page('people', session='me')")


@pytest.mark.slow
@pytest.mark.skipif(not browser.CHROMIUM, reason="needs chromium (Debian's package)")
def test_a_session_in_a_browser(tmp_path, monkeypatch):
    for part in ("session", "begin", "log"):
        monkeypatch.setattr(f"doodle_core.lab.people.{part}.PEOPLE", tmp_path / "data" / "people")
    session = people.begin_practice("p", n=6, seed=5)
    drawings = people.drawings(session)

    def answered():
        return people.answers(session)

    with browser.dashboard(tmp_path) as address, browser.page() as (view, faults):

        def shows(place):
            """The drawing of that place is on the canvas, as it is."""
            view.get_by_text(f"Drawing {place + 1} of 6").wait_for()
            view.locator(f".stage[data-timed='{place}']").wait_for()  # its clock runs
            view.wait_for_timeout(200)
            ink = view.locator(".stage canvas").evaluate(
                "(one) => [...one.getContext('2d').getImageData(0, 0, 28, 28).data]"
                ".filter((_, i) => i % 4 === 3)"
            )
            assert np.array_equal(np.array(ink).reshape(28, 28), drawings[place])

        def saved(said):
            for _ in range(100):
                if answered().said == said:
                    return
                view.wait_for_timeout(50)
            raise AssertionError(f"{answered().said} were saved, not {said}")

        view.goto(f"{address}/people?session=p")
        browser.settle(view)
        view.keyboard.press("1")  # nothing is shown yet
        view.get_by_role("button", name="Start").click()
        shows(0)
        for place, key in enumerate("123"):
            view.keyboard.press(key)
            shows(place + 1)  # at once: the drawing was there before
        saved([0, 1, 2])
        view.keyboard.press("Backspace")
        shows(2)
        view.get_by_role("button", name="cup").click()
        saved([0, 1, 6])
        view.keyboard.press("p")
        view.wait_for_timeout(700)
        view.keyboard.press("4")  # paused: no answer
        view.keyboard.press("p")
        shows(3)
        view.keyboard.press("4")
        saved([0, 1, 6, 3])
        assert answered().seconds[3] < answered().seconds[2] + 0.7  # the pause does not count

        view.reload()  # gone on with another day
        browser.settle(view)
        view.get_by_role("button", name="Go on").click()
        for place in (4, 5):
            shows(place)
            view.keyboard.press("5")
        saved([0, 1, 6, 3, 4, 4])
        view.get_by_role("button", name="See the results").click()
        view.get_by_text("Fooled the person").wait_for()
        browser.settle(view)
        assert view.get_by_text("practice data").first.is_visible()
        assert all(0.15 < seconds < 10 for seconds in answered().seconds)
        view.get_by_role("button", name="All sessions").click()
        view.get_by_text("Choose a row").wait_for()
        browser.settle(view)
        browser.choose_row(view, 0)
        view.get_by_role("button", name="Delete", exact=True).click()
        dialog = view.get_by_role("dialog")
        dialog.get_by_role("button", name="Delete", exact=True).click()
        dialog.wait_for(state="detached")
        assert not session.path.exists()
        assert faults == []
