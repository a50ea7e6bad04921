"""Which drawings a run learns from and is scored on, and how they are split."""

from dataclasses import dataclass
from typing import Annotated

from doodle_core import data
from doodle_core.data.categories import REPORT_SEVEN, check_category
from doodle_core.settings.fields import Text, Whole, check

MOST = 1_000_000  # drawings of a category


@dataclass(frozen=True)
class DataConfig:
    """Which drawings, and how they are split (the report's section 1.1 by default).

    Attributes:
        categories: official names; a drawing's label is the place of its category here.
        shares: train, validation and test shares; they add up to 1.
    """

    source: Annotated[
        str, Text("practice, official, or folder:PATH.", rule=data.check_source, label="Drawings")
    ] = "practice"
    categories: tuple[str, ...] = REPORT_SEVEN
    per_category: Annotated[
        int,
        Whole(
            "At most; 70 % are trained on.",
            label="Drawings a category",
            high=MOST,
            offered=(100, 200_000),
            step=1000,
            more="The first of each file; 0: all.",
        ),
    ] = 10_000
    shares: tuple[float, ...] = (0.7, 0.075, 0.225)
    seed: Annotated[
        int,
        Whole(
            "Of the train / validation / test split.",
            label="Split seed",
            flag="split_seed",
            high=2**31 - 1,
        ),
    ] = 0
    test_source: Annotated[
        str,
        Text(
            "The test part of other drawings shows how far what was learned carries: trained on "
            "practice data, say, and scored on your own drawings. What is scored is never trained "
            "on.",
            rule=data.check_source,
            may_lack=True,
            label="Scored on",
            more="A source; the test part is the one that a run on that source would have with the "
            "same settings.",
        ),
    ] = ""
    practice_added: Annotated[
        int,
        Whole(
            "A category, to the training part only: for categories with few real drawings.",
            label="Practice drawings added",
            high=MOST,
            offered=(0, 100_000),
            step=500,
        ),
    ] = 0
    train_limit: Annotated[
        int,
        Whole(
            "A category; 0: all. For learning curves: the test part stays the same.",
            label="Limit of training drawings",
            high=MOST,
            step=100,
            more="The validation part does, too.",
        ),
    ] = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "categories", tuple(map(check_category, self.categories)))
        object.__setattr__(self, "shares", tuple(self.shares))
        if len(self.categories) < 2:
            raise ValueError(f"Choose at least 2 categories; received {len(self.categories)}.")
        if len(set(self.categories)) < len(self.categories):
            raise ValueError("A category is named twice.")
        if (
            len(self.shares) != 3
            or not min(self.shares) > 0
            or not abs(sum(self.shares) - 1) < 1e-6
        ):
            raise ValueError(
                "The train, validation and test shares must be three positive numbers that add up "
                f"to 1; received {self.shares!s:.80}."
            )
        check(self)
        if "practice" in (self.source, self.test_source) or self.practice_added:
            data.check_practice(self.categories)
        if self.practice_added and (
            data.is_practice(self.source) or data.is_practice(self.scored_on)
        ):
            raise ValueError(
                "Practice drawings can be added to real ones only: added to practice data they "
                "would be trained on and scored on."
            )

    @property
    def scored_on(self) -> str:
        """The source that the test part comes from."""
        return self.test_source or self.source
