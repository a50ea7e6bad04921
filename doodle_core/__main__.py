"""The command line: `python -m doodle_core --help`."""

import argparse
import logging
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import fields, replace

from doodle_core import runs
from doodle_core.data.categories import CATEGORIES, NINETEEN, REPORT_SEVEN, STAND_IN_SEVEN
from doodle_core.files import DATA, bring_shipped_runs, explain, replacing
from doodle_core.lab import gpu
from doodle_core.settings import (
    PRESETS,
    VAE_PRESETS,
    DataConfig,
    RunConfig,
    TransferConfig,
    VaeConfig,
)

SETS = {
    "report-seven": REPORT_SEVEN,
    "stand-in-seven": STAND_IN_SEVEN,
    "nineteen": NINETEEN,
    "all": CATEGORIES,
}


def main(arguments: Sequence[str] | None = None, *names: str) -> int:
    """Run one command. Returns the exit status: 0 done, 1 not, 2 unusable arguments.

    `names`: as `parser` has them.
    """
    options = parser(*names).parse_args(arguments)
    logging.getLogger("doodle_core").setLevel(logging.INFO)
    if not getattr(options, "queued", None):  # else the run's own log has it already
        logging.basicConfig(format="%(message)s", stream=sys.stdout)
    try:
        bring_shipped_runs()
        if options.do in (train, train_vae, sweep_worker) and (note := gpu.unused()):
            print(note)
        return options.do(options)
    except (ValueError, OSError, RuntimeError) as error:
        print(explain(error), file=sys.stderr)
        return 1


def parser(
    program: str = "python -m doodle_core", about: str = "Doodle Lab without its dashboard."
) -> argparse.ArgumentParser:
    """The arguments of every command."""
    top = argparse.ArgumentParser(prog=program, description=about)
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    _add_train(commands)
    _add_train_vae(commands)
    command = commands.add_parser("fetch", help="fetch or draw drawings, without training")
    _add_data(command)
    command.set_defaults(do=fetch)
    command = commands.add_parser("runs", help="list the runs and their figures")
    command.set_defaults(do=list_runs)
    command = commands.add_parser(
        "figures", help="test figures over seeds: of the runs PREFIX-0, PREFIX-1, ..."
    )
    command.add_argument(
        "prefixes", nargs="+", metavar="PREFIX", help="the first one is compared to"
    )
    command.set_defaults(do=figures)
    command = commands.add_parser("export", help="write a run as one HTML file, complete in itself")
    command.add_argument("name", metavar="NAME", help="the run's")
    command.add_argument("-o", "--output", metavar="FILE", help="default: data/NAME.html")
    command.set_defaults(do=export)
    command = commands.add_parser("work", help="train the queued runs, then end")
    command.set_defaults(do=work)
    _add_sweeps(commands)
    return top


def _add_train(commands):
    command = commands.add_parser("train", help="train a classifier here and now, or resume a run")
    command.add_argument("--name", help="the run's folder under models/")
    command.add_argument(
        "--resume", metavar="NAME", help="go on with a stopped or killed run, with its own settings"
    )
    command.add_argument("--queued", metavar="NAME", help=argparse.SUPPRESS)  # for the worker
    command.add_argument(
        "--preset",
        choices=PRESETS,
        default="report-base",
        help="settings to begin with; what is given beside it counts",
    )
    _add_data(command)
    add_settings(command, RunConfig, ("name", "data", "transfer"))
    transfer = command.add_argument_group("transfer learning, with --network transfer")
    add_settings(transfer, TransferConfig)
    command.set_defaults(do=train)


def _add_train_vae(commands):
    command = commands.add_parser(
        "train-vae",
        help="train a variational autoencoder here and now (train --resume goes on with one)",
    )
    command.add_argument("--name", required=True, help="the run's folder under models/")
    command.add_argument(
        "--preset",
        choices=VAE_PRESETS,
        default="vae",
        help="settings to begin with; what is given beside it counts",
    )
    _add_data(command)
    add_settings(command, VaeConfig, ("name", "data"))
    command.set_defaults(do=train_vae)


def add_settings(command, kind, without=()):
    """A flag for each field of a dataclass; None where it was not given."""
    for field in fields(kind):
        flag = "--" + field.name.replace("_", "-")
        if field.name in without:
            continue
        if field.type is bool:
            command.add_argument(flag, action=argparse.BooleanOptionalAction)
        else:
            kind = str if field.type is tuple else field.type  # the dataclass takes it apart
            command.add_argument(flag, type=kind, help=f"default: {field.default}")


def given(options, kind):
    """The settings of a dataclass that were given as flags: dict."""
    values = {field.name: getattr(options, field.name, None) for field in fields(kind)}
    return {name: value for name, value in values.items() if value is not None}


