"""What a person declares who imports a network."""

import pytest

from doodle_core.settings import IMPORTED, Contract, RunConfig, declared


def test_what_goes_in_is_said_in_words_and_numbers():
    contract = Contract(32, "rgb", "signed", "dark")
    assert contract.shape == (32, 32, 3)
    assert contract.words == "dark lines on a light ground, numbers from -1 to 1"


def test_the_others_are_each_polarity_and_range_once():
    contract = Contract(20, "rgb", "unit", "dark")
    others = contract.others()
    assert len(set(others)) == 5 and contract not in others
    assert {(one.pixels, one.ink) for one in others} == {
        (pixels, ink) for pixels in ("byte", "unit", "signed") for ink in ("light", "dark")
    } - {("unit", "dark")}
    assert {one.shape for one in others} == {contract.shape}


@pytest.mark.parametrize(
    ("name", "value"), [("side", 7), ("side", 10**6), ("channels", 2), ("pixels", "x"), ("ink", 1)]
)
def test_what_cannot_be_is_a_sentence(name, value):
    with pytest.raises(ValueError, match=f"^{name} must be"):
        Contract(**{name: value})


def test_an_imported_network_is_known_and_not_offered():
    assert RunConfig("theirs", network=IMPORTED).network == IMPORTED
    setting = declared(RunConfig)["network"]
    assert IMPORTED not in setting.choices and IMPORTED not in setting.takes
    with pytest.raises(ValueError, match="network must be one of report-base"):
        RunConfig("theirs", network="another")
