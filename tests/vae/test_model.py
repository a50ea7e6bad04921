"""The loss of variational autoencoders, and the discriminator beside it."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from scipy.special import softmax
from sklearn.metrics import log_loss

from doodle_core.settings import VAE_PRESETS, VaeConfig
from doodle_core.training import kernels
from doodle_core.vae.model import build_vae, cross_entropy, kl_divergence, target_of

CLASSES = 3


def built(fused=False, **settings):
    small = {"filters": (4, 8), "latent": 3}
    config = VaeConfig("v", **small | settings)
    keras.utils.set_random_seed(0)
    model = build_vae(config, CLASSES, fused)
    model.compile(keras.optimizers.Adam(1e-3), run_eagerly=True)
    return model


@pytest.fixture
def batch():
    rng = np.random.default_rng(1)
    x = rng.integers(0, 256, (8, 28, 28, 1), dtype=np.uint8)
    y = np.eye(CLASSES, dtype=np.float32)[np.arange(8) % CLASSES]
    return (x, y), y


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
@pytest.mark.parametrize(
    "settings", [{}, {"classifier": 5.0}, {"adversarial": 10.0, "conditional": True}]
)
def test_each_kind_learns_in_each_precision(settings, policy, batch):
    keras.config.set_dtype_policy(policy)
    model = built(fused=True, **settings)
    x, y = tf.nest.map_structure(tf.constant, batch)
    found = model.train_step((x, y))
    found = {name: float(value) for name, value in found.items()}
    assert all(np.isfinite(value) for value in found.values()) and found["loss"] > 0
    outputs = model(x)
    assert {value.dtype for value in outputs.values()} == {tf.float32}


def test_the_loss_is_the_reports(batch):
    """784 times Keras's mean binary cross-entropy, and KL to N(0, I), per drawing."""
    model = built()
    found = model(batch[0], training=False)
    ink = tf.sigmoid(found["logits"])
    target = (batch[0][0] > 191).astype(np.float32)
    keras_loss = 784 * keras.ops.mean(keras.losses.binary_crossentropy(target, ink))
    mean, log_var = found["mean"].numpy(), found["log_var"].numpy()
    kl = (0.5 * (np.exp(log_var) + mean**2 - 1 - log_var)).sum(axis=1).mean()
    figures = model.evaluate(*batch, verbose=0, return_dict=True)
    assert figures["reconstruction"] == pytest.approx(float(keras_loss), rel=1e-4)
    assert figures["kl"] == pytest.approx(kl, rel=1e-4)
    assert figures["loss"] == pytest.approx(figures["reconstruction"] + figures["kl"])
    assert figures["objective"] == pytest.approx(figures["loss"], rel=1e-5)


def test_beta_free_bits_and_classifier_change_the_objective_and_not_the_loss(batch):
    plain = built().evaluate(*batch, verbose=0, return_dict=True)
    weighed = built(beta=3.0).evaluate(*batch, verbose=0, return_dict=True)
    assert weighed["loss"] == pytest.approx(plain["loss"])
    assert weighed["objective"] == pytest.approx(plain["loss"] + 2 * plain["kl"], rel=1e-5)
    free = built(free_bits=5.0).evaluate(*batch, verbose=0, return_dict=True)
    assert free["objective"] == pytest.approx(free["reconstruction"] + 3 * 5.0, rel=1e-5)
    model = built(classifier=10.0)
    split = model.evaluate(*batch, verbose=0, return_dict=True)
    logits = model.head(model(batch[0], training=False)["mean"]).numpy()
    entropy = log_loss(batch[1].argmax(axis=1), softmax(logits, axis=1), labels=range(3))
    assert split["objective"] == pytest.approx(split["loss"] + 10 * entropy, rel=1e-5)
    right = logits.argmax(axis=1) == batch[1].argmax(axis=1)
    assert split["accuracy"] == pytest.approx(right.mean())