def _add_sweeps(commands):
    command = commands.add_parser(
        "sweep",
        help="ask for a sweep; sweep-worker trains it",
        description="Ask for a sweep: a --preset of the report's, or settings to --vary around "
        "those given as flags. The same flags change a preset's settings.",
    )
    command.add_argument("--name", required=True, help="the sweep's, like a run's")
    choice = command.add_mutually_exclusive_group(required=True)
    choice.add_argument(
        "--preset", help="the report's: batch-size, learning-rate, width-depth, dropout, schedule"
    )
    choice.add_argument(
        "--vary",
        action="append",
        metavar="SETTING=VALUES",
        help='for example batch_size="16, 32" or learning_rate="1e-4..1e-2 log"; may be repeated',
    )
    for name, text in (
        ("sampler", "grid (needs values), random or bayesian; default: grid"),
        ("pruner", "none, median or hyperband: ends poor trials early; default: none"),
        ("objective", "val_loss or val_accuracy; default: val_loss"),
    ):
        command.add_argument(f"--{name}", help=text)
    command.add_argument("--trials", type=int, help="how many, but for a grid; default: 20")
    _add_data(command)
    add_settings(command, RunConfig, ("name", "data", "transfer"))
    command.set_defaults(do=sweep)
    worker = commands.add_parser(
        "sweep-worker", help="train the sweeps' trials, on any number of machines, then end"
    )
    worker.add_argument("--name", help="of this sweep only")
    worker.add_argument("--only", action="store_true", help=argparse.SUPPRESS)  # for the page
    worker.set_defaults(do=sweep_worker)
    listing = commands.add_parser("sweeps", help="list the sweeps and their best trials")
    listing.set_defaults(do=list_sweeps)
    for one in (command, worker, listing):
        one.add_argument(
            "--storage",
            metavar="URL",
            help="postgresql://USER:PASSWORD@HOST:PORT/DATABASE; better in the environment variable "
            "DOODLE_STORAGE, which others on this machine cannot read; default: models/sweeps.db",
        )


def _add_data(command):
    defaults = DataConfig()
    command.add_argument(
        "--source", default=defaults.source, help="practice, official, or folder:PATH"
    )
    command.add_argument(
        "--categories",
        default="report-seven",
        help=f"comma-separated official names, or one of {', '.join(SETS)}",
    )
    _add(command, "per_category", defaults.per_category, "at most so many drawings; 0: all")
    _add(command, "split_seed", defaults.seed, "of the train / validation / test split")
    _add(command, "test_source", "", "score on this source's test part instead")
    _add(command, "practice_added", 0, "practice drawings per category added to the training part")
    _add(command, "train_limit", 0, "at most so many training drawings of each category; 0: all")


def _add(command, name, default, text):
    flag = "--" + name.replace("_", "-")
    command.add_argument(flag, type=type(default), default=default, help=text)


def train(options):
    """Train in this process, so that the shell's job is the training."""
    name = options.queued or options.resume
    if not (name or options.name):
        raise ValueError("Give the run a --name, or --resume one.")
    if options.resume and is_follower("workers" if os.environ.get("TF_CONFIG") else "one"):
        return follow()
    if name and not runs.folder(name).is_dir():
        raise ValueError(f"There is no run named {name!r}.")
    asked = None if name else run_config(options)
    if asked and is_follower(asked.devices):
        return follow()
    from doodle_core.lab.train import train_run  # TensorFlow: only where it is needed

    # created only now: while TensorFlow was on its way, a worker would have taken it up
    path = runs.folder(name) if name else runs.create(asked)
    return 0 if train_run(path, only_queued=bool(options.queued)) else 1


def train_vae(options):
    """Train a VAE in this process."""
    settings = VAE_PRESETS[options.preset][1] | given(options, VaeConfig)
    asked = VaeConfig(data=data_config(options), **settings)
    if is_follower(asked.devices):
        return follow()
    from doodle_core.lab.train import train_run

    return 0 if train_run(runs.create(asked)) else 1


def is_follower(devices):
    """Whether this is one of several workers, but not the chief: the run's folder is not here."""
    if devices != "workers":
        return False
    from doodle_core.training import distribution  # TensorFlow

    return distribution.place(devices)[0] > 0


def follow():
    """Train along with the chief. Returns 0."""
    from doodle_core.lab.train import follow_chief

    follow_chief()
    return 0


def run_config(options):
    """The RunConfig that the arguments describe."""
    settings = PRESETS[options.preset][1] | given(options, RunConfig)
    base = settings.pop("transfer", {}) | given(options, TransferConfig)
    if base or settings.get("network") == "transfer":
        settings |= {"network": "transfer", "transfer": TransferConfig(**base)}
    return RunConfig(data=data_config(options), **settings)


def data_config(options):
    """The DataConfig that the arguments describe."""
    chosen = SETS.get(options.categories) or [
        name.strip() for name in options.categories.split(",")
    ]
    return DataConfig(
        source=options.source,
        categories=tuple(chosen),
        per_category=options.per_category,
        seed=options.split_seed,
        test_source=options.test_source,
        practice_added=options.practice_added,
        train_limit=options.train_limit,
    )


def fetch(options):
    """Bring the drawings of a source here and say how many there are."""
    from doodle_core import data

    wanted = data_config(options)

    def show(done, text):
        print(f"\r{text}: {done:4.0%} ", end="", flush=True)

    drawings = data.open_drawings(wanted.source, wanted.categories, wanted.per_category, show)
    print()
    for name, array in zip(wanted.categories, drawings):
        print(f"{name:20} {len(array):7,} drawings")
    return 0


