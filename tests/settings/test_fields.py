"""Names of runs, ordinary and hostile."""

import pytest

from doodle_core.settings import check_name


@pytest.mark.parametrize(
    "name",
    [
        "../../x",
        "",
        ".",
        "..",
        ".hidden",
        "a/b",
        "a\\b",
        "a\0b",
        "x" * 65,
        "CON",
        "nul.txt",
        "end.",
        "end ",
        "<b>",
        "a\nb",
        "*",
        7,
        None,
    ],
)
def test_hostile_run_names_are_refused_in_one_sentence(name):
    with pytest.raises(ValueError, match="A run's name must be") as refusal:
        check_name(name)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("name", ["a", "report-base 3", "v1.2_x", "x" * 64])
def test_ordinary_run_names_are_taken(name):
    assert check_name(name) == name
