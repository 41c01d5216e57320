"""Exercises that are checked by what is in the broker, not by what a learner typed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fanout_helpers.errors import FanoutError
from fanout_helpers.model import Binding, Exchange, Queue


@dataclass(frozen=True)
class Topology:
    """What a virtual host holds, as the management API tells it."""

    exchanges: Sequence[Exchange]
    queues: Sequence[Queue]
    bindings: Sequence[Binding]

    def exchange(self, name: str, kind: str) -> bool:
        """Whether there is an exchange of that name and type."""
        return any(exchange.name == name and exchange.type == kind for exchange in self.exchanges)

    def queue(self, name: str) -> Queue | None:
        """The queue of that name."""
        return next((queue for queue in self.queues if queue.name == name), None)

    def bound(self, source: str) -> set[str]:
        """The names of the queues that are bound to an exchange."""
        return {
            binding.destination
            for binding in self.bindings
            if binding.source == source and binding.destination_type == "queue"
        }


@dataclass(frozen=True)
class Requirement:
    """One thing that must be so: in words, as a test, and hints from vague to plain."""

    text: str
    holds: Callable[[Topology], bool]
    hints: tuple[str, ...]


@dataclass(frozen=True)
class Verdict:
    """What is right already and what is missing, with as many hints as there were tries."""

    requirements: Sequence[tuple[Requirement, bool]]
    tries: int

    @property
    def solved(self) -> bool:
        """Whether everything is as it must be."""
        return all(holds for _, holds in self.requirements)

    def __repr__(self) -> str:
        lines = [line for requirement, holds in self.requirements for line in self._lines(requirement, holds=holds)]
        return "\n".join([*lines, "Solved." if self.solved else "Not yet: change it and check again."])

    def _lines(self, requirement: Requirement, *, holds: bool) -> list[str]:
        if holds:
            return [f"right    {requirement.text}"]
        hints = [f"           hint: {hint}" for hint in requirement.hints[: self.tries]]
        return [f"missing  {requirement.text}", *hints]


def _is_durable(queue: Queue | None) -> bool:
    return queue is not None and queue.durable and not queue.exclusive


_EXERCISES: dict[str, tuple[Requirement, ...]] = {
    "archive": (
        Requirement(
            "there is a durable queue 'archive' that belongs to no single connection",
            lambda topology: _is_durable(topology.queue("archive")),
            (
                'A name instead of "", and durable instead of exclusive.',
                'channel.queue_declare("archive", durable=True)',
            ),
        ),
        Requirement(
            "'archive' is bound to 'logs'",
            lambda topology: "archive" in topology.bound("logs"),
            (
                "A queue gets nothing before a binding leads to it.",
                'channel.queue_bind(queue="archive", exchange="logs")',
            ),
        ),
    ),
    "alarms": (
        Requirement(
            "there is a fanout exchange 'alarms'",
            lambda topology: topology.exchange("alarms", "fanout"),
            ("Declare it the way 'logs' was.", 'channel.exchange_declare(exchange="alarms", exchange_type="fanout")'),
        ),
        Requirement(
            "a queue is bound to 'alarms'",
            lambda topology: bool(topology.bound("alarms")),
            ("lab.subscribe makes a queue and binds it.", 'lab.subscribe("alarms", "siren")'),
        ),
        Requirement(
            "no queue is bound to both 'alarms' and 'logs'",
            lambda topology: not topology.bound("alarms") & topology.bound("logs"),
            ("A queue that is bound twice gets both kinds of messages.", "channel.queue_unbind takes a binding away."),
        ),
    ),
}


def check(name: str, topology: Topology, tries: int) -> Verdict:
    """Compares what is there with what an exercise asks for.

    Args:
        name: The exercise's name.
        topology: What is there.
        tries: How often it was checked, this time included; each try shows one hint more.

    Raises:
        FanoutError: There is no such exercise.
    """
    if name not in _EXERCISES:
        raise FanoutError(f"There is no exercise {name!r}.", cause=f"There are: {', '.join(sorted(_EXERCISES))}.")
    return Verdict([(requirement, requirement.holds(topology)) for requirement in _EXERCISES[name]], tries)
