"""A settings class on the command line: a flag for each setting, and what was given by them."""

from argparse import ArgumentParser, BooleanOptionalAction, Namespace, _ArgumentGroup
from collections.abc import Mapping
from typing import Any

from doodle_core.settings.fields import Flag, Setting, declared, defaults, nested, owners


def add(command: ArgumentParser | _ArgumentGroup, kind: type[Any]) -> None:
    """A flag for each setting that a class declares; None where it was not given."""
    for name in declared(kind):
        add_one(command, kind, name)


def add_one(command: ArgumentParser | _ArgumentGroup, kind: type[Any], name: str) -> None:
    """The flag of one setting."""
    setting = declared(kind)[name]
    flag = "--" + (setting.flag or name).replace("_", "-")
    words = _help(setting, defaults(kind)[name])
    if isinstance(setting, Flag):
        command.add_argument(flag, action=BooleanOptionalAction, help=words)
    else:
        command.add_argument(flag, type=setting.kind, help=words)


def add_nested(command: ArgumentParser, kind: type[Any]) -> None:
    """Those of the classes nested in a class, in groups of their own."""
    for part in nested(kind).values():
        if part.title:
            add(command.add_argument_group(part.title), part.kind)


def _help(setting: Setting, default: Any) -> str:
    """What a setting is, which values it takes, and its default."""
    if isinstance(default, bool):
        default = "yes" if default else "no"
    elif isinstance(default, float):
        default = f"{default:g}"
    elif isinstance(default, tuple):
        default = ",".join(map(str, default))
    label = f"{setting.label}." if setting.label else ""
    bounds = "; ".join(
        filter(None, (setting.takes, f"default: {'none' if default == '' else default}"))
    )
    text = " ".join(filter(None, (label, setting.help, setting.more, f"({bounds})")))
    return text.replace("%", "%%")  # else argparse would put values there


def given(options: Namespace, kind: type[Any]) -> dict[str, Any]:
    """The settings of a class that were given as flags, by name."""
    values = {
        name: getattr(options, one.flag or name, None) for name, one in declared(kind).items()
    }
    return {name: value for name, value in values.items() if value is not None}


def asked(options: Namespace, kind: type[Any], begin: Mapping[str, Any]) -> dict[str, Any]:
    """The settings to begin with, a preset's, and over them what was given, nested ones too.

    A flag of a nested class asks for the network that has it.
    """
    settings = {**begin, **given(options, kind)}
    for name, part in nested(kind).items():
        having, values = owners(kind, name), begin.get(name, {}) | given(options, part.kind)
        if part.title and (values or settings.get("network") in having):
            settings[name] = values
            if having:
                settings["network"] = having[0]
    return settings
