"""Whoever holds the node, killed with -9: a Jupyter server, a kernel, a test run, all at once. Nothing is left."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from jupyter_client.manager import KernelManager

from fanout_helpers.broker import node
from fanout_helpers.management import Management
from tests.processes import eventually, family, is_gone

ROOT = Path(__file__).parents[1]
BOOT = 60.0
CELL = """
from fanout_helpers import Lab
import pika
lab = Lab("owners")
connection = pika.BlockingConnection(lab.parameters)
connection.channel().exchange_declare("logs", "fanout")
lab.subscribe("logs", "screen", "disk")
"""


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FANOUT_RUNTIME_DIR", str(tmp_path / "runtime"))
    return tmp_path / "runtime"


@contextmanager
def program(*command: str, **environment: str) -> Iterator[int]:
    """Runs a command in a session of its own; yields its pid, and ends all that is left of the session."""
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process.pid
    finally:
        process.kill()
        process.wait()


@contextmanager
def kernel() -> Iterator[int]:
    """A kernel that has run a lesson's first cells; yields its pid."""
    manager = KernelManager()
    manager.start_kernel()
    process = manager.provisioner.process  # type: ignore[union-attr]
    try:
        run_cell(manager)
        yield process.pid
    finally:
        process.kill()
        process.wait()
        manager.cleanup_resources()


def run_cell(manager: KernelManager) -> None:
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=BOOT)
    answer = client.execute_interactive(CELL, timeout=BOOT, output_hook=lambda _: None)
    client.stop_channels()
    assert answer["content"]["status"] == "ok", answer["content"]


def node_of(runtime: Path) -> node.Node:
    """The node that said it is ready; waits for that."""
    assert eventually(lambda: any(runtime.glob("node-*/node.json")), BOOT)
    loaded = node.load(next(runtime.glob("node-*")))
    assert loaded is not None
    return loaded


def all_gone(processes: Iterable[psutil.Process | int], runtime: Path) -> bool:
    return all(map(is_gone, processes)) and not runtime.exists()


def test_nothing_is_left_of_a_jupyter_server(runtime: Path, tmp_path: Path) -> None:
    with program("fanout_helpers", "lab", "--no-browser", "--ServerApp.port=0", **places(tmp_path)) as server:
        pids = [*family(node_of(runtime).pid), *family(server)]
        os.kill(server, signal.SIGKILL)
        assert eventually(lambda: all_gone(pids, runtime))


def test_nothing_is_left_of_a_kernel(runtime: Path) -> None:
    with kernel() as pid:
        pids: list[psutil.Process | int] = [*family(node_of(runtime).pid), pid]
        os.kill(pid, signal.SIGKILL)
        assert eventually(lambda: all_gone(pids, runtime))


def test_nothing_is_left_of_a_test_run(tmp_path: Path) -> None:
    """A run's node is in a directory of its own, which TMPDIR moves to where this test can see it."""
    arguments = ("-p", "no:cacheprovider", "--basetemp", str(tmp_path / "base"), "tests/test_programs.py")
    with program("pytest", *arguments, TMPDIR=str(tmp_path)) as run:
        assert eventually(lambda: any(tmp_path.glob("fanout-test-*/node-*/node.json")), BOOT)
        runtime = next(tmp_path.glob("fanout-test-*"))
        pids = [*family(node_of(runtime).pid), *family(run)]
        os.kill(run, signal.SIGKILL)
        assert eventually(lambda: is_gone(run))
        assert eventually(lambda: all_gone(pids, runtime), BOOT)


def test_nothing_is_left_of_all_of_them_killed_at_once(runtime: Path, tmp_path: Path) -> None:
    with program("fanout_helpers", "lab", "--no-browser", "--ServerApp.port=0", **places(tmp_path)) as server:
        held = node_of(runtime)
        with kernel() as one, kernel() as other:
            pids: list[psutil.Process | int] = [*family(held.pid), *family(server), one, other]
            for victim in (server, one, other, held.pid):
                os.kill(victim, signal.SIGKILL)
            assert eventually(lambda: all_gone(pids, runtime))


def test_a_kernel_that_dies_takes_its_queues_along_and_not_the_node(runtime: Path, tmp_path: Path) -> None:
    with program("fanout_helpers", "lab", "--no-browser", "--ServerApp.port=0", **places(tmp_path)):
        held = node_of(runtime)
        with kernel() as pid:
            os.kill(pid, signal.SIGKILL)
            management = Management(held.address)
            assert eventually(lambda: management.queues("owners") == [])
            assert psutil.pid_exists(held.pid)


def places(scratch: Path) -> dict[str, str]:
    """Keeps a server's files out of the person's own."""
    names = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    return {name: str(scratch / name.lower()) for name in names}
