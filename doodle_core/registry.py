"""What can be added to: families, sources and pages, each kind in one registry."""

from typing import Protocol, TypeVar


class Keyed(Protocol):
    """What is registered: something with a key."""

    @property
    def key(self) -> str: ...


T = TypeVar("T", bound=Keyed)


class Registry(dict[str, T]):
    """All entries of a kind by key, in the order in which they are offered.

    Args:
        kind: what an entry is, for the sentence when there is one of its key already.
    """

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    def register(self, entry: T) -> None:
        """Add an entry.

        Raises:
            ValueError: there is one of that key.
        """
        if entry.key in self:
            raise ValueError(f"There is a {self.kind} {entry.key!r} already.")
        self[entry.key] = entry

    def unregister(self, key: str) -> None:
        """Take an entry out again.

        Raises:
            KeyError: there is none of that key.
        """
        del self[key]
