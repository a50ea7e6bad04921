"""What is minimised: the negative ELBO of encoder and decoder, and a discriminator beside it."""

from typing import Any

import keras
import tensorflow as tf
from keras import layers

from doodle_core.settings import VaeConfig
from doodle_core.training import distribution, kernels
from doodle_core.training.stored import one_or_list
from doodle_core.vae import networks
from doodle_core.vae.networks import INK, discriminator_of

EVALUATION = 2**31 - 1  # stands for the step in the noise of validation: the same in each epoch


def build_vae(config: VaeConfig, classes: int, fused: bool = False) -> "VAE":
    """A VAE with fresh weights (seed Keras first).

    Args:
        config: a VaeConfig. classes: int, number of categories.
        fused: with batch norms that train faster (`kernels.fused`), for training only.

    Returns:
        VAE, or AdversarialVAE where a discriminator is asked for.
    """
    kind = AdversarialVAE if config.adversarial else VAE
    encoder, decoder = networks.build(config, classes)
    if fused:
        encoder, decoder = kernels.fused(encoder), kernels.fused(decoder)
    return kind(encoder, decoder, config, classes)


# --- the loss ------------------------------------------------------------------------------------


class VAE(keras.Model):
    """Encoder, decoder and what is minimised.

    It is fitted on ((drawings, one-hot categories), one-hot categories). Its metrics, all but the
    objective in nats per drawing: `loss` (reconstruction + KL, the negative ELBO), `reconstruction`,
    `kl`, `objective` (what is minimised), and `accuracy` of the latent classifier where there is one.

    Args:
        encoder, decoder: keras.Model, as `build` makes them.
        config: VaeConfig. classes: int.
    """

    def __init__(
        self, encoder: keras.Model, decoder: keras.Model, config: VaeConfig, classes: int
    ) -> None:
        super().__init__(name="vae")
        self.encoder, self.decoder, self.config = encoder, decoder, config
        self.warm_up_steps = 0
        self.head = None
        if config.classifier:
            self.head = layers.Dense(classes, dtype="float32", name="category")
            self.head.build((None, config.latent))
            self.accuracy = keras.metrics.CategoricalAccuracy("accuracy")
        self.parts = [keras.metrics.Mean(name) for name in ("reconstruction", "kl")]
        # the network's last step, a sigmoid, is taken in the loss, from the logits
        self.logits = keras.Model(decoder.inputs, decoder.get_layer("logits").output)
        self.built = True  # all its parts are

    def call(self, inputs: tuple[tf.Tensor, tf.Tensor], training: bool = False) -> dict[str, Any]:
        """(drawings, one-hot) -> dict: `mean`, `log_var`, `latent` (a sample), `logits`."""
        drawings, categories = inputs
        given = [categories] if self.config.conditional else []
        mean, log_var = self.encoder(one_or_list([drawings, *given]), training=training)
        noise = distribution.noise(mean, self._seed(training))
        latent = mean + tf.exp(log_var / 2) * noise
        logits = self.logits(one_or_list([latent, *given]), training=training)
        return {"mean": mean, "log_var": log_var, "latent": latent, "logits": logits}

    def _seed(self, training: bool) -> tf.Tensor:
        """The noise depends on (seed, step) alone: a resumed run sees what it would have seen."""
        step = self.optimizer.iterations.value if training else EVALUATION
        return tf.stack([tf.cast(step, tf.int64), tf.constant(self.config.seed, tf.int64)])

    def compute_loss(
        self,
        x: tuple[tf.Tensor, tf.Tensor],
        y: tf.Tensor,
        y_pred: dict[str, Any],
        sample_weight: Any = None,
        training: bool = True,
    ) -> tf.Tensor:
        """What is minimised: a scalar; the metrics are updated on the way."""
        config = self.config
        target = target_of(x[0], config)
        reconstruction = cross_entropy(target, y_pred["logits"])
        kl = kl_divergence(y_pred["mean"], y_pred["log_var"])
        for part, values in zip(self.parts, (reconstruction, tf.reduce_sum(kl, axis=1))):
            part.update_state(values)
        costs = tf.reduce_sum(tf.maximum(tf.reduce_mean(kl, axis=0), config.free_bits))
        objective = tf.reduce_mean(reconstruction) + self._beta(training) * costs
        if self.head:
            logits = self.head(y_pred["mean"])
            self.accuracy.update_state(y, logits)
            entropy = tf.nn.softmax_cross_entropy_with_logits(y, logits)
            objective += config.classifier * tf.reduce_mean(entropy)
        return distribution.scaled(objective)

    def _beta(self, training: bool) -> tf.Tensor | float:
        """The weight of the KL divergence: it rises over the first `warm_up_steps`."""
        if not training or not self.warm_up_steps:
            return self.config.beta
        step = tf.cast(self.optimizer.iterations, tf.float32) + 1
        return self.config.beta * tf.minimum(1.0, step / self.warm_up_steps)

    def get_metrics_result(self) -> dict[str, Any]:
        found: dict[str, Any] = super().get_metrics_result()
        found["objective"] = found.pop("loss")
        return found | {"loss": found["reconstruction"] + found["kl"]}


