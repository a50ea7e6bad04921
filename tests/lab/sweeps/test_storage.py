"""Where sweeps are kept: addresses, servers, damaged files, the shipped ones."""

import pytest

from doodle_core.files import MODELS
from doodle_core.lab import sweep_worker, sweeps
from support.sweeps import Trainer, busy, table

pytestmark = pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")


@pytest.mark.parametrize(
    "url", ["mysql://u:hush@h/d", "hush", "postgres//u:hush@h", "redis://hush", "sqlite://", "://"]
)
def test_an_address_that_cannot_be_used_is_not_repeated(url):
    with pytest.raises(sweeps.StorageError, match="expected") as caught:
        sweeps.open_storage(url)
    assert "hush" not in str(caught.value)


def test_a_server_that_does_not_answer_gets_a_sentence_without_the_password():
    url = "postgresql://me:hush@127.0.0.1:1/db?password=hush2"
    with pytest.raises(sweeps.StorageError, match="does not answer") as caught:
        sweeps.open_storage(url)
    assert "127.0.0.1:1/db" in str(caught.value) and "hush" not in str(caught.value)
    assert sweeps.label(url) == "PostgreSQL at 127.0.0.1:1/db"


def test_the_shipped_sweeps_are_begun_with_once_and_then_left_alone(make_sweep, storage):
    make_sweep("theirs", preset="batch-size")
    sweep_worker.pull(storage, None, Trainer())
    storage.remove_session()
    storage.engine.dispose()
    sweeps.FILE.rename(sweeps.SHIPPED)
    assert sweeps.is_there()
    before = sweeps.SHIPPED.read_bytes()
    opened = sweeps.open_storage()
    assert sweeps.names(opened) == ["theirs"]
    sweeps.delete(opened, "theirs")
    assert sweeps.names(sweeps.open_storage()) == [], "what was deleted does not come back"
    assert sweeps.SHIPPED.read_bytes() == before
    assert sorted(path.name for path in MODELS.iterdir() if path.suffix != ".lock") == [
        "report-sweeps.db",
        "sweeps.db",
    ]


def test_a_damaged_file_gets_a_sentence():
    MODELS.mkdir(parents=True)
    sweeps.FILE.write_bytes(b"not a data base" * 100)
    with pytest.raises(sweeps.StorageError, match=r"models/sweeps.db\) does not answer"):
        sweeps.open_storage()


def test_the_shipped_sweeps_are_shown_where_nothing_can_be_written(make_sweep, storage, read_only):
    make_sweep("theirs", preset="batch-size")
    storage.remove_session()
    storage.engine.dispose()
    sweeps.FILE.rename(sweeps.SHIPPED)
    before = sweeps.SHIPPED.read_bytes()
    assert not sweeps.is_read_only()
    read_only()
    assert sweeps.is_read_only() and sweeps.is_there()
    opened = sweeps.open_storage()
    assert sweeps.names(opened) == ["theirs"] and len(table(opened, "theirs")) == 3
    with pytest.raises(sweeps.StorageError, match="may only be read"), sweeps.answering():
        sweeps.delete(opened, "theirs")
    assert sweeps.SHIPPED.read_bytes() == before and not sweeps.FILE.exists()


def test_another_accounts_sweeps_are_shown(make_sweep, storage, read_only):
    make_sweep("theirs")
    read_only()
    assert sweeps.names(sweeps.open_storage()) == ["theirs"]
    assert sweeps.names(sweeps.open_storage(f"sqlite:///{MODELS}/../models/sweeps.db")) == [
        "theirs"
    ]


def test_where_nothing_is_and_nothing_can_be_written_it_says_so(read_only):
    MODELS.mkdir(parents=True)
    read_only()
    with pytest.raises(sweeps.StorageError, match="may this account write its folder"):
        sweeps.open_storage()


def test_a_file_that_another_program_writes_to_gets_a_sentence(storage):
    opened = sweeps.open_storage(patience=0.05)
    with busy():
        with pytest.raises(sweeps.StorageError, match="written by another program"):
            sweeps.open_storage(patience=0.05)
        with (
            pytest.raises(sweeps.StorageError, match="written by another program"),
            sweeps.answering(),
        ):
            sweeps.names(opened)
    assert sweeps.names(opened) == []


def test_the_file_is_called_so_however_it_is_spelt(tmp_path):
    (tmp_path / "link").symlink_to(MODELS)
    for path in (MODELS, tmp_path / "link", f"{MODELS}/../models"):
        assert sweeps.label(f"sqlite:///{path}/sweeps.db") == "models/sweeps.db"
    assert sweeps.label(f"sqlite:///{tmp_path}/sweeps.db") == "sweeps.db"


@pytest.mark.parametrize(
    ("text", "seconds"), [("", 15), ("7", 7), ("1", 1), ("0", 1), ("x", 15), ("-3", 15)]
)
def test_a_heartbeat_is_as_asked_and_at_least_a_second(monkeypatch, text, seconds):
    monkeypatch.setenv("DOODLE_HEARTBEAT", text)
    assert sweeps.heartbeat() == seconds
    opened = sweeps.open_storage()
    assert opened.get_heartbeat_interval() == seconds and opened.grace_period == 3 * seconds
    monkeypatch.delenv("DOODLE_HEARTBEAT")
    assert sweeps.heartbeat() == 15


def test_a_file_or_a_server(tmp_path, monkeypatch):
    monkeypatch.delenv("DOODLE_STORAGE", raising=False)
    server = "postgresql://me:hush@h/db"
    assert sweeps.is_file() and not sweeps.is_file(server)
    assert sweeps.is_there(server) and not sweeps.is_there()
    assert sweeps.label() == "models/sweeps.db" and sweeps.label(server) == "PostgreSQL at h/db"
    file = tmp_path / "deep" / "mine.db"
    url = f"sqlite:///{file}"
    assert sweeps.label(url) == "mine.db" and not sweeps.is_there(url)
    sweeps.open_storage(url)
    assert sweeps.is_there(url)
    MODELS.mkdir(parents=True, exist_ok=True)
    sweeps.SHIPPED.touch()
    assert sweeps.is_there()  # it can be begun with


def test_sweeps_begin_with_nothing_where_none_is_shipped_and_stay_where_there_are():
    sweeps.open_storage()
    assert sweeps.names(sweeps.open_storage()) == [] and not sweeps.SHIPPED.exists()
    before = sweeps.FILE.read_bytes()
    sweeps.SHIPPED.write_bytes(b"others")
    sweeps.open_storage()
    assert sweeps.FILE.read_bytes() == before
