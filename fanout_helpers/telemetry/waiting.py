"""How many messages wait in each queue.

The firehose tells at once what comes into a queue and what leaves it, but not what was there before, what expired, was
purged or put back. What was there before is asked for when a board opens. RabbitMQ's statistics know all of it, late.
So they say what there is where nothing passed for long enough, and what was traced since is added to it.
"""

import threading
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from fanout_helpers.model import Queue
from fanout_helpers.telemetry.tracing import Tracing

LATE = 6.0
"""Seconds for which RabbitMQ's statistics may still be on their way: by default it makes them every 5 seconds."""


@dataclass(frozen=True)
class _Look:
    """A queue at one look at the statistics; ``since`` is the first one at which no more had been traced."""

    traced: int
    ready: int | None
    since: float


class Waiting:
    """Counts what waits while a board is open. Safe to use from any thread.

    Args:
        tracing: What the firehose reported.
    """

    def __init__(self, tracing: Tracing) -> None:
        self._tracing = tracing
        self._lock = threading.Lock()
        self._others: dict[str, int | None] = {}
        """What waits, or does not, beyond what was traced; ``None`` where nobody knows yet."""
        self._looks: dict[str, _Look] = {}
        self._limited: dict[str, int] = {}

    def start(self, queues: Iterable[Queue]) -> None:
        """Takes the queues that were there before the firehose was on; in one that is declared later nothing waits."""
        with self._lock:
            self._others = {queue.name: None for queue in queues}
            self._looks.clear()

    def doubtful(self, queues: Iterable[Queue]) -> list[str]:
        """Those that may have refused or dropped messages since the last time: reports say only which ones matched."""
        with self._lock:
            before = self._limited
            self._limited = {queue.name: self._traced(queue.name) for queue in queues if queue.is_limited}
            return [name for name, traced in self._limited.items() if traced != before.get(name, 0)]

    def know(self, ready: Mapping[str, int]) -> None:
        """Takes what RabbitMQ said just now of some queues; no report may come between its answer and this."""
        with self._lock:
            for queue, count in ready.items():
                self._set(queue, count, self._traced(queue))

    def poll(self, queues: Iterable[Queue], now: float, *, traced: bool) -> bool:
        """Takes new statistics; returns whether more is known, or something else.

        Args:
            queues: Every queue.
            now: When they were asked for, in seconds, on any clock that goes steadily.
            traced: Whether the firehose reports what passes.
        """
        with self._lock:
            known = dict(self._others)
            for queue in queues:
                self._look(queue, now, traced=traced)
            return known != self._others

    def waiting(self, queues: Iterable[str]) -> dict[str, int]:
        """How many messages wait in these queues; one of which that is not known is left out."""
        with self._lock:
            known = {queue: self._others.get(queue, 0) for queue in queues}
            # A message that was put back and delivered again left twice.
            return {name: max(0, others + self._traced(name)) for name, others in known.items() if others is not None}

    def forget(self, queues: Collection[str]) -> None:
        """Forgets queues that are gone: in one that is declared again nothing waits."""
        with self._lock:
            for queue in queues:
                self._others.pop(queue, None)
                self._looks.pop(queue, None)

    def _look(self, queue: Queue, now: float, *, traced: bool) -> None:
        count, before = self._traced(queue.name), self._looks.get(queue.name)
        still = before is not None and before.traced == count
        self._looks[queue.name] = _Look(count, queue.messages_ready, before.since if before and still else now)
        if not traced:
            self._set(queue.name, queue.messages_ready, count)
        elif before and still and now - before.since >= LATE:
            # Of what the latest statistics tell, the report may be on its way.
            self._set(queue.name, before.ready, count)

    def _set(self, queue: str, ready: int | None, traced: int) -> None:
        self._others[queue] = None if ready is None else ready - traced

    def _traced(self, queue: str) -> int:
        return self._tracing.into("queue", queue) - self._tracing.out("queue", queue)
