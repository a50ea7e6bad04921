"""The report's table 1 and what is wrong with it, in numbers (sections 2.1 to 2.4).

NumPy only: the page that shows it imports no TensorFlow.
"""

import numpy as np

from doodle_core import evaluation, runs

BASES = ("VGG19", "MobileNetV2", "ResNet152V2")
WAYS = {"report": "as the report did", "tuned": "properly"}
GIVEN = (
    {"model": "VGG19", "binary_accuracy": 0.9830, "trainable": 3_591, "frozen": 20_024_384},
    {"model": "MobileNetV2", "binary_accuracy": 0.9055, "trainable": 8_967, "frozen": 2_257_984},
    {"model": "ResNet152V2", "binary_accuracy": 0.8592, "trainable": 14_343, "frozen": 58_331_648},
    {"model": "base network", "top1": 0.9589, "trainable": 430_407, "frozen": 0},
    {"model": "best from scratch", "top1": 0.965},
)
"""The report's own test figures, as it gives them: for the three bases, binary accuracy."""
GIVEN_N = 15_750  # test drawings of the report
GIVEN_NORM = 0.9824, 0.9070  # MobileNetV2's binary accuracy in training and in validation
GIVEN_LOSS = {1: 134.5, 2: 134.2, 3: 174.2}  # its VAEs' validation losses, nats; model 3 is 2-D
GIVEN_NAMED = 0.685  # the share of model 1's reconstructions that VGG19 named rightly
GIVEN_PERSON = 194, 200  # drawings that a person named rightly, of so many (section 3)


def with_intervals(figures, n):
    """Figures with Wilson's 95 % bounds beside each accuracy.

    The C outputs of one drawing go wrong together, so the bounds of binary accuracy count drawings,
    not outputs: they are wider than they need be, never narrower.

    Args:
        figures: dict that may hold "top1" and "binary_accuracy", shares. n: int, drawings.

    Returns:
        the dict with `top1_low`, `top1_high`, `binary_accuracy_low`, `binary_accuracy_high` added.
    """
    found = dict(figures)
    for name in ("top1", "binary_accuracy"):
        if found.get(name) is not None:
            low, high = evaluation.wilson(found[name] * n, n)
            found |= {f"{name}_low": float(low), f"{name}_high": float(high)}
    return found


def way(run):
    """How a run was trained: a key of WAYS, or "" for a network from scratch."""
    if run.config.network != "transfer":
        return ""
    return "report" if run.config.loss == "sigmoid" else "tuned"


def model_name(run):
    """The base of a transferred network, else the network's own name."""
    return run.config.transfer.base if run.config.transfer else run.config.network


def weights(run):
    """Where a network's first weights came from, in words, as its `environment.json` says."""
    if not run.config.transfer:
        return "from scratch"
    try:
        name = str(runs.read_object(run.path / "environment.json").get("weights", ""))
    except (OSError, ValueError, AttributeError):
        name = ""
    is_imagenet = run.config.transfer.weights == "imagenet" or "imagenet" in name
    return run.weights_note or ("ImageNet" if is_imagenet else name or "a file")


def groups(everything):
    """Finished runs that may stand in one table, the largest table first.

    Args:
        everything: list of `runs.Run`.

    Returns:
        {(categories, what they were trained and scored on): [Run]}.
    """
    found = {}
    for run in everything:
        if run.state == "finished" and not run.is_vae and not run.notes.get("hidden"):
            found.setdefault((run.config.data.categories, run.data_label), []).append(run)
    return dict(sorted(found.items(), key=lambda item: -len(item[1])))


def same_drawings(found):
    """The largest set of runs that were scored on the very same test drawings."""
    sets = {}
    for run in found:
        if run.metrics.get("test_pixels"):
            sets.setdefault(run.metrics["test_pixels"], []).append(run)
    return max(sets.values(), key=len, default=[])


def right_answers(found):
    """Which test drawings each run named rightly. list of R `Run`s -> (R, N) bool.

    Raises:
        ValueError: a run's arrays are damaged, or of other drawings than the first one's.
    """
    rows = []
    for run in found:
        result = runs.results(run.path, len(run.config.data.categories))
        rows.append(result.probabilities.argmax(axis=1) == result.labels)
    if len({len(row) for row in rows}) != 1:
        raise ValueError("The runs were not scored on the same drawings.")
    return np.stack(rows)


def choose_by_half(right, times=1000, seed=0):
    """Choose the best run by one half of the test drawings, and judge it by the other half.

    What choosing by the test part adds to the figure of the chosen one (the report's mistake 6).

    Args:
        right: (R, N) bool, N at least 2. times: int, halvings at random. seed: int.

    Returns:
        (chosen, other), (times,) float: the chosen run's top-1 on the half that chose it, and on
        the other one.
    """
    n = right.shape[1]
    random = np.frombuffer(np.random.default_rng(seed).bytes(times * -(-n // 8)), np.uint8)
    half = np.unpackbits(random.reshape(times, -1), axis=1, count=n).astype(np.float32)
    half[:, 0], half[:, -1] = 1, 0  # neither half is ever empty
    answers = right.astype(np.float32).T
    size = half.sum(axis=1)
    inside = half @ answers
    outside = answers.sum(axis=0) - inside
    best = np.argmax(inside, axis=1)
    rows = np.arange(times)
    return inside[rows, best] / size, outside[rows, best] / (n - size)


def spread(values):
    """Mean and middle 95 % of accuracies over halvings, under the names that an accuracy has."""
    low, high = np.quantile(values, (0.025, 0.975))
    return {"top1": float(np.mean(values)), "top1_low": float(low), "top1_high": float(high)}


def both_ways(found, batch_norm=None):
    """The newest two runs on one base, as the report did and properly; the report's bases first.

    Args:
        found: list of `runs.Run`s. batch_norm: True: a base that has batch norm (all but VGG);
            False: one that has none.

    Returns:
        (Run, Run), or None where no base has both.
    """
    names = dict.fromkeys([*BASES, *(model_name(run) for run in found)])
    for base in names:
        if batch_norm is not None and batch_norm == base.startswith("VGG"):
            continue
        mine = [run for run in found if way(run) and model_name(run) == base]
        theirs = [run for run in mine if way(run) == "report"]
        ours = [run for run in mine if way(run) == "tuned" and run.config.transfer.fine_tune_epochs]
        if theirs and ours:
            return theirs[0], ours[0]
    return None


def decoder_layers(a=64, b=128, latent=14, side=28, kernel=5):
    """The decoder of the report's VAE (section 2.4) by arithmetic, by default its model 2's.

    Its second transposed convolution was given the dense layer's output, so the first one, the
    widest, leads nowhere (mistake 5).

    Returns:
        list of dicts `layer`, `parameters`, `used`.
    """
    wide = side * side * b

    def transposed(n_in, n_out):
        return kernel * kernel * n_in * n_out + n_out

    return [
        {"layer": f"dense {wide:,}", "parameters": (latent + 1) * wide, "used": True},
        {"layer": "batch norm", "parameters": 4 * wide, "used": True},
        {"layer": f"transposed conv {b}", "parameters": transposed(b, b), "used": False},
        {"layer": f"transposed conv {a}", "parameters": transposed(b, a), "used": True},
        {"layer": "transposed conv 1", "parameters": transposed(a, 1), "used": True},
    ]
