"""Where drawings come from: each source is one row here.

Every source ends in `<category>.npy` files, (N, 784) uint8, memory-mapped: practice data and
official bitmaps are put there first, a folder of the user's own is read as it is.
"""

import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from doodle_core.data import folders, official, own_set, practice
from doodle_core.data.categories import CATEGORIES
from doodle_core.data.folders import folder_categories, folder_file, inverted_file, read_npy
from doodle_core.data.splits import Drawings, Part, fingerprint
from doodle_core.files import DATA, is_inside, real
from doodle_core.registry import Registry

DEFAULT = 10_000  # of each category, where the source could give any number
PRACTICE = DATA / f"practice-v{practice.VERSION}"
OFFICIAL = DATA / "official"
INVERTED = "inverted"
"""The key of a folder whose drawings are dark on light: they are read light on dark."""
Progress = Callable[[float, str], None]
"""Called with (what is done, in [0, 1]; a sentence)."""


@dataclass(frozen=True)
class Source:
    """A source of drawings.

    Attributes:
        key: what stands before ":" where settings name it. choice: where one is chosen.
        label: of a path, what the source is called.
        files: of (path, categories, most of each; 0: all): the `.npy` of each category, as far as
            they are on this disk; each is opened before the next is asked for.
        categories: of a path, which there are.
        prepare: of (categories, number of each, progress): fetch or make what is missing.
        has_path: a path stands behind the ":". is_endless: it gives DEFAULT where all are asked for.
        is_practice: its drawings are made by this program: all figures of them say so.
        settings: what settings call it where `key` only chooses it; "" otherwise.
        is_offered: whether it can be chosen now.
    """

    key: str
    choice: str
    label: Callable[[str], str]
    files: Callable[[Path, Sequence[str], int], Iterable[Path]]
    categories: Callable[[Path], Sequence[str]]
    prepare: Callable[[Sequence[str], int, Progress], None] = lambda names, n, report: None
    has_path: bool = False
    is_endless: bool = False
    is_practice: bool = False
    settings: str = ""
    is_offered: Callable[[], bool] = lambda: True


SOURCES = Registry[Source]("source")
"""All sources by key, in the order in which they are offered."""
register, unregister = SOURCES.register, SOURCES.unregister


def _found(source: str) -> tuple[Source, Path]:
    """A source as settings name it, and its path.

    Raises:
        ValueError: there is none of that name.
    """
    kind, _, path = str(source).partition(":")
    if not path.isprintable() or len(path) > 1000 or path.startswith("~"):
        raise ValueError("A folder's path must be plain text of at most 1,000 characters, no '~'.")
    known = SOURCES.get(kind)
    if known is None or known.settings or known.has_path != bool(path):
        raise ValueError(
            f'A source is "practice", "official" or "folder:PATH"; received {str(source)[:80]!r}.'
        )
    return known, Path(path)


def check_source(source: str) -> str:
    """Return `source` if it names a source of drawings.

    Raises:
        ValueError: it does not.
    """
    _found(source)
    return source


def named_source(text: str) -> str:
    """A source as settings have it, from that or the key of one that only chooses it ("mine").

    Raises:
        ValueError: there is none of that name.
    """
    known = SOURCES.get(text)
    return check_source((known and known.settings) or text)


def categories_of(source: str) -> list[str]:
    """The categories that a source has. Raises as `open_drawings`."""
    known, path = _found(source)
    return list(known.categories(path))


def is_endless(source: str) -> bool:
    """Whether a source gives any category that it knows, whoever asks; a folder has what it has."""
    return _found(source)[0].is_endless


def check_practice(categories: Sequence[str]) -> None:
    """Refuse categories that the program cannot draw itself.

    Raises:
        ValueError: names them.
    """
    known = practice.PRACTICE_CATEGORIES
    unknown = [name for name in categories if name not in known]
    if unknown:
        raise ValueError(
            f"Practice data exists for {', '.join(known)}, but not for "
            f"{', '.join(unknown[:5])}{' and others' if len(unknown) > 5 else ''}: choose real "
            "drawings for those."
        )


