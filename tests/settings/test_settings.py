import pytest

from doodle_core.data import is_practice, source_label
from doodle_core.data.categories import CATEGORIES, REPORT_SEVEN, check_category
from doodle_core.settings import DataConfig, RunConfig, check_name


def test_there_are_345_categories_and_the_report_has_seven_in_its_order():
    assert len(set(CATEGORIES)) == 345
    assert REPORT_SEVEN.index("lollipop") == 0 and REPORT_SEVEN.index("cup") == 6
    assert set(REPORT_SEVEN) <= set(CATEGORIES)


def test_an_unknown_category_is_refused_with_the_nearest_names():
    with pytest.raises(ValueError, match="lolipop.*nearest are lollipop"):
        check_category("lolipop")


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


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"epochs": 0}, "epochs must be"),
        ({"epochs": 1.5}, "epochs must be"),
        ({"batch_size": 0}, "batch_size must be"),
        ({"learning_rate": 0}, "learning_rate must be"),
        ({"learning_rate": float("nan")}, "learning_rate must be"),
        ({"network": "vgg"}, "network must be one of"),
        ({"precision": "int8"}, "precision must be one of"),
        ({"seed": -1}, "seed must be"),
    ],
)
def test_settings_out_of_range_are_refused(change, words):
    with pytest.raises(ValueError, match=words):
        RunConfig("x", **change)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"source": "ftp://x"}, "A source is"),
        ({"source": "folder:"}, "A source is"),
        ({"categories": ("apple",)}, "at least 2"),
        ({"categories": ("apple", "apple")}, "twice"),
        ({"categories": ("apple", "unicorn")}, "unicorn"),
        ({"categories": ("apple", "cat")}, "not for cat"),
        ({"practice_added": 5}, "to real ones only"),
        ({"source": "folder:/d", "test_source": "practice", "practice_added": 5}, "to real ones"),
        ({"source": "folder:~/d"}, "plain text"),
        ({"source": "folder:" + "x" * 5000}, "plain text"),
        ({"source": "folder:/\ud800"}, "plain text"),
        ({"shares": (float("nan"),) * 3}, "add up to 1"),
        ({"shares": (0.5, 0.5, 0.5)}, "add up to 1"),
        ({"shares": (1.0, 0.0, 0.0)}, "add up to 1"),
    ],
)
def test_data_that_cannot_be_is_refused(change, words):
    with pytest.raises(ValueError, match=words):
        DataConfig(**change)


def test_a_configuration_survives_its_json():
    config = RunConfig("x", DataConfig("folder:/some where", ("cat", "dog"), seed=4), epochs=3)
    assert RunConfig.from_dict(config.to_dict()) == config


def test_a_foreign_setting_is_refused_by_name():
    with pytest.raises(ValueError, match="surprise"):
        RunConfig.from_dict({"name": "x", "surprise": 1})


def test_practice_data_is_called_so():
    assert source_label("practice") == "practice data"
    assert "practice" not in source_label("folder:/home/me/drawings")


def test_the_cache_of_practice_data_is_practice_data_under_any_name():
    from doodle_core.data import PRACTICE

    assert (
        is_practice(f"folder:{PRACTICE}") and source_label(f"folder:{PRACTICE}") == "practice data"
    )
    assert not is_practice("folder:/home/me/practice")
