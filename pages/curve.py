"""Learning curves: how top-1 grows with the drawings, from runs that differ in their number."""

import contextlib
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from doodle_core import evaluation, plots, runs
from doodle_core.files import MODELS, explain
from doodle_core.lab import queue
from doodle_core.settings import PRESETS, DataConfig, RunConfig, free_name
from pages.shared import parts, sources, terms

PERSON = 0.97  # 194 of 200, the report's section 3: a given figure
FAR = 1e9  # drawings a category: so far a law does not reach

st.title("Learning curves")
st.caption(
    "How much would more drawings help? Each line is one network with one recipe, trained on more "
    "and more drawings and scored on the same test drawings."
)


def groups() -> list[list[runs.Run]]:
    """{what is the same: runs} of finished runs whose training parts were limited, or the whole."""
    found: dict[tuple[tuple[str, str], ...], list[runs.Run]] = {}
    for run in runs.finished("classifier"):
        if run.is_imported:
            continue
        same = runs.flat_settings(run.config)
        for name in ("train_limit", "seed", "epochs asked"):
            same.pop(name)
        key = tuple(sorted((name, str(value)) for name, value in same.items()))
        found.setdefault(key, []).append(run)
    return [
        group for group in found.values() if len({r.config.data.train_limit for r in group}) > 1
    ]


def line(group: Sequence[runs.Run]) -> pd.DataFrame:
    """A group's points as a DataFrame, with the law fitted to them."""
    frame = pd.DataFrame(
        {
            "n": run.metrics["train_n"] / len(run.config.data.categories),
            "top1": run.metrics["top1"],
            "low": run.metrics["top1_low"],
            "high": run.metrics["top1_high"],
            "drawings": run.metrics["n"],
            "seed": run.config.seed,
        }
        for run in group
    ).sort_values("n")
    errors = 1 - frame["top1"]
    with contextlib.suppress(ValueError):  # points without a law are shown all the same
        frame.attrs["law"] = evaluation.power_law(frame["n"], errors)
        n = int(frame["drawings"].min())
        frame.attrs["said"] = evaluation.law_of_runs(frame["n"], errors, n, 1 - PERSON)
    return frame


def reach(where: tuple[float, float, float]) -> str:
    """Where a law comes to the person's figure, (n, low, high): in words."""
    about, low, high = (f"{float(f'{one:.2g}'):,.0f}" if one < FAR else "" for one in where)
    if not about:
        return f"never reaches a person's {PERSON:.2f}" + (f" ({low} at the least)" if low else "")
    ends = f"{low} to {high}" if high else f"{low} or more"
    return f"reaches a person's {PERSON:.2f} at about {about} a category ({ends})"


def label(group: Sequence[runs.Run]) -> str:
    """A line's name: network and data; practice data is always called so."""
    run = group[0]
    start = f", begun with {run.config.start_from}" if run.config.start_from else ""
    return f"{run.config.network} on {run.data_label}{start}"


found = groups()
if found:
    lines: dict[str, pd.DataFrame] = {}
    for group in found:
        name = label(group)
        name += f" ({len(lines) + 1})" if name in lines else ""
        lines[name] = line(group)
    notes = {parts.practice_note(group[0]) for group in found} - {""}
    parts.chart(plots.learning_curve(lines, PERSON, "; ".join(sorted(notes))), "lines")
    for name, frame in lines.items():
        if "law" in frame.attrs:
            left, where = frame.attrs["said"]
            seeds = frame.groupby("n")["seed"].nunique().min()
            st.markdown(
                f"**{parts.plain(name)}**, {len(frame)} runs, "
                f"{'one seed' if seeds == 1 else f'{seeds} seeds'} of each number: twice the "
                f"drawings leave {parts.plain(left.text)} of the errors; the law {reach(where)}."
            )
    st.caption(
        "Errors often fall as a power of the number of drawings: the dashed line is that law, "
        "fitted to the points and drawn ten times beyond them; the farther beyond, the less it is "
        "worth. Bars are 95 % Wilson intervals; the law's intervals are what the test drawings "
        "leave open, not what other seeds would bring. The person named 194 of 200 test drawings of the report's "
        "seven categories (0.97, interval 0.936 to 0.986): a given figure, not one measured here."
    )
else:
    st.info(
        "There is no learning curve yet: it needs finished runs that differ in their limit of "
        "training drawings alone. Queue some below.",
        icon=":material/info:",
    )

st.subheader("Measure one", help=terms.TERMS["learning curve"])
with st.container(border=True):
    source, categories = sources.choose("curve")
    columns = st.columns([2, 2, 1], vertical_alignment="bottom")
    preset = columns[0].selectbox(
        "Network and recipe",
        [name for name, one in PRESETS.items() if "transfer" not in one.settings],
        format_func=lambda name: PRESETS[name].label,
    )
    limits = columns[1].multiselect(
        "Training drawings a category",
        [30, 100, 300, 1000, 3000],
        default=[100, 300, 1000, 3000],
        accept_new_options=False,
        help="The test part stays the same, so the points can be compared.",
    )
    if columns[2].button(
        "Queue them",
        type="primary",
        icon=":material/play_arrow:",
        width="stretch",
        disabled=not limits,
    ):
        name = free_name("curve", lambda one: any(MODELS.glob(f"{one}-*")))
        try:
            for limit in sorted(limits):
                data = DataConfig(source, categories, train_limit=limit)
                queue.submit(RunConfig(f"{name}-{limit}", data, **PRESETS[preset].settings))
            st.success(f"{len(limits)} runs are queued.")
            st.page_link("pages/train.py", label="Watch them", icon=":material/play_circle:")
        except (ValueError, OSError) as error:
            st.error(parts.plain(explain(error)))
