"""Kill trainings at random moments, carry half of them to their end, and look what was lost.

    python benchmarks/kills.py --kills 100

Practice data, small runs, in a home of their own: a classifier with dropout, the compact one, a
base with random weights in both its stages, an autoencoder, a conditional one and a VAE-GAN. Each
is trained once undisturbed. The kills (SIGKILL) are spread over starting, epochs and scoring. After
each one the folder must open, its history have no gap and no process be left. Every other run is
then resumed to its end: no epoch that stood in its history may have changed, and history, figures
and weights must be those of the undisturbed run, times excluded. It ends with status 1 otherwise.
"""

import argparse
import io
import itertools
import os
import random
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
PHASES = ("starting", "epochs", "scoring")
TIMES = ("seconds", "ms_per_drawing")
NEAR = 1e-4  # relative: sums over several threads are not always added up in the same order
WHOLE = "whole-"  # the undisturbed runs' names begin so
LIMIT = 600  # seconds that anything is waited for


def settings() -> dict[str, Any]:
    """Small runs by kind."""
    from doodle_core.settings import DataConfig, RunConfig, TransferConfig, VaeConfig, families

    data = DataConfig("practice", ("moon", "cup", "apple"), 60)
    recipes = {key: one for kind in families.FAMILIES.values() for key, one in kind.presets.items()}

    def of(preset: str, kind: type, **changes: Any) -> Any:
        small = {"batch_size": 16, "epochs": 4} | changes
        return kind("x", data, **dict(recipes[preset].settings) | small)

    base = TransferConfig("MobileNetV2", "random", input_size=32, fine_tune_epochs=3)
    # named, since else the newest of several equal classifiers would judge
    vae = {"filters": (4, 8), "projection": "none", "judge": f"{WHOLE}classifier"}
    return {
        "classifier": of("report-base", RunConfig, dropout=0.5),
        "compact": of("compact", RunConfig),
        "transfer": RunConfig(
            "x", data, "transfer", epochs=3, batch_size=16, dropout=0.5, transfer=base
        ),
        "vae": of("vae", VaeConfig, **vae),
        "vae-gan": of("vae", VaeConfig, adversarial=5.0, conditional=True, **vae),
        "vae-conditional": of("vae", VaeConfig, conditional=True, **vae),
    }


def start(name: str) -> subprocess.Popen[bytes]:
    """The command line's training of a run, in a session of its own."""
    command = [sys.executable, "-m", "doodle_core", "train", "--resume", name]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def wait(process: subprocess.Popen[bytes], holds: Any) -> bool:
    """Wait until something holds or the process has ended. Returns whether it holds."""
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        if holds():
            return True
        if process.poll() is not None:
            return False
        time.sleep(0.02)
    raise TimeoutError(f"process {process.pid} took more than {LIMIT} s")


def finish(name: str) -> list[str]:
    """Train a run to its end. Returns what is wrong with that."""
    from doodle_core import runs

    start(name).wait(LIMIT)
    run = runs.load(runs.folder(name))
    return [] if run.state == "finished" else [f"it is {run.state}: {run.error}"]


def timed(name: str) -> dict[str, float]:
    """Train a run undisturbed. Returns the seconds of each of PHASES."""
    from doodle_core import runs

    path, began = runs.folder(name), time.monotonic()
    process, marks = start(name), []
    for phase in ("training", "scoring"):
        wait(process, lambda phase=phase: runs.load(path).progress.get("phase") == phase)
        marks.append(time.monotonic())
    process.wait(LIMIT)
    marks = [began, *marks, time.monotonic()]
    return {phase: marks[at + 1] - marks[at] for at, phase in enumerate(PHASES)}


def kill(name: str, phase: str, seconds: float, chance: random.Random) -> tuple[bool, list[int]]:
    """Train a run and kill it somewhere in a phase.

    Returns:
        (whether it was still at it, the processes that it left behind).
    """
    from doodle_core import runs

    path, process = runs.folder(name), start(name)
    shown = {"epochs": "training"}.get(phase, phase)
    wait(process, lambda: runs.load(path).progress.get("phase", "starting") == shown)
    wait_until = time.monotonic() + chance.uniform(0, seconds)
    wait(process, lambda: time.monotonic() > wait_until)
    was_at_it = process.poll() is None
    process.kill()
    process.wait()
    end = time.monotonic() + 5  # seconds for helpers to notice
    while (left := session(process.pid)) and time.monotonic() < end:
        time.sleep(0.1)
    return was_at_it, left


