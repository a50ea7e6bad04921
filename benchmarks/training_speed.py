"""How much faster a run trains than a plain `model.fit` on float32 NumPy arrays.

    python benchmarks/training_speed.py

Both sides train the report's base network on the same drawings (practice data), in processes of
their own, in turn, so that a machine whose speed drifts treats them alike. Printed: drawings a
second of each, the ratio pair by pair (median, least, most), and the validation accuracy of each
with its Wilson interval. It ends with status 1 if the accuracies' intervals do not overlap.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

EPOCHS = 5  # the first, which builds the graph, is not timed


def drawings(per_category: int) -> list[tuple[NDArray[Any], NDArray[Any]]]:
    """((x, y) of train, of validation), uint8 and int32."""
    from doodle_core import data
    from doodle_core.data.categories import REPORT_SEVEN

    found = data.open_drawings("practice", REPORT_SEVEN, per_category)
    train, validation, _ = data.split(found, REPORT_SEVEN)
    return [
        (part.pixels(found)[..., None], part.labels.astype("int32")) for part in (train, validation)
    ]


def side(name: str, batch_size: int, per_category: int) -> None:
    """Train one side; print its speed and its right answers as JSON."""
    import keras

    from doodle_core.classifier import networks
    from doodle_core.classifier.fit import compiled, fit_epochs
    from doodle_core.settings import RunConfig
    from doodle_core.training.precision import begin

    (x, y), (x_val, y_val) = drawings(per_category)
    keras.utils.set_random_seed(0)
    is_plain = name == "plain"
    config = RunConfig("side", batch_size=batch_size, epochs=EPOCHS)
    if not is_plain:
        begin(config)
    model = networks.build(config, 7)
    if is_plain:  # as one writes it first: scaled float32 arrays, fit's defaults
        model = keras.Sequential([keras.Input((28, 28, 1)), *model.layers[2:]])
        x, x_val = x.astype("float32") / 127.5 - 1, x_val.astype("float32") / 127.5 - 1
    ends = []
    clock = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: ends.append(time.perf_counter())
    )
    if is_plain:
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        model.fit(x, y, batch_size=batch_size, epochs=EPOCHS, callbacks=[clock], verbose=0)
    else:
        fit_epochs(compiled(model, config), config, (x, y), (x_val, y_val), [clock])
    speed = len(y) * (EPOCHS - 1) / (ends[-1] - ends[0])
    right = int((model.predict(x_val, batch_size=1024, verbose=0).argmax(1) == y_val).sum())
    print(json.dumps({"speed": speed, "right": right, "n": len(y_val)}))


def measure(name: str, batch_size: int, per_category: int) -> Any:
    """`side` in a process of its own."""
    command = [sys.executable, __file__, "--side", name, "--batch", str(batch_size)]
    done = subprocess.run(
        [*command, "--per-category", str(per_category)], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def compare(batch_size: int, rounds: int, per_category: int) -> bool:
    """Both sides in turn; prints the table. Returns whether the accuracies agree."""
    from doodle_core.evaluation import wilson

    pairs = [
        [measure(name, batch_size, per_category) for name in ("plain", "ours")]
        for _ in range(rounds)
    ]
    ratios = sorted(ours["speed"] / plain["speed"] for plain, ours in pairs)
    print(f"batch {batch_size}, {rounds} rounds")
    bounds: list[tuple[float, float]] = []
    for place, name in enumerate(("plain model.fit, float32", "a run of Doodle Lab")):
        speed = statistics.median(pair[place]["speed"] for pair in pairs)
        right, n = pairs[0][place]["right"], pairs[0][place]["n"]
        low, high = wilson(right, n)
        bounds.append((low, high))
        print(
            f"  {name:26} {speed:8,.0f} drawings/s   validation {right / n:.4f} "
            f"({low:.4f} to {high:.4f})"
        )
    print(f"  ratio {statistics.median(ratios):.2f} (from {ratios[0]:.2f} to {ratios[-1]:.2f})")
    (low_a, high_a), (low_b, high_b) = bounds
    return low_a <= high_b and low_b <= high_a


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--per-category", type=int, default=3000)
    options.add_argument("--batch", type=int, nargs="+", default=[64, 256])
    options.add_argument("--side", choices=("plain", "ours"), help="used by the benchmark itself")
    chosen = options.parse_args()
    if chosen.side:
        side(chosen.side, chosen.batch[0], chosen.per_category)
        return 0
    drawings(chosen.per_category)  # drawn once, before anything is timed
    agree = [compare(batch, chosen.rounds, chosen.per_category) for batch in chosen.batch]
    return 0 if all(agree) else 1


if __name__ == "__main__":
    sys.exit(main())
