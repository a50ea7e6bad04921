"""The command line: `python -m doodle_core --help`."""

import argparse
import io
import logging
import os
import re
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from doodle_core import evaluation, runs
from doodle_core.data.categories import CATEGORIES, NINETEEN, REPORT_SEVEN, STAND_IN_SEVEN
from doodle_core.evaluation import Share
from doodle_core.evaluation.measures import MEASURES
from doodle_core.files import DATA, bring_shipped_runs, explain, replacing
from doodle_core.lab import gpu
from doodle_core.settings import Contract, DataConfig, RunConfig, defaults, flags
from doodle_core.settings import sweep as sweep_settings
from doodle_core.settings.data import MOST
from doodle_core.settings.families import FAMILIES, Family

SETS = {
    "report-seven": REPORT_SEVEN,
    "stand-in-seven": STAND_IN_SEVEN,
    "nineteen": NINETEEN,
    "all": CATEGORIES,
}

EXPORTS = ("html", "keras", "tflite", "onnx", "card")


def main(arguments: Sequence[str] | None = None, *names: str) -> int:
    """Run one command. Returns the exit status: 0 done, 1 not, 2 unusable arguments.

    `names`: as `parser` has them.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a folder's name may have what it cannot show
            stream.reconfigure(errors="backslashreplace")
    options = parser(*names).parse_args(arguments)
    logging.getLogger("doodle_core").setLevel(logging.INFO)
    if not getattr(options, "queued", None):  # else the run's own log has it already
        logging.basicConfig(format="%(message)s", stream=sys.stdout)
    try:
        bring_shipped_runs()
        if options.do in (train, sweep_worker) and (note := gpu.unused()):
            print(note)
        status: int = options.do(options)
        return status
    except (ValueError, OSError, RuntimeError) as error:
        print(explain(error), file=sys.stderr)
        return 1


def parser(
    program: str = "python -m doodle_core", about: str = "Doodle Lab without its dashboard."
) -> ArgumentParser:
    """The arguments of every command."""
    top = ArgumentParser(prog=program, description=about)
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    for family in FAMILIES.values():
        _add_train(commands, family)
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
    command = commands.add_parser(
        "export", help="write a run as one HTML file, its trained network, or its model card"
    )
    command.add_argument("name", metavar="NAME", help="the run's")
    command.add_argument(
        "--as",
        dest="form",
        choices=EXPORTS,
        default="html",
        help="html: a report complete in itself; keras, tflite, onnx: the network (of an "
        "autoencoder a .zip of two); card: a model card in Markdown; default: %(default)s",
    )
    command.add_argument("-o", "--output", metavar="FILE", help="default: in data/, by its name")
    command.set_defaults(do=export)
    command = commands.add_parser(
        "portable", help="make a run's portable networks (.tflite) from its trained ones"
    )
    command.add_argument("name", metavar="NAME", help="the run's")
    command.add_argument(
        "--half",
        action="store_true",
        help="round the weights to half precision first: they pack to half",
    )
    command.set_defaults(do=make_portable)
    command = commands.add_parser(
        "score",
        help="score a finished classifier on any drawings, beside its own test figures",
        description="Score a finished classifier on drawings that it did not learn from. The "
        "figures are kept in the run's folder, apart from those of its own test part.",
    )
    command.add_argument("name", metavar="NAME", help="the run's")
    command.add_argument(
        "--source", required=True, help="practice, official, mine (drawn on Draw) or folder:PATH"
    )
    command.add_argument(
        "--categories",
        default="",
        help=f"comma-separated official names, or one of {', '.join(SETS)}; default: those of the "
        "drawings that the network knows",
    )
    command.add_argument(
        "--per-category", type=int, default=0, help="at most so many, the first; default: all"
    )
    command.set_defaults(do=score)
    _add_import(commands)
    command = commands.add_parser("work", help="train the queued runs, then end")
    command.set_defaults(do=work)
    _add_sweeps(commands)
    return top


def _add_train(commands: Any, family: Family) -> None:
    """The command that trains a family's run: "train" a classifier's, "train-KEY" any other's."""
    is_first, one = family.key == "classifier", family.choice[0].lower() + family.choice[1:]
    command = commands.add_parser(
        "train" if is_first else f"train-{family.key}",
        help=f"train {one} here and now"
        + (", or resume a run" if is_first else " (train --resume goes on with one)"),
    )
    command.add_argument("--name", required=not is_first, help="the run's folder under models/")
    if is_first:
        command.add_argument(
            "--resume",
            metavar="NAME",
            help="go on with a stopped or killed run, with its own settings",
        )
        command.add_argument("--queued", metavar="NAME", help=argparse.SUPPRESS)  # for the worker
    command.add_argument(
        "--preset",
        choices=family.presets,
        default=family.preset,
        help="settings to begin with; what is given beside it counts; default: %(default)s",
    )
    _add_data(command)
    flags.add(command, family.config)
    flags.add_nested(command, family.config)
    command.set_defaults(do=train, family=family)


