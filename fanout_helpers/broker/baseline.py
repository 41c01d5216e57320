"""What was in a virtual host of somebody else's before a lesson began, remembered in case its kernel does not end it.

A lesson deletes what it made, and nothing else: so it has to know what was there before. A kernel that is restarted in
the middle of a lesson takes that knowledge along, unless it is on disk.
"""

import contextlib
import json
import os
import time
from pathlib import Path

from fanout_helpers.address import BrokerAddress
from fanout_helpers.broker import attached, installation

LIFETIME = 24 * 3600.0
"""Seconds after which it is of no use: too much may have been made meanwhile by others."""


def begin(address: BrokerAddress, lesson: str, present: frozenset[str]) -> frozenset[str]:
    """Return the names that were there before the lesson: those of now, unless it began earlier and was not ended.

    Args:
        address: The broker, with the virtual host.
        lesson: The lesson's name.
        present: The names of the exchanges and queues that are there now.
    """
    file = _file(address, lesson)
    _sweep(file.parent)
    # Who cannot keep it has what there is now.
    with contextlib.suppress(OSError, ValueError, TypeError):
        return frozenset(map(str, json.loads(file.read_text(encoding="utf-8"))))
    with contextlib.suppress(OSError):
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = file.with_suffix(f".{os.getpid()}")
        fresh.write_text(json.dumps(sorted(present)), encoding="utf-8")
        fresh.replace(file)
    return present


def end(address: BrokerAddress, lesson: str) -> None:
    """Forget it: the lesson was closed, and has deleted what it made."""
    with contextlib.suppress(OSError):
        _file(address, lesson).unlink(missing_ok=True)


def _sweep(directory: Path) -> None:
    for file in directory.glob("*"):
        with contextlib.suppress(OSError):
            if time.time() - file.stat().st_mtime >= LIFETIME:
                file.unlink()


def _file(address: BrokerAddress, lesson: str) -> Path:
    # Names in it are other people's and may be long: none becomes a file's.
    return installation.cache_directory() / "lessons" / f"{attached.fingerprint(address, lesson)}.json"
