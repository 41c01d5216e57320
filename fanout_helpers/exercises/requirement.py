"""What an exercise asks for: things that must be so in the broker."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from fanout_helpers.exercises import code
from fanout_helpers.model import Queue
from fanout_helpers.topology import Topology

Hints: TypeAlias = tuple[str, ...]
"""First a sentence, then the code that it speaks of: one statement each."""


@dataclass(frozen=True)
class Requirement:
    """One thing that must be so: in words, as a test, and with hints.

    ``hints`` may depend on what is there: what is absent is declared, what is wrong has to be deleted first.
    ``listed_late`` says that RabbitMQ lists it some seconds after it has come.
    """

    text: str
    holds: Callable[[Topology], bool]
    hints: Hints | Callable[[Topology], Hints]
    listed_late: bool = False

    def hints_for(self, topology: Topology) -> Hints:
        """The hints for somebody who has got as far as this."""
        return self.hints(topology) if callable(self.hints) else self.hints


Exercises: TypeAlias = Mapping[str, tuple[Requirement, ...]]
"""A lesson's exercises by name, each with all that it requires."""


def has_type(exchange: str, exchange_type: str) -> Requirement:
    """That there is an exchange of a type, which it cannot change (https://www.rabbitmq.com/docs/exchanges)."""

    def hints(topology: Topology) -> Hints:
        if topology.exchange(exchange) is None:
            return ("Declare it: an exchange has a name and a type.", code.exchange_declare(exchange, exchange_type))
        wrong = (
            "An exchange cannot change its type: delete this one, which takes its bindings along, and declare it again."
        )
        return (wrong, *code.exchange_again(topology, exchange, exchange_type))

    return Requirement(
        f"there is an exchange '{exchange}' of type {exchange_type}",
        lambda topology: topology.exchange_type(exchange) == exchange_type,
        hints,
    )


def lasts(queue: str, called: str = "it", also: Callable[[Topology], code.Code] = lambda _topology: ()) -> Requirement:
    """That a queue outlives its connection, its last consumer and RabbitMQ's restart.

    Source: https://www.rabbitmq.com/docs/queues#properties.

    Args:
        queue: The queue's name.
        called: What the sentence calls it.
        also: What a queue takes along, besides its bindings, that the exercise wants.
    """

    def hints(topology: Topology) -> Hints:
        if topology.queue(queue) is None:
            return ("Declare it with durable=True, and leave exclusive and auto_delete out.", code.queue_declare(queue))
        wrong = "A queue cannot be changed: delete this one and declare it again."
        return (wrong, *code.queue_again(topology, queue), *also(topology))

    return Requirement(
        f"{called} is durable, and neither exclusive nor auto_delete",
        lambda topology: stays(topology.queue(queue)),
        hints,
    )


def is_bound(queue: str, exchange: str) -> Requirement:
    """That a queue is bound to an exchange, with whatever key."""
    return Requirement(
        f"it is bound to '{exchange}'",
        lambda topology: queue in topology.bound(exchange),
        lambda topology: (
            "A queue gets nothing before a binding leads to it.",
            *code.bind_to_fanout(topology, queue, exchange),
        ),
    )


def is_shared(queue: Queue | None) -> bool:
    """Whether there is such a queue and it is not exclusive: any connection may use it, and none ends it by closing."""
    return queue is not None and not queue.exclusive


def stays(queue: Queue | None) -> bool:
    """Whether there is such a queue and it outlives its connection, its last consumer and RabbitMQ's restart."""
    return queue is not None and queue.durable and not queue.exclusive and not queue.auto_delete
