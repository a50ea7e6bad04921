"""Hostile names, texts and bytes, by hypothesis: the same ones in every run."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from doodle_core.files import DATA, MODELS, explain

MARKUP = "<script>window.broken=1</script>[x](http://x)<img src=x onerror=alert(1)>"
settings.register_profile(
    "doodle",
    derandomize=True,
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("doodle")

NASTY = st.sampled_from(
    [
        "..",
        "../../etc/passwd",
        "a/../../b",
        "CON",
        "x\0y",
        "\u202etxt.exe",
        ".hidden",
        "-rf",
        MARKUP,
        "a" * 5000,
        "é" * 40,
        " ",
        "\n",
        "%2e%2e",
        "C:\\x",
        "~root",
        "$(id)",
        "';--",
    ]
)

NAMES = st.one_of(st.text(max_size=80), NASTY)

JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        NAMES,
        st.sampled_from([1e308, -1, 10**400, float("nan")]),
    ),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=8,
)


@st.composite
def damages(draw: st.DrawFn) -> Callable[[bytes], bytes]:
    """A function of a file's bytes: cut, changed in places, replaced, or doubled."""
    kind = draw(st.sampled_from(["cut", "change", "replace", "double", "json", "markup"]))
    share = draw(st.floats(0, 1, exclude_max=True))
    noise = draw(st.binary(min_size=1, max_size=60))
    content = draw(JSON) if kind == "json" else None

    def damage(found: bytes) -> bytes:
        at = int(share * max(len(found), 1))
        return {
            "cut": lambda: found[:at],
            "change": lambda: found[:at] + noise + found[at + len(noise) :],
            "replace": lambda: noise,
            "double": lambda: found + found[:at],
            "json": lambda: json.dumps(content).encode("utf-8", "surrogatepass"),
            "markup": lambda: MARKUP.encode(),
        }[kind]()

    return damage


def answered(call: Callable[..., Any], *arguments: Any) -> Any:
    """What a call returns, or None after one readable sentence; any other exception fails."""
    try:
        return call(*arguments)
    except (ValueError, OSError) as error:
        text = explain(error)
        assert "\n" not in text and len(text) < 1000, text
        return None


def below(path: Path, folder: Path) -> bool:
    return folder.resolve() in path.resolve().parents


def outside() -> list[str]:
    """Everything beside `models/` and `data/`: it must stay as it is."""
    home = MODELS.parent
    return sorted(
        str(path)
        for path in home.rglob("*")
        if not any(one in (path, *path.parents) for one in (MODELS, DATA))
    )
