"""What the tests of the package share beside the broker itself."""

from collections.abc import Iterator

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel
from playwright.sync_api import Browser, expect

from fanout_helpers.broker.node import Node
from fanout_helpers.lab import Lab
from tests import chromium, jupyter
from tests.live import Live, open_live
from tests.pages import HANGS_MILLISECONDS


@pytest.fixture
def live(broker: Node) -> Iterator[Live]:
    """A virtual host that is the test's own: tests that run at once do not meet."""
    with open_live(broker.address) as made:
        yield made


@pytest.fixture
def lab(live: Live) -> Iterator[Lab]:
    """A lab in the test's own virtual host."""
    with Lab(live.name) as made:
        assert made.address.port == live.address.port
        yield made


@pytest.fixture
def channel(lab: Lab) -> Iterator[BlockingChannel]:
    """What a learner's cells make: a channel of a connection with the lab's parameters."""
    with pika.BlockingConnection(lab.parameters) as connection:
        yield connection.channel()


@pytest.fixture
def logs(channel: BlockingChannel) -> None:
    """The exchange ``logs``, as most lessons declare it."""
    channel.exchange_declare("logs", "fanout")


@pytest.fixture
def classroom(live: Live) -> dict[str, str]:
    """The environment of somebody who attaches to a broker that is there, in a virtual host of their own."""
    return live.environment


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real Chromium. Where there is none, the test fails and says how to get one."""
    expect.set_options(timeout=HANGS_MILLISECONDS)
    with jupyter.chromium(*chromium.find()) as browser:
        yield browser
