"""A run for others: one HTML file that needs nothing else, its networks, its model card."""

from doodle_core.lab.export.card import card
from doodle_core.lab.export.network import FORMATS, file_name, lacking, packed, packed_apart
from doodle_core.lab.export.page import page, pair, plot, section, sentence, sheet, table
from doodle_core.lab.export.run import html
