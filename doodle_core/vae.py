"""Variational autoencoders: their encoders and decoders as Keras functional models, and the loss.

The encoder takes uint8 drawings (batch, 28, 28, 1) and gives the mean and log-variance of a normal
posterior; the decoder takes points of the latent space and gives each pixel's probability of ink.
Both are stored with Keras's own layers alone. A conditional one is given one-hot categories too.
"""

import keras
import tensorflow as tf
from keras import layers, ops

from doodle_core import distribution, recipe

INK = 191  # pixels above are ink: 0.5 on the report's scale of [-1, 1] (section 1.1)
EVALUATION = 2**31 - 1  # stands for the step in the noise of validation: the same in each epoch


def build(config, classes, fused=False):
    """A VAE with fresh weights (seed Keras first).

    Args:
        config: a `vae_config.VaeConfig`. classes: int, number of categories.
        fused: with batch norms that train faster (`recipe.fused`), for training only.

    Returns:
        VAE, or AdversarialVAE where a discriminator is asked for.
    """
    encode, decode = {
        "report-vae": (_report_encoder, _report_decoder),
        "strided": (_strided_encoder, _strided_decoder),
    }[config.network]
    kind = AdversarialVAE if config.adversarial else VAE
    both = _encoder(encode, config, classes), _decoder(decode, config, classes)
    return kind(*(map(recipe.fused, both) if fused else both), config, classes)


def _encoder(body, config, classes):
    """uint8 (batch, 28, 28, 1) -> mean and log-variance, float32 (batch, latent) each."""
    drawing = keras.Input((28, 28, 1), dtype="uint8", name="drawing")
    x, inputs = body(drawing, config), drawing
    if config.conditional:
        category = keras.Input((classes,), name="category")
        x, inputs = layers.Concatenate(name="with_category")([x, category]), [drawing, category]
    kinds = ("mean", "log_var")  # float32: bfloat16 has 3 significant digits
    found = [layers.Dense(config.latent, dtype="float32", name=kind)(x) for kind in kinds]
    return keras.Model(inputs, found, name="encoder")


def _decoder(body, config, classes):
    """(batch, latent) -> float32 (batch, 28, 28, 1), the probability of ink of each pixel."""
    latent = keras.Input((config.latent,), name="latent")
    x, inputs = latent, latent
    if config.conditional:
        category = keras.Input((classes,), name="category")
        x, inputs = layers.Concatenate(name="with_category")([x, category]), [latent, category]
    x = body(x, config)
    x = layers.Activation("linear", dtype="float32", name="logits")(x)
    ink = layers.Activation("sigmoid", dtype="float32", name="ink")(x)
    return keras.Model(inputs, ink, name="decoder")


# --- the report's (section 2.4) ------------------------------------------------------------------


def _report_encoder(drawing, config):
    """Two 5x5 convolutions at full size, each with batch norm, and 20 units."""
    x = ops.cast(ops.greater(drawing, INK), "float32")
    for place, n in enumerate(config.filters, 1):
        x = layers.Conv2D(n, 5, padding="same", activation="relu", name=f"conv{place}")(x)
        x = layers.BatchNormalization(name=f"conv{place}_norm")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(20, activation="relu", name="dense20")(x)
    return layers.BatchNormalization(name="dense20_norm")(x)


def _report_decoder(x, config):
    """784 x b units with batch norm, then transposed convolutions of b, a and 1 filters.

    With `skip_widest` the one of b filters is left out: in the report's model 2 it was made, and
    nothing read it.
    """
    a, b = config.filters
    x = layers.Dense(784 * b, activation="relu", name="dense")(x)
    x = layers.BatchNormalization(name="dense_norm")(x)
    x = layers.Reshape((28, 28, b), name="maps")(x)
    for place, n in enumerate((a,) if config.skip_widest else (b, a), 1):
        x = _transposed(n, config.decoder_kernel, f"transposed{place}", activation="relu")(x)
    return _transposed(1, config.decoder_kernel, "pixels")(x)


def _transposed(filters, side, name, **settings):
    return layers.Conv2DTranspose(filters, side, padding="same", name=name, **settings)


# --- ours ----------------------------------------------------------------------------------------


def _strided_encoder(drawing, config):
    """28 -> 14 -> 7 by strides, residual blocks, then 128 units."""
    a, b = config.filters
    x = layers.Rescaling(1 / 127.5, offset=-1, name="scale")(drawing)
    x = _norm(layers.Conv2D(a, 4, 2, "same", use_bias=False, name="conv1")(x), "conv1")
    x = _norm(layers.Conv2D(b, 4, 2, "same", use_bias=False, name="conv2")(x), "conv2")
    for place in range(1, config.blocks + 1):
        x = _residual(x, b, f"block{place}")
    x = layers.Flatten(name="flatten")(x)
    return _norm(layers.Dense(128, use_bias=False, name="dense")(x), "dense")


