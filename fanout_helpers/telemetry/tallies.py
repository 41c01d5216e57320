"""How many messages came into each exchange and queue, and how many left, from two sources that each miss some.

RabbitMQ's statistics are whole but late; the firehose is at once but has gaps. Neither ever counts too many, so the
larger of the two is right as soon as the statistics have caught up.
"""

import threading
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TypeAlias

from fanout_helpers.picture import Tally
from fanout_helpers.telemetry.tracing import Tracing

Key: TypeAlias = tuple[str, str]
"""``("exchange", name)`` or ``("queue", name)``."""

Throughput: TypeAlias = Mapping[Key, tuple[int, int]]
"""Messages in and out, as ``Management.throughput`` gives them."""


class Tallies:
    """Counts what passes. Safe to use from any thread.

    Args:
        tracing: What the firehose reported.
        markers: How many markers this lab published to each queue: they are no messages, and are not counted.
    """

    def __init__(self, tracing: Tracing, markers: Counter[str]) -> None:
        self._tracing = tracing
        self._markers = markers
        self._lock = threading.Lock()
        self._before: dict[Key, tuple[int, int]] = {}
        self._latest: dict[Key, Tally] = {}
        self._polled_at: float | None = None

    def start(self, throughput: Throughput) -> None:
        """Takes the statistics from before the firehose was switched on."""
        with self._lock:
            self._before = {key: self._without_markers(key, counts) for key, counts in throughput.items()}
            self._latest = {}
            self._polled_at = None

    def poll(self, throughput: Throughput, now: float) -> None:
        """Takes new statistics; ``now`` is in seconds, on any clock that goes steadily."""
        with self._lock:
            elapsed = now - self._polled_at if self._polled_at is not None else 0.0
            self._polled_at = now
            for key, counts in throughput.items():
                into, out = self._without_markers(key, counts)
                before = self._latest.get(key, Tally(into, out))
                self._latest[key] = Tally(
                    into=max(into, before.into),
                    out=max(out, before.out),
                    into_rate=_rate(into - before.into, elapsed),
                    out_rate=_rate(out - before.out, elapsed),
                )

    def pace(self) -> float:
        """Messages a second into all exchanges, between the two latest polls."""
        with self._lock:
            return sum(tally.into_rate for (kind, _name), tally in self._latest.items() if kind == "exchange")

    def tallies(self, keys: Collection[Key], *, rates: bool) -> dict[Key, Tally]:
        """The tallies of these exchanges and queues; the rates are 0 unless asked for."""
        with self._lock:
            return {key: self._tally(key, rates=rates) for key in keys}

    def forget(self, keys: Collection[Key]) -> None:
        """Forgets exchanges and queues that are gone: one that is declared again begins at 0."""
        with self._lock:
            for key in keys:
                self._before.pop(key, None)
                self._latest.pop(key, None)
        self._tracing.forget(keys)

    def _tally(self, key: Key, *, rates: bool) -> Tally:
        into, out = self._before.get(key, (0, 0))
        latest = self._latest.get(key, Tally())
        counted = replace(
            latest,
            into=max(latest.into, into + self._tracing.into(*key)),
            out=max(latest.out, out + self._tracing.out(*key)),
        )
        return counted if rates else replace(counted, into_rate=0.0, out_rate=0.0)

    def _without_markers(self, key: Key, counts: tuple[int, int]) -> tuple[int, int]:
        kind, name = key
        markers = self._markers[name] if kind == "queue" else 0 if name else self._markers.total()
        return max(0, counts[0] - markers), max(0, counts[1] - markers)


def _rate(messages: int, elapsed: float) -> float:
    return max(0, messages) / elapsed if elapsed > 0 else 0.0
