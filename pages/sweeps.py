"""Sweeps: ask for one, watch its trials, see which settings count, train the chosen one in full.

Trials are trained by workers, processes of their own on this or other machines; this page asks
and reads.
"""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from doodle_core import runs
from doodle_core.files import MODELS
from doodle_core.lab import queue, sweeps
from doodle_core.plots import sweeps as sweep_plots
from doodle_core.settings import free_name
from pages.sections.new_sweep import ask
from pages.shared import parts, terms

if TYPE_CHECKING:
    from optuna import Study
    from optuna.storages import BaseStorage

MARKS = {
    "running": (":material/play_circle:", "blue"),
    "waiting": (":material/hourglass_empty:", "orange"),
    "stopped": (":material/pause_circle:", "orange"),
    "finished": (":material/check_circle:", "green"),
}
STATES = {
    "running": "▶ running",
    "waiting": "◷ waiting",
    "lost": "◷ to be taken up",
    "done": "✓ done",
    "pruned": "✂ given up",
    "failed": "✕ failed",
}

st.title("Sweeps")
st.caption(
    "One network for each of many settings, compared on the validation part. The test part scores "
    "nothing here: train the setting you choose in full, and it is scored once."
)


@st.cache_resource(max_entries=4, show_spinner="Connecting to the sweeps' storage")
def connected(address: str) -> "BaseStorage":
    return sweeps.open_storage()


def open_storage() -> "BaseStorage":
    """The storage. A server's connections are kept; a file is opened anew (it may be another)."""
    with parts.told():
        if sweeps.is_file():
            return sweeps.open_storage(patience=sweeps.GLANCE)
        return connected(sweeps.address().render_as_string(hide_password=False))


with parts.told(), sweeps.answering():
    is_there = sweeps.is_there()
    storage: Any = open_storage() if is_there else None  # there below: else the page ends
    names = sweeps.names(storage) if is_there else []
    is_read_only = sweeps.is_read_only()
with st.expander("New sweep", icon=":material/add:", expanded=not names):
    ask(names, open_storage)
if not names:
    st.info(
        "There is no sweep yet. Begin with the report's batch sizes: with 1,000 practice drawings "
        "a category and 5 epochs they take about a minute.",
        icon=":material/info:",
    )
    st.stop()
if is_read_only:
    st.info(
        f"This account may not write {parts.plain(sweeps.label())}: its sweeps can be looked at.",
        icon=":material/lock:",
    )


# --- one sweep -----------------------------------------------------------------------------------

wanted = st.query_params.get("sweep")
if wanted and wanted not in names:
    st.warning(f"There is no sweep named {parts.plain(wanted[:80])}.")
name = st.selectbox("Sweep", names, index=names.index(wanted) if wanted in names else 0)
st.query_params["sweep"] = name


def read() -> "tuple[Study, sweeps.Sweep, list[dict[str, Any]]]":
    """(study, Sweep, rows) as they are now."""
    with parts.told(), sweeps.answering():
        study, sweep = sweeps.load(storage, name)
        found = None if is_read_only else sweeps.take_up(study, sweep)
        return study, sweep, sweeps.rows(study, sweep, found)


def state_of(study: "Study", table: Sequence[dict[str, Any]]) -> str:
    """finished, stopped, running, or waiting for a worker."""
    if sweeps.is_done(table):
        return "finished"
    if sweeps.is_paused(study):
        return "stopped"
    # between two trials a worker holds none for a moment; a time to come is of a clock set back
    now = time.time()
    is_at_it = any(row["state"] == "running" or 0 <= now - row["at"] < 30 for row in table)
    return "running" if is_at_it or sweeps.has_worker() else "waiting"


def ended(table: Sequence[dict[str, Any]]) -> int:
    return sum(row["state"] in ("done", "pruned", "failed") for row in table)


@st.dialog("Delete?")
def ask_delete() -> None:
    """The question before a sweep goes."""
    st.write("Delete this sweep with all its trials? Runs trained in full stay.")
    st.code(name, language=None)
    if st.button("Delete", type="primary", icon=":material/delete:", key="delete for good"):
        with parts.told(), sweeps.answering():
            sweeps.delete(storage, name)
        st.query_params.pop("sweep", None)
        st.rerun()


def control(
    study: "Study", sweep: sweeps.Sweep, table: Sequence[dict[str, Any]], state: str
) -> None:
    """The buttons that tell workers what to do."""
    if state == "running" and st.button(
        "Stop", icon=":material/stop:", help="After the current epoch; the trial begins anew later."
    ):
        sweeps.pause(study)
        st.rerun()
    if state in ("stopped", "waiting") and st.button(
        "Resume" if state == "stopped" else "Start a worker", icon=":material/resume:"
    ):
        sweeps.pause(study, False)
        sweeps.start_worker()
        st.rerun()
    if any(row["state"] == "failed" for row in table) and st.button(
        "Try the failed again", icon=":material/replay:"
    ):
        sweeps.retry_failed(study, sweep)
        sweeps.start_worker()
        st.rerun()


