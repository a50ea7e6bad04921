"""Train: choose data, network and settings; start; watch; stop. The training is not in this page.

A run is a folder that a process of its own fills; this page starts that process and reads.
"""

from collections.abc import Iterable, Sequence

import streamlit as st

from doodle_core import data, plots, runs
from doodle_core.files import explain
from doodle_core.lab import gpu, queue
from doodle_core.runs import latents
from doodle_core.settings import DataConfig, declared
from doodle_core.settings.families import FAMILIES
from pages.shared import form, parts, playback, sources, terms

st.title("Train")
st.caption(
    "Drawings, a network and its recipe make a run. It trains in a process of its own: close this "
    "page and it goes on."
)
if note := gpu.unused():
    st.info(note, icon=":material/memory:")


def choose_test_source(categories: Sequence[str]) -> str:
    """Where the test part is to come from: a source, or "" for where all drawings come from."""
    setting = declared(DataConfig)["test_source"]
    kind = st.selectbox(
        setting.label,
        ["", *sources.kinds()],
        format_func=lambda kind: (
            sources.words(kind) if kind else "the test part of the same drawings"
        ),
        help=setting.help,
    )
    return sources.turned(sources.named(kind, "test"), categories, "test") if kind else ""


def check_scored(source: str, categories: Sequence[str]) -> None:
    """Raise a ValueError that says what a folder to score on lacks: better now than in the queue."""
    if ":" not in source:
        return
    here = data.folder_categories(source.partition(":")[2])
    if lacking := [name for name in categories if name not in here]:
        more = f" and {len(lacking) - 5} more" if len(lacking) > 5 else ""
        raise ValueError(
            f"The drawings to score on hold no {', '.join(lacking[:5])}{more}: choose among the "
            "categories that both have."
        )


def choose_start(network: str) -> str:
    """A finished run of the same network to begin with the weights of, or ""."""
    names = [
        run.name
        for run in runs.all_runs()
        if (run.state, run.kind) == ("finished", "classifier")
        and run.config.network == network
        and run.has_weights
    ]
    if not names or network == "transfer":
        return ""
    setting = declared(family.config)["start_from"]
    return st.selectbox(
        setting.label,
        ["", *names],
        format_func=lambda name: name or "none: fresh weights",
        help=setting.help,
    )


with st.container(border=True):
    wanted = st.query_params.get("preset")
    kind = st.segmented_control(
        "What",
        list(FAMILIES),
        default=next((key for key, one in FAMILIES.items() if wanted in one.presets), "classifier"),
        required=True,
        format_func=lambda key: FAMILIES[key].choice,
        help=" ".join(one.says for one in FAMILIES.values()),
    )
    family = FAMILIES[kind]
    source, categories = sources.choose("train")
    begin = wanted if wanted in family.presets else family.preset
    preset = st.selectbox(
        "Network and recipe",
        family.presets,
        index=list(family.presets).index(begin),
        format_func=lambda name: family.presets[name].label,
        help="Settings to begin with; each can be changed.",
        key=f"preset of a {kind}",
    )
    try:
        settings = form.settings(family.config, family.presets[preset])
    except ValueError as error:
        st.error(parts.plain(explain(error)))
        st.stop()
    columns = st.columns(4)
    drawings = {
        "per_category": form.one(columns[0], DataConfig, "per_category"),
        "seed": form.one(columns[1], DataConfig, "seed"),
        "practice_added": form.one(
            columns[2], DataConfig, "practice_added", disabled=data.is_practice(source)
        ),
        "train_limit": form.one(columns[3], DataConfig, "train_limit"),
    }
    left, right = st.columns(2)
    with left:
        test_source = choose_test_source(categories)
    if "start_from" in declared(family.config):
        with right:
            settings["start_from"] = choose_start(settings["network"])
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    name = left.text_input("Name of the run", runs.free_name(preset))
    start = right.button("Start", type="primary", icon=":material/play_arrow:", width="stretch")

if start:
    try:
        check_scored(test_source, categories)
        asked = family.config(
            name=name,
            data=DataConfig(
                source,
                categories,
                test_source="" if data.is_same(test_source, source) else test_source,
                **drawings,
            ),
            **settings,
        )
        queue.submit(asked)
        st.toast(f"{parts.plain(name)} is queued.", icon=":material/schedule:")
        st.rerun()  # with the next free name in its field
    except (ValueError, OSError) as error:
        st.error(parts.plain(explain(error)))


def live(everything: Iterable[runs.Run]) -> list[runs.Run]:
    """Runs that are queued or train, in the order of the queue."""
    found = [run for run in everything if run.state in runs.LIVE]
    return sorted(found, key=lambda run: (run.state != "running", run.status.get("time", 0)))


