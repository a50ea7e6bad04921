"""The pages that there are, each one row: the menu, Home's cards and the links to runs read it."""

from dataclasses import dataclass
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from doodle_core.registry import Registry

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Page:
    """A page.

    Attributes:
        key: its file's name and its address. title, icon: in the menu. section: of the menu, "" for
            the first one.
        says: a sentence on Home's card; "": it has none.
        compares: it shows two runs of the kinds beside each other.
        shows: the kinds of runs (`families.FAMILIES`) whose results it shows. The first page of a
            kind is where a finished run is opened.
        file: where it is, if not in this folder under its key.
    """

    key: str
    title: str
    icon: str
    section: str = ""
    says: str = ""
    shows: tuple[str, ...] = ()
    compares: bool = False
    file: Path | None = None

    @property
    def target(self) -> StreamlitPage:
        """The page as Streamlit has it, for the menu and for links."""
        path = self.file or HERE / f"{self.key}.py"
        return st.Page(path, title=self.title, icon=self.mark, default=self.key == "home")

    @property
    def mark(self) -> str:
        """Its icon as Streamlit takes it."""
        return f":material/{self.icon}:"


PAGES = Registry[Page]("page")
"""All pages by key, in the order of the menu."""
register, unregister = PAGES.register, PAGES.unregister


def sections() -> dict[str, list[Page]]:
    """The menu: the pages by section."""
    found: dict[str, list[Page]] = {}
    for page in PAGES.values():
        found.setdefault(page.section, []).append(page)
    return found


def showing(kind: str) -> list[Page]:
    """The pages that show results of runs of a kind."""
    return [page for page in PAGES.values() if kind in page.shows]


def comparing(kind: str) -> Page | None:
    """The page that shows two runs of a kind beside each other, if there is one."""
    return next((page for page in showing(kind) if page.compares), None)


for _page in (
    Page("home", "Home", "home"),
    Page(
        "tour",
        "Tour",
        "route",
        "",
        "The report claim by claim: what it said, what our runs say, and the theory beside the plots.",
    ),
    Page(
        "draw",
        "Draw",
        "draw",
        "Play",
        "Draw something, and see what the networks take it for while you do.",
    ),
    Page(
        "people",
        "People",
        "person",
        "Play",
        "You against the networks: name 200 drawings, and see who names more of the very same ones.",
    ),
    Page(
        "data",
        "Data",
        "collections",
        "Laboratory",
        "Practice data drawn by this program, real Quick, Draw! drawings fetched from the web, or a folder of yours.",
    ),
    Page(
        "train",
        "Train",
        "play_circle",
        "Laboratory",
        "It trains in a process of its own: watch it, stop it, close the browser, come back.",
    ),
    Page(
        "sweeps",
        "Sweeps",
        "tune",
        "Laboratory",
        "Many settings tried by the validation part, as in the report or of your choice.",
    ),
    Page(
        "runs",
        "Runs",
        "monitoring",
        "Results",
        "Curves side by side, the settings that differ, and every accuracy with its interval.",
    ),
    Page(
        "errors",
        "Errors",
        "grid_on",
        "Results",
        "The confusion matrix beside its drawings, and the errors it was surest of.",
        ("classifier",),
    ),
    Page(
        "inside",
        "Inside",
        "visibility",
        "Results",
        "Where it looked, what each convolution makes of a drawing, and its filters.",
        ("classifier",),
    ),
    Page(
        "latent",
        "Latent",
        "bubble_chart",
        "Results",
        "Where an autoencoder puts each drawing, and what lies between: turn it, point at it.",
        ("vae",),
    ),
    Page(
        "generate",
        "Generate",
        "gesture",
        "Results",
        "Drawings that no one drew, from sliders, between two others, or of one category.",
        ("vae",),
    ),
    Page(
        "compare",
        "Compare",
        "compare_arrows",
        "Results",
        "The same drawings named by two runs, and whether the difference is more than chance.",
        ("classifier",),
        compares=True,
    ),
    Page(
        "curve",
        "Learning curves",
        "trending_up",
        "Results",
        "How much more drawings would help, and where a network would reach a person.",
    ),
    Page(
        "report",
        "Report",
        "article",
        "Results",
        "Its table 1 measured again, and each of its mistakes with the plot that shows it.",
    ),
):
    register(_page)
