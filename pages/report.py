"""The report's table 1, explained: its three bases both ways, and each mistake with its plot."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from doodle_core import evaluation, plots, runs
from doodle_core.evaluation import Share
from doodle_core.evaluation.given import BASES, GIVEN, GIVEN_N, WAYS, decoder_layers
from doodle_core.evaluation.measures import MEASURES
from doodle_core.lab import queue, report, tour
from doodle_core.plots import report as report_plots
from doodle_core.settings import PRESETS, DataConfig, RunConfig
from pages.shared import parts, sources, terms

st.title("Report")
st.caption(
    "Table 1 of the report (a student's, 2020), explained: three networks trained on photographs, "
    "turned to doodles as the report did it and properly, both measured by both measures; then its "
    "six mistakes, each with the plot that shows it."
)
everything = runs.all_runs()
groups = report.groups(everything)


# --- queueing ------------------------------------------------------------------------------------


def settings() -> Callable[[str], RunConfig]:
    """The widgets of what is to be queued. Returns a maker of RunConfigs, None where it cannot be."""
    source, categories = sources.choose("report")
    columns = st.columns(4)
    per_category = columns[0].selectbox(
        "Drawings a category",
        [100, 300, 1000, 3000, 10_000],
        index=1,
        help="At most; 70 % are trained on. The report had 10,000, which takes ResNet152V2 hours "
        "on a laptop.",
    )
    epochs = columns[1].selectbox(
        "Epochs of each stage", [2, 5, 10, 20], index=3, help="The report had 20 and 20."
    )
    weights = columns[2].selectbox(
        "Weights",
        ["imagenet", "random"],
        format_func={"imagenet": "ImageNet", "random": "Random"}.get,
        help="ImageNet's come from a local file, else by Keras's download. Random ones only show "
        "that it runs; they are marked everywhere.",
    )
    folder = (
        columns[3]
        .text_input(
            "Folder with weights",
            placeholder="optional",
            disabled=weights == "random",
            help="With BASE_imagenet_notop.weights.h5 files. data/weights is looked into anyway.",
        )
        .strip()
    )

    def make(preset: str) -> RunConfig:
        chosen = {**PRESETS[preset].settings, "epochs": epochs}
        if "transfer" in chosen:
            where = folder if folder and weights == "imagenet" else weights
            more = {"fine_tune_epochs": epochs, "weights": where}
            chosen["transfer"] = chosen["transfer"] | more  # not the preset's own
        return RunConfig(
            runs.free_name(preset), DataConfig(source, categories, per_category), **chosen
        )

    return make


def enqueue(presets: Sequence[str]) -> NoReturn:
    """Queue a run of each preset, with the settings above, and go to where they train."""
    with parts.told():
        for preset in presets:
            queue.submit(make(preset))
    st.switch_page("pages/train.py")


def offer(key: int, presets: Sequence[str], why: str) -> None:
    """Say what a plot lacks, and offer to queue it."""
    words, button = st.columns([3, 1], vertical_alignment="center")
    words.info(why, icon=":material/info:")
    if button.button(
        f"Queue {len(presets)} run{'s' * (len(presets) != 1)}",
        key=f"queue {key}",
        icon=":material/play_arrow:",
        width="stretch",
        help=f"{', '.join(presets)}, with the settings at the top of this page.",
    ):
        enqueue(presets)


BOTH = {f"{way}-{base}": f"{base}, {words}" for base in BASES for way, words in WAYS.items()}
has_transfer = any(report.way(run) for found in groups.values() for run in found)
with st.expander("Train the three bases", expanded=not has_transfer, icon=":material/play_circle:"):
    make = settings()
    chosen = st.multiselect("Runs", list(BOTH), default=list(BOTH), format_func=BOTH.get)
    if st.button(
        f"Queue {len(chosen)} run{'s' * (len(chosen) != 1)}",
        type="primary",
        disabled=not chosen,
        icon=":material/play_arrow:",
    ):
        enqueue(chosen)
    waiting = sum(run.state in runs.LIVE for run in everything)
    if waiting:
        st.page_link("pages/train.py", label=f"{waiting} in the queue", icon=":material/schedule:")


# --- the table -----------------------------------------------------------------------------------


def group_label(key: tuple[tuple[str, ...], str]) -> str:
    """A group of comparable runs, in words."""
    categories, label = key
    names = ", ".join(categories[:7]) + (" ..." if len(categories) > 7 else "")
    return f"{label}: {names} ({len(groups[key])} finished)"


def both_measures(figures: evaluation.Figures, n: int) -> dict[str, str]:
    """Top-1 and binary accuracy with their intervals at `n` drawings; "" where there is none."""
    found = {MEASURES[key].name: figures.get(key) for key in ("top1", "binary_accuracy")}
    return {name: "" if value is None else Share.at(value, n).text for name, value in found.items()}


def row(run: runs.Run) -> dict[str, Any]:
    """A finished run's row."""
    figures = run.metrics
    return {
        "model": report.model_name(run),
        "how": WAYS.get(report.way(run), "from scratch"),
        "run": run.name,
        "data": run.data_label,
        "test drawings": figures["n"],
        **both_measures(figures, figures["n"]),
        "trainable": figures.get("trainable", figures.get("parameters")),
        "frozen": figures.get("frozen", 0),
        "ms a drawing": figures.get("ms_per_drawing"),
        "weights": report.weights(run),
    }


