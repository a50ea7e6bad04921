"""What the pages and the command line show of the shipped runs is what they showed at 059d89c."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import golden
import golden_compare
from golden_compare import Change, Difference, differences, message, unexpected
from golden_elements import Reader, packed, shortened
from golden_walk import ROOT

MOST = 40  # changes in a message


@pytest.mark.slow
def test_every_figure_is_as_it_was(tmp_path: Path) -> None:
    try:
        with golden.shipped_home():
            pass
    except FileNotFoundError as error:
        pytest.skip(str(error))
    file = tmp_path / "today.json.gz"
    command = [sys.executable, golden.__file__, "record", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=3600)
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]
    found = differences(golden.read(golden.STORED), golden.read(file))
    meant = golden_compare.changes()
    left = unexpected(found, meant)
    if left:
        pytest.fail(message(left, MOST), pytrace=False)
    idle = [one for one in meant if not any(one.covers(difference) for difference in found)]
    assert not idle, f"These changes cover nothing any more: {idle}"


def test_every_meant_change_has_a_reason() -> None:
    assert all(one.page and len(one.reason) > 10 for one in golden_compare.changes())


def record(visit: str, *elements: dict[str, Any]) -> dict[str, Any]:
    """A record of one visit."""
    return {"elements": dict(enumerate(elements)), "visits": {visit: list(range(len(elements)))}}


def found(visit: str, old: dict[str, Any], new: dict[str, Any]) -> list[Difference]:
    """The differences between two elements."""
    return differences(record(visit, old), record(visit, new))


def test_a_changed_text_is_told_with_its_place_and_can_be_meant() -> None:
    old = {"kind": "metric", "label": "Chance", "value": "14.3 %"}
    (one,) = found("report", old, old | {"value": "14.4 %"})
    assert one.told() == "report\n  metric 'Chance'.value\n    was: 14.3 %\n    is:  14.4 %"
    assert not unexpected([one], [Change("rep*", "a reason", "metric", r"14\.3", "14.4")])
    for other in (("runs", "metric"), ("report", "caption"), ("report", "metric", "15")):
        page, element, *words = other
        assert unexpected([one], [Change(page, "a reason", element, *words)])


def test_the_same_change_on_many_pages_is_told_once() -> None:
    old, new = ({"kind": "caption", "text": text} for text in ("before", "after"))
    changes = [one for visit in ("home", "runs", "runs | x") for one in found(visit, old, new)]
    lines = message(changes).splitlines()
    assert lines[:2] == ["3 differences: 2 on runs, 1 on home", "home (and 2 more of its kind)"]
    assert len(lines) == 5


def test_an_element_more_is_one_difference() -> None:
    texts = [{"kind": "markdown", "text": text} for text in "abc"]
    (one,) = differences(record("home", *texts), record("home", texts[0], *texts[2:]))
    assert one.old and not one.new


def test_a_page_that_is_gone_is_a_difference() -> None:
    (one,) = differences(record("home"), {"elements": {}, "visits": {}})
    assert (one.visit, one.old) == ("home", "all of it")


@pytest.mark.parametrize("place", [0, 17, 99])
def test_one_number_of_a_long_list_counts(place: int) -> None:
    values = [1 / (1 + at) for at in range(100)]
    old = {"kind": "plot", "spec": shortened({"y": values})}
    assert not found("runs", old, {"kind": "plot", "spec": shortened({"y": values})})
    values[place] *= 1.01
    assert found("runs", old, {"kind": "plot", "spec": shortened({"y": values})})


def test_the_last_digits_of_a_float_do_not_count() -> None:
    values = [1 / (3 + at) for at in range(1000)]
    near = [value * (1 + 1e-7) for value in values]
    old, new = ({"kind": "plot", "spec": shortened([one])} for one in (values, near))
    assert old != new and not found("runs", old, new)
    assert not found("runs", {"kind": "metric", "n": 0.1234561}, {"kind": "metric", "n": 0.1234569})


def test_where_a_network_answers_its_last_digits_do_not_count() -> None:
    old, new = ({"kind": "caption", "text": f"apple {one} %, 5 of 24"} for one in (38.1, 38.4))
    assert not found("inside | run=x", old, new) and found("errors | run=x", old, new)
    far = {"kind": "caption", "text": "apple 38.7 %, 5 of 24"}
    assert found("inside | run=x", old, far)
    pixels = bytes(range(196)) * 4
    drawn, drawn_again = (
        {"kind": "component", "shows": [packed(one, True)]}
        for one in (pixels, pixels[:-1] + bytes([200]))
    )
    assert not found("generate", drawn, drawn_again) and found("data", drawn, drawn_again)
    turned = {"kind": "component", "shows": [packed(pixels[::-1], True)]}
    assert found("generate", drawn, turned)


def test_which_of_two_bars_alike_comes_first_does_not_count() -> None:
    def plot(names: str, heights: list[float]) -> dict[str, Any]:
        trace = {"type": "bar", "orientation": "h", "y": list(names), "x": heights}
        return {"kind": "plot", "spec": Reader({}).plot({"data": [trace]})}

    assert not found("sweeps", plot("abc", [0.2, 0.4, 0.4]), plot("acb", [0.2, 0.4, 0.4 - 1e-9]))
    assert found("sweeps", plot("abc", [0.2, 0.4, 0.4]), plot("bac", [0.2, 0.4, 0.4]))


def test_the_stored_record_holds_every_page() -> None:
    visits = golden.read(golden.STORED)["visits"]
    pages = {path.stem for path in (ROOT / "pages").glob("*.py")}
    seen = {visit.partition(" |")[0] for visit in visits}
    assert {"home", "tour", "errors", "latent", "report"} <= pages & seen
    assert golden.STORED.stat().st_size < 1.5e6
