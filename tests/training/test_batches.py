"""Batches by seed and epoch: every drawing once, changed within bounds."""

import numpy as np
import pytest
import tensorflow as tf

from doodle_core.settings import RunConfig
from doodle_core.training.batches import batches, changed, class_weights


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
