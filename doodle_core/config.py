"""What a run is asked to do: plain dataclasses, checked once, stored as `config.json`."""

import dataclasses
import re
from dataclasses import dataclass, field
from pathlib import Path

from doodle_core.categories import REPORT_SEVEN, check_category
from doodle_core.files import DATA

NETWORKS = {"report-base": "The report's base network: 3 convolutions, 430,407 parameters"}
"""Classifiers by name; `networks.build` makes them."""
PRECISIONS = ("auto", "float32", "mixed_bfloat16")
NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 ._-]{0,62}[A-Za-z0-9_-])?")
RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")  # file names Windows refuses


@dataclass(frozen=True)
class DataConfig:
    """Which drawings, and how they are split (the report's section 1.1 by default).

    Attributes:
        source: "practice", "official", or "folder:PATH" with official `.npy`/`.ndjson` files.
        categories: official names; a drawing's label is the place of its category here.
        per_category: at most so many drawings of each category, the first of its file; 0 for all.
        shares: train, validation and test shares; they add up to 1.
        seed: of the split.
        test_source: where the test part comes from; "" means `source`. With another source the
            test part is the one that a run on that source would have with the same settings.
        practice_added: practice drawings of each category added to the training part only.
    """

    source: str = "practice"
    categories: tuple = REPORT_SEVEN
    per_category: int = 10_000
    shares: tuple = (0.7, 0.075, 0.225)
    seed: int = 0
    test_source: str = ""
    practice_added: int = 0

    def __post_init__(self):
        object.__setattr__(self, "categories", tuple(map(check_category, self.categories)))
        object.__setattr__(self, "shares", tuple(self.shares))
        if len(self.categories) < 2:
            raise ValueError(f"Choose at least 2 categories; received {len(self.categories)}.")
        if len(set(self.categories)) < len(self.categories):
            raise ValueError("A category is named twice.")
        if len(self.shares) != 3 or not min(self.shares) > 0 or not abs(sum(self.shares) - 1) < 1e-6:
            raise ValueError(
                "The train, validation and test shares must be three positive numbers that add up "
                f"to 1; received {self.shares}."
            )
        for source in filter(None, (self.source, self.test_source)):
            check_source(source)
        if "practice" in (self.source, self.test_source) or self.practice_added:
            check_practice(self.categories)
        if self.practice_added and (is_practice(self.source) or is_practice(self.scored_on)):
            raise ValueError(
                "Practice drawings can be added to real ones only: added to practice data they "
                "would be trained on and scored on."
            )
        _check_range("per_category", self.per_category, 0, 1_000_000)
        _check_range("practice_added", self.practice_added, 0, 1_000_000)
        _check_range("seed", self.seed, 0, 2**31 - 1)

    @property
    def scored_on(self):
        """The source that the test part comes from."""
        return self.test_source or self.source


@dataclass(frozen=True)
class RunConfig:
    """One training of one classifier.

    Attributes:
        name: the run's folder under `models/`.
        network: one of `NETWORKS`.
        epochs, batch_size: integers, at least 1.
        learning_rate: of Adam, in (0, 1].
        early_stopping: patience in epochs on the validation loss; 0 is off.
        plateau: patience in epochs before the learning rate is divided by 10, down to 1e-5
            (section 1.1.2 had 5); 0 is off.
        balance: weigh each drawing by 1 / its category's share in the training part.
        precision: "float32", "mixed_bfloat16", or "auto": bfloat16 where the processor has it.
        seed: of the weights and of the order of the drawings.
    """

    name: str
    data: DataConfig = field(default_factory=DataConfig)
    network: str = "report-base"
    epochs: int = 20
    batch_size: int = 64
    learning_rate: float = 1e-3
    early_stopping: int = 0
    plateau: int = 0
    balance: bool = False
    precision: str = "auto"
    seed: int = 0

    def __post_init__(self):
        check_name(self.name)
        if isinstance(self.data, dict):
            object.__setattr__(self, "data", DataConfig(**self.data))
        if not isinstance(self.data, DataConfig):
            raise ValueError(f"data must be a DataConfig; received {self.data!r}.")
        _check_choice("network", self.network, NETWORKS)
        _check_choice("precision", self.precision, PRECISIONS)
        _check_range("epochs", self.epochs, 1, 10_000)
        _check_range("batch_size", self.batch_size, 1, 65_536)
        _check_range("early_stopping", self.early_stopping, 0, 10_000)
        _check_range("plateau", self.plateau, 0, 10_000)
        _check_range("seed", self.seed, 0, 2**31 - 1)
        if not 0 < self.learning_rate <= 1:
            raise ValueError(f"learning_rate must be in (0, 1]; received {self.learning_rate}.")

    @classmethod
    def from_dict(cls, content):
        """The configuration stored in a `config.json`.

        Raises:
            ValueError: it is not one; the sentence names the setting.
        """
        try:
            return cls(**content)
        except TypeError as error:
            raise ValueError(f"config.json is not a run's configuration: {error}.") from None

    def to_dict(self):
        """Plain JSON types."""
        return dataclasses.asdict(self)


def check_name(name):
    """Return `name` if it can be a run's folder, whatever the system.

    Raises:
        ValueError: it could leave `models/` or surprise a file system.
    """
    if not isinstance(name, str) or not NAME.fullmatch(name) or RESERVED.fullmatch(name):
        raise ValueError(
            "A run's name must be 1 to 64 letters, digits, spaces, '.', '_' or '-', begin with a "
            f"letter or digit and not end in a dot or space; received {str(name)[:80]!r}."
        )
    return name


def check_source(source):
    """Return `source` if it names a source of drawings.

    Raises:
        ValueError: it does not.
    """
    kind, _, path = str(source).partition(":")
    if not path.isprintable() or len(path) > 1000 or path.startswith("~"):
        raise ValueError("A folder's path must be plain text of at most 1,000 characters, no '~'.")
    if (kind in ("practice", "official") and not path) or (kind == "folder" and path):
        return source
    raise ValueError(
        f'A source is "practice", "official" or "folder:PATH"; received {str(source)[:80]!r}.'
    )


def check_practice(categories):
    """Refuse categories that the program cannot draw itself.

    Raises:
        ValueError: names them.
    """
    unknown = [name for name in categories if name not in REPORT_SEVEN]
    if unknown:
        raise ValueError(
            f"Practice data exists for {', '.join(REPORT_SEVEN)}, but not for "
            f"{', '.join(unknown[:5])}{' and others' if len(unknown) > 5 else ''}: choose real "
            "drawings for those."
        )


def is_practice(source):
    """Whether a source is practice data, also where its cache is named as a folder."""
    kind, _, path = source.partition(":")
    folder = Path(path).absolute()
    return kind == "practice" or DATA in folder.parents and folder.name.startswith("practice")


def source_label(source):
    """A source in a person's words. Practice data is always called so."""
    if is_practice(source):
        return "practice data"
    kind, _, path = source.partition(":")
    return "Quick, Draw! (official)" if kind == "official" else f"folder {Path(path).name}"


def _check_range(name, value, low, high):
    if not isinstance(value, int) or not low <= value <= high:
        raise ValueError(f"{name} must be a whole number from {low} to {high:,}; received {value!r}.")


def _check_choice(name, value, choices):
    if value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(choices)}; received {value!r}.")
