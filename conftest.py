"""The tests' own RabbitMQ: one private node for the whole run, apart from the one of whoever runs them."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from fanout_helpers.broker import attached, private
from fanout_helpers.broker.node import Node
from tests.processes import holder

RUNTIME_SETTING = "FANOUT_RUNTIME_DIR"


def pytest_configure(config: pytest.Config) -> None:
    """Gives the run a directory for its node, which its workers and its notebooks' kernels share."""
    # A shell starts what runs in the background with Ctrl+C ignored, and so would be all that the tests start.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if not hasattr(config, "workerinput"):
        os.environ[RUNTIME_SETTING] = tempfile.mkdtemp(prefix="fanout-test-")
        for setting in (attached.BROKER_SETTING, attached.MANAGEMENT_SETTING):
            os.environ.pop(setting, None)


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        directory = Path(os.environ[RUNTIME_SETTING])
        private.stop()
        shutil.rmtree(directory, ignore_errors=True)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """A notebook's first cell joins a node that is up: starting one is not what it is tested for."""
    if item.path.suffix == ".ipynb":
        private.hold()


@pytest.fixture(scope="session")
def broker() -> Iterator[Node]:
    """A real RabbitMQ node. Where there is none to start, the test fails and says how to get one."""
    node = private.hold()
    # Held by another process too: a test may let go of all that this one holds.
    with holder(Path(os.environ[RUNTIME_SETTING])) as other:
        other.node()
        yield node
    private.release()