def list_runs(options):
    """One line a run."""
    for run in runs.all_runs():
        row = runs.summary(run)
        figure = ""
        if (top1 := row.get("test top-1")) is not None:
            figure = f"top-1 {top1:.4f} ({row['low']:.4f} to {row['high']:.4f})"
        elif (loss := row.get("test loss")) is not None:
            figure = f"{loss:.2f} nats ({row['test reconstruction']:.2f} + KL {row['test KL']:.2f})"
        print(f"{run.name:32} {run.state:12} {row.get('data', ''):40} {figure}")
    return 0


def figures(options):
    """A Markdown row for each PREFIX: the mean over its seeds, with the interval of one test part.

    More seeds do not make the test part larger: the interval is Wilson's at the mean and at the
    number of test drawings, and the seeds' own spread stands beside it.
    """
    from doodle_core.evaluation import wilson

    print("| runs | parameters | test drawings | top-1, mean | seeds | macro recall | errors |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    first = None
    for prefix in options.prefixes:
        pattern = re.compile(re.escape(prefix) + r"-\d+")
        found = [
            run
            for run in runs.all_runs()
            if pattern.fullmatch(run.name) and run.metrics and run.kind == "classifier"
        ]
        if not found:
            raise ValueError(f"No finished run is named {prefix}-0, {prefix}-1 or the like.")
        if len({run.metrics.get("test_pixels") for run in found}) > 1:
            raise ValueError(f"The runs {prefix}-... were not scored on the same drawings.")
        top1 = sorted(run.metrics["top1"] for run in found)
        mean, n = sum(top1) / len(top1), found[0].metrics["n"]
        macro = sum(run.metrics["macro_recall"] for run in found) / len(found)
        low, high = wilson(mean * n, n)
        first = first or 1 - mean
        print(
            f"| {prefix} | {found[0].metrics['parameters']:,} | {n:,} | {mean:.4f} ({low:.4f} to "
            f"{high:.4f}) | {', '.join(f'{one:.4f}' for one in top1)} | {macro:.4f} | "
            f"{(1 - mean) / first:.2f} |"
        )
    return 0


def export(options):
    """Write a run's report."""
    from doodle_core.lab import export

    if not runs.folder(options.name).is_dir():
        raise ValueError(f"There is no run named {options.name!r}.")
    content = export.html(runs.load(runs.folder(options.name)))
    file = options.output or DATA / f"{options.name}.html"
    with replacing(file) as temporary:
        temporary.write_text(content, "utf-8")
    print(file)
    return 0


def work(options):
    """The queue's worker; the dashboard starts it."""
    from doodle_core.lab import queue

    queue.work()
    return 0


def sweep(options):
    """Ask for a sweep."""
    from doodle_core.lab import sweeps

    settings = given(options, RunConfig)
    name, drawings = settings.pop("name"), data_config(options)
    if options.preset:
        made = sweeps.from_preset(name, options.preset, drawings, **settings)
    else:
        space = [one.partition("=") for one in options.vary]
        made = sweeps.Sweep(
            name,
            RunConfig(name, drawings, **settings),
            tuple(sweeps.Dimension.parse(setting.strip(), text) for setting, _, text in space),
            sampler=options.sampler or "grid",
            trials=options.trials or 20,
        )
    changes = {key: getattr(options, key) for key in ("sampler", "pruner", "objective", "trials")}
    made = replace(made, **{key: value for key, value in changes.items() if value})
    with sweeps.answering(options.storage):
        sweeps.create(sweeps.open_storage(options.storage), made)
    print(f"{name}: {made.trials} trials wait. Train them: python -m doodle_core sweep-worker")
    return 0


def sweep_worker(options):
    """Train sweeps' trials until none waits. Ctrl-C puts the one at hand back."""
    import signal

    from doodle_core.lab import sweep_worker

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return 0 if sweep_worker.work(options.storage, options.name, options.only) else 1
    except KeyboardInterrupt:
        print("Stopped; the trial at hand is taken up again by the next worker.")
        return 1


def list_sweeps(options):
    """One line a sweep."""
    from doodle_core.lab import sweeps

    if not sweeps.is_there(options.storage):
        return 0
    with sweeps.answering(options.storage):
        storage = sweeps.open_storage(options.storage)
        for name in sweeps.names(storage):
            try:
                study, asked = sweeps.load(storage, name)
            except ValueError as error:
                print(f"{name!r}: {explain(error)}")
                continue
            table = sweeps.rows(study, asked)
            done = ", ".join(f"{n} {state}" for state, n in sweeps.tally(table).items())
            top = sweeps.best(table, asked.objective)
            figure = ""
            if top:
                figure = (
                    f"best {top['values']}: validation loss {top['val_loss']:.4f}, top-1 "
                    f"{top['val_accuracy']:.4f} ({top['low']:.4f} to {top['high']:.4f})"
                )
            print(f"{name:32} {done:32} {figure}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
