"""What an exercise asks for: things that must be so in the broker."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from fanout_helpers.model import Queue
from fanout_helpers.topology import Topology

Hints: TypeAlias = tuple[str, ...]
"""From vague to plain: each time that a requirement is found missing shows one more."""


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
    declare = f'channel.exchange_declare(exchange="{exchange}", exchange_type="{exchange_type}")'
    delete = f'channel = connection.channel(); channel.exchange_delete(exchange="{exchange}")'
    absent = ("Declare it: an exchange has a name and a type.", declare)
    wrong = ("An exchange cannot change its type: delete this one and declare it again.", f"{delete}; {declare}")
    return Requirement(
        f"there is an exchange '{exchange}' of type {exchange_type}",
        lambda topology: topology.exchange_type(exchange) == exchange_type,
        lambda topology: wrong if topology.exchange(exchange) else absent,
    )


def lasts(queue: str, called: str = "it") -> Requirement:
    """That a queue outlives its connection, its last consumer and RabbitMQ's restart.

    Source: https://www.rabbitmq.com/docs/queues#properties.

    Args:
        queue: The queue's name.
        called: What the sentence calls it.
    """
    declare = f'channel.queue_declare(queue="{queue}", durable=True)'
    delete = f'channel = connection.channel(); channel.queue_delete(queue="{queue}")'
    absent = ("Declare it with durable=True, and leave exclusive and auto_delete out.", declare)
    wrong = ("A queue cannot be changed: delete this one and declare it again.", f"{delete}; {declare}")
    return Requirement(
        f"{called} is durable, and neither exclusive nor auto_delete",
        lambda topology: stays(topology.queue(queue)),
        lambda topology: wrong if topology.queue(queue) else absent,
    )


def is_bound(queue: str, exchange: str) -> Requirement:
    """That a queue is bound to an exchange, with whatever key."""
    return Requirement(
        f"it is bound to '{exchange}'",
        lambda topology: queue in topology.bound(exchange),
        (
            "A queue gets nothing before a binding leads to it.",
            f'channel.queue_bind(queue="{queue}", exchange="{exchange}", routing_key="")',
        ),
    )


def is_shared(queue: Queue | None) -> bool:
    """Whether there is such a queue and it is not exclusive: any connection may use it, and none ends it by closing."""
    return queue is not None and not queue.exclusive


def stays(queue: Queue | None) -> bool:
    """Whether there is such a queue and it outlives its connection, its last consumer and RabbitMQ's restart."""
    return queue is not None and queue.durable and not queue.exclusive and not queue.auto_delete
