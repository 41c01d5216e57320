"""This person's private node: the first who needs it starts it, everybody else joins it, the last one ends it.

All its state is in one directory that only its owner may enter. A lock there makes one node out of many starts at once.
"""

import contextlib
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fanout_helpers.broker import installation, lease, node, runtime
from fanout_helpers.broker.node import Node
from fanout_helpers.errors import BrokerError, BrokerStartFailed

GRACE = 4.0
"""Seconds that a node lives on after its last holder: long enough for a kernel to restart."""

_STOP_TIMEOUT = 10.0
_ATTEMPTS = 3
_PORT_TAKEN = "eaddrinuse"


class _Again(Exception):
    """The lock has to be taken anew: its directory was empty and went, or a start failed that is worth another."""


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
        BrokerError: There is one that does not answer, or no place for one.
    """
    failures: list[BrokerStartFailed] = []
    while True:
        with contextlib.suppress(_Again), _locked() as lock:
            held = _current(lock.directory) or _start(lock, say, failures)
            _held[lock.directory] = held
            return held.node


def running() -> Node | None:
    """This person's node, if one is up; nobody becomes a holder by asking."""
    with _locked() as lock:
        held = _current(lock.directory)
        if held is not None and held is not _held.get(lock.directory):
            os.close(held.writer)
        return held.node if held else None


def hold_running() -> Node | None:
    """Joins this person's node if one is up, and holds it; starts none. Costs nothing while it is held already."""
    held = _held.get(runtime.path())
    if held is not None and not lease.node_ended(held.writer):
        return held.node
    with _locked() as lock:
        held = _current(lock.directory)
        if held is not None:
            _held[lock.directory] = held
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
    """Ends this person's node whoever holds it and even if it hangs; returns it, once its directory is gone."""
    with _locked() as lock:
        found = [node.load(candidate) for candidate in _candidates(lock.directory) if lease.has_reader(candidate)]
        ended = [one for one in found if one is not None]
        for one in ended:
            one.kill()
        deadline = time.monotonic() + _STOP_TIMEOUT
        while any(lease.has_reader(one.directory) for one in ended) and time.monotonic() < deadline:
            time.sleep(0.01)
        _sweep(lock.directory)
    return ended[0] if ended else None


def _close_all() -> None:
    for held in _held.values():
        os.close(held.writer)
    _held.clear()


def _current(directory: Path) -> _Held | None:
    """What this process holds already, or by joining the node that lives here."""
    return _still_held(directory) or _join(directory)


def _start(lock: runtime.Lock, say: Callable[[str], None], failures: list[BrokerStartFailed]) -> _Held:
    """Starts a node. Where its ports were lost after all, or it cannot do with a trimmed home, it is worth another try.

    A node that failed may have taken the directory along, and the lock with it: each try takes the lock anew.
    """
    found = installation.find()
    if not failures:
        say(f"Starting RabbitMQ {found.version} for you ...")
    directory = _new_directory(lock)
    try:
        return _Held(*node.start(found, directory, GRACE, trimmed=not failures))
    except BrokerStartFailed as failure:
        failures.append(failure)
        if len(failures) == _ATTEMPTS or (len(failures) > 1 and _PORT_TAKEN not in str(failure)):
            raise
        raise _Again from None


def _new_directory(lock: runtime.Lock) -> Path:
    """Makes a node's directory, in the directory that is locked and no other: from then on that one cannot vanish."""
    try:
        made = Path(tempfile.mkdtemp(prefix="node-", dir=lock.directory))
    except FileNotFoundError:
        raise _Again from None
    except OSError as error:
        raise runtime.unusable(lock.directory, f"{error}.") from error
    if not runtime.is_at(lock.descriptor, lock.directory):
        made.rmdir()
        raise _Again
    return made


def _candidates(directory: Path) -> list[Path]:
    return sorted(directory.glob("node-*"))


def _still_held(directory: Path) -> _Held | None:
    """What this process holds, unless that node has died since."""
    held = _held.get(directory)
    if held is None or (not lease.node_ended(held.writer) and held.node.answers()):
        return held
    os.close(held.writer)
    del _held[directory]
    return None


def _join(directory: Path) -> _Held | None:
    """Becomes a holder of the node that lives here, if one does; clears away what dead ones left.

    Raises:
        BrokerError: One lives here and does not answer. A second one beside it would be no help.
    """
    _sweep(directory)
    for candidate in _candidates(directory):
        found = node.load(candidate)
        writer = lease.join(candidate) if found else None
        if found is None or writer is None:
            continue
        if found.answers():
            return _Held(found, writer)
        ended = lease.node_ended(writer, _STOP_TIMEOUT)
        os.close(writer)
        if not ended:
            raise BrokerError(
                f"Your RabbitMQ (pid {found.pid}) is up, but does not answer.",
                cause="It hangs, or this machine is very busy.",
                next_step="Try again, or end it: 'fanout broker stop'.",
            )
    return None


def _sweep(directory: Path) -> None:
    """Removes the directories of nodes that are gone: killed with all their helpers, or lost in a power cut."""
    for candidate in _candidates(directory):
        if not lease.has_reader(candidate) and not _lost_its_lease(candidate):
            shutil.rmtree(candidate, ignore_errors=True)


def _lost_its_lease(candidate: Path) -> bool:
    """Whether a node lives there all the same: something that tidies up old files may have taken its lease."""
    found = node.load(candidate)
    return found is not None and found.answers()


@contextmanager
def _locked() -> Iterator[runtime.Lock]:
    """Holds the one lock of this person's nodes; a process that dies loses it.

    The lock is taken on the directory itself, which goes when it is empty: so it counts only if the directory is
    still in its place, and making something in it may find it gone.
    """
    with _this_process:
        lock = runtime.lock()
        try:
            yield lock
        finally:
            with contextlib.suppress(OSError):
                lock.directory.rmdir()
            os.close(lock.descriptor)


def _after_fork_in_child() -> None:
    _close_all()
    _this_process.release()


# A child that fork() makes is no holder: it would keep the node alive without knowing. Nor does it come into being
# while a lock is held, which it would keep.
os.register_at_fork(
    before=_this_process.acquire, after_in_parent=_this_process.release, after_in_child=_after_fork_in_child
)
