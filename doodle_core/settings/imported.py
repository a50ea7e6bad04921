"""How a network from elsewhere wants its drawings: what a person declares who imports one."""

import dataclasses
from dataclasses import dataclass
from typing import Annotated

from doodle_core.settings.fields import Choice, Whole, check

IMPORTED = "imported"
"""The `network` of a run that was imported: it is offered to no training."""
RANGES = {"byte": (0, 255), "unit": (0, 1), "signed": (-1, 1)}
CHANNELS = {"grey": 1, "rgb": 3}
INKS = ("light", "dark")


@dataclass(frozen=True)
class Contract:
    """What goes into an imported network. What each setting is stands in its declaration."""

    side: Annotated[
        int, Whole("Pixels of a drawing's side, as the network wants it.", low=8, high=512)
    ] = 28
    channels: Annotated[
        str, Choice("One channel, or three equal ones.", choices=tuple(CHANNELS))
    ] = "grey"
    pixels: Annotated[
        str,
        Choice(
            "The range of the numbers that the network wants: byte 0 to 255, unit 0 to 1, signed "
            "-1 to 1.",
            label="Range",
            choices=tuple(RANGES),
        ),
    ] = "byte"
    ink: Annotated[
        str, Choice("Whether lines are light on a dark ground, or dark on light.", choices=INKS)
    ] = "light"

    def __post_init__(self) -> None:
        check(self)

    @property
    def shape(self) -> tuple[int, int, int]:
        """(height, width, channels) of one drawing."""
        return self.side, self.side, CHANNELS[self.channels]

    @property
    def words(self) -> str:
        """In words: 'light lines on a dark ground, numbers from 0 to 1'."""
        grounds = {"light": "light lines on a dark ground", "dark": "dark lines on a light ground"}
        low, high = RANGES[self.pixels]
        return f"{grounds[self.ink]}, numbers from {low} to {high}"

    def others(self) -> list["Contract"]:
        """The same with each other polarity and range."""
        every = (dataclasses.replace(self, pixels=one, ink=ink) for one in RANGES for ink in INKS)
        return [one for one in every if one != self]
