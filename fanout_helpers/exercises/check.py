"""Exercises that are checked by what is in the broker, not by what a learner typed."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from fanout_helpers.errors import FanoutError
from fanout_helpers.exercises import (
    bindings,
    default_exchange,
    errors,
    exchanges,
    listing,
    publish_subscribe,
    temporary_queues,
    when_things_break,
)
from fanout_helpers.exercises.requirement import Exercises, Requirement
from fanout_helpers.topology import Topology

EXERCISES: Exercises = {
    **exchanges.EXERCISES,
    **default_exchange.EXERCISES,
    **temporary_queues.EXERCISES,
    **bindings.EXERCISES,
    **publish_subscribe.EXERCISES,
    **listing.EXERCISES,
    **errors.EXERCISES,
    **when_things_break.EXERCISES,
}
"""Those of all lessons."""

PATIENCE = 6.0
"""Seconds to wait for what RabbitMQ lists late: after 5 seconds by default (``collect_statistics_interval``)."""

_POLL = 0.1


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


def check(name: str, look: Callable[[], Topology], misses: Counter[str]) -> Verdict:
    """Compares what is there with what an exercise asks for.

    Where nothing but what RabbitMQ lists late is missing, it looks again for some seconds.

    Args:
        name: The exercise's name.
        look: Tells what is there now.
        misses: How often each requirement was found missing; counted on here. Each time shows one hint more.

    Raises:
        FanoutError: There is no such exercise.
    """
    if name not in EXERCISES:
        raise FanoutError(f"There is no exercise {name!r}.", cause=f"There are: {', '.join(sorted(EXERCISES))}.")
    deadline = time.monotonic() + PATIENCE
    topology, missing = _compare(EXERCISES[name], look)
    while missing and all(one.listed_late for one in missing) and time.monotonic() < deadline:
        time.sleep(_POLL)
        topology, missing = _compare(EXERCISES[name], look)
    misses.update(requirement.text for requirement in missing)
    return Verdict(
        right=[requirement.text for requirement in EXERCISES[name] if requirement not in missing],
        missing={one.text: one.hints_for(topology)[: misses[one.text]] for one in missing},
    )


def _compare(
    requirements: Sequence[Requirement], look: Callable[[], Topology]
) -> tuple[Topology, Sequence[Requirement]]:
    """What is there, and which of the requirements it does not meet."""
    topology = look()
    return topology, [requirement for requirement in requirements if not requirement.holds(topology)]
