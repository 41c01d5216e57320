"""Threads that listen to what RabbitMQ says of itself: its events, and the firehose.

Sources: https://www.rabbitmq.com/docs/event-exchange, https://www.rabbitmq.com/docs/firehose
"""

import contextlib
import secrets
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import pika
import pika.exceptions

from fanout_helpers.connection import Locate, broker_text
from fanout_helpers.consuming import MARKER_HEADER, Consuming
from fanout_helpers.errors import FanoutError, TelemetryRefused
from fanout_helpers.live_topology import EVENTS, LiveTopology
from fanout_helpers.management import Management
from fanout_helpers.model import BOARD_QUEUE
from fanout_helpers.tracing import Tracing

EVENT_EXCHANGE = "amq.rabbitmq.event"
EVENT_VIRTUAL_HOST = "/"
"""Where the plugin's exchange is, whichever virtual host an event is of."""

TRACE_EXCHANGE = "amq.rabbitmq.trace"

_EVENTS_QUEUE = f"{BOARD_QUEUE}events-"
_OWNERS_QUEUE = f"{BOARD_QUEUE}firehose-"
_GUESTS_QUEUE = f"{BOARD_QUEUE}listening-"
"""How the queues of boards begin that switched the firehose on, and of those that found it on."""

LIMIT = 100
"""Messages within ``WINDOW`` above which single messages are given up for flows.

Found by ``benchmarks/board.py``, with three subscribers: at this pace, showing each message takes a fifth of a core;
at 200 a second it is a quarter, at 400 half a core, and not all are drawn.
"""

WINDOW = 1.0
"""Seconds."""

_BACKLOG = 20_000
_BACKLOG_BYTES = 128 * 2**20
"""Reports that RabbitMQ keeps for a board that cannot follow; beyond that it drops the oldest."""

Reach: TypeAlias = Callable[[], Management]
"""Gives the management API of the broker as it is now."""


class Events(Consuming):
    """Keeps a topology up to date from RabbitMQ's events. Opening it raises where the broker has none for this user.

    Args:
        locate: Tells where the broker and the virtual host are.
        reach: Gives the management API, from which the topology is first drawn.
        topology: What is kept up to date.
    """

    def __init__(self, locate: Locate, reach: Reach, topology: LiveTopology) -> None:
        super().__init__(lambda: locate().with_virtual_host(EVENT_VIRTUAL_HOST), "fanout board: events")
        self._home = locate
        self._reach = reach
        self._topology = topology
        self.unsettled_at = float("-inf")
        """When there was last more to learn than events tell, on the clock ``time.monotonic``."""

    def _declare(self, channel: Any) -> str:  # noqa: ANN401
        queue = _declare_queue(channel, _EVENTS_QUEUE)
        for kind in EVENTS:
            channel.queue_bind(queue=queue, exchange=EVENT_EXCHANGE, routing_key=kind)
        # Bound first and drawn then: what changes in between comes as an event.
        self._draw()
        return queue

    def _take(self, method: Any, properties: pika.BasicProperties, _body: bytes) -> None:  # noqa: ANN401
        headers = properties.headers or {}
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

    @property
    def _virtual_host(self) -> str:
        return str(self._home().virtual_host)

    def _refused(self, error: Exception) -> TelemetryRefused:
        return TelemetryRefused("RabbitMQ's events are not available here.", cause=broker_text(error))


