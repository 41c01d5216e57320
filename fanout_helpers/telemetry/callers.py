"""What people call the connections to a virtual host: themselves, the buttons, and programs as they appeared."""

import threading
from collections.abc import Iterable
from typing import NamedTuple

from fanout_helpers.connection import YOURS
from fanout_helpers.subscriber import CONNECTION
from fanout_helpers.telemetry.live_topology import LiveTopology

PROGRAM = "program"
"""What a program is called that does not say what it is."""


class _Name(NamedTuple):
    """What a caller is called, and which of those with that name it is, from 1."""

    called: str
    number: int

    def __str__(self) -> str:
        return self.called if self.number == 1 and self.called != PROGRAM else f"{self.called} {self.number}"


class Callers:
    """Gives connections names by which people tell them apart. Safe to use from any thread.

    A connection keeps its name while it is open or asked for. Of several with one name, the later ones have a number:
    ``receive_logs.py``, ``receive_logs.py 2``; one whose program says nothing of itself is ``program 1``.

    Args:
        topology: Knows what programs call their connections.
    """

    def __init__(self, topology: LiveTopology) -> None:
        self._topology = topology
        self._lock = threading.Lock()
        self._known: dict[str, _Name] = {}

    def names(self, connections: Iterable[str]) -> dict[str, str]:
        """The names of these connections; one of which nothing is known yet has none."""
        with self._lock:
            asked = dict.fromkeys(connections)
            opened = dict.fromkeys(self._topology.connections())
            self._known = {one: name for one, name in self._known.items() if one in asked or one in opened}
            # Those that are new at the same time have their numbers in the order in which they came.
            for connection in [*(one for one in opened if one in asked), *(one for one in asked if one not in opened)]:
                self._call(connection)
            return {one: str(self._known[one]) for one in asked if one in self._known}

    def _call(self, connection: str) -> None:
        called = self._called(connection)
        known = self._known.get(connection)
        # What was known of one that is gone stays.
        if not called or (known and called in {known.called, PROGRAM}):
            return
        taken = {name.number for one, name in self._known.items() if name.called == called and one != connection}
        number = next(number for number in range(1, len(taken) + 2) if number not in taken)
        self._known[connection] = _Name(called, number)

    def _called(self, connection: str) -> str:
        said = self._topology.connection_name(connection).strip()
        if said:
            return "you" if said == YOURS else said.removeprefix(CONNECTION)
        # The management API tells late of a connection from before the board was opened.
        is_known = self._topology.has_connection(connection) or self._topology.has_closed(connection)
        return PROGRAM if is_known else ""
