"""This person's private node: the first who needs it starts it, everybody else joins it, the last one ends it."""

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from fanout_helpers.broker import lease, node, runtime
from fanout_helpers.broker.holding import SHARED, Again, Held, Start, end, locked, sweep, this_process
from fanout_helpers.broker.node import Node
from fanout_helpers.errors import BrokerError
from fanout_helpers.faults import Fault

GRACE = 4.0
"""Seconds that a node lives on after its last holder: long enough for a kernel to restart."""

_STOP_TIMEOUT = 10.0
_LOOK_AROUND = 1.0

_held: dict[Path, Held] = {}


def hold(say: Callable[[str], None] = lambda _: None) -> Node:
    """Joins this person's node, or starts it if there is none, and holds it until this process ends.

    Args:
        say: Is told, in a sentence, of what takes seconds.

    Raises:
        BrokerNotInstalled: There is no RabbitMQ to start.
        BrokerStartFailed: It did not start.
        BrokerError: There is one that does not answer, or no place for one.
    """
    start = Start(SHARED, GRACE, say, "you")
    while True:
        with contextlib.suppress(Again), locked(say) as lock:
            held = _current(lock.directory) or start.attempt(lock)
            _held[lock.directory] = held
            return held.node


@contextlib.contextmanager
def borrowed(say: Callable[[str], None] = lambda _: None) -> Iterator[Node]:
    """Holds it as ``hold`` does, for a while: a process that did not hold it before lets it go again."""
    directory = runtime.path()
    was_held = directory in _held
    node = hold(say)
    try:
        yield node
    finally:
        with this_process:
            if not was_held and directory in _held:
                _held.pop(directory).let_go()


def running() -> Node | None:
    """This person's node, if one is up; nobody becomes a holder by asking."""
    with locked() as lock:
        held = _current(lock.directory)
        if held is not None and held is not _held.get(lock.directory):
            held.let_go()
        return held.node if held else None


def glimpse() -> Node | None:
    """This person's node, if one is up, by what it left on disk: for an event loop, which may not wait for a lock.

    Whether the node answers is not asked, and nobody becomes a holder.
    """
    directory = runtime.path()
    if not runtime.is_private(directory):
        return None
    return next(iter(_alive(directory)), None)


def hold_running() -> Node | None:
    """Joins this person's node if one is up, and holds it; starts none. Costs nothing while it is held already."""
    held = _held.get(runtime.path())
    if held is not None and not held.ended():
        return held.node
    with locked() as lock:
        held = _current(lock.directory)
        if held is not None:
            _held[lock.directory] = held
        return held.node if held else None


def wait_until_ended(parent: int | None = None) -> bool:
    """Returns when the node that this process holds has ended, which it does only if somebody stops it.

    Args:
        parent: The pid of the process that started this one, to return at its end as well; ``None`` for no matter.

    Returns:
        Whether the node has ended.
    """
    nodes = tuple(_held.values())
    while not all(held.ended(None if parent is None else _LOOK_AROUND) for held in nodes):
        # A process's children get another parent the moment that it ends, even if nobody takes note of that.
        if parent is not None and os.getppid() != parent:
            return False
    return True


def release() -> None:
    """Lets this process's node go; it ends after the grace if nobody else holds it."""
    with this_process:
        for held in _held.values():
            held.let_go()
        _held.clear()


def stop() -> Node | None:
    """Ends this person's node whoever holds it and even if it hangs; returns it, once its directory is gone.

    A node that a lab has for itself is none of these: it ends with the lab.
    """
    with locked() as lock:
        ended = _alive(lock.directory)
        end(ended)
        sweep(lock.directory)
    return ended[0] if ended else None


def _current(directory: Path) -> Held | None:
    """What this process holds already, or by joining the node that lives here."""
    return _still_held(directory) or _join(directory)


def _candidates(directory: Path) -> list[Path]:
    return sorted(directory.glob(f"{SHARED}*"))


def _alive(directory: Path) -> list[Node]:
    """The nodes that said that they are ready, and still read their leases."""
    found = [node.load(candidate) for candidate in _candidates(directory) if lease.has_reader(candidate)]
    return [one for one in found if one is not None]


def _still_held(directory: Path) -> Held | None:
    """What this process holds, unless that node has died since."""
    held = _held.get(directory)
    if held is None or (not held.ended() and held.node.answers()):
        return held
    held.let_go()
    del _held[directory]
    return None


def _join(directory: Path) -> Held | None:
    """Becomes a holder of the node that lives here, if one does; clears away what dead ones left.

    Raises:
        BrokerError: One lives here and does not answer. A second one beside it would be no help.
    """
    sweep(directory)
    for candidate in _candidates(directory):
        found = node.load(candidate)
        writer = lease.join(candidate) if found else None
        if found is None or writer is None:
            continue
        held = Held(found, writer)
        if found.answers():
            return held
        ended = held.ended(_STOP_TIMEOUT)
        held.let_go()
        if not ended:
            raise BrokerError(
                f"Your RabbitMQ (pid {found.pid}) is up, but does not answer.",
                cause="It hangs, or this machine is very busy.",
                next_step="Try again, or end it: 'fanout broker stop'.",
                fault=Fault.NODE_HANGS,
            )
    return None
