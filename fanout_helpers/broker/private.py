"""This person's private node: the first who needs it starts it, everybody else joins it, the last one ends it.

All its state is in one directory that only its owner may enter. A lock there makes one node out of many starts at once.
"""

import contextlib
import fcntl
import os
import shutil
import stat
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fanout_helpers.broker import installation, lease, node
from fanout_helpers.broker.node import Node
from fanout_helpers.errors import BrokerError, BrokerStartFailed

GRACE = 4.0
"""Seconds that a node lives on after its last holder: long enough for a kernel to restart."""

_STOP_TIMEOUT = 10.0
_ATTEMPTS = 3
_PORT_TAKEN = "eaddrinuse"


class _DirectoryGone(Exception):
    """The person's directory was empty and went, between taking its lock and using it."""


@dataclass(frozen=True)
class _Held:
    """The node that this process holds, and the descriptor by which it does."""

    node: Node
    writer: int


_held: dict[Path, _Held] = {}
_this_process = threading.RLock()


def hold(say: Callable[[str], None] = lambda _: None) -> Node:
    """Joins this person's node, or starts it if there is none, and holds it until this process ends.

    Args:
        say: Is told, in a sentence, of what takes seconds.

    Raises:
        BrokerNotInstalled: There is no RabbitMQ to start.
        BrokerStartFailed: It did not start.
    """
    while True:
        with contextlib.suppress(_DirectoryGone), _locked() as directory:
            held = _current(directory) or _start(directory, say)
            _held[directory] = held
            return held.node


def running() -> Node | None:
    """This person's node, if one is up; nobody becomes a holder by asking."""
    with _locked() as directory:
        held = _current(directory)
        if held is not None and held is not _held.get(directory):
            os.close(held.writer)
        return held.node if held else None


def hold_running() -> Node | None:
    """Joins this person's node if one is up, and holds it; starts none. Costs nothing while it is held already."""
    held = _held.get(_runtime_path())
    if held is not None and not lease.node_ended(held.writer):
        return held.node
    with _locked() as directory:
        held = _current(directory)
        if held is not None:
            _held[directory] = held
        return held.node if held else None


def wait_until_ended() -> None:
    """Returns when the node that this process holds has ended, which it does only if somebody stops it."""
    for held in tuple(_held.values()):
        lease.node_ended(held.writer, timeout=None)


def release() -> None:
    """Lets this process's node go; it ends after the grace if nobody else holds it."""
    with _this_process:
        _close_all()


def stop() -> Node | None:
    """Ends this person's node whoever holds it, and removes its directory; returns the node that was ended."""
    ended = running()
    if ended is None:
        return None
    ended.kill()
    deadline = time.monotonic() + _STOP_TIMEOUT
    while lease.has_reader(ended.directory) and time.monotonic() < deadline:
        time.sleep(0.01)
    with _locked() as directory:
        _sweep(directory)
    return ended


def runtime_directory() -> Path:
    """Where this person's node keeps its state; made if need be, gone when it is empty, and nobody else may enter.

    It is ``FANOUT_RUNTIME_DIR``, or ``fanout-UID`` in the directory for temporary files, which every login of a person
    shares, is on this machine's own disk, and is swept by the system.

    Raises:
        BrokerError: Somebody else owns the directory, or others may enter it.
    """
    directory = _runtime_path()
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = directory.lstat()
    private = stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid() and not status.st_mode & 0o077
    if not private or "'" in str(directory):
        raise BrokerError(
            f"{directory} cannot be used for your RabbitMQ.",
            cause="It must be a directory of yours that nobody else may enter (mode 0700), with no quote in its name.",
            next_step="Set FANOUT_RUNTIME_DIR to another directory.",
        )
    return directory


def _runtime_path() -> Path:
    chosen = os.environ.get("FANOUT_RUNTIME_DIR")
    return Path(chosen or Path(tempfile.gettempdir()) / f"fanout-{os.getuid()}").absolute()


def _close_all() -> None:
    for held in _held.values():
        os.close(held.writer)
    _held.clear()


def _current(directory: Path) -> _Held | None:
    """What this process holds already, or by joining the node that lives here."""
    return _still_held(directory) or _join(directory)


def _start(directory: Path, say: Callable[[str], None]) -> _Held:
    """Starts a node; tries again where its ports were lost after all, or where it cannot do with a trimmed home."""
    found = installation.find()
    say(f"Starting RabbitMQ {found.version} for you ...")
    for attempt in range(1, _ATTEMPTS):
        try:
            return _Held(*node.start(found, _new_directory(directory), GRACE, trimmed=attempt == 1))
        except BrokerStartFailed as failure:
            if attempt > 1 and _PORT_TAKEN not in str(failure):
                raise
    return _Held(*node.start(found, _new_directory(directory), GRACE, trimmed=False))


def _new_directory(directory: Path) -> Path:
    try:
        return Path(tempfile.mkdtemp(prefix="node-", dir=directory))
    except FileNotFoundError:
        raise _DirectoryGone from None


def _still_held(directory: Path) -> _Held | None:
    """What this process holds, unless that node has died since."""
    held = _held.get(directory)
    if held is None or (not lease.node_ended(held.writer) and held.node.answers()):
        return held
    os.close(held.writer)
    del _held[directory]
    return None


def _join(directory: Path) -> _Held | None:
    """Becomes a holder of the node that lives here, if one does; clears away what dead ones left."""
    _sweep(directory)
    for candidate in sorted(directory.glob("node-*")):
        found = node.load(candidate)
        writer = lease.join(candidate) if found else None
        if found and writer is not None and found.answers():
            return _Held(found, writer)
        if writer is not None:
            os.close(writer)
    return None


def _sweep(directory: Path) -> None:
    """Removes the directories of nodes that are gone: killed with all their helpers, or lost in a power cut."""
    for candidate in directory.glob("node-*"):
        if not lease.has_reader(candidate):
            shutil.rmtree(candidate, ignore_errors=True)


@contextmanager
def _locked() -> Iterator[Path]:
    """Holds the one lock of this person's nodes; a process that dies loses it.

    The lock is taken on the directory itself, which goes when it is empty: so it counts only if the directory is
    still in its place, and making something in it may find it gone.
    """
    with _this_process:
        directory, descriptor = _lock()
        try:
            yield directory
        finally:
            with contextlib.suppress(OSError):
                directory.rmdir()
            os.close(descriptor)


def _lock() -> tuple[Path, int]:
    while True:
        directory = runtime_directory()
        with contextlib.suppress(FileNotFoundError):
            descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if _is_at(descriptor, directory):
                return directory, descriptor
            os.close(descriptor)


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


# A child that fork() makes is no holder: it would keep the node alive without knowing.
os.register_at_fork(after_in_child=_close_all)
