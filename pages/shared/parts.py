"""What several pages share: marks, cached reading of run folders, pickers, galleries of drawings."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from doodle_core import data, runs
from doodle_core.evaluation import interval, percent
from doodle_core.files import Stamp, explain, stamp
from doodle_core.runs import practice_note
from doodle_core.settings import families
from pages import registry
from pages.components.svg import save_svg

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

MARKS = {
    "queued": (":material/schedule:", "gray"),
    "running": (":material/play_circle:", "blue"),
    "finished": (":material/check_circle:", "green"),
    "stopped": (":material/pause_circle:", "orange"),
    "interrupted": (":material/power_off:", "orange"),
    "failed": (":material/error:", "red"),
    "damaged": (":material/broken_image:", "red"),
}
PERCENT = "%.1f %%"  # of a table's column; Streamlit's own "percent" shows one decimal or two
RESUMABLE = ("stopped", "interrupted", "failed")


def plain(text: object) -> str:
    """Text that Markdown shows as it is: names and paths must not become links or pictures."""
    return re.sub(r"([\\`*_{}\[\]()<>#+\-.!|~$:^=])", r"\\\1", str(text))


def mark(run: runs.Run) -> str:
    """A run's state as a badge, with a mark of its own beside the colour."""
    icon, color = MARKS[run.state]
    return f":{color}-badge[{icon} {run.state}]"


def heading(run: runs.Run) -> str:
    """A run's name, state and practice badge, on one line."""
    return f"**{plain(run.name)}** &nbsp; {mark(run)}{practice_badge(run)}"


def practice_badge(*found: runs.Run) -> str:
    """Badges for runs that practice data had a part in, for a base with random weights, and for a
    training that diverged."""
    kinds = {run.practice_kind for run in found} - {""}
    text = "".join(f" :violet-badge[:material/smart_toy: {kind}]" for kind in sorted(kinds))
    notes = sorted({run.weights_note for run in found} - {""})
    text += "".join(f" :gray-badge[:material/casino: {plain(note)}]" for note in notes)
    lost = sorted({run.diverged_note for run in found} - {""})
    return text + "".join(f" :red-badge[:material/trending_up: {note}]" for note in lost)


def data_words(run: runs.Run) -> str:
    """What a run was trained and scored on, with the badge where practice data had a part."""
    label = "" if run.data_label == "practice data" else plain(run.data_label)
    return label + practice_badge(run)


def notes(found: Sequence[runs.Run]) -> str:
    """The marks that a figure of several runs carries: once if all have the same, or "".

    Args:
        found: list of `runs.Run`.
    """
    texts = {run.name: practice_note(run) for run in found}
    if len(set(texts.values())) == 1:
        return next(iter(texts.values()))
    return "; ".join(f"{name}: {text}" for name, text in texts.items() if text)


def figure(run: runs.Run) -> str:
    """A finished run's one figure, in words."""
    return run.family.figure(run.metrics)


def offer_training(words: str) -> None:
    """Say in `words` that nothing is here yet, and where to begin."""
    st.info(
        f"{words} The quickest start needs no network: practice data, five epochs, about a minute.",
        icon=":material/info:",
    )
    st.page_link("pages/train.py", label="Train a network", icon=":material/play_circle:")


def link(page: str, run: runs.Run, label: str = "", **query: str) -> None:
    """A link to a page that shows results, on this run or scoring; `label`: other words for it."""
    found = registry.PAGES[page]
    if isinstance(run, runs.Scoring):
        query["drawings"] = run.key
    st.page_link(
        found.target,
        label=plain(label) or found.title,
        icon=found.mark,
        query_params={"run": run.name, **query},
    )


def link_to_results(run: runs.Run) -> None:
    """A link to the page where a finished run is opened."""
    if pages := registry.showing(run.kind):
        link(pages[0].key, run)


