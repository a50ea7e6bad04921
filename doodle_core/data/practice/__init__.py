"""Practice data: doodles that the program draws itself."""

from doodle_core.data.practice.drawing import (
    BLOCK,
    DEFAULT_LEAN,
    LEAN,
    MOST_PROCESSES,
    PIXELS,
    PRACTICE_CATEGORIES,
    VERSION,
    draw,
    strokes,
    write,
)
from doodle_core.data.practice.standin import PRACTICE_EACH, PRACTICE_SEED, practice_set
