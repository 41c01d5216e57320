"""What tests of a live broker share: a virtual host of their own, raw pika, and ways to break things."""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pika

from fanout_helpers.address import BrokerAddress
from fanout_helpers.broker.attached import BROKER_SETTING, MANAGEMENT_SETTING
from fanout_helpers.broker.node import Node
from fanout_helpers.management import Management
from fanout_helpers.model import Exchange
from tests import processes

PATIENCE = 30.0
"""Seconds after which a test gives up waiting; no test that passes waits so long."""


def eventually(holds: Callable[[], Any]) -> Any:  # noqa: ANN401
    """Returns what ``holds()`` gives once that is true; fails if it never is."""
    outcome = processes.eventually(holds, PATIENCE)
    assert outcome, "it never came true"
    return outcome


@dataclass
class Live:
    """A virtual host for one test, whose address tells where it is."""

    address: BrokerAddress
    management: Management
    opened: list[pika.BlockingConnection] = field(default_factory=list)

    @property
    def name(self) -> str:
        return str(self.address.virtual_host)

    @property
    def environment(self) -> dict[str, str]:
        """The environment of somebody who attaches to the broker, in this virtual host."""
        return {BROKER_SETTING: self.address.amqp_url, MANAGEMENT_SETTING: self.address.management_url}

    def locate(self) -> BrokerAddress:
        return self.address

    def channel(self) -> Any:  # noqa: ANN401
        """A channel of a new connection as a learner makes it: raw pika."""
        self.opened.append(pika.BlockingConnection(pika.URLParameters(self.address.amqp_url)))
        return self.opened[-1].channel()

    def fanout(self, name: str = "logs") -> Exchange:
        """Declares a fanout exchange; returns it as the management API lists it."""
        self.channel().exchange_declare(name, "fanout")
        return self.exchange(name)

    def exchange(self, name: str) -> Exchange:
        return next(one for one in self.management.exchanges(self.name) if one.name == name)

    def exchange_names(self) -> list[str]:
        """Exchanges that the broker did not make itself."""
        names = [exchange.name for exchange in self.management.exchanges(self.name)]
        return [name for name in names if name and not name.startswith("amq.")]

    def queue_names(self) -> list[str]:
        return [queue.name for queue in self.management.queues(self.name)]

    def connections(self, part: str = "") -> list[str]:
        """The connections in this virtual host whose own name has ``part`` in it."""
        rows = self.management._request("GET", "vhosts", self.name, "connections")
        return [row["name"] for row in rows if part in row.get("client_properties", {}).get("connection_name", "")]

    def kill_connections(self, part: str) -> None:
        """Has the broker close them, as an administrator does."""
        for name in eventually(lambda: self.connections(part)):
            self.management._request("DELETE", "connections", name)

    def close(self) -> None:
        for connection in self.opened:
            if connection.is_open:
                connection.close()
        self.management.delete_virtual_host(self.name)
        self.management.close()


@contextmanager
def open_live(broker: BrokerAddress) -> Iterator[Live]:
    """Makes a virtual host, and deletes it in the end: tests that run at once do not meet."""
    management = Management(broker)
    name = f"test-{secrets.token_hex(4)}"
    management.create_virtual_host(name)
    made = Live(broker.with_virtual_host(name), management)
    try:
        yield made
    finally:
        made.close()


def programs_of(node: Node) -> dict[str, str]:
    """The environment of somebody who runs a broker: its rabbitmqctl is the first on PATH."""
    return {"PATH": f"{node.directory}{os.pathsep}{os.environ['PATH']}"}
