"""Starting private nodes in a person's directory, one at a time, and holding them by their leases.

All their state is in one directory that only its owner may enter. A lock there makes one node out of many starts at
once, and keeps what is being started from being swept away.
"""

import contextlib
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from fanout_helpers.broker import installation, lease, node, runtime
from fanout_helpers.broker.node import BrokerNotReady, Node
from fanout_helpers.errors import BrokerStartFailed
from fanout_helpers.faults import Fault

SHARED = "node-"
"""How the directory begins of the node that all programs of a person share."""

OWN = "own-"
"""How the directories begin of nodes that one lab alone holds."""

_ATTEMPTS = 3
_END_TIMEOUT = 10.0


class Again(Exception):
    """The lock has to be taken anew: its directory was empty and went, or a start failed that is worth another."""


class Held:
    """A node that this process holds, until it lets go or ends."""

    def __init__(self, node: Node, writer: int) -> None:
        self.node = node
        self._writer: int | None = writer
        _all.add(self)

    def ended(self, timeout: float | None = 0.0) -> bool:
        """Whether it is held no longer, or has ended; waits for its end for ``timeout`` seconds, ``None`` for ever."""
        return self._writer is None or lease.node_ended(self._writer, timeout)

    def let_go(self) -> None:
        """Lets it go; it ends if nobody else holds it. Letting go twice is fine."""
        if self._writer is not None:
            os.close(self._writer)
        self._writer = None
        _all.discard(self)


_all: set[Held] = set()
this_process = threading.RLock()
"""Keeps the threads of this process apart, as the lock on the directory does with processes."""


@contextmanager
def locked(say: Callable[[str], None] = lambda _: None) -> Iterator[runtime.Lock]:
    """Holds the one lock of this person's nodes; a process that dies loses it. ``say`` is told of a long wait.

    The lock is taken on the directory itself, which goes when it is empty: so it counts only if the directory is
    still in its place, and making something in it may find it gone.
    """
    with this_process:
        lock = runtime.lock(say)
        try:
            yield lock
        finally:
            with contextlib.suppress(OSError):
                lock.directory.rmdir()
            os.close(lock.descriptor)


class Start:
    """One start of a node, in as many attempts as it takes.

    Args:
        prefix: How its directory's name begins.
        grace: Seconds that it lives on after its last holder.
        say: Is told, in a sentence, of what takes seconds.
        whom: For whom it is started, to end that sentence.
    """

    def __init__(self, prefix: str, grace: float, say: Callable[[str], None], whom: str) -> None:
        self._prefix = prefix
        self._grace = grace
        self._say = say
        self._whom = whom
        self._failures: list[BrokerStartFailed] = []

    def attempt(self, lock: runtime.Lock) -> Held:
        """Starts it. Where its ports were lost, or it cannot do with a trimmed home, it is worth another attempt.

        A node that failed may have taken the directory along, and the lock with it: each attempt takes the lock anew.

        Raises:
            Again: It is worth another attempt.
            BrokerNotInstalled: There is no RabbitMQ to start.
            BrokerStartFailed: It did not start.
            BrokerError: There is no place for one.
        """
        found = installation.find()
        if not self._failures:
            self._say(f"Starting RabbitMQ {found.version} for {self._whom} ...")
        directory = _new_directory(lock, self._prefix)
        try:
            return Held(*node.start(found, directory, self._grace, trimmed=not self._failures))
        except BrokerStartFailed as failure:
            self._failures.append(failure)
            tries = len(self._failures)
            hopeless = isinstance(failure, BrokerNotReady) or (tries > 1 and failure.fault is not Fault.PORT_TAKEN)
            if tries == _ATTEMPTS or hopeless:
                raise
            raise Again from None


def end(nodes: Iterable[Node]) -> None:
    """Ends nodes at once, whoever holds them, and returns when they are gone."""
    ended = list(nodes)
    for one in ended:
        one.kill()
    deadline = time.monotonic() + _END_TIMEOUT
    while any(lease.has_reader(one.directory) for one in ended) and time.monotonic() < deadline:
        time.sleep(0.01)


def sweep(directory: Path) -> None:
    """Removes the directories of nodes that are gone: killed with all their helpers, or lost in a power cut."""
    for place in [*directory.glob(f"{SHARED}*"), *directory.glob(f"{OWN}*")]:
        if not lease.has_reader(place):
            shutil.rmtree(place, ignore_errors=True)


def _new_directory(lock: runtime.Lock, prefix: str) -> Path:
    """Makes a node's directory, in the directory that is locked and no other: from then on that one cannot vanish."""
    try:
        made = Path(tempfile.mkdtemp(prefix=prefix, dir=lock.directory))
    except FileNotFoundError:
        raise Again from None
    except OSError as error:
        raise runtime.unusable(lock.directory, f"{error}.") from error
    if not runtime.is_at(lock.descriptor, lock.directory):
        made.rmdir()
        raise Again
    return made


def _after_fork_in_child() -> None:
    for held in tuple(_all):
        held.let_go()
    this_process.release()


# A child that fork() makes is no holder: it would keep the nodes alive without knowing. Nor does it come into being
# while a lock is held, which it would keep.
if sys.platform != "win32":
    os.register_at_fork(
        before=this_process.acquire, after_in_parent=this_process.release, after_in_child=_after_fork_in_child
    )
