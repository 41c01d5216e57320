"""Who publishes: the connections that messages came through, while they may publish again."""

import threading
from collections.abc import Sequence

from fanout_helpers.picture import Producer, TracedMessage
from fanout_helpers.telemetry.live_topology import LiveTopology

PRODUCERS = 10
"""Producers that are remembered at most."""


class Producers:
    """Remembers the latest producers. Safe to use from any thread.

    Args:
        topology: Knows which connections have closed.
    """

    def __init__(self, topology: LiveTopology) -> None:
        self._topology = topology
        self._lock = threading.Lock()
        self._kept: list[str] = []
        self._recent: set[str] = set()
        self._doubtful: set[str] = set()

    def known(self, messages: Sequence[TracedMessage]) -> list[Producer]:
        """Those that are remembered, and those of these messages."""
        with self._lock:
            self._note(messages)
            return [Producer(connection, "", open=not self._has_closed(connection)) for connection in self._kept]

    def note(self, messages: Sequence[TracedMessage]) -> None:
        """Remembers the producers of these messages."""
        with self._lock:
            self._note(messages)

    def lose(self) -> None:
        """Says that events are missed from now on: those known now may end unseen, as all do when a broker stops."""
        with self._lock:
            self._doubtful = set(self._kept)

    def _note(self, messages: Sequence[TracedMessage]) -> None:
        """Puts the producers of these messages behind those that were seen before and may publish again."""
        latest_first = dict.fromkeys(message.connection for message in reversed(messages))
        recent = list(latest_first)[:PRODUCERS][::-1]
        earlier = [one for one in self._kept if one not in recent and not self._has_closed(one)]
        # Those that go on keep their places: else they would change them with every message.
        going_on = [one for one in self._kept if one in recent and one in self._recent]
        latest = dict.fromkeys([*going_on, *recent])
        self._kept, self._recent = [*earlier, *latest][-PRODUCERS:], set(recent)

    def _has_closed(self, connection: str) -> bool:
        doubtful = connection in self._doubtful and not self._topology.has_connection(connection)
        return doubtful or self._topology.has_closed(connection)