class Firehose(Consuming):
    """Listens to the firehose of a virtual host, which is on while this is open.

    Above ``LIMIT`` messages within ``WINDOW`` seconds it switches the firehose off, because every report is one more
    message for the broker to route; ``resume`` switches it on again. What somebody else switched on stays on.

    Opening it raises ``ManagementError`` where this user may not switch it on.

    Args:
        locate: Tells where the broker and the virtual host are.
        reach: Gives the management API.
        tracing: What takes the reports.
    """

    def __init__(self, locate: Locate, reach: Reach, tracing: Tracing) -> None:
        super().__init__(locate, "fanout board: firehose")
        self._reach = reach
        self._tracing = tracing
        self._on = False
        self._own = False
        self._queues: set[str] = set()
        self._recent: deque[float] = deque(maxlen=LIMIT)

    @property
    def on(self) -> bool:
        """Whether messages are being reported one by one."""
        return self._on and self.queue is not None

    def resume(self) -> None:
        """Has single messages reported again. Returns at once; any thread may call it."""
        self._call(self._switch_on)

    def look_after(self) -> None:
        """Switches the firehose on again where somebody else switched it off. Any thread may call it.

        Raises:
            FanoutError: The management API does not answer.
        """
        if self.on and not self._reach().is_traced(self._virtual_host):
            self._call(self._take_over)

    def _declare(self, channel: Any) -> str:  # noqa: ANN401
        limits = {"x-max-length": _BACKLOG, "x-max-length-bytes": _BACKLOG_BYTES, "x-overflow": "drop-head"}
        # Asked in this order: another board has its queue before it switches the firehose on.
        self._own = self._own or not self._reach().is_traced(self._virtual_host) or self._others()
        self._queue = _declare_queue(channel, _OWNERS_QUEUE if self._own else _GUESTS_QUEUE, limits)
        self._queues.add(self._queue)
        self._tracing.interrupt()
        self._on = False
        self._switch_on()
        return self._queue

    def _take(self, method: Any, properties: pika.BasicProperties, body: bytes) -> None:  # noqa: ANN401
        headers = properties.headers or {}
        kind, _, name = method.routing_key.partition(".")
        # What RabbitMQ had sent already when the firehose was switched off comes without its context.
        if not self._on or MARKER_HEADER in headers.get("properties", {}).get("headers", {}):
            return
        if kind == "publish":
            self._tracing.published(headers, body)
            self._watch_pace()
        elif kind == "deliver":
            self._tracing.delivered(name, headers, body)
        self._tell()

    def _watch_pace(self) -> None:
        now = time.monotonic()
        self._recent.append(now)
        if len(self._recent) == LIMIT and now - self._recent[0] < WINDOW:
            self._switch_off()

    def _switch_on(self) -> None:
        if self._on:
            return
        self._recent.clear()
        self._channel.queue_bind(queue=self._queue, exchange=TRACE_EXCHANGE, routing_key="#")
        if self._own:
            self._reach().trace(self._virtual_host, on=True)
        self._on = True
        self._tell()

    def _take_over(self) -> None:
        if self._on:
            self._tracing.interrupt()
            self._on, self._own = False, True
            self._switch_on()

    def _switch_off(self) -> None:
        self._on = False
        self._channel.queue_unbind(queue=self._queue, exchange=TRACE_EXCHANGE, routing_key="#")
        self._stop_tracing()
        self._channel.queue_purge(self._queue)
        self._tracing.interrupt()
        self._tell()

    def _finish(self) -> None:
        self._on = False
        # Its own queue goes first: of two boards that close at once, the later one finds no other.
        self._disconnect()
        with contextlib.suppress(FanoutError):
            self._stop_tracing()

    def _stop_tracing(self) -> None:
        if self._own and not self._others():
            self._reach().trace(self._virtual_host, on=False)

    def _others(self) -> bool:
        """Whether other boards need the firehose that they, or this one, switched on."""
        queues = {queue.name for queue in self._reach().queues(self._virtual_host)}
        return any(name.startswith(_OWNERS_QUEUE) for name in queues - self._queues)

    @property
    def _virtual_host(self) -> str:
        return str(self._locate().virtual_host)

    def _refused(self, error: Exception) -> TelemetryRefused:
        return TelemetryRefused("Messages cannot be traced here.", cause=broker_text(error))


def load(topology: LiveTopology, management: Management, virtual_host: str) -> None:
    """Draws a topology from the management API, as of now."""
    topology.load(management.topology(virtual_host), management.connections(virtual_host))


def _declare_queue(channel: Any, prefix: str, arguments: dict[str, Any] | None = None) -> str:  # noqa: ANN401
    # With a name of its own, so that whoever lists the queues can see whose it is.
    name = f"{prefix}{secrets.token_hex(4)}"
    channel.queue_declare(name, exclusive=True, arguments=arguments)
    return name
