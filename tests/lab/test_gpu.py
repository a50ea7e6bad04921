"""A GPU that lies idle is told, without TensorFlow: machines with and without are made here."""

import ctypes.util
import importlib.metadata

import pytest

from doodle_core.__main__ import main
from doodle_core.lab import gpu
from support.apps import open_page


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine without a GPU and without libraries, whatever this one has; its /dev."""
    monkeypatch.setattr(gpu, "DEVICES", str(tmp_path))
    monkeypatch.setattr(gpu, "WSL", str(tmp_path / "wsl"))
    monkeypatch.setattr(ctypes.util, "find_library", lambda name: None)
    monkeypatch.setattr(importlib.metadata, "version", _nothing_is_installed)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.delenv("LD_LIBRARY_PATH", raising=False)
    gpu.of_the_system.cache_clear()
    yield tmp_path
    gpu.of_the_system.cache_clear()


def _nothing_is_installed(name):
    raise importlib.metadata.PackageNotFoundError(name)


def test_no_gpu_no_word(machine):
    (machine / "nvidiactl").touch()  # the driver's, not a GPU's
    assert gpu.unused() is None


@pytest.mark.parametrize("device", ["nvidia0", "nvidia3", "wsl"])
def test_a_gpu_without_libraries_is_told_in_one_sentence(machine, device):
    (machine / device).touch()
    note = gpu.unused()
    assert note.endswith(".") and note.count(". ") == 0
    assert "tensorflow[and-cuda]" in note


@pytest.mark.parametrize("hidden", ["", "-1"])
def test_a_gpu_that_was_hidden_is_not_missed(machine, monkeypatch, hidden):
    (machine / "nvidia0").touch()
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", hidden)
    assert gpu.unused() is None


def test_libraries_from_a_package(machine, monkeypatch):
    (machine / "nvidia0").touch()

    def version(name):
        return "9.3.0.75" if name == "nvidia-cudnn-cu12" else _nothing_is_installed(name)

    monkeypatch.setattr(importlib.metadata, "version", version)
    assert gpu.unused() is None


def test_libraries_of_the_system(machine, monkeypatch):
    (machine / "nvidia0").touch()
    monkeypatch.setattr(ctypes.util, "find_library", lambda name: f"lib{name}.so.9")
    assert gpu.unused() is None


def test_libraries_in_a_folder_that_is_named(machine, monkeypatch):
    (machine / "nvidia0").touch()
    monkeypatch.setenv("LD_LIBRARY_PATH", f"/no/such:{machine}")
    assert gpu.unused()
    (machine / "libcudnn.so.9").touch()
    assert gpu.unused() is None


def test_commands_that_train_say_it_and_others_do_not(machine, capsys):
    (machine / "nvidia0").touch()
    assert main(["train", "--name", "a", "--epochs", "0"]) == 1  # refused after it was said
    assert "tensorflow[and-cuda]" in capsys.readouterr().out
    assert main(["runs"]) == 0
    assert "tensorflow" not in capsys.readouterr().out


def test_train_says_it(machine, no_worker):
    app = open_page("train")
    assert not any("NVIDIA" in info.value for info in app.info)
    (machine / "nvidia0").touch()
    app.run()
    assert not app.exception and any("NVIDIA" in info.value for info in app.info)
