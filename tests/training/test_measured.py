"""Each measure of a finished training on its own."""

import numpy as np
import pytest

from doodle_core.training.measured import Measured


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ValueError("Too few\nof them."), "Too few of them."),
        (MemoryError(), "The memory is full: choose fewer drawings or a smaller batch."),
        (RuntimeError("cannot cache function"), "cannot cache function"),
        (FileNotFoundError("best.keras is missing."), "best.keras is missing."),
        (np.linalg.LinAlgError("SVD did not converge"), "SVD did not converge"),
    ],
)
def test_a_measure_that_fails_is_noted_and_the_next_one_made(error, reason):
    found = Measured()
    with found.apart("one"):
        found.add({"before": 1})
        raise error
    with found.apart("two"):
        found.add({"two": 2.0, "judge": "a name"})
    assert found.reasons == {"one": reason}
    assert found.figures == {"before": 1, "two": 2.0, "judge": "a name"}


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, np.float32("nan")])
def test_what_is_no_number_is_no_figure(bad):
    found = Measured()
    with found.apart("one"):
        found.add({"good": 1.0, "bad": bad})
    assert found.figures == {} and "not a finite number" in found.reasons["one"]


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_full_disk_and_a_stop_end_the_scoring(error):
    found = Measured()
    with pytest.raises(type(error)), found.apart("one"):
        raise error
    assert found.reasons == {}