def given(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the report's own table."""
    sizes = {"trainable": row.get("trainable"), "frozen": row.get("frozen")}
    is_base = row["model"] in BASES
    return {
        "model": row["model"],
        "how": "given by the report",
        "run": "",
        "data": "its 70,000 drawings",
        "test drawings": GIVEN_N,
        **both_measures(row, GIVEN_N),
        **sizes,
        "weights": "ImageNet" if is_base else "from scratch",
    }


st.subheader("Both ways, by both measures")
found = []
if groups:
    key = st.selectbox("Drawings", list(groups), format_func=group_label)
    found = groups[key]
classes = len(found[0].config.data.categories) if found else 7
one, two, three = st.columns(3)
one.metric("Chance, top-1", parts.percent(1 / classes), help="1 / C: naming a category at random.")
two.metric(
    "Chance, binary accuracy",
    parts.percent(1 - 1 / classes),
    help="(C - 1) / C: answering nothing every time.",
)
three.metric("Finished runs", len(found), help="On these drawings.")
number = st.column_config.NumberColumn
rows = pd.DataFrame([*map(row, found), *map(given, GIVEN)])
st.dataframe(
    rows,
    hide_index=True,
    placeholder="",
    column_config=terms.columns(
        rows, formats=dict.fromkeys(("test drawings", "trainable", "frozen"), "localized")
    )
    | {
        "model": st.column_config.TextColumn(pinned=True),
        "ms a drawing": number(format="%.2f", help="In batches of 256, on this machine."),
    },
)
marks = parts.practice_badge(*found)
st.markdown(
    "The report printed binary accuracy for the bases and top-1 for the networks from scratch, both "
    "under the name accuracy. Only top-1 can be compared, and only between runs on the same test "
    "drawings." + (f" Among the runs:{marks}" if marks else "")
)


# --- the question that it was written for ------------------------------------------------------------

claims = {stop.key: stop for stop in tour.STOPS}
st.subheader("Pre-trained or hand-made?")
with parts.told():
    answer = claims["question"].find(everything)
verdict = f"Verdict: {tour.VERDICTS[answer.verdict]}. {claims['question'].why[answer.verdict]}"
st.markdown(
    f"{parts.plain(claims['question'].claim)} {parts.plain(answer.words)}\n\n"
    f"**{verdict}**{parts.practice_badge(*answer.runs)}"
)
if answer.evidence:
    st.caption(f"Evidence: {parts.plain(answer.evidence)}")


# --- the six mistakes ----------------------------------------------------------------------------


def first(*wanted: Callable[[runs.Run], Any]) -> runs.Run | None:
    """The run of the chosen drawings that fits all conditions, or None: that with the largest test
    part, of several the newest.
    """
    fitting = (run for run in found if all(fits(run) for fits in wanted))
    return max(fitting, key=lambda run: run.metrics["n"], default=None)


def curves(key: str, shown: Sequence[runs.Run], stages: Sequence[int] = (1, 2)) -> None:
    """Top-1 over the epochs of a few runs side by side, of some stages."""
    histories = {run.name: parts.history(run.path) for run in shown}
    histories = {name: frame[frame["stage"].isin(stages)] for name, frame in histories.items()}
    figure = plots.curves(histories, "accuracy", note=parts.notes(shown))
    parts.chart(figure, key)
    said = "Both stages." if len(stages) > 1 else "The frozen stage, before any fine-tuning."
    st.caption(f"{said} Solid: validation. Dashed: training.")


def is_report(run: runs.Run) -> bool:
    return report.way(run) == "report"


st.subheader("1. Table 1 is not accuracy")
st.markdown(
    "With binary cross-entropy that Keras counted the outputs on the right side of 0.5. Answering "
    f"*nothing* every time scores {parts.percent(1 - 1 / classes)}: the report's 85.9 % for "
    "ResNet152V2 is chance for seven categories, and its 98.3 % for VGG19 and 96.5 % from scratch "
    "are two different measures."
)
run = first(is_report)
if run:
    figure = report_plots.measures(parts.history(run.path), classes, parts.practice_note(run))
    parts.chart(figure, "measures")
    st.caption(f"{parts.plain(run.name)}, its validation part.")
else:
    offer(1, ["report-MobileNetV2"], "No run as the report did it has finished on these drawings.")

st.subheader("2. The fine-tuning did nothing")
st.markdown(
    "The network was not compiled again after its layers were unfrozen, so Keras went on training "
    "the head alone; and `layers[:100]` froze the first 100 layers, which is all of VGG19's 22. "
    "Compiled again at a lower rate, the last layers do learn."
)
both = report.both_ways(found, batch_norm=False) or report.both_ways(found)
if both:
    curves("tuning", both)
else:
    offer(2, ["report-VGG19", "tuned-VGG19"], "This needs one base both ways.")

st.subheader("3. Batch norm's statistics were two different ones")
st.markdown(
    "In training the frozen base's batch norm used the statistics of the batch, in validation those "
    "of ImageNet: the head learned on features that it never met again. The report's MobileNetV2 has "
    "0.98 in training and 0.907 in validation. In inference mode both are ImageNet's. The two runs "
    "below differ in more than that, which *Compare* and their settings on *Runs* show."
)
both = report.both_ways(found, batch_norm=True)
if both:
    curves("norm", both, stages=[1])
else:
    offer(
        3,
        ["report-MobileNetV2", "tuned-MobileNetV2"],
        "This needs a base with batch norm both ways, such as MobileNetV2: VGG19 has none.",
    )

st.subheader("4. Drawings in another range than was learned")
st.markdown(
    "The report judged its VAE by a VGG19 that had learned grey drawings in [-1, 1] and was shown "
    "binarised ones in [0, 1]: the 0.685 measures the mismatch as much as the VAE. This is what the "
    "same mismatch does to a network on its own test drawings. Networks here scale raw pixels "
    "themselves, so that no caller can hand them the wrong range."
)


def ranges(run: runs.Run) -> dict[str, dict[str, float]]:
    """A run's `ranges.json`, {} where it has none or it is damaged."""
    try:
        return runs.read_ranges(run.path)
    except (OSError, ValueError):
        return {}


scored = [run for run in found if ranges(run)]
if scored:  # the best one from scratch, where there is one
    run = max(scored, key=lambda run: (not report.way(run), run.metrics["top1"]))
    parts.chart(report_plots.ranges(ranges(run), classes, parts.practice_note(run)), "ranges")
    st.caption(f"{parts.plain(run.name)}, at most 2,000 of its test drawings.")
else:
    offer(4, ["report-base"], "No finished run on these drawings has been scored in other ranges.")
with parts.told():
    judged = claims["ranges"].find(everything)
if judged.runs:
    st.markdown(f"And to an autoencoder's reconstructions: {parts.plain(judged.words)}")
    parts.link("latent", judged.runs[0], f"{judged.runs[0].name}: its measures")

st.subheader("5. Model 2's decoder skips its widest layer")
st.markdown(
    "The second transposed convolution reads the dense layer's output, so the first one, with 128 "
    "filters on 128 channels, leads nowhere: its parameters are neither used nor learned."
)
parts.chart(report_plots.decoder(decoder_layers()), "decoder")
st.caption("By arithmetic from the report's description (section 2.4): 14 latent numbers, 5x5.")
with st.container(horizontal=True):
    for preset, skips, words in (
        ("report-vae-2", True, "as it was"),
        ("report-vae-2-mended", False, "with every layer"),
    ):
        same = [
            run
            for run in runs.finished("vae", everything)
            if run.config.network == "report-vae"
            and run.config.filters == (64, 128)
            and run.config.skip_widest == skips
        ]
        if same:
            parts.link("latent", same[0], f"{same[0].name}, {words}")
        else:
            st.page_link(
                "pages/train.py",
                label=f"Train it {words}",
                icon=":material/play_circle:",
                query_params={"preset": preset},
            )

st.subheader("6. The best network was chosen by the test split")
st.markdown(
    "Whoever tries many networks and keeps the best on the test part also keeps its luck. Here the "
    "shared test drawings are halved at random 1,000 times: the best run is chosen by one half and "
    "judged by the other."
)


@st.cache_data(max_entries=16, show_spinner=False)
def halves(
    paths: list[str], stamps: list[tuple[parts.Stamp, ...]]
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    chosen = [runs.load(path) for path in paths]
    return evaluation.choose_by_half(report.right_answers(chosen))


shared = report.same_drawings(found)
if len(shared) > 1:
    with parts.told():
        stamps = [parts.results_stamps(run) for run in shared]
        chosen_half, other_half = halves([str(run.path) for run in shared], stamps)
    parts.chart(report_plots.choice(chosen_half, other_half, parts.notes(shared)), "choice")
    gain = evaluation.flattery(chosen_half, other_half)
    st.markdown(
        f"Over {len(shared)} runs on the same {shared[0].metrics['n']:,} drawings the chosen one "
        f"shows {evaluation.spread(chosen_half).text} on the half that chose it and "
        f"{evaluation.spread(other_half).text} on the other (mean, and the middle 95 % of the "
        f"halvings): better by {gain.hundredths} in the mean. The runs here are chosen by their validation part "
        "instead."
    )
else:
    offer(6, ["report-base", "compact"], "This needs two finished runs on the same test drawings.")
