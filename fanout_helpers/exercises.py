"""Exercises that are checked by what is in the broker, not by what a learner typed."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from fanout_helpers.errors import FanoutError
from fanout_helpers.model import Exchange, Queue
from fanout_helpers.topology import Topology


@dataclass(frozen=True)
class Requirement:
    """One thing that must be so: in words, as a test, and hints from vague to plain."""

    text: str
    holds: Callable[[Topology], bool]
    hints: tuple[str, ...]


@dataclass(frozen=True)
class Verdict:
    """What is right already, and what is missing with the hints that it has earned."""

    right: Sequence[str]
    missing: Mapping[str, Sequence[str]]

    @property
    def solved(self) -> bool:
        """Whether everything is as it must be."""
        return not self.missing

    def __repr__(self) -> str:
        lines = [f"right    {text}" for text in self.right]
        for text, hints in self.missing.items():
            lines += [f"missing  {text}", *(f"           hint: {hint}" for hint in hints)]
        return "\n".join([*lines, "Solved." if self.solved else "Not yet: change it and check again."])


def check(name: str, topology: Topology, misses: Counter[str]) -> Verdict:
    """Compares what is there with what an exercise asks for.

    Args:
        name: The exercise's name.
        topology: What is there.
        misses: How often each requirement was found missing; counted on here. Each time shows one hint more.

    Raises:
        FanoutError: There is no such exercise.
    """
    if name not in _EXERCISES:
        raise FanoutError(f"There is no exercise {name!r}.", cause=f"There are: {', '.join(sorted(_EXERCISES))}.")
    missing = [requirement for requirement in _EXERCISES[name] if not requirement.holds(topology)]
    misses.update(requirement.text for requirement in missing)
    return Verdict(
        right=[requirement.text for requirement in _EXERCISES[name] if requirement not in missing],
        missing={one.text: one.hints[: misses[one.text]] for one in missing},
    )


def _type_of(exchange: Exchange | None) -> str:
    return "" if exchange is None else exchange.type


def _outlives_its_connection(queue: Queue | None) -> bool:
    return queue is not None and queue.durable and not queue.exclusive and not queue.auto_delete


_EXERCISES: dict[str, tuple[Requirement, ...]] = {
    "archive": (
        Requirement(
            "there is a queue 'archive'",
            lambda topology: topology.queue("archive") is not None,
            (
                "Declare it, with a name this time.",
                'channel.queue_declare(queue="archive", durable=True)',
            ),
        ),
        Requirement(
            "it is durable, and neither exclusive nor auto_delete",
            lambda topology: _outlives_its_connection(topology.queue("archive")),
            (
                "A queue cannot be changed: if it is there already, delete it and declare it again.",
                'channel = connection.channel(); channel.queue_delete(queue="archive")',
            ),
        ),
        Requirement(
            "it is bound to 'logs'",
            lambda topology: "archive" in topology.bound("logs"),
            (
                "A queue gets nothing before a binding leads to it.",
                'channel.queue_bind(queue="archive", exchange="logs", routing_key="")',
            ),
        ),
    ),
    "alarms": (
        Requirement(
            "there is a fanout exchange 'alarms'",
            lambda topology: _type_of(topology.exchange("alarms")) == "fanout",
            ("Declare it the way 'logs' was.", 'channel.exchange_declare(exchange="alarms", exchange_type="fanout")'),
        ),
        Requirement(
            "a queue is bound to 'alarms', and none of its queues is bound to 'logs'",
            lambda topology: bool(topology.bound("alarms")) and not topology.bound("alarms") & topology.bound("logs"),
            (
                "lab.subscribe makes a queue and binds it. A queue that is bound to both gets both kinds of messages.",
                'lab.subscribe("alarms", "siren")',
            ),
        ),
    ),
}