class AdversarialVAE(VAE):
    """A VAE with a discriminator, for sharper drawings (VAE-GAN, Larsen et al. 2016).

    The discriminator learns to tell real drawings from reconstructions and from samples of the
    prior, and to name real ones. Encoder and decoder learn, beside their own loss, to be taken for
    real, to give the discriminator's middle layer what the real drawing gives it, and to be named
    as the category that was drawn or asked for (CVAE-GAN, Bao et al. 2017). One optimizer steps
    both: Adam scales each weight's gradient by itself.
    """

    def __init__(
        self, encoder: keras.Model, decoder: keras.Model, config: VaeConfig, classes: int
    ) -> None:
        super().__init__(encoder, decoder, config, classes)
        self.discriminator = discriminator_of(classes)
        self.verdict = keras.metrics.Mean("discriminator")

    def train_step(self, data: Any) -> dict[str, Any]:
        x, y, _ = keras.utils.unpack_x_y_sample_weight(data)
        with tf.GradientTape(persistent=True) as tape:
            found = self(x, training=True)
            objective = self.compute_loss(x, y, found)
            real = target_of(x[0], self.config)
            noise = distribution.noise(found["mean"], self._seed(True) + 1)
            given = [noise, x[1]] if self.config.conditional else [noise]
            samples = self.logits(one_or_list(given), training=True)
            fakes = tf.sigmoid(found["logits"]), tf.sigmoid(samples)
            seen = self.discriminator(tf.concat([real, *fakes], axis=0), training=True)
            is_real, features, names = (tf.split(one, 3) for one in seen)
            wrong = [tf.nn.softmax_cross_entropy_with_logits(y, one) for one in names]
            theirs = _mean_softplus(-is_real[0]) + tf.reduce_mean(wrong[0])
            theirs += (_mean_softplus(is_real[1]) + _mean_softplus(is_real[2])) / 2
            ours = (_mean_softplus(-is_real[1]) + _mean_softplus(-is_real[2])) / 2
            ours += tf.reduce_mean((features[0] - features[1]) ** 2) + tf.reduce_mean(wrong[1])
            if self.config.conditional:  # else no category was asked of the samples
                ours += tf.reduce_mean(wrong[2])
            objective += distribution.scaled(self.config.adversarial * ours)
            lost = distribution.scaled(theirs)
        self.verdict.update_state(theirs)
        self._loss_tracker.update_state(objective / distribution.scaled(1.0))
        judges = self.discriminator.trainable_variables
        drawers = [one for one in self.trainable_variables if all(one is not it for it in judges)]
        gradients = tape.gradient(objective, drawers) + tape.gradient(lost, judges)
        self.optimizer.apply_gradients(zip(gradients, drawers + judges))
        return self.get_metrics_result()


def _mean_softplus(values: tf.Tensor) -> tf.Tensor:
    return tf.reduce_mean(tf.nn.softplus(values))


def target_of(drawings: Any, config: VaeConfig) -> tf.Tensor:
    """What is to be reconstructed. (B, 28, 28, 1) uint8 -> the same shape, float32 in [0, 1]."""
    if config.target == "binary":
        return tf.cast(drawings > INK, tf.float32)
    return tf.cast(drawings, tf.float32) / 255


def cross_entropy(target: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """Binary cross-entropy over a drawing's pixels. (B, 28, 28, 1) twice -> (B,) nats."""
    losses = tf.nn.sigmoid_cross_entropy_with_logits(target, logits)
    return tf.reduce_sum(losses, axis=(1, 2, 3))


def kl_divergence(mean: tf.Tensor, log_var: tf.Tensor) -> tf.Tensor:
    """KL of N(mean, exp(log_var)) from N(0, 1), for each dimension. (B, D) twice -> (B, D) nats."""
    return (tf.exp(log_var) + mean**2 - 1 - log_var) / 2
