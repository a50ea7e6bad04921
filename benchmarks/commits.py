"""Another commit of this repository, for benchmarks that set the working tree beside it."""

import contextlib
import io
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@contextlib.contextmanager
def extracted(commit: str) -> Iterator[Path]:
    """A folder with the files of a commit; gone afterwards.

    Raises:
        subprocess.CalledProcessError: git knows no such commit.
    """
    content = subprocess.run(
        ["git", "archive", commit], cwd=ROOT, capture_output=True, check=True
    ).stdout
    with tempfile.TemporaryDirectory(prefix="doodle-commit-") as folder:
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            archive.extractall(folder, filter="data")
        yield Path(folder)
