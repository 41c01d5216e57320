"""Which of a person's kernels has a lesson: the one that opened it last.

Two kernels that run the same lesson share its virtual host, and each empties it when it begins. A file for each kernel,
locked while that lives, tells whether another one has the lesson; a second file tells which one opened it last.
"""

import contextlib
import errno
import os
import secrets
import sys
from pathlib import Path

from fanout_helpers.broker.configuration import write_private

if sys.platform != "win32":
    import fcntl

_LAST = "last"
_KERNEL = "kernel-"
_TRIES = 100


class Claim:
    """A kernel's claim to a lesson. It ends with the kernel, however that dies.

    Args:
        place: A directory of this person's for claims on the broker that the lesson is on.
        lesson: The lesson's name.
    """

    def __init__(self, place: Path, lesson: str) -> None:
        self._directory = place / "lessons" / lesson
        self._name = f"{_KERNEL}{secrets.token_hex(8)}"
        self._descriptor: int | None = None

    def take(self) -> bool:
        """Takes the lesson; returns whether another kernel has it open.

        Raises:
            OSError: Nothing can be written there.
        """
        self._descriptor = self._hold()
        new = self._directory / f"{_LAST}-{self._name}"
        write_private(new, self._name)
        new.rename(self._directory / _LAST)
        return self._others()

    @property
    def is_lost(self) -> bool:
        """Whether another kernel took the lesson since."""
        with contextlib.suppress(OSError):
            return self._descriptor is not None and (self._directory / _LAST).read_text("ascii") != self._name
        return False  # The place is gone, and its node with it.

    def release(self) -> None:
        """Gives the lesson up."""
        if self._descriptor is not None:
            (self._directory / self._name).unlink(missing_ok=True)
            os.close(self._descriptor)
            self._descriptor = None
            self._tidy()

    def _hold(self) -> int:
        """Makes this kernel's file and locks it; others take away what is empty, and what nobody has locked.

        Raises:
            FileNotFoundError: They did so each time.
        """
        place = self._directory / self._name
        for _ in range(_TRIES):
            with contextlib.suppress(FileNotFoundError):
                self._directory.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._directory.mkdir(mode=0o700, exist_ok=True)
                descriptor = os.open(place, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                if place.exists():
                    return descriptor
                os.close(descriptor)
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(place))

    def _others(self) -> bool:
        others = (other for other in self._directory.glob(f"{_KERNEL}*") if other.name != self._name)
        return any(_is_held(other) for other in others)

    def _tidy(self) -> None:
        """Takes away what nobody needs any more; whoever comes meanwhile keeps the directories by being in them."""
        with contextlib.suppress(OSError):
            if not self._others():
                (self._directory / _LAST).unlink(missing_ok=True)
                for directory in (self._directory, *self._directory.parents[:2]):
                    directory.rmdir()


def _is_held(place: Path) -> bool:
    """Whether the kernel lives whose file this is; what a killed one left is cleared away."""
    try:
        descriptor = os.open(place, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        place.unlink(missing_ok=True)
        return False
    finally:
        os.close(descriptor)
