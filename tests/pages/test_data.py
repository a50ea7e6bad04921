"""The Data page."""

import numpy as np
import pytest

from support.apps import open_page

pytestmark = pytest.mark.usefixtures("no_worker")


def test_data_shows_a_folder(drawings_folder):
    app = open_page("data")
    app.segmented_control(key="data_kind").set_value("folder").run()
    app.text_input(key="data_folder").set_value(str(drawings_folder)).run()
    assert not app.exception
    values = {metric.label: metric.value for metric in app.metric}
    assert values == {"Categories": "3", "Drawings": "180", "Exact duplicates": "0"}


def test_data_refuses_a_bad_file_with_a_sentence(tmp_path):
    np.save(tmp_path / "cat.npy", np.zeros((3, 100), np.uint8))
    np.save(tmp_path / "dog.npy", np.zeros((3, 784), np.uint8))
    app = open_page("data")
    app.segmented_control(key="data_kind").set_value("folder").run()
    app.text_input(key="data_folder").set_value(str(tmp_path)).run()
    assert not app.exception
    assert "expected shape" in app.error[0].value
