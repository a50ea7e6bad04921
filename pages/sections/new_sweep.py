"""The form of a new sweep."""

from collections.abc import Callable, Container
from typing import TYPE_CHECKING, Any

import streamlit as st

from doodle_core.lab import sweeps
from doodle_core.settings import PRESETS, DataConfig, RunConfig, free_name
from pages.shared import form, parts, sources, terms

if TYPE_CHECKING:
    from optuna.storages import BaseStorage

FREE = "free"


def ask_free() -> tuple[tuple[sweeps.Dimension, ...], dict[str, Any]]:
    """Any settings. Returns (space, RunConfig settings); stops with a sentence."""
    own = [name for name, one in PRESETS.items() if "transfer" not in one.settings]
    recipe = st.selectbox(
        "Network and recipe",
        own,
        format_func=lambda name: PRESETS[name].label,
        help="What all trials share, but for the settings that vary.",
    )
    with parts.told():
        settings = form.settings(RunConfig, PRESETS[recipe])
    swept = sweeps.swept()
    names = st.multiselect("Settings that vary", swept, default=["learning_rate"])
    columns = st.columns(3)
    texts = {
        name: columns[place % 3].text_input(
            name,
            swept[name].swept,
            key=f"values of {name}",
            help='Values like "16, 32, 64". For a random or Bayesian sweep also a range of numbers '
            'like "0.0001..0.01", or "0.0001..0.01 log" to draw evenly on a log scale.',
        )
        for place, name in enumerate(names)
    }
    with parts.told():
        return tuple(sweeps.Dimension.parse(name, text) for name, text in texts.items()), settings


def ask(taken: Container[str], open_storage: "Callable[[], BaseStorage]") -> None:
    """The form of a new sweep; creates it when Start is pressed.

    Args:
        taken: names of sweeps that there are. open_storage: gives the storage.
    """
    source, categories = sources.choose("sweep")
    preset = st.selectbox(
        "Sweep",
        [*sweeps.PRESETS, FREE],
        format_func=lambda name: (
            sweeps.PRESETS[name].title if name != FREE else "Free: settings of your choice"
        ),
    )
    if preset == FREE:
        space, settings = ask_free()
        numbers = st.columns(3)
    else:
        asked = sweeps.PRESETS[preset]
        st.caption(f"As in the report: {asked.report}")
        numbers = st.columns(3)
        epochs = numbers[1].number_input(
            "Epochs",
            1,
            10_000,
            asked.base["epochs"],
            key=f"epochs {preset}",
            help="Of each trial, at most.",
        )
        space, settings = asked.space, asked.base | {"epochs": epochs}
    per_category = form.one(numbers[0], DataConfig, "per_category")
    columns = st.columns(3)
    sampler = columns[0].selectbox(
        "Search",
        sweeps.SAMPLERS,
        format_func=sweeps.SAMPLERS.get,
        help="How the next trial's settings are chosen.",
    )
    pruner = columns[1].selectbox(
        "Giving up early",
        sweeps.PRUNERS,
        format_func=sweeps.PRUNERS.get,
        help=terms.TERMS["pruning"],
    )
    objective = columns[2].selectbox(
        "Compared by",
        sweeps.OBJECTIVES,
        format_func=sweeps.OBJECTIVES.get,
        help="On the validation part, at each trial's best epoch.",
    )
    trials = 20
    if sampler != "grid":
        trials = numbers[2].number_input("Trials", 1, sweeps.MOST, 20)
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    name = left.text_input(
        "Name of the sweep",
        free_name("sweep" if preset == FREE else preset, taken.__contains__, is_bare=True),
    )
    start = right.button("Start", type="primary", icon=":material/play_arrow:", width="stretch")
    if start:
        with parts.told():
            base = RunConfig(name, DataConfig(source, categories, per_category), **settings)
            asked = sweeps.Sweep(
                name,
                base,
                space,
                sampler,
                pruner,
                objective,
                trials,
                preset="" if preset == FREE else preset,
            )
            with sweeps.answering():
                sweeps.create(open_storage(), asked)
            sweeps.start_worker()
        st.query_params["sweep"] = name
        st.rerun()
