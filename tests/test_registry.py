"""One registry of a kind of things."""

from dataclasses import dataclass

import pytest

from doodle_core.registry import Registry


@dataclass
class Pen:
    key: str


def test_entries_keep_their_order_and_their_keys_are_their_own():
    pens = Registry[Pen]("pen")
    pens.register(Pen("wide"))
    pens.register(Pen("fine"))
    assert list(pens) == ["wide", "fine"]
    with pytest.raises(ValueError, match="There is a pen 'wide' already"):
        pens.register(Pen("wide"))
    pens.unregister("wide")
    assert list(pens) == ["fine"]
    with pytest.raises(KeyError):
        pens.unregister("wide")
