"""The command line: one sentence and a status, never a traceback."""

import pytest

from doodle_core import runs
from doodle_core.__main__ import asked_for, data_config, main, parser
from doodle_core.data.categories import CATEGORIES, STAND_IN_SEVEN


def test_help_names_every_command(capsys):
    with pytest.raises(SystemExit) as end:
        main(["--help"])
    text = capsys.readouterr().out
    assert end.value.code == 0
    assert all(command in text for command in ("train", "fetch", "runs", "work"))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["train"], "Give the run a --name"),
        (["train", "--name", "../../x"], "A run's name must be"),
        (["train", "--name", "a", "--categories", "apple,unicorn"], "'unicorn' is not one of"),
        (["train", "--name", "a", "--source", "folder:"], "A source is"),
        (["train", "--name", "a", "--categories", "cat,dog"], "not for cat, dog"),
        (["train", "--name", "a", "--epochs", "0"], "epochs must be"),
        (["train", "--resume", "nobody"], "There is no run named 'nobody'"),
        (["train", "--resume", "../.."], "A run's name must be"),
        (["fetch", "--source", "folder:/no/such", "--categories", "cat,dog"], "no folder /no/such"),
    ],
)
def test_what_cannot_be_gets_one_sentence(arguments, words, capsys):
    assert main(arguments) == 1
    error = capsys.readouterr().err
    assert words in error and error.count("\n") == 1


def test_arguments_become_a_configuration():
    options = parser().parse_args(
        [
            "train",
            "--name",
            "x",
            "--source",
            "folder:/d",
            "--categories",
            "stand-in-seven",
            "--per-category",
            "0",
            "--split-seed",
            "4",
            "--seed",
            "5",
            "--balance",
        ]
    )
    config = asked_for(options)
    assert config.data.categories == STAND_IN_SEVEN and config.data.seed == 4
    assert (config.seed, config.balance, config.data.per_category) == (5, True, 0)
    everything = parser().parse_args(["fetch", "--source", "official", "--categories", "all"])
    assert data_config(everything).categories == CATEGORIES


def test_a_finished_run_is_not_trained_again(finished_run, capsys):
    finished_run("done")
    assert main(["train", "--resume", "done"]) == 1
    assert "The run 'done' is finished" in capsys.readouterr().err


def test_runs_are_listed_with_their_intervals(finished_run, make_config, capsys):
    finished_run("done")
    runs.create(make_config("waiting"))
    assert main(["runs"]) == 0
    done, waiting = sorted(capsys.readouterr().out.splitlines())
    assert "finished" in done and "top-1 0." in done and " to " in done
    assert "queued" in waiting and "top-1" not in waiting


def test_fetch_counts_the_drawings(drawings_folder, capsys):
    arguments = ["fetch", "--source", f"folder:{drawings_folder}", "--categories", "apple,cup"]
    assert main(arguments) == 0
    assert "apple" in (text := capsys.readouterr().out) and "60 drawings" in text


def test_figures_are_the_mean_over_seeds(finished_run, capsys):
    top1 = []
    for seed, n_wrong in enumerate((3, 9)):
        top1.append(runs.load(finished_run(f"net-{seed}", n_wrong=n_wrong)).metrics["top1"])
    finished_run("net-other")
    assert main(["figures", "net"]) == 0
    row = capsys.readouterr().out.splitlines()[-1]
    assert f"| {sum(top1) / 2:.4f} (" in row and row.endswith("| 1.00 |") and row.count("0.") >= 6
    assert main(["figures", "nobody"]) == 1
    assert "No finished run is named nobody-0" in capsys.readouterr().err
