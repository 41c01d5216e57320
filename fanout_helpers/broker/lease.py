"""The lease that keeps a private node alive: a FIFO whose write end every holder keeps open.

The node reads the other end (``lease.erl``). The operating system closes a holder's end however the holder dies, so
nobody has to be told, and no keeper process is needed.
"""

import errno
import os
import select
import time
from pathlib import Path

_CLOSING = "lease.closing"
_SETTLE = 2.0
_POLL = 0.02


def create(directory: Path) -> tuple[int, int]:
    """Makes the lease of a new node; returns the descriptors of its read end and of its write end.

    Neither is inherited by other programs: the node gets the read end as its standard input, and nobody else any.
    """
    os.mkfifo(directory / "lease", 0o600)
    reader = os.open(directory / "lease", os.O_RDONLY | os.O_NONBLOCK)
    writer = os.open(directory / "lease", os.O_WRONLY)
    os.set_blocking(reader, True)
    return reader, writer


def join(directory: Path) -> int | None:
    """Becomes a holder of the node in this directory; ``None`` if that node is gone or going.

    A node that sees no holder renames its lease, looks once more, and ends or takes its name back: that is waited for.
    """
    deadline = time.monotonic() + _SETTLE
    while True:
        writer = _open(directory / "lease")
        if writer is not None and _is_current(writer, directory):
            return writer
        if writer is not None:
            os.close(writer)
        if not (directory / _CLOSING).exists() or time.monotonic() > deadline:
            return None
        time.sleep(_POLL)


def has_reader(directory: Path) -> bool:
    """Whether a node reads a lease in this directory, one that is just closing included."""
    for name in ("lease", _CLOSING):
        writer = _open(directory / name)
        if writer is not None:
            os.close(writer)
            return True
    return False


def node_ended(writer: int, timeout: float | None = 0.0) -> bool:
    """Whether the node at the other end has ended; waits for that for ``timeout`` seconds, ``None`` for ever."""
    poller = select.poll()
    poller.register(writer, 0)
    return bool(poller.poll(None if timeout is None else timeout * 1000))


def _open(path: Path) -> int | None:
    try:
        return os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    except OSError as error:
        if error.errno in (errno.ENXIO, errno.ENOENT, errno.ENOTDIR):
            return None
        raise


def _is_current(writer: int, directory: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(writer), (directory / "lease").stat())
    except OSError:
        return False
