"""The names of all categories, and what is none."""

import pytest
from hypothesis import given

from doodle_core.data.categories import CATEGORIES, REPORT_SEVEN, check_category
from support.hostile import NAMES, answered


def test_there_are_345_categories_and_the_report_has_seven_in_its_order():
    assert len(set(CATEGORIES)) == 345
    assert REPORT_SEVEN.index("lollipop") == 0 and REPORT_SEVEN.index("cup") == 6
    assert set(REPORT_SEVEN) <= set(CATEGORIES)


def test_an_unknown_category_is_refused_with_the_nearest_names():
    with pytest.raises(ValueError, match="lolipop.*nearest are lollipop"):
        check_category("lolipop")


@given(NAMES)
def test_any_other_name_is_refused(name):
    assert answered(check_category, name) in (None, name)
