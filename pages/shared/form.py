"""The form of a training's settings, as their classes declare them (`settings.fields`)."""

from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from doodle_core.settings import (
    Choice,
    Flag,
    Group,
    Number,
    Preset,
    Setting,
    Text,
    declared,
    defaults,
    grouped,
    nested,
    plain,
)


def settings(kind: type[Any], preset: Preset) -> dict[str, Any]:
    """Draw the form of a settings class, beginning with a preset's values.

    Returns:
        Those settings of the class that the form is about, by name.

    Raises:
        ValueError: those of a nested class do not go together.
    """
    begin = {**defaults(kind), **preset.settings}
    network = begin.get("network")
    groups = grouped(kind, network)
    main = groups.pop(Group.MAIN, {})
    found = _row(main, len(main), preset, begin) if main else {}
    for name, part in nested(kind, network).items():
        if part.title:  # else it has its own place on the page, as the drawings
            values = defaults(part.kind) | preset.settings.get(name, {})
            found[name] = part.kind(**_groups(grouped(part.kind), preset, values))
    if groups:
        with st.expander("More settings"):
            found |= _groups(groups, preset, begin)
    return found if network is None else {"network": network} | found


def one(column: DeltaGenerator, kind: type[Any], name: str, **more: Any) -> Any:
    """The widget of one setting alone, beginning with its default. Returns its value.

    Args:
        column: where it stands. more: the widget's, for example `disabled`.
    """
    return _widget(column, name, declared(kind)[name], defaults(kind)[name], **more)


def _groups(
    groups: dict[Group, dict[str, Setting]], preset: Preset, begin: dict[str, Any]
) -> dict[str, Any]:
    """Groups under their headings, four widgets a row. Returns their values."""
    found: dict[str, Any] = {}
    for group, members in groups.items():
        st.markdown(f"**{group}**")
        names = list(members)
        for start in range(0, len(names), 4):
            some = {name: members[name] for name in names[start : start + 4]}
            found |= _row(some, 4, preset, begin, vertical_alignment="bottom")
    return found


def _row(
    members: dict[str, Setting], places: int, preset: Preset, begin: dict[str, Any], **more: Any
) -> dict[str, Any]:
    """Widgets side by side; each preset has its own, with its own values. Returns their values."""
    return {
        name: _widget(column, name, setting, begin[name], key=f"{name} of {preset.name}")
        for column, (name, setting) in zip(st.columns(places, **more), members.items())
    }


def _widget(column: DeltaGenerator, name: str, setting: Setting, value: Any, **more: Any) -> Any:
    """The widget that fits the kind of a setting. Returns its value."""
    label = setting.label or plain(name).capitalize()
    more |= {"help": setting.help}
    match setting:
        case Flag():
            return column.toggle(label, value, **more)
        case Choice():
            choices = list(setting.offered or setting.choices)
            return column.selectbox(label, choices, choices.index(value), **more)
        case Number():
            # Streamlit wants all of a widget's numbers of one type
            low, high, value = map(setting.kind, (*setting.bounds, value))
            step = None if setting.step is None else setting.kind(setting.step)
            form = "%g" if setting.kind is float else None
            return column.number_input(label, low, high, value, step, form, **more)
    if isinstance(value, tuple):
        value = ", ".join(map(str, value))
    most = setting.most if isinstance(setting, Text) else None
    return column.text_input(label, value, most, **more).strip()