def _add_import(commands: Any) -> None:
    command = commands.add_parser(
        "import",
        help="make a run of a network of your own, a .keras or .tflite file",
        description="Make a run of a network of your own: it is tried, scored on the test part of "
        "drawings, and then looked into and compared like any other.",
    )
    command.add_argument("file", metavar="FILE", help="a .keras or .tflite file")
    command.add_argument("--name", required=True, help="the run's folder under models/")
    command.add_argument(
        "--categories",
        required=True,
        help="comma-separated official names, in the order of the network's outputs, or one of "
        f"{', '.join(SETS)}",
    )
    for name in ("source", "per_category"):
        flags.add_one(command, DataConfig, name)
    flags.add(command, Contract)
    command.set_defaults(do=import_network)
    hidden = commands.add_parser("examine")  # for `import`
    hidden.add_argument("folder")
    hidden.set_defaults(do=examine)


def _add_sweeps(commands: Any) -> None:
    command = commands.add_parser(
        "sweep",
        help="ask for a sweep; sweep-worker trains it",
        description="Ask for a sweep: a --preset of the report's, or settings to --vary around "
        "those given as flags. The same flags change a preset's settings.",
    )
    command.add_argument("--name", required=True, help="the sweep's, like a run's")
    choice = command.add_mutually_exclusive_group(required=True)
    choice.add_argument("--preset", help=f"the report's: {', '.join(sweep_settings.PRESETS)}")
    choice.add_argument(
        "--vary",
        action="append",
        metavar="SETTING=VALUES",
        help='for example batch_size="16, 32" or learning_rate="1e-4..1e-2 log"; may be repeated',
    )
    standard = defaults(sweep_settings.Sweep)
    for name, text, choices in (
        ("sampler", "how trials are chosen; grid needs values", sweep_settings.SAMPLERS),
        ("pruner", "ends poor trials early", sweep_settings.PRUNERS),
        ("objective", "what trials are compared by", sweep_settings.OBJECTIVES),
    ):
        words = f"{text}: {', '.join(choices)}; default: {standard[name]}"
        command.add_argument(f"--{name}", help=words)
    command.add_argument(
        "--trials", type=int, help=f"how many, but for a grid; default: {standard['trials']}"
    )
    _add_data(command)
    flags.add(command, RunConfig)
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


def _add_data(command: ArgumentParser) -> None:
    command.add_argument(
        "--categories",
        default="report-seven",
        help=f"comma-separated official names, or one of {', '.join(SETS)}; default: report-seven",
    )
    flags.add(command, DataConfig)


def train(options: Namespace) -> int:
    """Train in this process, so that the shell's job is the training."""
    queued, resume = getattr(options, "queued", None), getattr(options, "resume", None)
    name = queued or resume
    if not (name or options.name):
        raise ValueError("Give the run a --name, or --resume one.")
    if resume and is_follower("workers" if os.environ.get("TF_CONFIG") else "one"):
        return follow()
    if name:
        existing(name)
    asked = None if name else asked_for(options)
    if asked and is_follower(asked.devices):
        return follow()
    from doodle_core.lab.train import train_run  # TensorFlow: only where it is needed

    # created only now: while TensorFlow was on its way, a worker would have taken it up
    path = runs.folder(name) if name else runs.create(asked)
    return 0 if train_run(path, only_queued=bool(queued)) else 1


def is_follower(devices: str) -> bool:
    """Whether this is one of several workers, but not the chief: the run's folder is not here."""
    if devices != "workers":
        return False
    from doodle_core.training import distribution  # TensorFlow

    return distribution.place(devices)[0] > 0


def follow() -> int:
    """Train along with the chief. Returns 0."""
    from doodle_core.lab.train import follow_chief

    follow_chief()
    return 0


def asked_for(options: Namespace) -> Any:
    """The settings of a family's run that the arguments describe."""
    family = options.family
    settings = flags.asked(options, family.config, family.presets[options.preset].settings)
    return family.config(options.name, data_config(options), **settings)


