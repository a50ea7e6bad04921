"""A toy family of networks: what adding one takes, in one file.

`settings` (the dataclass Toy), code that trains (`fit`), judges (`score`) and tells (`report`).
The "network" is the mean drawing of each category; it answers with the nearest one.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from doodle_core import data, evaluation, runs
from doodle_core.arrays import write_npy
from doodle_core.files import write_json
from doodle_core.lab.export.page import section
from doodle_core.settings import DataConfig, Group, Preset, Whole, check, check_name, families
from doodle_core.settings.shared import Devices, Precision, Seed


@dataclass(frozen=True)
class Toy:
    """Settings of the toy: the drawings, and how far they are rounded."""

    name: str
    data: DataConfig = field(default_factory=DataConfig)
    steps: Annotated[
        int, Whole("Of the greys that are told apart.", Group.MAIN, low=2, high=256)
    ] = 4
    epochs: int = 1
    precision: Precision = "float32"
    seed: Seed = 0
    devices: Devices = "one"

    networks: ClassVar[dict[str, Any]] = {}
    augments: ClassVar[bool] = False

    def __post_init__(self) -> None:
        check_name(self.name)
        if isinstance(self.data, dict):
            object.__setattr__(self, "data", DataConfig(**self.data))
        check(self)

    @property
    def all_epochs(self) -> int:
        return self.epochs

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> "Toy":
        return cls(**content)

    def to_dict(self) -> dict[str, Any]:
        return {"kind": "toy"} | dataclasses.asdict(self)


def _rounded(x: NDArray[np.uint8], steps: int) -> NDArray[np.floating]:
    return np.floor(x.reshape(len(x), -1) / 256 * steps)


def _answers(path: Path, x: NDArray[np.uint8], steps: int) -> NDArray[np.floating]:
    """(N, C): the nearer a category's mean, the likelier."""
    means = np.load(path / "means.npy")
    distances = ((_rounded(x, steps)[:, None] - means[None]) ** 2).mean(axis=2)
    return evaluation.distribution(np.exp(-distances))


def fit(path: Path, config: Toy, parts: Any, precision: str) -> None:
    """One epoch: the mean of each category's drawings."""
    (x, y), (x_val, y_val), _ = parts
    means = [_rounded(x[y == label], config.steps).mean(axis=0) for label in np.unique(y)]
    write_npy(path / "means.npy", np.stack(means))
    found = evaluation.metrics(y_val, _answers(path, x_val, config.steps))
    row = f"0,0.001,1.5,{found['loss']},{found['top1']}"
    (path / "history.csv").write_text(f"epoch,learning_rate,loss,val_loss,val_accuracy\n{row}\n")


def export(path: Path, config: Toy) -> float:
    """The means answer as they are."""
    return 0.0


def score(path: Path, config: Toy, parts: Any) -> None:
    """The share of the test part whose nearest mean is the right one."""
    (_, y), _, (x_test, y_test) = parts
    found = evaluation.metrics(y_test, _answers(path, x_test, config.steps))
    figures = {key: found[key] for key in ("n", "top1", "top1_low", "top1_high", "chance")}
    figures |= {"train_n": len(y), "roundness": 0.125, "test_pixels": data.fingerprint(x_test)}
    write_json(path / "metrics.json", figures)


def report(run: runs.Run) -> list[str]:
    """The exported page."""
    return [section(f"A toy: {run.family.figure(run.metrics)}")]


TOY = families.Family(
    key="toy",
    title="Toy",
    choice="A toy",
    says="A toy names drawings by the nearest mean.",
    lacking="No toy has finished yet.",
    config=Toy,
    presets={"tin": Preset("tin", "A tin toy", {"steps": 8})},
    preset="tin",
    fit="support.toy:fit",
    score="support.toy:score",
    report="support.toy:report",
    card="support.toy:report",
    weights=("means.npy",),
    export="support.toy:export",
    portable=("means.npy",),
    numbers=("n", "train_n", "top1"),
    curves=("loss", "accuracy"),
    heading="Toys on the test part",
    caption=lambda configs: f"{len(configs)} of them.",
    columns=["top1", "n"],
    table=["top1", "steps", "n"],
    figure=lambda known: f"{evaluation.interval(known)} by the nearest mean",
    detail=lambda known: "no network at all",
    line=lambda known: f"toy {known['top1']:.4f}",
    live=lambda now: [],
)
