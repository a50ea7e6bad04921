"""What a family of networks registers: each of its networks, and settings to begin with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pkgutil import resolve_name
from typing import Any


@dataclass(frozen=True)
class Network:
    """One network; a settings class has its own in `networks`, by the names that runs store.

    Attributes:
        title: what it is, for people.
        function: "module:function" that makes it with fresh weights from (settings, number of
            categories). Only training looks it up: it brings TensorFlow.
        settings: the fields that it has and not every network.
    """

    title: str
    function: str
    settings: tuple[str, ...] = ()

    def load(self) -> Callable[[Any, int], Any]:
        """The function."""
        found: Callable[[Any, int], Any] = resolve_name(self.function)
        return found


@dataclass(frozen=True)
class Preset:
    """Settings to begin with.

    Attributes:
        name: in addresses and on the command line.
        title: what it is, for people.
        settings: those that are not the class's defaults; a nested class's as a dict.
    """

    name: str
    title: str
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """Name and title, as a list shows them."""
        return f"{self.name}: {self.title}"


def by_name(*presets: Preset) -> dict[str, Preset]:
    """Presets as a family registers them."""
    return {preset.name: preset for preset in presets}
