"""One run as one HTML file that needs nothing else."""

from doodle_core.lab.export.page import page, pair, plot, section, sentence, sheet, table
from doodle_core.lab.export.run import html