def links(run: runs.Run, here: str) -> None:
    """Links to the other pages that show a run's results, and its report as a file."""
    with st.container(horizontal=True, vertical_alignment="center"):
        for page in registry.showing(run.kind):
            if page.key != here:
                link(page.key, run)
        if here != "runs":  # there it stands among the other buttons, for every run
            save_html(run.own if isinstance(run, runs.Scoring) else run, type="tertiary")


def save_html(run: runs.Run, **look: Any) -> None:
    """A button that saves a run as one HTML file, made when it is asked for."""

    def content() -> str:
        from doodle_core.lab import export  # with Plotly, which a page may not need

        try:
            return export.html(run)
        except (OSError, ValueError, RuntimeError) as error:  # no page is there to say it on
            return export.page(run.name, [export.sentence(explain(error))])

    st.download_button(
        "Save as HTML",
        content,
        f"{run.name}.html",
        "text/html",
        key=f"html of {run.name}",
        on_click="ignore",
        icon=":material/download:",
        **look,
        help="One file with curves, figures and drawings, complete in itself.",
    )


def save_network(run: runs.Run) -> None:
    """A menu that saves a finished run's network, in several formats, and its model card."""
    from doodle_core.lab import export

    def card() -> str:
        try:
            return export.card(run)
        except (OSError, ValueError) as error:  # no page is there to say it on
            return explain(error)

    def save(form: str, content: Any, file_name: str, words: str) -> None:
        st.download_button(
            f"Save {form}",
            content,
            file_name,
            key=f"{form} of {run.name}",
            on_click="ignore",
            icon=":material/download:",
            help=words,
        )

    with st.popover("Save the network", icon=":material/deployed_code:"):
        reasons = {form: export.lacking(run, form) for form in export.FORMATS}
        for form in [form for form, why in reasons.items() if not why]:
            name, words = export.file_name(run, form), export.FORMATS[form]
            if form == "keras" or (form == "tflite" and run.has_portable):
                save(f".{form}", partial(export.packed, run, form), name, words)
            elif st.button(f"Make .{form}", icon=":material/build:", help=words):
                with told(), st.spinner("Converting the network, for some ten seconds"):
                    save(f".{form}", export.packed_apart(run, form), name, words)
        for why in dict.fromkeys(filter(None, reasons.values())):
            st.caption(plain(why))
        save(
            "the model card", card, f"{run.name}.md", "What the network is, what goes in, figures."
        )


def show_figures(run: runs.Run) -> None:
    """A finished run's top-1, on what, and chance."""
    what = drawings_words(run)
    st.markdown(
        f"**{interval(run.metrics)} top-1** on {run.metrics['n']:,} {what} "
        f"(95 % interval; chance {percent(run.metrics['chance'])}). Drawings: {data_words(run)}"
    )
    for words in getattr(run, "remarks", []):  # of a scoring
        st.caption(plain(words))


def drawings_words(run: runs.Run) -> str:
    """What a figure's drawings are called: a scoring's are not of its network's test part."""
    return "drawings" if isinstance(run, runs.Scoring) else "test drawings"


def show_unmeasured(run: runs.Run) -> None:
    """What a finished run's figures lack, and why: a sentence each; nothing where they lack none."""
    if epoch := run.metrics.get("diverged"):
        kept = "What is shown is of the best epoch before."
        st.warning(f"{runs.diverged_words(epoch)} {kept}", icon=":material/trending_up:")
    with told():
        for words in runs.unmeasured_words(run.path):
            st.warning(plain(words), icon=":material/unknown_document:")


def why_unmeasured(run: runs.Run, what: str, otherwise: str) -> str:
    """Why something was not measured, as the run says it; else `otherwise`."""
    with told():
        return plain(runs.read_unmeasured(run.path).get(what, "")) or otherwise


@contextlib.contextmanager
def told() -> Iterator[None]:
    """Around an action: what goes wrong with files, settings or locks becomes one sentence."""
    try:
        yield
    except (OSError, ValueError, RuntimeError) as error:
        st.error(plain(explain(error)))
        st.stop()


# --- plots ----------------------------------------------------------------------------------------