def clock(seconds: float) -> str:
    """Seconds as 1:05 or 2:01:05."""
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def show_progress(run: runs.Run) -> None:
    """Bars, figures and curves of the run that trains."""
    now = run.progress
    phase = now.get("phase", "starting")
    if phase != "training":
        words = {
            "starting": "Starting TensorFlow",
            "data": now.get("text", "Reading the drawings"),
            "scoring": "Scoring the best epoch on the test part",
        }
        st.progress(float(now.get("done", 0.0)), words.get(phase, phase))
        return
    st.progress(
        min(1.0, (now["epoch"] - 1 + now["step"] / now["steps"]) / now["epochs"]),
        f"Epoch {now['epoch']} of {now['epochs']}",
    )
    st.progress(now["step"] / now["steps"], f"Batch {now['step']} of {now['steps']}")
    columns = st.columns(4)
    columns[0].metric(
        "Time left", clock(now["seconds_left"]), help="Minutes and seconds, at the present speed."
    )
    columns[1].metric(
        "Drawings a second", f"{now['images_per_second']:,.0f}", help="Trained on, in this epoch."
    )
    for column, (label, value, says) in zip(columns[2:], run.family.live(now)):
        column.metric(label, value, help=terms.explained(says))


def show_curves(run: runs.Run) -> None:
    """Live curves: training within the epochs, validation after each."""
    epochs, steps = parts.history(run.path), runs.steps(run.path)
    if not len(steps):
        return
    note = parts.practice_note(run)
    metrics = run.family.curves
    for column, metric in zip(st.columns(len(metrics)), metrics):
        spec = plots.live(epochs, steps, metric, note=note)
        parts.live_chart(spec, f"{run.name} {metric}", column)
    if seen := latents.snapshots(run.path):
        playback.show(run, seen[-1])


def act(run: runs.Run) -> None:
    """The buttons of one live run."""
    if run.state == "queued":
        if st.button("Take out", key=f"out {run.name}", icon=":material/close:"):
            with parts.told():
                runs.request(run.path, "stop")
            st.rerun()
        return
    for wish, label, icon, text in (
        ("finish", "Finish now", "flag", "End here and score the best epoch so far."),
        ("stop", "Stop", "stop", "Stop; it can be resumed from its last finished epoch."),
    ):
        if st.button(label, key=f"{wish} {run.name}", icon=f":material/{icon}:", help=text):
            with parts.told():
                runs.request(run.path, wish)


everything = runs.all_runs()
shown = live(everything)


@st.fragment(run_every=1 if shown else None)
def watch() -> None:
    """The queue, about once a second, without redrawing the page around it."""
    with parts.told():
        queue.ensure()
    now = live(runs.all_runs())
    if hindrance := queue.hindrance(now):
        st.warning(parts.plain(hindrance), icon=":material/lock:")
    if {run.name for run in now} != {run.name for run in shown}:
        st.rerun()  # one ended: show the list below anew
    for run in now:
        with st.container(border=True):
            title, buttons = st.columns([3, 2], vertical_alignment="center")
            title.markdown(parts.heading(run))
            with buttons.container(horizontal=True, horizontal_alignment="right"):
                act(run)
            if run.state == "running":
                show_progress(run)
                show_curves(run)


st.subheader("Queue")
if shown:
    watch()
else:
    st.caption("Nothing trains now. One run trains at a time; others wait here.")

ended = [run for run in everything if run.state not in runs.LIVE and run.config]
if ended:
    st.subheader("Ended")
for run in ended[:5]:
    name_column, figure, button = st.columns([4, 4, 2], vertical_alignment="center")
    name_column.markdown(parts.heading(run))
    if run.metrics:
        figure.markdown(parts.figure(run))
    elif run.error:
        figure.markdown(parts.plain(run.error))
    elif run.state in parts.RESUMABLE:
        figure.caption(f"Resume goes on after epoch {len(parts.history(run.path))}.")
    button = button.container(horizontal=True, horizontal_alignment="right")
    if run.state in parts.RESUMABLE:
        if button.button("Resume", key=f"resume {run.name}", icon=":material/resume:"):
            with parts.told():
                runs.requeue(run.path)
                queue.ensure()
            st.rerun()
    elif run.state == "finished":
        with button:
            parts.link_to_results(run)

watched = [run for run in ended if latents.snapshots(run.path)]
if watched:
    st.subheader("Play back")
    st.caption(
        "What an autoencoder made of a fixed set of validation drawings after each epoch of its "
        "training. The plane is that of the last epoch."
    )
    by_name = {run.name: run for run in watched}

    @st.fragment
    def play_back() -> None:
        """One of the ended trainings, without redrawing the page around it."""
        playback.play(by_name[st.selectbox("Training", by_name)])

    play_back()
