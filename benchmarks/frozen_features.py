"""How much faster a frozen base is trained on when its features are computed once and kept.

    python benchmarks/frozen_features.py

20 epochs of the frozen stage as a run has them (features computed anew, the head trained, its best
weights kept, history and backup written) against 20 passes of the same drawings through the same
base, in one process, on practice data; on both sides the time begins when the network is made. It
ends with status 1 where the first is not 12 times faster. The base has random weights: what they are
makes no difference to the time.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
WANTED = 12  # times faster


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--base", default="MobileNetV2")
    options.add_argument("--per-category", type=int, default=1000)
    options.add_argument("--epochs", type=int, default=20)
    options.add_argument("--batch", type=int, default=64)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="doodle-bench-") as home:
        os.environ["DOODLE_HOME"] = home  # features of another day would not be computed
        return compare(chosen)


def compare(chosen: argparse.Namespace) -> int:
    """Both sides; prints their seconds and the ratio. Returns the exit status."""
    import keras

    from doodle_core import runs
    from doodle_core.classifier import networks
    from doodle_core.classifier.fit import fit_transfer
    from doodle_core.settings import DataConfig, RunConfig, TransferConfig
    from doodle_core.training.parts import load_parts
    from doodle_core.training.precision import begin

    config = RunConfig(
        "bench",
        DataConfig(per_category=chosen.per_category),
        "transfer",
        epochs=chosen.epochs,
        batch_size=chosen.batch,
        transfer=TransferConfig(base=chosen.base, weights="random"),
    )
    precision = begin(config)
    path = runs.create(config)
    parts = load_parts(path, config.data)
    drawings = [x for x, _ in parts[:2]]
    print(
        f"{chosen.base}, {precision}, {sum(map(len, drawings)):,} drawings, {chosen.epochs} epochs"
    )

    model = networks.build(config, 7)
    extract = keras.Model(model.inputs, model.get_layer("embedding").output)
    began = time.perf_counter()
    for _ in range(chosen.epochs):
        for x in drawings:
            extract.predict(x, batch_size=64, verbose=0)
    passes = time.perf_counter() - began
    print(f"  {chosen.epochs} passes through the base   {passes:8.1f} s", flush=True)

    model = networks.build(config, 7)
    runs.write_environment(path, {})
    began = time.perf_counter()
    fit_transfer(path, config, model, *parts[:2])
    kept = time.perf_counter() - began
    assert len(runs.history(path)) == chosen.epochs and (path / "best.keras").exists()
    print(f"  a run's frozen stage        {kept:8.1f} s")
    print(f"  ratio {passes / kept:.1f} (wanted: at least {WANTED})")
    return 0 if passes / kept >= WANTED else 1


if __name__ == "__main__":
    sys.exit(main())