def is_same(one: str, other: str) -> bool:
    """Whether two sources are one: a folder can be spelt in many ways, and links lead to it."""
    return _place(one) == _place(other)


def _place(source: str) -> tuple[str, Path | None]:
    """A source's key and, of a folder, where it is on the disk."""
    kind, _, path = source.partition(":")
    return kind, real(path) if path else None


def is_practice(source: str) -> bool:
    """Whether a source is practice data, also where its cache is named as a folder.

    Another home's cache counts too: runs are copied from home to home.
    """
    kind, folder = _place(source)
    known = SOURCES.get(kind)
    if folder is None:
        return known is not None and known.is_practice
    is_theirs = folder.parent.name == "data" and re.fullmatch(r"practice-v\d+", folder.name)
    return bool(is_theirs) or (
        is_inside(folder.parent, DATA) and folder.name.startswith("practice")
    )


def source_label(source: str) -> str:
    """A source in a person's words. Practice data is always called so."""
    if is_practice(source):
        return "practice data"
    kind, _, path = source.partition(":")
    return SOURCES[kind].label(path)


def open_drawings(
    source: str, categories: Sequence[str], per_category: int = 0, progress: Progress | None = None
) -> list[Drawings]:
    """Open a source's drawings, after fetching or making what is missing.

    Args:
        source: "practice", "official" or "folder:PATH".
        categories: official names.
        per_category: at most so many of each, the first of its file; 0 for all there are
            (official and practice: 10,000).
        progress: called with (what is done, in [0, 1]; a sentence), or None.

    Returns:
        list of (n, 784) uint8, one a category, memory-mapped.

    Raises:
        ValueError: unknown category, or a file that is not what it should be.
        FileNotFoundError: the folder lacks a category.
        OSError: no network, full disk.
    """
    known, _ = _found(source)
    known.prepare(categories, per_category or DEFAULT, progress or (lambda done, text: None))
    return stored_drawings(source, categories, per_category)


def stored_drawings(
    source: str, categories: Sequence[str], per_category: int = 0
) -> list[Drawings]:
    """Open a source's drawings as they are on this disk: nothing is fetched or made.

    Args, returns and raises as `open_drawings`; FileNotFoundError also where they are not here.
    """
    known, path = _found(source)
    n = per_category or (DEFAULT if known.is_endless else 0)
    return [read_npy(file)[: n or None] for file in known.files(path, categories, per_category)]


def stored_files(source: str, categories: Sequence[str], per_category: int = 0) -> list[Path]:
    """The `.npy` files that `stored_drawings` opens, which has the same arguments."""
    known, path = _found(source)
    return list(known.files(path, categories, per_category))


def inverted_in(source: str, categories: Sequence[str]) -> list[str]:
    """The categories of a folder whose drawings are dark on light, but are read as they are.

    [] for other sources. Raises as `stored_drawings`.
    """
    known, path = _found(source)
    return folders.inverted_categories(path, categories) if known.key == "folder" else []


def as_inverted(source: str) -> str:
    """A folder's source as the one that turns drawings that are dark on light."""
    return f"{INVERTED}:{source.partition(':')[2]}"


def left_out(source: str, categories: Sequence[str], per_category: int = 0) -> list[str]:
    """What of a folder's files is not read, a sentence each, once its drawings have been opened.

    [] for other sources. Raises as `stored_drawings`.
    """
    known, path = _found(source)
    return folders.left_out(path, categories, per_category) if known.has_path else []


def remarks(source: str, categories: Sequence[str], per_category: int = 0) -> list[str]:
    """What `left_out` says, and that drawings are dark on light where nothing turns them."""
    said = left_out(source, categories, per_category)
    if inverted := inverted_in(source, categories):
        said.append(
            f"Drawings of {listed(inverted)} are dark on light, but networks learn light on dark: "
            f'the source "{as_inverted(source)}" turns them.'
        )
    return said


