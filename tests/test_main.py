"""The command line: one sentence and a status, never a traceback."""

import shutil

import numpy as np
import pytest

from doodle_core import runs
from doodle_core.__main__ import asked_for, data_config, main, parser
from doodle_core.data import categories, own_set
from doodle_core.files import DATA
from doodle_core.lab import sweeps
from doodle_core.settings import Contract
from support.drawings import CATEGORIES, make_drawings
from support.elsewhere import make, write
from support.tour import change


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
    assert config.data.categories == categories.STAND_IN_SEVEN and config.data.seed == 4
    assert (config.seed, config.balance, config.data.per_category) == (5, True, 0)
    everything = parser().parse_args(["fetch", "--source", "official", "--categories", "all"])
    assert data_config(everything).categories == categories.CATEGORIES


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


@pytest.mark.usefixtures("reads")
def test_a_network_is_scored_and_its_figure_said_with_what_it_lacks(
    finished_run, tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr("doodle_core.data.sources.DEFAULT", 5)
    finished_run("done")
    folder = make_drawings(tmp_path / "new", 20, ("apple", "moon", "dog"), edge=7)
    assert main(["score", "done", "--source", f"folder:{folder}", "--per-category", "10"]) == 0
    said = capsys.readouterr().out
    assert "done on folder new: 20 of 2 categories: top-1 1.0000 (0.8389 to 1.0000)" in said
    assert "chance 0.3333" in said and "practice" not in said
    assert "not on cup" in said and "does not know them: dog" in said
    assert main(["score", "done", "--source", "practice", "--categories", "apple, moon"]) == 0
    assert "practice data" in capsys.readouterr().out.splitlines()[-2]
    assert main(["runs"]) == 0
    listed = capsys.readouterr().out
    assert "scored on folder new: 20 of 2 categories: top-1 1.0000" in listed
    own_set.add("apple", [[[10, 200], [100, 100]]])
    assert main(["score", "done", "--source", "mine"]) == 0
    shutil.rmtree(own_set.FOLDER)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nobody", "--source", "practice"], "There is no run named 'nobody'"),
        (["../x", "--source", "practice"], "A run's name must be"),
        (["done", "--source", "elsewhere"], "A source is"),
        (["done", "--source", "folder:/no/such"], "no folder /no/such"),
        (["done", "--source", "mine"], "no folder"),
        (["done", "--source", "practice", "--categories", "unicorn"], "'unicorn' is not one of"),
        (["done", "--source", "practice", "--per-category", "-1"], "--per-category must be"),
        (["done", "--source", "practice", "--categories", "apple"], "has no weights here"),
        (["waiting", "--source", "practice"], "waiting is no finished classifier"),
    ],
)
def test_what_cannot_be_scored_gets_one_sentence(
    finished_run, make_config, arguments, words, capsys
):
    finished_run("done")
    runs.create(make_config("waiting"))
    assert main(["score", *arguments]) == 1
    error = capsys.readouterr().err
    assert words in error and error.count("\n") == 1


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
    assert (
        f"| {sum(top1) / 2:.4f} (" in row and row.endswith("| 1.00 |  |") and row.count("0.") >= 6
    )
    change(finished_run("others-0", n_wrong=0), test_pixels="others")
    finished_run("better-0", n_wrong=0)
    assert main(["figures", "net", "others", "better"]) == 0
    *_, others, better = capsys.readouterr().out.splitlines()
    assert others.endswith("|  |  |")  # other drawings: nothing to be relative to
    assert "| better | 1 |" in better and "| 0.00 | +14.3 points (" in better
    assert main(["figures", "nobody"]) == 1
    assert "No finished run is named nobody-0" in capsys.readouterr().err


def test_the_command_writes_the_file(finished_run, capsys, tmp_path):
    finished_run("one")
    file = tmp_path / "report.html"
    assert main(["export", "one", "-o", str(file)]) == 0
    assert capsys.readouterr().out.strip() == str(file)
    assert file.read_text("utf-8").startswith("<!doctype html>")
    assert main(["export", "one"]) == 0 and (DATA / "one.html").is_file()
    (DATA / "one.html").unlink()
    capsys.readouterr()
    assert main(["export", "nobody"]) == 1
    assert "There is no run named 'nobody'" in capsys.readouterr().err