def data_config(options: Namespace) -> DataConfig:
    """The DataConfig that the arguments describe."""
    return DataConfig(
        categories=named_categories(options.categories), **flags.given(options, DataConfig)
    )


def named_categories(text: str) -> tuple[str, ...]:
    """The categories of a set of SETS, or those that stand there, with commas between."""
    return tuple(name.strip() for name in SETS.get(text) or text.split(","))


def existing(name: str) -> Path:
    """The folder of the run of this name.

    Raises:
        ValueError: there is none.
    """
    path = runs.folder(name)
    if not path.is_dir():
        raise ValueError(f"There is no run named {name!r}.")
    return path


def fetch(options: Namespace) -> int:
    """Bring the drawings of a source here and say how many there are."""
    from doodle_core import data

    wanted = data_config(options)
    drawings = data.open_drawings(wanted.source, wanted.categories, wanted.per_category, show_done)
    print()
    for name, array in zip(wanted.categories, drawings):
        print(f"{name:20} {len(array):7,} drawings")
    for remark in data.remarks(wanted.source, wanted.categories, wanted.per_category):
        print(remark)
    return 0


def show_done(done: float, text: str) -> None:
    """Say on one line of the terminal how far something is. `done`: a share."""
    print(f"\r{text}: {done:4.0%} ", end="", flush=True)


def score(options: Namespace) -> int:
    """Score a network on drawings, and say the figure with its interval and what it leaves out."""
    from doodle_core import data
    from doodle_core.lab import score as scores

    path = existing(options.name)
    if not 0 <= options.per_category <= MOST:
        raise ValueError(f"--per-category must be from 0, for all, to {MOST:,}.")
    found = scores.score(
        runs.load(path),
        data.named_source(options.source),
        named_categories(options.categories) if options.categories else (),
        options.per_category,
        show_done,
    )
    print()
    note = runs.practice_note(found)
    print(
        f"{found.name} on {found.label}: top-1 {Share.read(found.metrics, 'top1').fraction}, "
        f"chance {found.metrics['chance']:.4f}" + (f" ({note})" if note else "")
    )
    for remark in found.remarks:
        print(remark)
    return 0


def list_runs(options: Namespace) -> int:
    """One line a run."""
    for run in runs.all_runs():
        figure = run.family.line(run.metrics) if run.metrics else run.error
        label = run.data_label if run.config else ""
        print(f"{run.name:32} {run.state:12} {label:40} {figure}")
        for one in runs.scorings(run):
            print(f"  scored on {one.label}: {one.family.line(one.metrics)}")
    return 0


def figures(options: Namespace) -> int:
    """A Markdown row for each PREFIX: the mean over its seeds, with the interval of one test part.

    More seeds do not make the test part larger: the interval is Wilson's at the mean and at the
    number of test drawings, and the seeds' own spread stands beside it. Errors are relative to the
    first row's, where both were scored on the same drawings, and the difference's interval is over
    drawings and seeds.
    """
    from doodle_core.lab import report

    print(
        "| runs | seeds | parameters | test drawings | top-1, mean | of each seed | "
        "macro recall, mean | errors | less the first row |"
    )
    print("|" + " --- |" * 9)
    first = None
    for prefix in options.prefixes:
        found = _seeds_of(prefix)
        top1 = sorted(run.metrics["top1"] for run in found)
        mean, n = sum(top1) / len(top1), found[0].metrics["n"]
        right = report.right_answers(found)
        classes = len(found[0].config.data.categories)
        labels, _ = runs.test_part(found[0].path, classes)
        recall = evaluation.macro_recall(labels, right.mean(axis=0), classes)
        first = first or (found[0].metrics.get("test_pixels", ""), 1 - mean, right)
        errors = apart = ""
        if found[0].metrics.get("test_pixels") == first[0]:
            errors = f"{(1 - mean) / first[1]:.2f}" if first[1] else ""
            apart = evaluation.paired(right, first[2]).points if right is not first[2] else ""
        print(
            f"| {prefix} | {len(found)} | {MEASURES['parameters'].text(found[0].metrics)} | {n:,} | "
            f"{Share.at(mean, n).fraction} | {', '.join(f'{one:.4f}' for one in top1)} | "
            f"{recall.fraction} | {errors} | {apart} |"
        )
    return 0


