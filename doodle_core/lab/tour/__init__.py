"""The report as an argument: each claim, and what the runs that came with the program say of it."""

from doodle_core.lab.tour.evidence import VERDICTS, Finding, Stop, own_beside
from doodle_core.lab.tour.stops import STOPS