def test_the_command_writes_network_and_card(run_with_weights, capsys, tmp_path):
    path = run_with_weights("one")
    assert main(["export", "one", "--as", "keras", "-o", str(tmp_path / "a.keras")]) == 0
    assert (tmp_path / "a.keras").read_bytes() == (path / "best.keras").read_bytes()
    assert main(["export", "one", "--as", "card"]) == 0
    assert (DATA / "one.md").read_text("utf-8").startswith("# one")
    (DATA / "one.md").unlink()
    (path / "best.keras").unlink()
    capsys.readouterr()
    assert main(["export", "one", "--as", "keras", "-o", str(tmp_path / "b.keras")]) == 1
    assert capsys.readouterr().err == "This run has no weights here.\n"
    assert not (tmp_path / "b.keras").exists()


@pytest.mark.parametrize("file", ["test_probabilities.npy", "config.json", "network.json"])
def test_a_damaged_run_is_one_sentence(finished_run, capsys, file, tmp_path):
    (finished_run("bad") / file).write_bytes(b"{")
    assert main(["export", "bad", "-o", str(tmp_path / "x.html")]) == 1
    error = capsys.readouterr().err
    assert "damaged" in error and error.count("\n") == 1 and not list(tmp_path.iterdir())


def test_a_damaged_autoencoder_is_one_sentence(finished_vae, capsys, tmp_path):
    np.savez(finished_vae("bad") / "directions.npz", shares=np.ones(2))
    assert main(["export", "bad", "-o", str(tmp_path / "x.html")]) == 1
    assert "directions.npz of bad is damaged" in capsys.readouterr().err


@pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")
def test_the_command_line_asks_for_sweeps_and_lists_them(drawings_folder, capsys):
    data = [f"--source=folder:{drawings_folder}", f"--categories={','.join(CATEGORIES)}"]
    sweep = ["sweep", *data, "--name"]
    assert main([*sweep, "a", "--preset=width-depth", "--epochs=2"]) == 0
    rate = "--vary=learning_rate=1e-4..1e-2 log"
    free = [*sweep, "b", rate, "--sampler=bayesian", "--trials=4", "--pruner=hyperband"]
    assert main(free) == 0
    storage = sweeps.open_storage()
    (_, a), (_, b) = sweeps.load(storage, "a"), sweeps.load(storage, "b")
    assert (a.trials, a.base.epochs, a.base.network) == (9, 2, "report-flat")
    assert (b.trials, b.sampler, b.pruner, b.space[0].log) == (4, "bayesian", "hyperband", True)
    assert main(["sweeps"]) == 0
    assert "9 waiting" in capsys.readouterr().out
    for bad in (["--preset=x"], ["--vary=x=1"], ["--vary=dropout"], ["--preset=dropout"]):
        assert main([*sweep, "a", *bad]) == 1
        assert len(capsys.readouterr().err.splitlines()) == 1


def test_fetch_says_what_is_not_read_and_what_is_inverted(drawings_folder, tmp_path, capsys):
    np.save(tmp_path / "apple.npy", 255 - np.load(drawings_folder / "apple.npy"))
    (tmp_path / "cup.ndjson").write_text('{"drawing": [[[0, 9], [0, 9]]]}\n{"drawing": []}\n')
    arguments = ["fetch", "--source", f"folder:{tmp_path}", "--categories", "apple,cup"]
    assert main(arguments) == 0
    said = capsys.readouterr().out
    assert "Drawings of apple are dark on light" in said and f'"inverted:{tmp_path}"' in said
    assert "1 line of cup.ndjson was left out: line 2" in said
    arguments[2] = f"inverted:{tmp_path}"
    assert main(arguments) == 0 and "dark on light" not in capsys.readouterr().out


def test_a_network_of_ones_own_is_imported_by_the_command(drawings_folder, tmp_path, capsys):
    file = write(tmp_path / "theirs.tflite", make(Contract()))
    asked = ["import", str(file), "--name", "theirs", "--categories", "apple,moon,cup"]
    asked += ["--source", f"folder:{drawings_folder}", "--per-category", "0"]
    assert main(asked) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("Top-1 ")
    assert runs.load(runs.folder("theirs")).is_imported
    for more, words in (
        ([], "There is a run named 'theirs' already"),
        (["--name", "new", "--side", "32"], "32 x 32 x 1 was declared"),
        (["--name", "new", "--pixels", "x"], "pixels must be one of byte, unit, signed"),
        (["--name", "new", "--categories", "apple,unicorn"], "'unicorn' is not one of"),
    ):
        assert main([*asked, *more]) == 1
        error = capsys.readouterr().err
        assert words in error and error.count("\n") == 1


def test_an_imported_network_is_not_trained(capsys):
    assert main(["train", "--name", "x", "--network", "imported"]) == 1
    assert "An imported network is not trained here" in capsys.readouterr().err
    assert not runs.all_runs()