def choose_plot_format() -> None:
    """The sidebar's choice of how plots are saved; it stays from page to page."""
    st.segmented_control(
        "Plots are saved as",
        ["png", "svg"],
        default="png",
        required=True,
        key="plot format",
        format_func=str.upper,
        help="By the camera over each plot. In an SVG the points of a cloud stay a picture.",
    )


SPARE_BUTTONS = [
    "zoom2d",
    "pan2d",
    "select2d",
    "lasso2d",
    "zoomIn2d",
    "zoomOut2d",
    "autoScale2d",
    "resetScale2d",
]


def _file_name(key: str) -> str:
    """A plot's key as the name of a file."""
    return re.sub(r"[^\w.-]+", "-", key).strip("-")


def chart(figure: go.Figure, key: str, at: Any = st, **options: Any) -> Any:
    """Show a Plotly figure as wide as its place; its camera saves it in the chosen format.

    Args:
        figure: a figure of `doodle_core`. key: str, the element's key, and the file's name.
        at: where: a column, a container. options: as `st.plotly_chart` has them.

    Returns:
        What `st.plotly_chart` returns.
    """
    kind = st.session_state.get("plot format", "png")
    # its own ground is clear; without one, Streamlit puts the page's in, and a saved picture has it
    figure.layout.paper_bgcolor = figure.layout.plot_bgcolor = None
    image = {"format": kind, "filename": _file_name(key), "scale": 2 if kind == "png" else 1}
    # few buttons: on a touch screen they always stand over the plot. Dragging enlarges a part of
    # it, two clicks bring it back.
    config = {"toImageButtonOptions": image, "modeBarButtonsToRemove": SPARE_BUTTONS}
    return at.plotly_chart(figure, width="stretch", key=key, config=config, **options)


def live_chart(spec: dict[str, Any], key: str, at: Any = st) -> None:
    """Show a Vega-Lite chart, which changes in place; it too is saved in the chosen format.

    Streamlit's own button over the chart saves PNG only, so for SVG there is one below it.

    Args:
        spec: dict, of `doodle_core.plots`. key: str, as of `chart`. at: as of `chart`.
    """
    place = at.container()
    place.vega_lite_chart(spec, width="stretch", key=key)
    if st.session_state.get("plot format") == "svg":
        with place:
            save_svg(f"{_file_name(key)}.svg", f"{key} svg")


def portable(run: runs.Run) -> tuple[Stamp, ...]:
    """The time stamps of a run's portable networks, which are made first where they are missing.

    Raises:
        FileNotFoundError, ValueError: as `lab.portable.ensure`.
    """
    if not run.has_portable:
        from doodle_core.lab import portable

        with st.spinner(f"Making the network of {plain(run.name)} ready to answer, once"):
            portable.ensure(run)
    return tuple(stamp(run.path / name) for name in run.family.portable)


# --- cached reading ------------------------------------------------------------------------------
# Keyed by the file's stamp, so that a running training's new rows are seen.


@st.cache_data(max_entries=256, show_spinner=False)
def _history(path: str, when: Stamp) -> pd.DataFrame:
    return runs.history(path)


def history(path: Path | str) -> pd.DataFrame:
    """A run's epochs as a DataFrame."""
    return _history(str(path), stamp(Path(path) / "history.csv"))


@st.cache_resource(max_entries=8, show_spinner=False)
def _results(path: str, classes: int, when: tuple[Stamp, ...]) -> runs.Results:
    return runs.results(path, classes)


def results_stamps(run: runs.Run) -> tuple[Stamp, ...]:
    """Of a run's figures and its test arrays."""
    return tuple(map(stamp, [run.path / "metrics.json", *sorted(run.path.glob("test_*.npy"))]))


def results(run: runs.Run) -> runs.Results:
    """A finished run's test arrays; shows a sentence and stops where they are damaged."""
    with told():
        classes = len(run.config.data.categories)
        return _results(str(run.path), classes, results_stamps(run))


