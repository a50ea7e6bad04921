"""The recipes of practice drawings."""

import numpy as np

from doodle_core.data.practice import drawing as practice
from doodle_core.data.practice import recipes


def test_every_category_has_ways_that_all_draw():
    assert set(recipes.RECIPES) == set(practice.PRACTICE_CATEGORIES)
    rng = np.random.default_rng(0)
    for category in practice.PRACTICE_CATEGORIES:
        for weight, way in recipes.RECIPES[category]:
            assert weight > 0
            for _ in range(10):
                lines = way(rng)
                assert lines and all(np.isfinite(line).all() and line.ndim == 1 for line in lines)
