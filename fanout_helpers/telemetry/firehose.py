"""Listens to the firehose: every publish with the queues that it reached, and every delivery.

Source: https://www.rabbitmq.com/docs/firehose
"""

import contextlib
import time
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import pika
import pika.exceptions

from fanout_helpers.connection import MARKER_HEADER, Locate, broker_text
from fanout_helpers.errors import FanoutError, TelemetryRefused
from fanout_helpers.telemetry.listening import Listening, Reach, declare_queue, prefix
from fanout_helpers.telemetry.tracing import Tracing

EXCHANGE = "amq.rabbitmq.trace"

_OWNER, _GUEST = "a", "b"
"""The roles of queues of boards that switched the firehose on, and of those that found it on."""

LIMIT = 100
"""Messages within ``WINDOW`` above which single messages are given up for flows.

Found by ``benchmarks/board.py``, with three subscribers: at this pace, showing each message takes a fifth of a core;
at 200 a second it is a quarter, at 400 half a core, and not all are drawn.
"""

WINDOW = 1.0
"""Seconds."""

_LOOKED_AT = 50
"""Queues that are looked at when a board opens, and after a gap; each takes RabbitMQ about a millisecond."""

_NOT_FOUND = 404
_LOCKED = -1
"""Stands for the number of messages in a queue that is another connection's alone."""

_BACKLOG = 20_000
_BACKLOG_BYTES = 128 * 2**20
"""Reports that RabbitMQ keeps for a board that cannot follow; beyond that it drops the oldest."""


class Firehose(Listening):
    """Listens to the firehose of a virtual host, which is on while this is open.

    Above ``LIMIT`` messages within ``WINDOW`` seconds it switches the firehose off, because every report is one more
    message for the broker to route; ``resume`` switches it on again. What somebody else switched on stays on.

    Opening it raises ``ManagementError`` where this user may not switch it on.

    Args:
        locate: Tells where the broker and the virtual host are.
        reach: Gives the management API.
        tracing: What takes the reports.
        connections: Gives the names of the connections that are known to be open.
    """

    def __init__(
        self, locate: Locate, reach: Reach, tracing: Tracing, connections: Callable[[], Collection[str]]
    ) -> None:
        super().__init__(locate, reach, "firehose")
        self._tracing = tracing
        self._connections = connections
        self._before: frozenset[str] | None = None
        self._on = False
        self._own = False
        self._queues: set[str] = set()
        self._recent: deque[float] = deque(maxlen=LIMIT + 1)

    @property
    def on(self) -> bool:
        """Whether messages are being reported one by one."""
        return self._on and self.queue is not None

    def resume(self) -> None:
        """Has single messages reported again. Returns at once; any thread may call it."""
        self._call(self._switch_on)

    def look_into(self, queues: Sequence[str], tell: Callable[[Mapping[str, int]], None]) -> None:
        """Has ``tell`` told how many messages wait in queues. Returns at once; any thread may call it.

        Args:
            queues: The queues' names; of one that is exclusive or gone, nothing is told.
            tell: Called on the consuming thread, which takes no report meanwhile.
        """
        if not queues:
            return

        def look() -> None:
            found = self._ready_in_each(queues[:_LOOKED_AT])
            tell({queue: count for queue, count in found.items() if count is not None})

        self._call(look)

    def look_after(self) -> bool:
        """Switches the firehose on again where somebody else switched it off; returns whether somebody did.

        Any thread may call it.

        Raises:
            FanoutError: The management API does not answer.
        """
        is_off = self.on and not self._reach().is_traced(self._virtual_host)
        if is_off:
            self._call(self._take_over)
        return is_off

    def _declare(self, channel: Any) -> str:  # noqa: ANN401
        limits = {"x-max-length": _BACKLOG, "x-max-length-bytes": _BACKLOG_BYTES, "x-overflow": "drop-head"}
        # Asked in this order: another board has its queue before it switches the firehose on.
        self._own = self._own or not self._reach().is_traced(self._virtual_host) or self._others()
        self._queue = declare_queue(channel, _OWNER if self._own else _GUEST, limits)
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
        if len(self._recent) > LIMIT and now - self._recent[0] < WINDOW:
            self._switch_off()

    def _switch_on(self) -> None:
        if self._on:
            return
        self._recent.clear()
        self._channel.queue_bind(queue=self._queue, exchange=EXCHANGE, routing_key="#")
        if self._own:
            self._reach().trace(self._virtual_host, on=True)
        self._end_gap()
        self._on = True
        self._tell()

    def _end_gap(self) -> None:
        """Finds out what became of the messages that waited before the reports had a gap."""
        # A restart closes every connection, this one too; whatever else makes a gap leaves some.
        connections = self._reach().connections(self._virtual_host)
        restarted = self._before is not None and self._before.isdisjoint(connections)
        doubtful = self._tracing.doubtful()[:_LOOKED_AT]
        # From one that refuses, drops or expires messages they may have been missing before the gap.
        limited = self._limited() if doubtful else set()
        ready = self._ready_in_each([queue for queue in doubtful if queue not in limited])
        self._tracing.resume(ready, restarted=restarted)
        self._before = None

    def _limited(self) -> set[str]:
        """The queues that by their arguments do not keep every message that is routed to them."""
        queues = self._reach().queues(self._virtual_host)
        return {queue.name for queue in queues if queue.is_limited}

    def _ready_in_each(self, queues: Sequence[str]) -> dict[str, int | None]:
        """How many messages wait in queues; without those that could not be looked at."""
        found = {queue: self._ready_in(queue) for queue in queues}
        return {queue: count for queue, count in found.items() if count != _LOCKED}

    def _ready_in(self, queue: str) -> int | None:
        """How many messages wait in a queue, exactly and at once; ``None`` if there is no such queue."""
        channel = self._channel.connection.channel()
        try:
            return int(channel.queue_declare(queue, passive=True).method.message_count)
        except pika.exceptions.ChannelClosedByBroker as error:
            return None if error.reply_code == _NOT_FOUND else _LOCKED
        finally:
            if channel.is_open:
                channel.close()

    def _take_over(self) -> None:
        if self._on:
            self._tracing.interrupt()
            self._on, self._own = False, True
            self._switch_on()

    def _switch_off(self) -> None:
        self._on = False
        self._stop_tracing()
        self._channel.queue_unbind(queue=self._queue, exchange=EXCHANGE, routing_key="#")
        self._channel.queue_purge(self._queue)
        self._tracing.interrupt()
        self._tell()

    def _lose_connection(self) -> None:
        # Only those that were there before the first try to come back.
        if self._before is None:
            self._before = frozenset(self._connections())
        super()._lose_connection()

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
        return any(name.startswith(prefix(_OWNER)) for name in queues - self._queues)

    def _refused(self, error: Exception) -> TelemetryRefused:
        return TelemetryRefused("Messages cannot be traced here.", cause=broker_text(error))
