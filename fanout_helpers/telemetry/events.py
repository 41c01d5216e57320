"""Listens to RabbitMQ's events: what was declared, bound, consumed from, and what ended.

Source: https://www.rabbitmq.com/docs/event-exchange
"""

import secrets
import time
from collections.abc import Mapping
from typing import Any

import pika

from fanout_helpers.connection import Locate, State, broker_text
from fanout_helpers.errors import TelemetryRefused
from fanout_helpers.management import Management
from fanout_helpers.telemetry.listening import Listening, Reach, declare_queue
from fanout_helpers.telemetry.live_topology import EVENTS, LiveTopology

EXCHANGE = "amq.rabbitmq.event"
VIRTUAL_HOST = "/"
"""Where the plugin's exchange is, whichever virtual host an event is of."""


class Events(Listening):
    """Keeps a topology up to date from RabbitMQ's events. Opening it raises where the broker has none for this user.

    Args:
        locate: Tells where the broker and the virtual host are.
        reach: Gives the management API, from which the topology is first drawn.
        topology: What is kept up to date.
    """

    def __init__(self, locate: Locate, reach: Reach, topology: LiveTopology) -> None:
        super().__init__(locate, reach, "events", VIRTUAL_HOST)
        self._topology = topology
        self.unsettled_at = float("-inf")
        """When there was last more to learn than events tell, on the clock ``time.monotonic``."""

    def caught_up(self, patience: float) -> bool:
        """Whether it has heard of all that was done before now: RabbitMQ answers the doer first, and tells others then.

        A binding is made, and its own event waited for: events come in the order in which things happened.

        Args:
            patience: Seconds to wait for it.
        """
        if self.state is not State.CONSUMING:
            return False
        marker = secrets.token_hex(8)
        self.expect_marker(marker)
        self._call(lambda: self._mark(marker))
        return self.saw_marker(marker, patience)

    def _mark(self, marker: str) -> None:
        self._channel.queue_bind(self.queue, EXCHANGE, marker)
        self._channel.queue_unbind(self.queue, EXCHANGE, marker)

    def _declare(self, channel: Any) -> str:  # noqa: ANN401
        queue = declare_queue(channel, "e")
        for kind in EVENTS:
            channel.queue_bind(queue=queue, exchange=EXCHANGE, routing_key=kind)
        # Bound first and drawn then: what changes in between comes as an event.
        self._draw()
        return queue

    def _take(self, method: Any, properties: pika.BasicProperties, _body: bytes) -> None:  # noqa: ANN401
        headers = properties.headers or {}
        if method.routing_key == "binding.created" and self._sees(str(headers.get("routing_key"))):
            return
        if method.routing_key == "channel.closed":
            self.unsettled_at = time.monotonic()
        ours = headers.get("vhost") == self._virtual_host
        if ours and method.routing_key.startswith("binding.") and headers.get("arguments"):
            # Events spell a binding's arguments in Erlang's way; the management API has their values.
            self._draw_bindings()
        elif self._apply(method.routing_key, headers):
            self._tell()

    def _apply(self, kind: str, headers: Mapping[str, Any]) -> bool:
        try:
            return self._topology.apply(kind, headers)
        except (KeyError, TypeError):
            # Another RabbitMQ may tell it in another way: then what it is about is asked for.
            self._draw()
            return True

    def look_after(self) -> None:
        """Takes bindings with arguments anew. Returns at once; any thread may call it.

        Of two bindings that differ only in their arguments, RabbitMQ 4.3 tells the end of the last one alone.
        """
        if any(binding.arguments for binding in self._topology.topology().bindings):
            # On its own thread: an event that comes after the answer must be applied after it.
            self._call(self._draw_bindings)

    def _draw_bindings(self) -> None:
        self._topology.load_bindings(self._reach().bindings(self._virtual_host))
        self._tell()

    def _draw(self) -> None:
        load(self._topology, self._reach(), self._virtual_host)
        self.unsettled_at = time.monotonic()

    def _refused(self, error: Exception) -> TelemetryRefused:
        return TelemetryRefused("RabbitMQ's events are not available here.", cause=broker_text(error))


def load(topology: LiveTopology, management: Management, virtual_host: str) -> None:
    """Draws a topology from the management API, as of now."""
    topology.load(management.topology(virtual_host), management.connections(virtual_host))
