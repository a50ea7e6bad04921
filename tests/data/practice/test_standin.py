"""The practice drawings that stand in for those that are not on this computer."""

import numpy as np

from doodle_core.data import practice


def test_the_practice_set_comes_back():
    pixels, labels = practice.practice_set(("apple", "cat", "cup"))
    assert len(pixels) == 2 * practice.PRACTICE_EACH and set(labels) == {0, 2}
    assert np.array_equal(pixels, practice.practice_set(("apple", "cat", "cup"))[0])
    assert practice.practice_set(("cat", "dog"))[0].shape == (0, 28, 28)