def _strided_decoder(x, config):
    """The encoder backwards: 128 units, 7 -> 14 -> 28."""
    a, b = config.filters
    x = _norm(layers.Dense(128, use_bias=False, name="dense1")(x), "dense1")
    x = _norm(layers.Dense(49 * b, use_bias=False, name="dense2")(x), "dense2")
    x = layers.Reshape((7, 7, b), name="maps")(x)
    for place in range(1, config.blocks + 1):
        x = _residual(x, b, f"block{place}")
    x = _norm(_transposed(a, 4, "transposed1", strides=2, use_bias=False)(x), "transposed1")
    return _transposed(1, 4, "pixels", strides=2)(x)


def _residual(x, filters, name):
    """Two 3x3 convolutions around which their input is added (He et al. 2016)."""
    y = layers.Conv2D(filters, 3, padding="same", use_bias=False, name=f"{name}_conv1")(x)
    y = _norm(y, f"{name}_conv1")
    y = layers.Conv2D(filters, 3, padding="same", use_bias=False, name=f"{name}_conv2")(y)
    y = layers.BatchNormalization(momentum=0.9, name=f"{name}_conv2_norm")(y)
    return layers.Activation("relu", name=f"{name}_relu")(layers.Add(name=f"{name}_add")([x, y]))


def _norm(x, name):
    x = layers.BatchNormalization(momentum=0.9, name=f"{name}_norm")(x)
    return layers.Activation("relu", name=f"{name}_relu")(x)


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

    def __init__(self, encoder, decoder, config, classes):
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

    def call(self, inputs, training=False):
        """(drawings, one-hot) -> dict: `mean`, `log_var`, `latent` (a sample), `logits`."""
        drawings, categories = inputs
        given = [categories] if self.config.conditional else []
        mean, log_var = self.encoder(one_or_list([drawings, *given]), training=training)
        noise = distribution.noise(mean, self._seed(training))
        latent = mean + tf.exp(log_var / 2) * noise
        logits = self.logits(one_or_list([latent, *given]), training=training)
        return {"mean": mean, "log_var": log_var, "latent": latent, "logits": logits}

    def _seed(self, training):
        """The noise depends on (seed, step) alone: a resumed run sees what it would have seen."""
        step = self.optimizer.iterations.value if training else EVALUATION
        return tf.stack([tf.cast(step, tf.int64), tf.constant(self.config.seed, tf.int64)])

    def compute_loss(self, x, y, y_pred, sample_weight=None, training=True):
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

    def _beta(self, training):
        """The weight of the KL divergence: it rises over the first `warm_up_steps`."""
        if not training or not self.warm_up_steps:
            return self.config.beta
        step = tf.cast(self.optimizer.iterations, tf.float32) + 1
        return self.config.beta * tf.minimum(1.0, step / self.warm_up_steps)

    def get_metrics_result(self):
        found = super().get_metrics_result()
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

    def __init__(self, encoder, decoder, config, classes):
        super().__init__(encoder, decoder, config, classes)
        self.discriminator = _discriminator(classes)
        self.verdict = keras.metrics.Mean("discriminator")

    def train_step(self, data):
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


def _mean_softplus(values):
    return tf.reduce_mean(tf.nn.softplus(values))


def _discriminator(classes):
    """(B, 28, 28, 1) in [0, 1] -> a logit (B, 1) that it is real, a middle layer's features, and
    the categories' logits (B, C); all float32, whatever the policy: losses are made of them.

    Spectral norms (Miyato et al. 2018) keep it from winning at once.
    """
    drawing = x = keras.Input((28, 28, 1), name="drawing")
    for place, n in enumerate((16, 32), 1):
        x = layers.SpectralNormalization(
            layers.Conv2D(n, 4, 2, padding="same"), name=f"conv{place}"
        )(x)
        x = features = layers.LeakyReLU(0.2, name=f"conv{place}_relu")(x)
    x = layers.SpectralNormalization(layers.Conv2D(64, 3, 2, padding="same"), name="conv3")(x)
    x = layers.Flatten(name="flatten")(layers.LeakyReLU(0.2, name="conv3_relu")(x))
    features = layers.Activation("linear", dtype="float32", name="features")(features)
    real = layers.Dense(1, dtype="float32")
    is_real = layers.SpectralNormalization(real, dtype="float32", name="real")(x)
    names = layers.Dense(classes, dtype="float32", name="category")(x)
    return keras.Model(drawing, [is_real, features, names], name="discriminator")


def one_or_list(inputs):
    """What a network of one input, or of several, is called with: a conditional one has two."""
    return inputs if len(inputs) > 1 else inputs[0]


def target_of(drawings, config):
    """What is to be reconstructed. (B, 28, 28, 1) uint8 -> the same shape, float32 in [0, 1]."""
    if config.target == "binary":
        return tf.cast(drawings > INK, tf.float32)
    return tf.cast(drawings, tf.float32) / 255


def cross_entropy(target, logits):
    """Binary cross-entropy over a drawing's pixels. (B, 28, 28, 1) twice -> (B,) nats."""
    losses = tf.nn.sigmoid_cross_entropy_with_logits(target, logits)
    return tf.reduce_sum(losses, axis=(1, 2, 3))


def kl_divergence(mean, log_var):
    """KL of N(mean, exp(log_var)) from N(0, 1), for each dimension. (B, D) twice -> (B, D) nats."""
    return (tf.exp(log_var) + mean**2 - 1 - log_var) / 2
