"""HOUSE: a family, a network, a source, a measure and a page are a row each, and touch nothing else.

The toys are registered as the real ones are; nothing of the program is replaced.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import support.toy as toy
from doodle_core import data, runs
from doodle_core.__main__ import main
from doodle_core.data import sources
from doodle_core.evaluation import measures
from doodle_core.lab import export
from doodle_core.lab.train import train_run
from doodle_core.settings import NETWORKS, DataConfig, Network, RunConfig, families
from pages import registry
from support.apps import open_page, words
from support.browser import ROOT
from support.drawings import CATEGORIES, make_drawings

PAGE = """
import streamlit as st

from doodle_core import runs

st.title("Toys")
for run in runs.finished("toy"):
    st.markdown(f"{run.name}: {run.family.figure(run.metrics)}")
"""


def one_dense_layer(config: RunConfig, classes: int) -> object:
    """The toy network: as small as a classifier can be."""
    import keras
    from keras import layers

    from doodle_core.classifier.networks import head

    drawing = keras.Input((28, 28, 1), dtype="uint8", name="drawing")
    x = layers.Flatten(name="embedding")(layers.Rescaling(1 / 255)(drawing))
    return keras.Model(drawing, head(x, classes, config), name="dense")


@pytest.fixture
def toys(tmp_path: Path) -> Iterator[None]:
    """One of each, registered; gone afterwards."""
    folder = make_drawings(tmp_path / "blocks")
    families.register(toy.TOY)
    NETWORKS["dense"] = Network("One dense layer", "test_registries:one_dense_layer")
    sources.register(
        sources.Source(
            key="blocks",
            choice="Blocks",
            label=lambda path: "blocks of wood",
            files=lambda path, names, n: [folder / f"{name}.npy" for name in names],
            categories=lambda path: CATEGORIES,
        )
    )
    known = measures.Measure("roundness", "roundness", "How round a toy is.", unit="number")
    measures.register(known, toy.TOY.table, toy.TOY.columns)
    (tmp_path / "toys.py").write_text(PAGE)
    registry.register(
        registry.Page(
            "toys", "Toys", "toys", "Results", "All toys.", ("toy",), file=tmp_path / "toys.py"
        )
    )
    yield
    registry.unregister("toys")
    measures.forget("roundness", toy.TOY.table, toy.TOY.columns)
    sources.unregister("blocks")
    del NETWORKS["dense"]
    families.unregister("toy")


def trained(name: str = "tin") -> Path:
    path = runs.create(toy.Toy(name, DataConfig("blocks", CATEGORIES, 0)))
    assert train_run(path), runs.load(path).error
    return path


def test_a_toy_family_is_trained_shown_and_removed(toys: None, no_worker: None) -> None:
    path = trained()
    run = runs.load(path)
    assert (run.state, run.kind, run.metrics["top1"]) == ("finished", "toy", 1.0)
    assert run.data_label == "blocks of wood" and runs.finished("toy") == [run]
    row = runs.summary(run)
    assert row["test top-1"] == 1.0 and row["roundness"] == 0.125 and row["steps"] == 4
    assert "A toy: 100.0" in export.html(run)
    home = open_page("home")
    assert "by the nearest mean" in words(home) and "no network at all" in words(home)
    train = open_page("train", preset="tin")
    chosen = next(one for one in train.get("button_group") if "A toy" in str(one.proto))
    assert "A toy names drawings" in str(chosen.proto)
    assert next(one for one in train.number_input if one.label == "Steps").value == 8
    runs.delete(path)
    assert not runs.finished("toy")


def test_it_has_a_command_of_its_own(toys: None, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["train-toy", "--name", "t", "--source", "blocks", "--categories", ",".join(CATEGORIES)]
    assert main([*asked, "--per-category", "0", "--steps", "16"]) == 0
    assert runs.load(runs.folder("t")).config.steps == 16
    assert main([*asked, "--steps", "1"]) == 1
    assert "steps must be a whole number from 2 to 256" in capsys.readouterr().err
    assert main(["runs"]) == 0
    assert "toy 1.0000" in capsys.readouterr().out


def test_a_toy_page_is_in_the_menu_on_home_and_behind_a_run(toys: None) -> None:
    trained()
    home = open_page("home")
    links = [one.proto.label for one in home.get("page_link")]
    assert "**Toys**" in links and "Toys" in links  # its card, and the run's own link
    app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=60).run()
    app.switch_page(str(registry.PAGES["toys"].file)).run()
    assert not app.exception and "tin: 100.0" in words(app)


@pytest.mark.slow
def test_a_toy_network_is_trained_like_the_others(toys: None) -> None:
    config = RunConfig(
        "dense", DataConfig("blocks", CATEGORIES, 0), network="dense", epochs=3, batch_size=16
    )
    path = runs.create(config)
    assert train_run(path), runs.load(path).error
    run = runs.load(path)
    assert run.metrics["parameters"] == 784 * 3 + 3 and run.metrics["top1"] > 0.9
    train = open_page("train")
    assert not train.exception


def test_a_toy_source_is_read_named_and_offered(toys: None) -> None:
    assert data.check_source("blocks") == "blocks" and not data.is_practice("blocks")
    assert [len(one) for one in data.open_drawings("blocks", CATEGORIES, 7)] == [7, 7, 7]
    page = open_page("data")
    assert "Blocks" in str([one.proto for one in page.get("button_group")])


def test_nothing_is_left_of_them() -> None:
    assert "toy" not in families.FAMILIES and "dense" not in NETWORKS
    assert "blocks" not in data.SOURCES and "toys" not in registry.PAGES
    assert "roundness" not in measures.MEASURES
    with pytest.raises(ValueError, match="A source is"):
        data.check_source("blocks")
    assert np.all([one.key in families.FAMILIES for one in families.FAMILIES.values()])