def buttons(
    study: "Study", sweep: sweeps.Sweep, table: Sequence[dict[str, Any]], state: str
) -> None:
    """What can be done with the sweep now."""
    if not is_read_only:
        control(study, sweep, table, state)
    st.download_button(
        "CSV",
        as_frame(sweep, table).to_csv(index=False),
        f"{name}.csv",
        "text/csv",
        icon=":material/download:",
        key="sweep csv",
    )
    if not is_read_only and st.button("Delete", icon=":material/delete:", key="delete sweep"):
        ask_delete()


def as_frame(sweep: sweeps.Sweep, table: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """The trials as a table."""
    return pd.DataFrame(
        [
            {
                "trial": row["trial"],
                "state": STATES[row["state"]],
                **{one.name: sweeps.shown(row["values"].get(one.name, "")) for one in sweep.space},
                "validation top-1 (95 %)": sweeps.top1(row),
                "val loss": row["val_loss"],
                "best epoch": row["best_epoch"],
                "epochs": row["epochs"],
                "seconds": row["seconds"],
                "parameters": row["parameters"],
                "taken up": row["tries"],
                "worker": row["worker"],
                "error": row["error"],
            }
            for row in table
        ]
    )


study, sweep, table = read()
run = runs.Run(MODELS / name, "stopped", sweep.base)  # for its practice mark
note = parts.practice_note(run)
shown_state, shown_ended = state_of(study, table), ended(table)


@st.fragment(run_every=None if shown_state == "finished" else 2)
def watch() -> None:
    """The trials and their curves, every two seconds, without redrawing the page around them."""
    study, sweep, table = read()
    state = state_of(study, table)
    if (state, ended(table)) != (shown_state, shown_ended):
        st.rerun()
    best = sweeps.best(sweeps.over_seeds(table), sweep.objective)
    icon, color = MARKS[state]
    title, row = st.columns([3, 2], vertical_alignment="center")
    title.markdown(
        f"**{parts.plain(name)}** &nbsp; :{color}-badge[{icon} {state}]{parts.practice_badge(run)}"
    )
    place = row.container(horizontal=True, horizontal_alignment="right")
    with place, parts.told(), sweeps.answering():
        buttons(study, sweep, table, state)
    counts = sweeps.tally(table)
    st.progress(
        ended(table) / len(table),
        ", ".join(f"{n} {STATES[one].partition(' ')[2]}" for one, n in counts.items()),
    )
    if any(row["worker"] == sweeps.SILENT for row in table):
        st.caption(
            "A worker took a trial and has not been heard of yet. If it stays silent for "
            f"{2 * sweeps.heartbeat()} seconds, the trial is put back for another one."
        )
    if state == "waiting":
        st.info(
            "No worker is at it. Start one here, or `python -m doodle_core sweep-worker` on any "
            "machine that has the drawings.",
            icon=":material/hourglass_empty:",
        )
    columns = st.columns([2, 1, 2])
    if best:
        columns[0].caption("Best trial")
        words = parts.plain(sweeps.words(best["values"]))
        columns[0].markdown(f"**{best['trial']}: {words}**{sweeps.seeds_of(best)}")
        columns[1].metric(
            "Validation loss", f"{best['val_loss']:.4f} nats", help=terms.TERMS["cross-entropy"]
        )
        columns[2].metric(
            "Validation top-1 (95 %)", sweeps.top1(best), help=terms.TERMS["95 % interval"]
        )
    number = st.column_config.NumberColumn
    frame = as_frame(sweep, table)
    spare = [one for one in ("error", "seconds", "parameters") if not any(frame[one])]
    st.dataframe(
        frame.drop(columns=spare),
        hide_index=True,
        placeholder="",
        height="content" if len(frame) <= 10 else 390,
        column_config=terms.columns(
            frame,
            formats={"val loss": "%.4f", "seconds": "%.0f", "parameters": "localized"},
            labels={one.name: sweeps.plain(one.name) for one in sweep.space}
            | {"val loss": "val loss (nats)"},
        )
        | {
            "taken up": number(
                help="How often a worker began it: more than once after a stop, or "
                "where a worker died."
            )
        },
    )
    if any(row["epochs"] for row in table):
        metric = st.segmented_control(
            "Curves",
            sweeps.OBJECTIVES,
            default="val_loss",
            required=True,
            key="sweep curves",
            format_func=sweeps.OBJECTIVES.get,
            label_visibility="collapsed",
        )
        figure = sweep_plots.curves(table, metric, best, note=note)
        parts.chart(figure, "curves")


watch()
drawings = parts.data_words(run)
chance = 1 / len(sweep.base.data.categories)
st.caption(
    f"{sweeps.SAMPLERS[sweep.sampler].partition(':')[0]}, {sweep.base.epochs} epochs at most, "
    f"compared by {sweeps.OBJECTIVES[sweep.objective]}; {drawings}; chance "
    f"{parts.percent(chance)}. Kept in {parts.plain(sweeps.label())}. The best of many figures is flattered by having been "
    "chosen: expect a little less on the test part. Sweeps and queued runs may train side by side; "
    "each is slower then."
)

finished = [row for row in table if row["state"] in ("done", "pruned") and row["val_loss"]]
if not finished:
    st.stop()

st.subheader("Which settings count")
if any(row["state"] == "pruned" for row in finished):
    st.caption("Filled dots were trained to the end; open ones were given up.")
metric = st.segmented_control(
    "Figure",
    sweeps.OBJECTIVES,
    default="val_accuracy",
    required=True,
    key="sweep figure",
    format_func=sweeps.OBJECTIVES.get,
    label_visibility="collapsed",
)
several = {one.name: one for one in sweep.space if one.name == "seed"}
merged = sweeps.over_seeds(finished)
if several and len(sweep.space) > 1:
    counts = sorted({row["seeds"] for row in merged})
    said = " to ".join(map(str, sorted({counts[0], counts[-1]})))
    st.caption(f"Figures are means over {said} seeds of each value, bars their range.")
else:
    st.caption("One seed of each value: differences may be the seed's. Sweep `seed`, too.")
valued = [one.name for one in sweep.space if one.values and one.name not in several]
if len(valued) > 1:
    x, y = valued[:2]
    if len(valued) > 2:
        left, right = st.columns(2)
        x = left.selectbox("Across", valued)
        y = right.selectbox("Down", [one for one in valued if one != x])
    parts.chart(sweep_plots.grid(merged, x, y, metric, note=note), "grid")
for column, one in zip(st.columns(min(2, len(sweep.space))) * len(sweep.space), sweep.space):
    shown = finished if one.name in several else merged
    figure = sweep_plots.by_value(shown, one, metric, chance, note=note)
    parts.chart(figure, f"by {one.name}", column)
done = [row for row in finished if row["state"] == "done"]
if len(sweep.space) > 1 and len(done) >= 4:
    left, right = st.columns(2)
    left.markdown(
        f"**Importance** for the {sweeps.OBJECTIVES[sweep.objective]}",
        help=terms.TERMS["importance"],
    )
    try:
        shares = sweeps.importance(study, sweep, table)
        parts.chart(sweep_plots.importance(shares, note=note), "importance", left)
    except ValueError as error:
        left.caption(parts.plain(error))
    right.markdown("**Parallel coordinates**: a line a trial; blue is good")
    figure = sweep_plots.parallel(study, sweeps.OBJECTIVES[sweep.objective], note=note)
    parts.chart(figure, "parallel", right)
elif len(sweep.space) > 1:
    st.caption("Importance and parallel coordinates are drawn from four finished trials on.")

best = sweeps.best(sweeps.over_seeds(table), sweep.objective)
if best:
    st.subheader("Train one in full")
    with st.container(border=True):
        others = [row["trial"] for row in done if row["trial"] != best["trial"]]
        columns = st.columns([3, 1, 2, 1], vertical_alignment="bottom")
        trial = columns[0].selectbox(
            "Trial",
            [best["trial"], *others],
            format_func=lambda one: (
                f"{one}: {sweeps.words(table[one - 1]['values'])}"
                + (" (best)" if one == best["trial"] else "")
            ),
        )
        chosen = table[trial - 1]
        epochs = columns[1].number_input("Epochs", 1, 10_000, sweep.base.epochs, key="full epochs")
        taken = [one.name for one in runs.all_runs()]
        stem = f"{name[:50].strip(' .')}-trial-{chosen['trial']}"
        run_name = columns[2].text_input(
            "Name of the run", free_name(stem, taken.__contains__, is_bare=True)
        )
        if columns[3].button("Train", icon=":material/play_arrow:", width="stretch"):
            with parts.told():
                asked = sweep.config(chosen["values"], name=run_name, epochs=epochs)
                queue.submit(asked)
            st.switch_page("pages/train.py")
        st.caption("A run of its own: with its weights, and scored on the test part once.")
