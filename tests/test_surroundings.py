"""What an account, a terminal or a machine may be like: the program is the same."""

import json
import os
import subprocess
import sys

import pytest

from support.browser import ROOT

KERAS = {"floatx": "float16", "image_data_format": "channels_first", "backend": "jax"}
SAYS = (
    "import doodle_core, keras; from keras import config as c; "
    "print(c.backend(), c.floatx(), c.image_data_format(), c.epsilon(), c.max_epochs(), "
    "c.is_nnx_enabled(), keras.layers.Dense(1).dtype_policy.name)"
)
OURS = "tensorflow float32 channels_last 1e-07 None False float32"


def python(code, folder, **given):
    """What Python prints, for an account whose home is that folder; `given`: its variables."""
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(ROOT)}
        | {"DOODLE_HOME": str(folder / "doodles"), "CUDA_VISIBLE_DEVICES": ""}
        | given,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.parametrize(
    "settings",
    [
        json.dumps(KERAS | {"epsilon": 0.1}),
        pytest.param('{"floatx": "bfloat16"}', marks=pytest.mark.slow),
        pytest.param("[]", marks=pytest.mark.slow),
        pytest.param('{"floatx"', marks=pytest.mark.slow),
    ],
    ids=["other", "impossible", "list", "broken"],
)
def test_keras_is_as_the_program_wants_it(tmp_path, settings):
    (tmp_path / ".keras").mkdir()
    (tmp_path / ".keras" / "keras.json").write_text(settings)
    variables = {"KERAS_BACKEND": "torch", "KERAS_MAX_EPOCHS": "1", "KERAS_NNX_ENABLED": "true"}
    variables |= {"KERAS_HOME": str(tmp_path / ".keras"), "TF_USE_LEGACY_KERAS": "1"}
    done = python(SAYS, tmp_path, **variables)
    assert done.stdout.strip() == OURS, done.stderr[-2000:]
    assert (tmp_path / ".keras" / "keras.json").read_text() == settings


def test_the_core_itself_brings_no_keras(tmp_path):
    code = "import sys, doodle_core; print({'keras', 'tensorflow', 'numba'} & set(sys.modules))"
    assert python(code, tmp_path).stdout.strip() == "set()"
    assert not (tmp_path / "doodles").exists()


def test_a_terminal_without_umlauts_gets_all_runs(tmp_path):
    """The listing of a run on a folder `ü`."""
    code = (
        "from doodle_core import runs\n"
        "from doodle_core.__main__ import main\n"
        "from doodle_core.settings import DataConfig, RunConfig\n"
        "runs.create(RunConfig('small', DataConfig('folder:/drawings/\\xfc')))\n"
        "print(main(['runs']))"
    )
    for terminal in ({"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONUTF8": "0"}):
        done = python(code, tmp_path, PYTHONCOERCECLOCALE="0", **terminal)
        assert "small" in done.stdout and "folder \\xfc" in done.stdout, done.stderr
        assert done.stdout.endswith("\n0\n") and not done.stderr
        (tmp_path / "doodles/models/small").rename(tmp_path / f"was {len(terminal)}")


PROJECTS = (
    "import tempfile, numpy as np\n"
    "can = tempfile.TemporaryFile\n"
    "def file(*, dir=None, **more):\n"  # by which Numba finds out what may be written
    "    if dir and 'doodles' not in str(dir): raise PermissionError(13, 'no', dir)\n"
    "    return can(dir=dir, **more)\n"
    "tempfile.TemporaryFile = file\n"
    "from doodle_core import evaluation\n"
    "means = np.random.default_rng(0).normal(size=(60, 8))\n"
    "print(evaluation.project(means, 'umap').shape)"
)


@pytest.mark.slow
def test_umap_needs_no_home_and_no_packages_that_can_be_written(tmp_path):
    done = python(PROJECTS, tmp_path)
    assert done.stdout.strip() == "(60, 3)", done.stderr[-2000:]
    assert list((tmp_path / "doodles/data/numba").rglob("*.nbi"))
