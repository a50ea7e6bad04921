"""Each measure once: its name, what it is, how it is written and which direction is better.

Tables, words on hover, the exported report, the tour and the command line read them here. To add
one, compute it where a run is scored, and put it in `known` or `register` it with the tables that
are to have it. An interval is Wilson's, of 95 %.
"""

from doodle_core.evaluation.measures.known import (
    CATEGORY_FIGURES,
    CLASSIFIER_FIGURES,
    CLASSIFIER_NUMBERS,
    CLASSIFIER_TABLE,
    VAE_JUDGE,
    VAE_LOSS,
    VAE_NUMBERS,
    VAE_SETS,
    VAE_SPACE,
    VAE_TABLE,
    judge_saw,
)
from doodle_core.evaluation.measures.registry import (
    MEASURES,
    WORDS,
    Measure,
    as_table,
    columns,
    forget,
    register,
    shown,
)
