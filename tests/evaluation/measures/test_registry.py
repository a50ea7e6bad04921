"""Measures: what each says of itself, how figures are written, and one more in all the places."""

import json

import pytest

from doodle_core import runs
from doodle_core.evaluation import measures
from doodle_core.evaluation.measures import Measure
from doodle_core.files import read_json, write_json
from doodle_core.lab import export
from pages.shared import terms
from support.apps import choose_run

SHARE = {"share": 0.6, "share_low": 0.5, "share_high": 0.7}


def chosen_in_runs(run):
    """The page Runs with a run chosen: (rows of its last table but the settings, its columns)."""
    app = choose_run(run)
    table = next(one for one in app.dataframe[1:] if "test drawings" in one.value)
    return table.value.to_dict("records"), json.loads(table.proto.columns)


def places(path):
    """Where figures stand: (a row of Runs, its columns, the exported page, a row of the file)."""
    (row,), columns = chosen_in_runs(path.name)
    run = runs.load(path)
    return row, columns, export.html(run).split("<script>")[0], runs.summary(run)


def test_one_more_measure_is_in_tables_on_hover_and_in_the_export_until_it_is_forgotten(
    finished_run,
):
    path = finished_run("one")
    toy = Measure(
        "toy",
        "toy skill",
        "How well it plays.",
        "played by hand",
        better="higher",
        has_interval=True,
    )
    metrics = read_json(path / "metrics.json")
    write_json(path / "metrics.json", metrics | {"toy": 0.6, "toy_low": 0.5, "toy_high": 0.7})
    tables = measures.CLASSIFIER_TABLE, measures.CLASSIFIER_FIGURES, measures.CLASSIFIER_NUMBERS
    before = [list(one) for one in tables]
    measures.register(toy, *tables)
    try:
        with pytest.raises(ValueError, match="There is a measure 'toy'"):
            measures.register(toy)
        row, columns, page, numbers = places(path)
        assert row["toy skill (95 %)"] == "60.0\u00a0% (50.0 to 70.0)"
        assert columns["toy skill (95 %)"]["help"] == "How well it plays."
        assert terms.TERMS["toy skill"] == "How well it plays."
        assert (
            "<td>toy skill</td><td>60.0\u00a0% (50.0 to 70.0)</td><td>played by hand</td>" in page
        )
        assert numbers["toy skill"] == 0.6
    finally:
        measures.forget("toy", *tables)
    row, columns, page, numbers = places(path)
    assert "toy" not in f"{row} {columns} {page} {numbers}"
    assert [list(one) for one in tables] == before and "toy skill" not in terms.TERMS


@pytest.mark.parametrize(
    ("unit", "digits", "figures", "text", "cell"),
    [
        ("share", 1, {"toy": 0.6}, "60.0\u00a0%", "60.0\u00a0%"),
        ("nats", 1, {"toy": 130.04}, "130.0 nats", "130.04"),
        ("number", 3, {"toy": 0.1239}, "0.124", "0.124"),
        ("count", 1, {"toy": 12345}, "12,345", "12,345"),
        ("count", 1, {"toy": 4, "whole": 14}, "4 of 14", "4 of 14"),
        ("nats", 1, {"toy": None}, "", "–"),
        ("share", 1, {}, "", "–"),
    ],
)
def test_how_figures_are_written(unit, digits, figures, text, cell):
    toy = Measure("toy", "toy", unit=unit, digits=digits, of="whole")
    assert (toy.text(figures), toy.cell(figures)) == (text, cell)


def test_a_share_without_its_bounds_is_not_shown():
    toy = Measure("toy", "toy", has_interval=True, field="share", chance="chance")
    assert toy.text(SHARE) == "60.0\u00a0% (50.0 to 70.0)"
    assert toy.text(SHARE | {"share_low": None}) == "" == toy.text({"share": 0.6})
    assert toy.beside({"chance": 0.25}) == "chance 25.0\u00a0%"


def test_rows_leave_out_empty_columns_and_what_only_some_runs_have():
    figures = {"frechet": 12.0, "frechet_floor": 0.5, "precision": 0.7}
    rows = measures.as_table(figures, measures.VAE_SETS)
    assert list(rows[0]) == ["measure", "this run", "what it is"]
    assert rows[0]["this run"] == "12.0" and "real against real is 0.5" in rows[0]["what it is"]
    assert [row["this run"] for row in rows[1:]] == ["0.700", "–", "–", "–", "–"]
    asked = {f"samples_top1{part}": value for part, value in (("", 0.6), ("_low", 0), ("_high", 1))}
    names = [row["measure"] for row in measures.as_table({}, measures.VAE_JUDGE)]
    assert "Samples are what was asked for" not in names and "Samples surely something" in names
    names = [row["measure"] for row in measures.as_table(asked, measures.VAE_JUDGE)]
    assert "Samples are what was asked for" in names


def test_a_standard_error_gives_an_interval():
    figures = {"iwae": 140.0, "iwae_error": 1.0, "silhouette": 0.25, "silhouette_error": 0.005}
    assert measures.MEASURES["iwae"].row(figures)["95 % interval"] == "138.0 to 142.0"
    assert measures.MEASURES["silhouette"].row(figures)["95 % interval"] == "0.240 to 0.260"
    for missing in ({"iwae": 140.0}, {"iwae_error": 1.0}, {}):
        assert measures.MEASURES["iwae"].row(missing)["95 % interval"] == ""
