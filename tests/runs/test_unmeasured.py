"""What could not be measured, and why: written, read, refused where it is not sentences."""

import pytest

from doodle_core import runs


def test_reasons_come_back_and_are_said_by_their_measures_names(tmp_path):
    assert runs.read_unmeasured(tmp_path) == {} and runs.unmeasured_words(tmp_path) == []
    reasons = {"knn": "It needs more.", "suspected labels": "The memory is full."}
    runs.write_unmeasured(tmp_path, reasons)
    assert runs.read_unmeasured(tmp_path) == reasons
    assert runs.unmeasured_words(tmp_path) == [
        "k-NN, k = 10: not measured: It needs more.",
        "Suspected labels: not measured: The memory is full.",
    ]
    runs.write_unmeasured(tmp_path, {})  # scored again, with all
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("content", ["[]", '{"knn": 1}', '{"knn": null}', "{", "\xff"])
def test_what_is_no_sentence_is_refused(tmp_path, content):
    (tmp_path / "unmeasured.json").write_text(content, "latin-1")
    with pytest.raises(ValueError, match="unmeasured.json is damaged"):
        runs.read_unmeasured(tmp_path)
    with pytest.raises(ValueError, match="damaged"):
        runs.write_unmeasured(tmp_path, {"knn": 1})
