"""A sweep's trial sees no test drawing."""

import pytest

from doodle_core import data
from doodle_core.classifier import networks
from doodle_core.classifier.trial import validate
from doodle_core.training.parts import load_parts, open_parts


@pytest.mark.slow
def test_validate_takes_no_drawing_of_the_test_part(make_config, tmp_path):
    config = make_config(epochs=3)
    parts = open_parts(config.data)
    assert len(parts) == 2
    x_test, _ = load_parts(tmp_path, config.data)[2]
    assert all(data.without(x, x_test).all() for x, _ in parts)
    seen = []
    best = validate(config, parts, lambda epoch, logs: seen.append((epoch, logs)))
    assert [epoch for epoch, _ in seen] == [1, 2, 3]
    assert best["val_loss"] == min(logs["val_loss"] for _, logs in seen)
    assert best["parameters"] == networks.build(config, 3).count_params()

    class Enough(Exception):
        pass

    def stop(epoch, logs):
        raise Enough

    with pytest.raises(Enough):
        validate(config, parts, stop)
