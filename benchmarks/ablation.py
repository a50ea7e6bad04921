"""What each part of the compact network's recipe gains, on validation drawings alone.

    python benchmarks/ablation.py --source folder:data/quickdraw --start-from broad-compact

Row by row one part is added. Half of the drawings of each category are trained on and 27.5 % are
validated on: the runs' own validation part would be too small to tell the rows apart. The test
part is the runs' own and is not opened. Top-1 of the best epoch by validation loss, with its 95 %
Wilson interval. Without `--start-from` its row is left out.
"""

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from doodle_core.__main__ import SETS
from doodle_core.classifier.trial import validate
from doodle_core.evaluation import wilson
from doodle_core.settings import PRESETS, DataConfig, RunConfig
from doodle_core.training.parts import open_parts

SHARES = (0.5, 0.275, 0.225)


def rows(start_from: str) -> list[tuple[str, dict[str, Any]]]:
    """(label, the settings changed from the row above): the base network first."""
    recipe = PRESETS["compact"].settings

    def part(*names: str) -> dict[str, Any]:
        return {name: recipe[name] for name in names}

    found: list[tuple[str, dict[str, Any]]] = [
        ("report's base network", {}),
        ("compact network", part("network", "init", "batch_size")),
        ("+ turned, shifted, scaled", part("rotation", "shift", "zoom")),
        ("+ cosine schedule", part("schedule", "learning_rate")),
        ("+ label smoothing", part("label_smoothing")),
        ("+ dropout", part("dropout")),
    ]
    if start_from:
        found.append(("+ other categories first", {"start_from": start_from}))
    return [*found, ("+ five views of each drawing", part("test_views"))]


def main() -> None:
    options: Any = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--source", default="practice")
    options.add_argument("--categories", choices=SETS, default="stand-in-seven")
    options.add_argument("--per-category", type=int, default=4300)
    options.add_argument("--epochs", type=int, default=16)
    options.add_argument("--seeds", type=int, nargs="+", default=[0])
    options.add_argument("--start-from", default="", help="a finished run on other categories")
    options.add_argument("--rows", type=int, nargs="*", help="these alone, from 0")
    options = options.parse_args()
    data = DataConfig(options.source, SETS[options.categories], options.per_category, shares=SHARES)
    parts = open_parts(data)
    n = len(parts[1][1])
    print(f"{len(parts[0][1]):,} training, {n:,} validation drawings, {options.epochs} epochs")
    config = RunConfig("ablation", data, epochs=options.epochs)
    for place, (label, changes) in enumerate(rows(options.start_from)):
        config = replace(config, **changes)
        if options.rows and place not in options.rows:
            continue
        for seed in options.seeds:
            best = validate(replace(config, seed=seed), parts)
            top1 = best["val_accuracy"]
            low, high = wilson(top1 * n, n)
            print(
                f"| {label} | {best['parameters']:,} | {top1:.4f} ({low:.4f} to {high:.4f}) "
                f"| epoch {best['epoch']} | seed {seed} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
