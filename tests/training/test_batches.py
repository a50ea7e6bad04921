"""Batches by seed and epoch: every drawing once, changed within bounds."""

import math

import numpy as np
import pytest
import tensorflow as tf

from doodle_core.settings import RunConfig
from doodle_core.training.batches import (
    batches,
    changed,
    class_weights,
    steps_per_epoch,
    transformed,
)


def test_each_epoch_sees_every_drawing_once_in_an_order_of_its_own():
    x = np.arange(50, dtype=np.uint8).reshape(50, 1, 1, 1)
    y = np.arange(50, dtype=np.int32)

    def order(seed, number):
        epoch.assign(number)
        dataset = batches(x, y, 50, RunConfig("x", batch_size=16, seed=seed), epoch)
        assert len(dataset) == 4
        return np.concatenate([labels.numpy().argmax(axis=1) for _, labels in dataset]).tolist()

    epoch = tf.Variable(0, dtype=tf.int64)
    orders = [order(5, number) for number in range(3)]
    assert all(sorted(order) == list(range(50)) for order in orders)
    assert len({tuple(order) for order in orders}) == 3
    assert order(5, 2) == orders[2]  # a resumed run sees the order that it would have seen
    assert order(6, 2) != orders[2]


def test_drawings_are_changed_by_seed_and_epoch_and_within_bounds():
    drawing = np.zeros((64, 28, 28, 1), np.uint8)
    drawing[:, 10:18, 10:18] = 255
    labels = np.zeros(64, np.int32)
    config = RunConfig("x", batch_size=64, rotation=20, shift=3.0, zoom=0.2)
    epoch = tf.Variable(0, dtype=tf.int64)

    def seen(number):
        epoch.assign(number)
        return next(iter(batches(drawing, labels, 2, config, epoch)))[0].numpy()

    first = seen(0)
    assert (seen(0) == first).all() and (seen(1) != first).any()
    assert len(np.unique(first.reshape(64, -1), axis=0)) == 64
    rows = np.arange(28)[None, :, None]
    ink = first[..., 0].astype(float)
    middles = (ink * rows).sum((1, 2)) / ink.sum((1, 2))
    assert np.abs(middles - 13.5).max() < 3.1 and middles.std() > 1
    sizes = ink.sum((1, 2)) / (64 * 255)
    assert 1 / 1.5 < sizes.min() < 0.85 and 1.15 < sizes.max() < 1.5  # 1.2 squared, either way


def test_unchanged_drawings_are_not_touched():
    drawing = np.random.default_rng(0).integers(0, 256, (8, 28, 28, 1), dtype=np.uint8)
    still = changed(drawing, RunConfig("x"), np.zeros(2, np.int64)).numpy()
    assert (still == drawing).all()
    moved = changed(drawing, RunConfig("x", rotation=30), np.zeros(2, np.int64)).numpy()
    assert (moved != drawing).any()


def test_weights_balance_the_categories():
    y = np.array([0] * 90 + [1] * 10)
    weights = class_weights(y, 2, True)
    assert weights[0] * 90 == pytest.approx(weights[1] * 10)
    assert np.mean([weights[label] for label in y]) == pytest.approx(1)
    assert class_weights(y, 2, False) is None


def block(n=1):
    """Drawings of one white block, 6 wide and 4 high, its middle left of and above the drawing's."""
    drawing = np.zeros((n, 28, 28, 1), np.uint8)
    drawing[:, 6:10, 8:14] = 255
    return drawing


def places(drawings):
    """Where the ink's middle lies: (x, y), (N,) each, in pixels."""
    ink = np.asarray(drawings)[..., 0].astype(float)
    total = ink.sum((1, 2))
    return tuple((ink.sum(axis) * np.arange(28)).sum(1) / total for axis in (1, 2))


def test_drawings_are_turned_moved_and_scaled_as_asked():
    ones, still = tf.ones(1), tf.zeros(1)
    assert np.array_equal(transformed(block(), still, ones), block())
    moved = transformed(block(), still, ones, tf.constant([3.0]), tf.constant([2.0]))
    assert np.array_equal(moved, np.roll(block(), (2, 3), axis=(1, 2)))  # right, then down
    turned = transformed(block(), tf.constant([math.pi / 2]), ones)
    assert np.array_equal(turned[0], np.rot90(block()[0], 1))  # against the clock
    for scale in (0.75, 2.0):
        small = transformed(block(), still, scale * ones).numpy()
        assert small.sum() / 255 == pytest.approx(24 / scale**2, rel=0.1)
        x, y = places(small)
        assert (x[0], y[0]) == pytest.approx((13.5 - 3 / scale, 13.5 - 6 / scale), abs=0.2)


def test_shifts_go_in_both_directions_apart_from_each_other():
    config = RunConfig("x", shift=3.0)
    x, y = places(changed(block(400), config, np.array([1, 2], np.int64)))
    right, down = x - 10.5, y - 7.5
    for way in (right, down):
        assert -3.1 < way.min() < -2.5 and 2.5 < way.max() < 3.1 and abs(way.mean()) < 0.3
    assert abs(np.corrcoef(right, down)[0, 1]) < 0.2
    assert (right * down < 0).mean() == pytest.approx(0.5, abs=0.1)


def test_turns_go_both_ways_in_degrees():
    config = RunConfig("x", rotation=20.0)
    x, y = places(changed(block(400), config, np.array([1, 2], np.int64)))
    turns = np.degrees(np.angle((x - 13.5 + 1j * (y - 13.5)) / (-3 - 6j)))
    assert -21 < turns.min() < -18 and 18 < turns.max() < 21 and abs(turns.mean()) < 2


def test_scales_go_both_ways_by_the_same_factor():
    config = RunConfig("x", zoom=0.5)
    x, y = places(changed(block(400), config, np.array([1, 2], np.int64)))
    scales = np.hypot(x - 13.5, y - 13.5) / np.hypot(3, 6)
    assert 1 / 1.53 < scales.min() < 1 / 1.45 and 1.45 < scales.max() < 1.53
    assert abs(np.log(scales).mean()) < 0.04


def test_rare_categories_weigh_more_by_their_share():
    weights = class_weights(np.array([0] * 6 + [1] * 3 + [2]), 3, True)
    assert weights == {
        0: pytest.approx(10 / 18),
        1: pytest.approx(10 / 9),
        2: pytest.approx(10 / 3),
    }


def test_the_last_batch_may_be_smaller():
    config = RunConfig("x", batch_size=16)
    for n, steps in ((16, 1), (17, 2), (32, 2), (1, 1)):
        assert steps_per_epoch((np.zeros(n), np.zeros(n)), config) == steps
