"""The practice drawings that stand in for those that are not on this computer."""

import numpy as np

from doodle_core.data import practice


def test_the_practice_set_comes_back():
    pixels, labels = practice.practice_set(("apple", "cat", "cup"))
    assert len(pixels) == 2 * practice.PRACTICE_EACH and set(labels) == {0, 2}
    assert np.array_equal(pixels, practice.practice_set(("apple", "cat", "cup"))[0])
    assert practice.practice_set(("cat", "dog"))[0].shape == (0, 28, 28)


def test_it_is_of_another_seed_than_what_is_trained_on():
    pixels, labels = practice.practice_set(("cat", "moon"))
    assert (practice.PRACTICE_SEED, practice.PRACTICE_EACH) == (99, 150)
    assert np.array_equal(pixels.reshape(-1, 784), practice.draw("moon", 150, 99))
    assert labels.tolist() == [1] * 150