def listed(names: Sequence[str]) -> str:
    """Names in words, the first five of many."""
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


class Scored(Protocol):
    """What of a `settings.DataConfig` says which drawings a run was scored on."""

    @property
    def scored_on(self) -> str: ...
    @property
    def categories(self) -> Sequence[str]: ...
    @property
    def per_category(self) -> int: ...


def is_here(config: Scored) -> bool:
    """Whether the drawings that a run was scored on seem to be here. `config`: its DataConfig."""
    try:
        stored_drawings(config.scored_on, config.categories, config.per_category)
    except (OSError, ValueError):
        return False
    return True


def scored_pixels(
    config: Scored, labels: ArrayLike, rows: ArrayLike, fingerprint_then: str | None
) -> Drawings:
    """The drawings that a run was scored on, from where they are kept.

    Args:
        config: the run's `DataConfig`.
        labels, rows: (N,) int, as the run wrote them.
        fingerprint_then: `metrics.json`'s "test_pixels".

    Returns:
        (N, 28, 28) uint8.

    Raises:
        FileNotFoundError: the drawings are not on this disk.
        ValueError: they are no longer those of the run.
    """
    drawings = stored_drawings(config.scored_on, config.categories, config.per_category)
    part = Part(np.asarray(labels), np.asarray(rows))
    try:
        pixels = part.pixels(drawings)
    except IndexError:
        pixels = None
    if pixels is None or fingerprint(pixels) != fingerprint_then:
        raise ValueError("The drawings at their source have changed since this run was scored.")
    return pixels


# --- the sources ---------------------------------------------------------------------------------


def _draw(categories: Sequence[str], n: int, report: Progress) -> None:
    """Draw the practice data that is missing."""
    practice.write(
        PRACTICE, categories, n, progress=lambda done: report(done, "Drawing practice data")
    )


def _fetch(categories: Sequence[str], n: int, report: Progress) -> None:
    """Fetch the official drawings that are missing."""
    for place, name in enumerate(categories):

        def fetched(done: int, total: int, place: int = place, name: str = name) -> None:
            report((place + done / max(total, 1)) / len(categories), f"Fetching {name}")

        official.fetch(name, n, OFFICIAL, progress=fetched)


register(
    Source(
        key="practice",
        choice="Practice data",
        label=lambda path: "practice data",
        files=lambda path, names, n: [PRACTICE / f"{name}.npy" for name in names],
        categories=lambda path: practice.PRACTICE_CATEGORIES,
        prepare=_draw,
        is_endless=True,
        is_practice=True,
    )
)
register(
    Source(
        key="official",
        choice="Quick, Draw! (download)",
        label=lambda path: "Quick, Draw! (official)",
        files=lambda path, names, n: [OFFICIAL / f"{name}.npy" for name in names],
        categories=lambda path: CATEGORIES,
        prepare=_fetch,
        is_endless=True,
    )
)
_folder = Source(
    key="folder",
    choice="A folder of mine",
    label=lambda path: f"folder {Path(os.path.abspath(path)).name}",
    files=lambda path, names, n: (folder_file(path, name, n) for name in names),
    categories=folder_categories,
    has_path=True,
)
register(
    replace(
        _folder,
        key="mine",
        choice="My own drawings",
        settings=own_set.SOURCE,
        has_path=False,
        is_offered=own_set.has_any,
    )
)
register(_folder)
register(
    replace(
        _folder,
        key=INVERTED,
        choice="A folder of mine, turned",
        label=lambda path: f"folder {Path(path).name}, turned to light on dark",
        files=lambda path, names, n: [inverted_file(path, name, n) for name in names],
        is_offered=lambda: False,  # a folder is looked at first
    )
)