def test_the_kls_weight_rises_over_the_warm_up(batch):
    model = built(beta=2.0)
    model.warm_up_steps = 4
    (x, y), found = batch[0], model(batch[0], training=False)
    reconstruction = cross_entropy(target_of(x, model.config), found["logits"]).numpy().mean()
    kl = kl_divergence(found["mean"], found["log_var"]).numpy().sum(axis=1).mean()

    def weight(training):
        objective = model.compute_loss((x, y), y, found, training=training)
        return (float(objective) - reconstruction) / kl

    weights = []
    for _ in range(6):
        weights.append(weight(training=True))
        model.optimizer.iterations.assign_add(1)
    assert weights == pytest.approx([0.5, 1.0, 1.5, 2.0, 2.0, 2.0], rel=1e-2)
    assert weight(training=False) == pytest.approx(2, rel=1e-2)


def test_the_noise_depends_on_seed_and_step_alone(batch):
    one, other = built(), built(seed=1)
    first = one(batch[0], training=True)["latent"]
    assert np.array_equal(first, one(batch[0], training=True)["latent"])
    one.optimizer.iterations.assign_add(1)
    assert not np.array_equal(first, one(batch[0], training=True)["latent"])
    assert not np.array_equal(first, other(batch[0], training=True)["latent"])


def test_a_conditional_decoder_listens_to_the_category(batch):
    model = built(conditional=True)
    latent = np.zeros((2, 3), np.float32)
    a, b = model.decoder([latent, np.eye(CLASSES, dtype=np.float32)[:2]], training=False).numpy()
    assert not np.allclose(a, b)


@pytest.mark.parametrize("target", ["binary", "grey"])
def test_targets_are_in_their_range(target, batch):
    found = target_of(batch[0][0], VaeConfig("v", target=target)).numpy()
    if target == "binary":
        assert set(np.unique(found)) == {0.0, 1.0}
        assert np.array_equal(found > 0.5, batch[0][0] / 127.5 - 1 > 0.5)  # section 1.1
    else:
        np.testing.assert_allclose(found, batch[0][0] / 255, rtol=1e-6)


def test_fused_batch_norms_train_to_the_same_figures(batch):
    figures = []
    for fused in (False, True):
        model = built(fused)
        figures.append(
            [float(model.train_on_batch(*batch, return_dict=True)["loss"]) for _ in "123"]
        )
    np.testing.assert_allclose(*figures, rtol=1e-3)


def test_a_discriminator_learns_and_is_learned_from(batch):
    model = built(adversarial=10.0, target="grey")
    before = [one.numpy() for one in model.trainable_variables]
    figures = model.train_on_batch(*batch, return_dict=True)
    assert {"discriminator", "loss", "kl"} <= set(figures)
    after = model.trainable_variables
    moved = [not np.array_equal(old, new.numpy()) for old, new in zip(before, after)]
    parts = {
        "discriminator": model.discriminator,
        "encoder": model.encoder,
        "decoder": model.decoder,
    }
    for part in parts.values():
        mine = {id(one) for one in part.trainable_variables}
        assert any(change for change, one in zip(moved, after) if id(one) in mine)


@pytest.mark.slow
def test_a_real_drawing_is_what_the_discriminator_is_to_call_real():
    model = built(adversarial=10.0, target="grey")
    model.compile(keras.optimizers.Adam(2e-3))
    rng = np.random.default_rng(0)
    x = np.where(rng.random((16, 28, 28, 1)) < 0.1, 255, 0).astype(np.uint8)
    y = np.eye(CLASSES, dtype=np.float32)[np.arange(16) % CLASSES]
    losses = [
        float(model.train_on_batch((x, y), y, return_dict=True)["discriminator"]) for _ in range(25)
    ]
    made = model.decoder(np.zeros((4, 3), np.float32), training=False)
    real, *_ = model.discriminator(target_of(x, model.config), training=False)
    fake, *_ = model.discriminator(made, training=False)
    assert losses[-1] < losses[0] and float(tf.reduce_mean(real)) > float(tf.reduce_mean(fake))


def test_only_feature_maps_have_fused_norms():
    model = build_vae(
        VaeConfig("v", **VAE_PRESETS["report-vae-1"].settings | {"filters": (2, 4)}), 3, True
    )
    kinds = {layer.name: type(layer) for layer in model.encoder.layers}
    assert kinds["conv1_norm"] is kernels.FusedBatchNormalization
    assert kinds["dense20_norm"] is layers.BatchNormalization