def _seeds_of(prefix: str) -> list[runs.Run]:
    """The finished classifiers PREFIX-0, PREFIX-1 and so on.

    Raises:
        ValueError: there are none, or they were not scored on the same drawings.
    """
    pattern = re.compile(re.escape(prefix) + r"-\d+")
    found = [
        run
        for run in sorted(runs.all_runs(), key=lambda run: run.name)
        if pattern.fullmatch(run.name) and run.metrics and run.kind == "classifier"
    ]
    if not found:
        raise ValueError(f"No finished run is named {prefix}-0, {prefix}-1 or the like.")
    if len({run.metrics.get("test_pixels") for run in found}) > 1:
        raise ValueError(f"The runs {prefix}-... were not scored on the same drawings.")
    return found


def export(options: Namespace) -> int:
    """Write a run's report, network or model card."""
    from doodle_core.lab import export

    run, form = runs.load(existing(options.name)), options.form
    if form == "html":
        name, content = f"{run.name}.html", export.html(run).encode()
    elif form == "card":
        name, content = f"{run.name}.md", export.card(run).encode()
    else:
        content, name = export.packed(run, form), export.file_name(run, form)
    file = Path(options.output or DATA / name)
    file.parent.mkdir(parents=True, exist_ok=True)
    with replacing(file) as temporary:
        temporary.write_bytes(content)
    print(file)
    return 0


def make_portable(options: Namespace) -> int:
    """Write a run's portable networks."""
    from doodle_core.lab import portable

    path = existing(options.name)
    portable.export(path, options.half)
    return 0


def import_network(options: Namespace) -> int:
    """Make a run of a network from elsewhere."""
    from doodle_core.lab import imported

    scored_on = data_config(options)
    config = imported.asked_for(options.name, scored_on)
    contract = Contract(**flags.given(options, Contract))
    for words in imported.bring(Path(options.file), config, contract):
        print(words)
    return 0


def examine(options: Namespace) -> int:
    """Read a network that is being imported: in this process it can do no harm."""
    from doodle_core.lab import imported

    imported.examine(Path(options.folder))
    return 0


def work(options: Namespace) -> int:
    """The queue's worker; the dashboard starts it."""
    from doodle_core.lab import queue

    queue.work()
    return 0


def sweep(options: Namespace) -> int:
    """Ask for a sweep."""
    from doodle_core.lab import sweeps

    name, settings, drawings = options.name, flags.given(options, RunConfig), data_config(options)
    names = ("sampler", "pruner", "objective", "trials")
    changes: dict[str, Any] = {key: one for key in names if (one := getattr(options, key))}
    if options.preset:
        made = replace(sweeps.from_preset(name, options.preset, drawings, **settings), **changes)
    else:
        parts = [one.partition("=") for one in options.vary]
        space = tuple(sweeps.Dimension.parse(name.strip(), text) for name, _, text in parts)
        made = sweeps.Sweep(name, RunConfig(name, drawings, **settings), space, **changes)
    with sweeps.answering(options.storage):
        sweeps.create(sweeps.open_storage(options.storage), made)
    print(f"{name}: {made.trials} trials wait. Train them: python -m doodle_core sweep-worker")
    return 0


def sweep_worker(options: Namespace) -> int:
    """Train sweeps' trials until none waits. Ctrl-C puts the one at hand back."""
    import signal

    from doodle_core.lab import sweep_worker

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return 0 if sweep_worker.work(options.storage, options.name, options.only) else 1
    except KeyboardInterrupt:
        print("Stopped; the trial at hand is taken up again by the next worker.")
        return 1


def list_sweeps(options: Namespace) -> int:
    """One line a sweep."""
    from doodle_core.lab import sweeps

    if not sweeps.is_there(options.storage):
        return 0
    with sweeps.answering(options.storage):
        storage = sweeps.open_storage(options.storage, sweeps.GLANCE)
        for name in sweeps.names(storage):
            try:
                with sweeps.answering(options.storage):
                    study, asked = sweeps.load(storage, name)
                    table = sweeps.rows(study, asked)
            except (ValueError, sweeps.StorageError) as error:
                print(f"{name!r}: {explain(error)}")
                continue
            done = ", ".join(f"{n} {state}" for state, n in sweeps.tally(table).items())
            top = sweeps.best(sweeps.over_seeds(table), asked.objective)
            figure = ""
            if top:
                share = Share(top["val_accuracy"], top["low"], top["high"])
                figure = (
                    f"best {top['values']}: validation loss {top['val_loss']:.4f}, top-1 "
                    f"{share.fraction}{sweeps.seeds_of(top)}"
                )
            print(f"{name:32} {done:32} {figure}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