@st.cache_resource(max_entries=8, show_spinner="Reading the test drawings")
def _pixels(path: str, when: Stamp, _run: runs.Run) -> NDArray[np.uint8]:
    return runs.scored_pixels(_run)


def test_drawings(
    run: runs.Run, instead: str = "Figures and matrices come from the run's own files and stay."
) -> NDArray[np.uint8] | None:
    """(N, 28, 28) uint8, the drawings a run was scored on, or None after saying why not.

    `instead`: a sentence on what is shown without them.
    """
    try:
        return _pixels(str(run.path), stamp(run.path / "metrics.json"), run)
    except (OSError, ValueError) as error:
        source = run.scored.scored_on
        if source == "practice":
            words = "The practice drawings that this run was scored on are not all drawn here."
        else:
            words = f"The test drawings of this run are not shown: {plain(explain(error))}"
        if isinstance(error, FileNotFoundError) and source.startswith("folder:data/"):
            words += " The runs that come with the program bring no real drawings."
        st.info(f"{words} {instead}", icon=":material/hide_image:")
        if source == "practice" and st.button("Draw the practice data (about 20 s)"):
            with_progress("practice", run.scored.categories, run.scored.per_category)
            st.rerun()
        return None


def with_progress(
    source: str, categories: Sequence[str], per_category: int
) -> list[NDArray[np.uint8]]:
    """Open a source's drawings, with a bar while they are fetched or drawn; stop with a sentence."""
    bar = st.empty()

    def report(done: float, text: str) -> None:
        bar.progress(min(max(done, 0.0), 1.0), text)

    with told():
        try:
            return data.open_drawings(source, categories, per_category, report)
        finally:
            bar.empty()


# --- choosing ------------------------------------------------------------------------------------


def rank(run: runs.Run) -> tuple[bool, bool, bool]:
    """A key to sort by: the newest runs first, but those that show less later.

    Finished ones without weights, then points of a learning curve, trained on a few drawings on
    purpose, then damaged ones.
    """
    is_point = run.config is not None and run.config.data.train_limit > 0
    is_bare = run.state == "finished" and not run.has_weights
    return run.state == "damaged", is_point, is_bare


def finished_runs(kind: str = "classifier") -> list[runs.Run]:
    """The finished runs of a family that are not hidden, by `rank`; stops at none."""
    found = runs.finished(kind)
    if not found:
        offer_training(families.FAMILIES[kind].lacking)
        st.stop()
    return sorted(found, key=rank)


def pick_run(label: str = "Run", kind: str = "classifier") -> runs.Run:
    """Choose a finished run of a family (the `run` in the address first); stops at none."""
    finished = finished_runs(kind)
    names = [run.name for run in finished]
    wanted = st.query_params.get("run")
    if wanted and wanted not in names:
        st.warning(f"There is no finished run named {plain(wanted[:80])}.")
    name = st.selectbox(label, names, index=names.index(wanted) if wanted in names else 0)
    st.query_params["run"] = name
    run = finished[names.index(name)]
    if run.error:  # what is lost of it; the rest is shown
        st.warning(plain(run.error), icon=":material/broken_image:")
    return run


def pick_drawings(run: runs.Run) -> runs.Run:
    """Choose which of a classifier's figures are shown: of its own test drawings, or a scoring.

    The `drawings` in the address comes first. Nothing is asked where the run has no scoring.
    """
    found = {one.key: one for one in runs.scorings(run)}
    wanted = st.query_params.get("drawings", "")
    if wanted and wanted not in found:
        st.warning(f"{plain(run.name)} was not scored on {plain(wanted[:80])}.")
    key = ""
    if found:
        options = ["", *found]
        key = st.selectbox(
            "Scored on",
            options,
            index=options.index(wanted) if wanted in found else 0,
            format_func=lambda key: found[key].label if key else "its own test drawings",
            help="Its own test drawings, or others that it was scored on later.",
        )
    if key:
        st.query_params["drawings"] = key
    else:
        st.query_params.pop("drawings", None)
    return found.get(key, run)
