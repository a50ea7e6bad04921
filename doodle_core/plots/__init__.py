"""Every figure of the dashboard, as Plotly figures from arrays and tables, and its one palette."""

from doodle_core.plots.categories import confusion, per_class
from doodle_core.plots.epochs import AXES, curves, learning_curve, mark_switch, smooth
from doodle_core.plots.moving import live, live_plane
from doodle_core.plots.style import (
    CORE,
    FAINT,
    INK,
    PRACTICE,
    RIGHT,
    WRONG,
    alpha,
    category_colors,
    epoch_ticks,
    finish,
    font,
    note_box,
    run_colors,
)
