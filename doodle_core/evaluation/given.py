"""What the report gives (sections 2.1 to 3): its figures, none of them ours."""

from typing import Any

BASES = ("VGG19", "MobileNetV2", "ResNet152V2")
WAYS = {"report": "as the report did", "tuned": "properly"}
GIVEN: tuple[dict[str, Any], ...] = (
    {"model": "VGG19", "binary_accuracy": 0.9830, "trainable": 3_591, "frozen": 20_024_384},
    {"model": "MobileNetV2", "binary_accuracy": 0.9055, "trainable": 8_967, "frozen": 2_257_984},
    {"model": "ResNet152V2", "binary_accuracy": 0.8592, "trainable": 14_343, "frozen": 58_331_648},
    {"model": "base network", "top1": 0.9589, "trainable": 430_407, "frozen": 0},
    {"model": "best from scratch", "top1": 0.965},
)
"""The report's own test figures, as it gives them: for the three bases, binary accuracy."""
GIVEN_N = 15_750  # test drawings of the report
GIVEN_TRAIN_N = 49_000  # and those that it learned from
GIVEN_NORM = 0.9824, 0.9070  # MobileNetV2's binary accuracy in training and in validation
GIVEN_LOSS = {1: 134.5, 2: 134.2, 3: 174.2}  # its VAEs' validation losses, nats; model 3 is 2-D
GIVEN_NAMED = 0.685  # the share of model 1's reconstructions that VGG19 named rightly
GIVEN_PERSON = 194, 200  # drawings that a person named rightly, of so many (section 3)


def decoder_layers(
    a: int = 64, b: int = 128, latent: int = 14, side: int = 28, kernel: int = 5
) -> list[dict[str, Any]]:
    """The decoder of the report's VAE (section 2.4) by arithmetic, by default its model 2's.

    Its second transposed convolution was given the dense layer's output, so the first one, the
    widest, leads nowhere (mistake 5).

    Returns:
        list of dicts `layer`, `parameters`, `used`.
    """
    wide = side * side * b

    def transposed(n_in: int, n_out: int) -> int:
        return kernel * kernel * n_in * n_out + n_out

    return [
        {"layer": f"dense {wide:,}", "parameters": (latent + 1) * wide, "used": True},
        {"layer": "batch norm", "parameters": 4 * wide, "used": True},
        {"layer": f"transposed conv {b}", "parameters": transposed(b, b), "used": False},
        {"layer": f"transposed conv {a}", "parameters": transposed(b, a), "used": True},
        {"layer": "transposed conv 1", "parameters": transposed(a, 1), "used": True},
    ]