def session(number: int) -> list[int]:
    """The living processes of a session."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] != "Z" and int(fields[3]) == number:
            found.append(int(folder.name))
    return found


def wrong_after_kill(name: str) -> list[str]:
    """What is wrong with the folder of a run that was just killed."""
    from doodle_core import runs

    run, found = runs.load(runs.folder(name)), []
    if run.state not in ("interrupted", "queued", "finished"):
        found.append(f"it is {run.state}: {run.error}")
    epochs = runs.history(run.path)["epoch"].tolist()
    if epochs != list(range(1, len(epochs) + 1)):
        found.append(f"its history has the epochs {epochs}")
    return found


def wrong_at_end(name: str, whole: str, stood: list[dict[str, Any]]) -> list[str]:
    """How a finished run differs from the undisturbed one, and from what `stood` in its history."""
    from doodle_core import runs

    one, other = (runs.load(runs.folder(each)) for each in (name, whole))
    found = []
    rows, theirs = epochs(name), epochs(whole)
    if not same(rows[: len(stood)], stood, 0):
        found.append("an epoch that stood in its history was lost or changed")
    if not same(rows, theirs):
        found.append("its history is another one")
    figures = [
        {key: value for key, value in run.metrics.items() if key not in TIMES}
        for run in (one, other)
    ]
    keys = set().union(*figures)
    if differ := [key for key in keys if not same(*(each.get(key, "") for each in figures))]:
        found.append(f"its figures differ: {', '.join(sorted(differ))}")
    for file in one.family.weights:
        if not same(*(arrays(run.path / file) for run in (one, other))):
            found.append(f"{file} differs")
    left = [str(file.name) for file in one.path.rglob(".*") if ".tmp" in file.name]
    if left or (one.path / "backup").exists():
        found.append(f"files are left: {left}")
    return found


def epochs(name: str) -> list[dict[str, Any]]:
    """A run's history without times."""
    from doodle_core import runs

    frame = runs.history(runs.folder(name)).drop(columns="seconds")
    return [
        {str(key): value for key, value in row.items() if value == value}  # NaN is not itself
        for row in frame.to_dict("records")
    ]


def arrays(file: Path) -> dict[str, Any]:
    """All weights of a `.keras` by their place in it."""
    import h5py

    found = {}

    def take(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            found[name] = item[()]

    with zipfile.ZipFile(file) as archive:
        content = io.BytesIO(archive.read("model.weights.h5"))
    with h5py.File(content) as weights:
        weights.visititems(take)
    return found


def same(one: Any, other: Any, near: float = NEAR) -> bool:
    """Whether lists, dicts, texts, numbers and arrays are the same, to rounding."""
    import numpy as np

    if isinstance(one, dict):
        return set(one) == set(other) and all(same(one[key], other[key], near) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(same(a, b, near) for a, b in zip(one, other))
    if isinstance(one, str) or isinstance(other, str):
        return bool(one == other)
    return bool(np.allclose(one, other, rtol=near, atol=near))


def run_all(kills: int, kinds: list[str], seed: int) -> int:
    """All kills; prints a line each and what they came to. Returns the exit status."""
    from doodle_core import runs

    chance, configs = random.Random(seed), settings()
    seconds = {}
    for kind in dict.fromkeys(["classifier", *kinds]):
        runs.create(replace(configs[kind], name=WHOLE + kind))
        seconds[kind] = timed(WHOLE + kind)
        print(f"{kind}, undisturbed:", {key: f"{s:.1f} s" for key, s in seconds[kind].items()})
    counts: Counter[str] = Counter()
    for at in itertools.count():
        if counts["killed"] == kills:
            break
        kind, phase = kinds[at % len(kinds)], PHASES[at // len(kinds) % len(PHASES)]
        name = runs.create(replace(configs[kind], name=f"killed-{at}")).name
        was_at_it, left = kill(name, phase, seconds[kind][phase], chance)
        counts["killed" if was_at_it else "ended before the kill"] += 1
        if not was_at_it:
            continue
        wrong = wrong_after_kill(name) + [f"process {one} is left" for one in left]
        stood = epochs(name)
        if chance.random() < 0.5:
            wrong += finish(name) or wrong_at_end(name, WHOLE + kind, stood)
            counts["carried to the end"] += 1
        counts[f"in {phase}"] += 1
        counts["wrong"] += bool(wrong)
        print(f"{counts['killed']}: {kind}, {phase}, {len(stood)} epochs stood:", end=" ")
        print("; ".join(wrong) or "right", flush=True)
    print(", ".join(f"{count} {what}" for what, count in counts.items()))
    return int(counts["wrong"] > 0)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--kills", type=int, default=100)
    options.add_argument("--kinds", nargs="+", help="of these runs alone")
    options.add_argument("--seed", type=int, default=0)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="doodle-kills-") as home:
        os.environ["DOODLE_HOME"] = home
        return run_all(chosen.kills, chosen.kinds or list(settings()), chosen.seed)


if __name__ == "__main__":
    sys.exit(main())
