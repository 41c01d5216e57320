"""How many messages came into each exchange and queue since the board opened, and how many left.

There are two sources. The firehose is at once, and whole until it has a gap. RabbitMQ's statistics have no gap, but
they are late, and they count from when an exchange or a queue was declared. So until the first gap only what was traced
counts, and meanwhile it shows what the statistics had counted before the board opened; from the first gap on, the
statistics without that make up for what the firehose missed.
"""

import threading
from collections import Counter, deque
from collections.abc import Collection, Mapping
from typing import TypeAlias

from fanout_helpers.picture import Tally
from fanout_helpers.telemetry.tracing import Tracing
from fanout_helpers.topology import Topology

Key: TypeAlias = tuple[str, str]
"""``("exchange", name)`` or ``("queue", name)``."""

Counts: TypeAlias = tuple[int, int]
"""Messages in and out."""

Throughput: TypeAlias = Mapping[Key, Counts]
"""Messages in and out, as ``Management.throughput`` gives them."""

_NONE: Counts = (0, 0)

CALM = 2.0
"""Seconds with few messages after which flows become single messages again: longer than statistics are late."""

_POLLS = 3
"""Polls that a rate is measured over. How many statistics come between two of them is chance; over three it matters
less."""


def keys(topology: Topology) -> list[Key]:
    """The keys of all that is counted in a virtual host."""
    exchanges = [("exchange", exchange.name) for exchange in topology.exchanges]
    return [*exchanges, *(("queue", queue.name) for queue in topology.queues)]


class Tallies:
    """Counts what passes since the board opened. Safe to use from any thread.

    Args:
        tracing: What the firehose reported.
        markers: How many markers this lab published to each queue: they are no messages, and are not counted.
    """

    def __init__(self, tracing: Tracing, markers: Counter[str]) -> None:
        self._tracing = tracing
        self._markers = markers
        self._lock = threading.Lock()
        self._gap = False
        self._before: dict[Key, Counts] = {}
        self._absolute: dict[Key, Counts] = {}
        self._polls: deque[tuple[float, dict[Key, Counts]]] = deque(maxlen=_POLLS)
        self._calm_since: float | None = None

    def start(self, throughput: Throughput) -> None:
        """Takes the statistics from before the firehose was switched on.

        They must list all that is declared, even what has no count yet: what they do not list is declared later, and so
        nothing of it was before. How much was before they may tell too late: ``poll`` and ``settle`` make up for it.
        """
        with self._lock:
            self._gap = False
            self._before = {key: self._without_markers(key, counts) for key, counts in throughput.items()}
            self._absolute = dict(self._before)
            self._polls.clear()

    def interrupt(self) -> None:
        """Says that the firehose misses messages, or has missed some: from now on the statistics count too."""
        with self._lock:
            self._gap = True

    def poll(self, throughput: Throughput, now: float) -> None:
        """Takes new statistics; ``now`` is in seconds, on any clock that goes steadily."""
        with self._lock:
            self._take_for_before()
            for key, counts in throughput.items():
                known = self._absolute.get(key, _NONE)
                self._absolute[key] = _larger(known, self._without_markers(key, counts))
            self._polls.append((now, dict(self._absolute)))

    def settle(self) -> None:
        """Says that the latest statistics have caught up and that nothing passes: what was not traced was before.

        After a gap that is not so, and what was before stays as it was known.
        """
        with self._lock:
            # The next poll may be long after this one: a rate over all that time would say nothing.
            self._polls.clear()
            if not self._gap:
                self._before = {key: _beyond(self._absolute[key], self._traced(key)) for key in self._before}

    def pace(self) -> float:
        """Messages a second into all exchanges, over the latest polls."""
        with self._lock:
            return sum(self._rates(key)[0] for key in self._absolute if key[0] == "exchange")

    def have_calmed(self, now: float, pace: float) -> bool:
        """Whether, for ``CALM`` seconds, no more than ``pace`` messages a second passed; then it begins anew."""
        calm = self.pace() <= pace
        since = now if self._calm_since is None else self._calm_since
        over = calm and now - since >= CALM
        self._calm_since = since if calm and not over else None
        return over

    def tallies(self, keys: Collection[Key], *, rates: bool) -> dict[Key, Tally]:
        """The tallies of these exchanges and queues; the rates are 0 unless asked for."""
        with self._lock:
            return {key: self._tally(key, rates=rates) for key in keys}

    def forget(self, keys: Collection[Key]) -> None:
        """Forgets exchanges and queues that are gone: one that is declared again begins at 0."""
        with self._lock:
            for key in keys:
                for known in (self._before, self._absolute, *(counts for _at, counts in self._polls)):
                    known.pop(key, None)
        self._tracing.forget(keys)

    def _take_for_before(self) -> None:
        """While nothing was ever traced, all that the statistics tell of was before.

        Only what the previous poll told: what the latest one tells may be on its way from the firehose.
        """
        if self._polls and not self._gap and not self._tracing.total:
            _at, counts = self._polls[-1]
            self._before = {key: counts.get(key, before) for key, before in self._before.items()}

    def _tally(self, key: Key, *, rates: bool) -> Tally:
        counts = self._traced(key)
        if self._gap:
            # Of what was declared after a gap this is what was traced, too: nothing of it was before.
            counted = _beyond(self._absolute.get(key, _NONE), self._before.get(key, _NONE))
            counts = _larger(counts, counted)
        return Tally(*counts, *(self._rates(key) if rates else ()))

    def _traced(self, key: Key) -> Counts:
        return self._tracing.into(*key), self._tracing.out(*key)

    def _rates(self, key: Key) -> tuple[float, float]:
        known = [(at, counts[key]) for at, counts in self._polls if key in counts]
        if not known:
            return 0.0, 0.0
        (since, before), (now, latest) = known[0], known[-1]
        into, out = _beyond(latest, before)
        return _rate(into, now - since), _rate(out, now - since)

    def _without_markers(self, key: Key, counts: Counts) -> Counts:
        kind, name = key
        markers = self._markers[name] if kind == "queue" else 0 if name else self._markers.total()
        return _beyond(counts, (markers, markers))


def _larger(one: Counts, other: Counts) -> Counts:
    return max(one[0], other[0]), max(one[1], other[1])


def _beyond(counts: Counts, base: Counts) -> Counts:
    return max(0, counts[0] - base[0]), max(0, counts[1] - base[1])


def _rate(messages: int, elapsed: float) -> float:
    """Messages a second, to two significant digits: more would be chance."""
    return float(f"{messages / elapsed:.2g}") if elapsed > 0 else 0.0
