"""Processes that tests start, watch and end: only their own, by pid."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import psutil

T = TypeVar("T")

DEADLINE = 10.0
"""Seconds after which nothing of ours may be left."""

HOLD = """
import sys
from fanout_helpers.broker import private
node = private.hold()
print(node.pid, node.directory, flush=True)
sys.stdin.read()
"""
"""A program that holds this person's node until its standard input ends."""


@contextmanager
def running(program: str, environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """Runs a Python program in a session of its own, and ends it with what it started when the context ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        env=os.environ | environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@dataclass(frozen=True)
class Holder:
    """A process that holds the node of a runtime directory."""

    process: subprocess.Popen[str]

    def node(self) -> tuple[int, Path]:
        """The node's pid and directory; fails with what the process wrote if it could not hold one."""
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        told = self.process.stdout.readline().split()
        assert told, self.process.stderr.read()
        return int(told[0]), Path(told[1])


@contextmanager
def holder(runtime: Path, **environment: str) -> Iterator[Holder]:
    with running(HOLD, {"FANOUT_RUNTIME_DIR": str(runtime), **environment}) as process:
        yield Holder(process)


def eventually(condition: Callable[[], T], timeout: float = DEADLINE) -> T:
    """What a condition gives once it is true, or at the timeout (seconds); asked again and again, never slept for."""
    deadline = time.monotonic() + timeout
    while not (outcome := condition()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return outcome


def is_gone(one: psutil.Process | int) -> bool:
    """Whether a process has ended; one that only waits to be taken note of has."""
    try:
        process = psutil.Process(one) if isinstance(one, int) else one
        return not process.is_running() or bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def family(pid: int) -> list[psutil.Process]:
    """A process and all that it started, and they in turn: not as pids, which others may have been given since."""
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def of_node(directory: Path) -> list[psutil.Process]:
    """Every process that RabbitMQ started for a node, those that left its family included."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get("FANOUT_NODE_DIRECTORY") == str(directory):
                found.append(process)
    return found


def listening(pid: int) -> list[tuple[str, int]]:
    """The addresses that a process and its children listen on."""
    connections = [found for member in family(pid) for found in member.net_connections("inet")]
    return [(found.laddr.ip, found.laddr.port) for found in connections if found.status == psutil.CONN_LISTEN]
