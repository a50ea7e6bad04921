"""The command line: `python -m doodle_core --help`."""

import argparse
import logging
import sys
from dataclasses import fields

from doodle_core import categories, config, files, runs

SETS = {
    "report-seven": categories.REPORT_SEVEN,
    "stand-in-seven": categories.STAND_IN_SEVEN,
    "nineteen": categories.NINETEEN,
    "all": categories.CATEGORIES,
}


def main(arguments=None):
    """Run one command. Returns the exit status: 0 done, 1 not, 2 unusable arguments."""
    options = parser().parse_args(arguments)
    logging.getLogger("doodle_core").setLevel(logging.INFO)
    if not getattr(options, "queued", None):  # else the run's own log has it already
        logging.basicConfig(format="%(message)s", stream=sys.stdout)
    try:
        return options.do(options)
    except (ValueError, OSError, RuntimeError) as error:
        print(files.explain(error), file=sys.stderr)
        return 1


def parser():
    """The arguments of every command."""
    top = argparse.ArgumentParser(
        prog="python -m doodle_core", description="Doodle Lab without its dashboard."
    )
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    _add_train(commands)
    command = commands.add_parser("fetch", help="fetch or draw drawings, without training")
    _add_data(command)
    command.set_defaults(do=fetch)
    command = commands.add_parser("runs", help="list the runs and their figures")
    command.set_defaults(do=list_runs)
    command = commands.add_parser("work", help="train the queued runs, then end")
    command.set_defaults(do=work)
    return top


def _add_train(commands):
    command = commands.add_parser(
        "train",
        help="train a classifier here and now, or resume a run",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    command.add_argument("--name", help="the run's folder under models/")
    command.add_argument(
        "--resume", metavar="NAME", help="go on with a stopped or killed run, with its own settings"
    )
    command.add_argument("--queued", metavar="NAME", help=argparse.SUPPRESS)  # for the worker
    _add_data(command)
    defaults = {field.name: field.default for field in fields(config.RunConfig)}
    command.add_argument("--network", choices=config.NETWORKS, default=defaults["network"])
    helps = {
        "epochs": "passes through the training part",
        "batch_size": "drawings a step",
        "learning_rate": "of Adam",
        "early_stopping": "patience in epochs; 0: off",
        "plateau": "patience in epochs before the rate is divided by 10; 0: off",
        "seed": "of the weights and the order of the drawings",
    }
    for name, text in helps.items():
        _add(command, name, defaults[name], text)
    command.add_argument("--balance", action="store_true", help="weigh categories equally")
    command.add_argument("--precision", choices=config.PRECISIONS, default=defaults["precision"])
    command.set_defaults(do=train)


def _add_data(command):
    defaults = config.DataConfig()
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


def _add(command, name, default, text):
    flag = "--" + name.replace("_", "-")
    command.add_argument(flag, type=type(default), default=default, help=text)


def train(options):
    """Train in this process, so that the shell's job is the training."""
    name = options.queued or options.resume
    if not (name or options.name):
        raise ValueError("Give the run a --name, or --resume one.")
    if name and not runs.folder(name).is_dir():
        raise ValueError(f"There is no run named {name!r}.")
    asked = None if name else run_config(options)
    from doodle_core import training  # TensorFlow: only where it is needed

    # created only now: while TensorFlow was on its way, a worker would have taken it up
    path = runs.folder(name) if name else runs.create(asked)
    return 0 if training.train(path, only_queued=bool(options.queued)) else 1


def run_config(options):
    """The RunConfig that the arguments describe."""
    names = [field.name for field in fields(config.RunConfig) if field.name not in ("data",)]
    settings = {name: getattr(options, name) for name in names}
    return config.RunConfig(data=data_config(options), **settings)


def data_config(options):
    """The DataConfig that the arguments describe."""
    chosen = SETS.get(options.categories) or [
        name.strip() for name in options.categories.split(",")
    ]
    return config.DataConfig(
        source=options.source,
        categories=tuple(chosen),
        per_category=options.per_category,
        seed=options.split_seed,
        test_source=options.test_source,
        practice_added=options.practice_added,
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
        top1 = row.get("test top-1")
        figure = (
            f"top-1 {top1:.4f} ({row['low']:.4f} to {row['high']:.4f})" if top1 is not None else ""
        )
        print(f"{run.name:32} {run.state:12} {row.get('data', ''):40} {figure}")
    return 0


def work(options):
    """The queue's worker; the dashboard starts it."""
    from doodle_core import worker

    worker.work()
    return 0


if __name__ == "__main__":
    sys.exit(main())
