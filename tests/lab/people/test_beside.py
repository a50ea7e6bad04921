"""Networks beside a person: on the very same drawings, or not at all."""

import numpy as np
import pytest

from doodle_core.lab import people


def test_a_run_of_the_same_name_on_other_drawings_is_refused(begin):
    session, run = begin()
    labels = np.load(run.path / "test_labels.npy")
    np.save(run.path / "test_labels.npy", (labels + 1) % 3)
    with pytest.raises(ValueError, match="other drawings"):
        people.said_by(session, "done")
