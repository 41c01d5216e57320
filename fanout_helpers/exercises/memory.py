"""What the checks of an exercise have said already: it decides who gets the code and who a sentence."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from fanout_helpers.topology import Topology

_State: TypeAlias = tuple[list[str], ...]

_INSISTS = 3
"""The check that gives the code though nothing has changed: an attempt that ends in an error changes nothing."""


@dataclass
class Memory:
    """What was found missing, and what RabbitMQ held then.

    A requirement earns its code by being missing again after something has changed in RabbitMQ: somebody has tried.
    A check that is only passed on the way does not use the sentence up.
    """

    earned: set[str] = field(default_factory=set)
    _told: set[str] = field(default_factory=set)
    _state: _State | None = None
    _alike: int = 0

    @property
    def unchanged(self) -> bool:
        """Whether RabbitMQ holds the same as at the check before."""
        return self._alike > 1

    def note(self, topology: Topology, missing: Iterable[str]) -> None:
        """Notes a check: what is there, and the requirements that it does not meet."""
        missing = set(missing)
        state = _state(topology)
        self._alike = self._alike + 1 if state == self._state else 1
        if self._alike == 1 or self._alike >= _INSISTS:
            self.earned |= self._told & missing
        self._told |= missing
        self._state = state


def _state(topology: Topology) -> _State:
    """What a learner changes: no statistics, and in an order that does not depend on who lists it."""
    return (
        sorted(f"{one.name} {one.type} {one.durable} {one.auto_delete}" for one in topology.exchanges),
        sorted(f"{one.name} {one.type} {one.durable} {one.exclusive} {one.auto_delete}" for one in topology.queues),
        sorted(f"{one.source} {one.destination_type} {one.destination} {one.routing_key}" for one in topology.bindings),
        sorted(f"{one.queue} {one.consumer_tag}" for one in topology.consumers),
    )
