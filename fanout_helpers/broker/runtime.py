"""The one directory that holds all state of a person's nodes, and the lock on it: nobody else may enter."""

import contextlib
import os
import re
import stat
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fanout_helpers.errors import BrokerError
from fanout_helpers.faults import Fault

if sys.platform != "win32":
    import fcntl

# RabbitMQ hangs in a directory with a quote in its path, and its 3.10 cannot watch the disk of one beyond Latin-1.
_UNUSABLE = re.compile(r"[^ -~]|['\"`{]")
_SYSTEM_TEMPORARY = "/tmp"  # noqa: S108 - the directory made in it is this person's, and that is made sure of
_OPENINGS = 100
_PATIENCE = 0.5  # seconds: only a boot takes longer
_POLL = 0.02


@dataclass(frozen=True)
class Lock:
    """The person's directory, and the descriptor of it that holds the lock."""

    directory: Path
    descriptor: int


def require_unix() -> None:
    """Makes sure that this machine can have private nodes: they are held by a FIFO and found by a lock of Unix's.

    Raises:
        BrokerError: This is Windows.
    """
    if sys.platform == "win32":
        raise BrokerError(
            "A RabbitMQ of your own needs Linux, macOS or WSL.",
            cause="This is Windows, which lacks what starts it once for all lessons and ends it after the last one.",
            next_step="Set FANOUT_BROKER_URL to attach to one elsewhere; a lab with own_broker=True needs WSL.",
            fault=Fault.NO_RABBITMQ,
        )


def path() -> Path:
    """Where this person's node keeps its state: gone when it is empty, and nobody else may enter.

    It is ``FANOUT_RUNTIME_DIR``, or ``fanout-UID`` in the directory for temporary files, which every login of a person
    shares, is on this machine's own disk, and is swept by the system. Where ``TMPDIR`` has a name that RabbitMQ cannot
    live with, it is the system's.

    Raises:
        BrokerError: This is Windows.
    """
    require_unix()
    chosen = os.environ.get("FANOUT_RUNTIME_DIR")
    if chosen:
        return Path(chosen)
    temporary = tempfile.gettempdir()
    return Path(_SYSTEM_TEMPORARY if _UNUSABLE.search(temporary) else temporary) / f"fanout-{os.getuid()}"


def _open_directory() -> Lock:
    """Opens the person's directory, made if need be, and makes sure that it is theirs: by its descriptor, not its name.

    Raises:
        BrokerError: It cannot be made, somebody else owns it, or others may enter it.
    """
    directory = path()
    if not directory.is_absolute() or _UNUSABLE.search(str(directory)):
        raise unusable(
            directory,
            "It must be a whole path of letters, digits and signs of ASCII, without quotes: RabbitMQ needs that.",
        )
    descriptor = _made_and_opened(directory)
    if not _is_theirs_alone(os.fstat(descriptor)):
        os.close(descriptor)
        raise unusable(directory, "It must be a directory of yours that nobody else may enter (mode 0700).")
    return Lock(directory, descriptor)


def is_private(directory: Path) -> bool:
    """Whether there is such a directory that is this person's and that nobody else may enter."""
    try:
        status = directory.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and _is_theirs_alone(status)


def _is_theirs_alone(status: os.stat_result) -> bool:
    return status.st_uid == os.getuid() and not status.st_mode & 0o077


def _made_and_opened(directory: Path) -> int:
    """Makes a directory if need be and opens it; somebody's node may go, and it along, between any two steps."""
    for attempt in range(1, _OPENINGS + 1):
        try:
            with contextlib.suppress(FileExistsError):
                directory.parent.mkdir(parents=True, exist_ok=True)
                directory.mkdir(mode=0o700)
            return os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError as error:
            if not isinstance(error, FileNotFoundError) or attempt == _OPENINGS:
                raise unusable(directory, f"{error}.") from error
    raise AssertionError


def unusable(directory: Path, cause: str) -> BrokerError:
    """The error for a directory that cannot be used."""
    return BrokerError(
        f"{directory} cannot be used for your RabbitMQ.",
        cause=cause,
        next_step="Set FANOUT_RUNTIME_DIR to another directory.",
        fault=Fault.RUNTIME_DIRECTORY,
    )


def lock(say: Callable[[str], None] = lambda _: None) -> Lock:
    """Waits for the lock and takes it; whoever dies loses it. The caller closes the descriptor.

    Args:
        say: Is told, in a sentence, of a wait that takes seconds.

    Raises:
        BrokerError: The directory cannot be used.
    """
    while True:
        taken = _open_directory()
        try:
            if not _is_free_soon(taken.descriptor):
                say("Waiting for your RabbitMQ, which another program is just starting ...")
                fcntl.flock(taken.descriptor, fcntl.LOCK_EX)
            if is_at(taken.descriptor, taken.directory):
                return taken
        except BaseException:
            os.close(taken.descriptor)
            raise
        os.close(taken.descriptor)


def _is_free_soon(descriptor: int) -> bool:
    """Takes the lock, if it is free or gets free before anybody wonders; returns whether it did."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        time.sleep(_POLL)
    return False


def is_at(descriptor: int, place: Path) -> bool:
    """Whether what a descriptor was opened on is still in its place."""
    try:
        return os.path.samestat(os.fstat(descriptor), place.stat())
    except FileNotFoundError:
        return False
