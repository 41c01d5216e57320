"""Directories that go with the process that made them, however it ends: the next one takes away what was left."""

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

if sys.platform != "win32":
    import fcntl


@contextlib.contextmanager
def directory(prefix: str) -> Iterator[Path]:
    """Make a directory for temporary files whose name begins with ``prefix``; it goes when the context ends."""
    _sweep(prefix)
    with tempfile.TemporaryDirectory(prefix=prefix) as made, _locked(Path(made)):
        yield Path(made)


@contextlib.contextmanager
def _locked(directory: Path) -> Iterator[None]:
    """Marks a directory as somebody's, for as long as they live; on Windows, which locks no directories, nothing does.

    Raises:
        OSError: It is somebody else's, or not ours to open.
    """
    if sys.platform == "win32":
        yield
        return
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def _sweep(prefix: str) -> None:
    """Takes away what processes left that were killed; on Windows, where no lock tells them apart, nothing."""
    if sys.platform == "win32":
        return
    for left in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        with contextlib.suppress(OSError), _locked(left):
            shutil.rmtree(left)
