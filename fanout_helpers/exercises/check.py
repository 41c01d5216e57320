"""Exercises that are checked by what is in the broker, not by what a learner typed."""

import time
from collections import defaultdict
from collections.abc import Callable, Sequence

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
from fanout_helpers.exercises.memory import Memory
from fanout_helpers.exercises.requirement import Exercises, Requirement
from fanout_helpers.exercises.verdict import Verdict
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


class Checks:
    """The checks of one lab, which remember what they have said of each exercise."""

    def __init__(self) -> None:
        self._memories: defaultdict[str, Memory] = defaultdict(Memory)

    def check(self, name: str, look: Callable[[], Topology]) -> Verdict:
        """Compares what is there with what an exercise asks for.

        Where nothing but what RabbitMQ lists late is missing, it looks again for some seconds.

        Args:
            name: The exercise's name.
            look: Tells what is there now.

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
        memory = self._memories[name]
        hints = {one.text: one.hints_for(topology) for one in missing}
        # Where there is no code yet, as where nothing is prepared, nobody has tried in vain.
        memory.note(topology, [text for text, said in hints.items() if len(said) > 1])
        return Verdict(
            right=[requirement.text for requirement in EXERCISES[name] if requirement not in missing],
            missing={text: said if text in memory.earned else said[:1] for text, said in hints.items()},
            code_is_next=memory.unchanged and any(len(said) > 1 for said in hints.values()),
        )


def _compare(
    requirements: Sequence[Requirement], look: Callable[[], Topology]
) -> tuple[Topology, Sequence[Requirement]]:
    """What is there, and which of the requirements it does not meet."""
    topology = look()
    return topology, [requirement for requirement in requirements if not requirement.holds(topology)]
