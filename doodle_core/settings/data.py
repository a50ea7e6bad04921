"""Which drawings a run learns from and is scored on, and how they are split."""

from dataclasses import dataclass

from doodle_core import data
from doodle_core.data.categories import REPORT_SEVEN, check_category
from doodle_core.settings.fields import check_range


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
        train_limit: at most so many drawings of each category in the training part, 0 for all:
            for learning curves, whose points share validation and test part.
    """

    source: str = "practice"
    categories: tuple = REPORT_SEVEN
    per_category: int = 10_000
    shares: tuple = (0.7, 0.075, 0.225)
    seed: int = 0
    test_source: str = ""
    practice_added: int = 0
    train_limit: int = 0

    def __post_init__(self):
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
                f"to 1; received {self.shares}."
            )
        for source in filter(None, (self.source, self.test_source)):
            data.check_source(source)
        if "practice" in (self.source, self.test_source) or self.practice_added:
            data.check_practice(self.categories)
        if self.practice_added and (
            data.is_practice(self.source) or data.is_practice(self.scored_on)
        ):
            raise ValueError(
                "Practice drawings can be added to real ones only: added to practice data they "
                "would be trained on and scored on."
            )
        check_range("per_category", self.per_category, 0, 1_000_000)
        check_range("practice_added", self.practice_added, 0, 1_000_000)
        check_range("train_limit", self.train_limit, 0, 1_000_000)
        check_range("seed", self.seed, 0, 2**31 - 1)

    @property
    def scored_on(self):
        """The source that the test part comes from."""
        return self.test_source or self.source
