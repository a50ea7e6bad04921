"""The report as an argument: each claim, and what our runs say of it."""

from doodle_core.lab.tour.evidence import (
    SURE,
    VERDICTS,
    Finding,
    Stop,
    accuracy_row,
    base_run,
    can_draw,
    compare_runs,
    finished_runs,
    given_by_report,
    is_better,
    names_of,
    run_beside,
    trained_both_ways,
)
from doodle_core.lab.tour.stops import STOPS
