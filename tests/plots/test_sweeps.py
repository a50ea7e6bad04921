"""Figures of a sweep's trials."""

import pytest

from doodle_core.lab import sweep_worker, sweeps
from doodle_core.lab.sweeps import Dimension
from doodle_core.plots import sweeps as sweep_plots
from support.sweeps import Trainer

TWO = Dimension("batch_size", (8, 16, 32)), Dimension("dropout", (0.0, 0.5))


def row(trial, values, loss, **more):
    made = {"trial": trial, "values": values, "state": "done", "epochs": 2, "best_epoch": 2}
    made |= {"val_loss": loss, "val_accuracy": 1 - loss, "low": 0.9 - loss, "high": 1.0}
    return made | {"history": {"val_loss": [1, loss], "val_accuracy": [0, 1 - loss]}} | more


def test_the_heat_map_has_each_figure_in_its_cell_and_outlines_the_best():
    values = [{"filters": f, "blocks": b} for f in (16, 32) for b in (3, 2)]
    table = [row(k, one, 0.1 * (k + 1)) for k, one in enumerate(values)]
    fig = sweep_plots.grid(table[:3], "filters", "blocks", "val_loss")
    heat = fig.data[0]
    assert (heat.x, heat.y) == (("16", "32"), ("2", "3"))
    assert heat.z[1][0] == pytest.approx(0.1) and heat.z[0][0] == pytest.approx(0.2)
    assert heat.z[1][1] == pytest.approx(0.3) and heat.z[0][1] != heat.z[0][1]  # untried: empty
    box = fig.layout.shapes[0]
    assert (box.x0, box.y0) == (-0.5, 0.5)
    assert len(fig.layout.annotations) == 3


def test_seeds_come_as_mean_and_range():
    rows = [row(k, {"filters": f, "blocks": 2}, 0.2) for k, f in enumerate((16, 32))]
    rows[0] |= {"seeds": 3, "ranges": {"val_loss": (0.1, 0.25), "val_accuracy": (0.75, 0.9)}}
    fig = sweep_plots.by_value(rows, Dimension("filters", (16, 32)))
    bars = fig.data[0].error_y
    assert list(bars.array) == pytest.approx([0.1, 0.2])  # of one seed Wilson's, to 1.0
    assert list(bars.arrayminus) == pytest.approx([0.05, 0.1])
    assert [one[3] for one in fig.data[0].customdata] == [
        " (0.7500 to 0.9000, 3 seeds)",
        " (0.7000 to 1.0000)",
    ]
    heat = sweep_plots.grid(rows, "filters", "blocks").data[0]
    assert "3 seeds" in heat.customdata[0][0] and "seeds" not in heat.customdata[0][1]


def test_importance_is_a_bar_each_the_first_on_top():
    fig = sweep_plots.importance({"batch_size": 0.7, "together": 0.2, "seeds": 0.1})
    bars = fig.data[0]
    assert list(bars.y) == ["between seeds", "in combination", "batch size"]
    assert list(bars.x) == [0.1, 0.2, 0.7] and bars.text[-1] == "0.70"


def test_of_many_curves_the_three_best_are_named():
    table = [row(k, {"seed": k}, 0.5 - k / 100) for k in range(20)]
    fig = sweep_plots.curves(table, "val_loss")
    assert [one.name for one in fig.data if one.showlegend] == ["seed 17", "seed 18", "seed 19"]
    assert len(fig.data) == 20
    few = sweep_plots.curves(table[:5], "val_accuracy")
    assert all(one.showlegend for one in few.data) and list(few.data[0].y) == [0, 0.5]


@pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")
def test_good_lines_are_blue_whatever_the_direction(make_sweep, storage):
    colors = []
    for objective in sweeps.OBJECTIVES:
        study, sweep = make_sweep(objective, TWO, objective=objective)
        sweep_worker.pull(storage, objective, Trainer())
        fig = sweep_plots.parallel(study, "figure")
        best = min(fig.data, key=lambda one: one.y[0] * (1 if objective == "val_loss" else -1))
        colors.append(best.line.color)
    assert colors == ["rgb(0, 114, 178)"] * 2
