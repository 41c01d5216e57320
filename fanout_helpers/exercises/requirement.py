"""What an exercise asks for: things that must be so in the broker."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from fanout_helpers.model import Queue
from fanout_helpers.topology import Topology


@dataclass(frozen=True)
class Requirement:
    """One thing that must be so: in words, as a test, and hints from vague to plain."""

    text: str
    holds: Callable[[Topology], bool]
    hints: tuple[str, ...]


Exercises: TypeAlias = Mapping[str, tuple[Requirement, ...]]
"""A lesson's exercises by name, each with all that it requires."""


def lasts(queue: str, called: str = "it") -> Requirement:
    """That a queue outlives its connection, its last consumer and RabbitMQ's restart.

    Source: https://www.rabbitmq.com/docs/queues#properties.

    Args:
        queue: The queue's name.
        called: What the sentence calls it.
    """
    return Requirement(
        f"{called} is durable, and neither exclusive nor auto_delete",
        lambda topology: _lasts(topology.queue(queue)),
        (
            "A queue cannot be changed: if it is there already, delete it and declare it again.",
            f'channel = connection.channel(); channel.queue_delete(queue="{queue}")',
        ),
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


def _lasts(queue: Queue | None) -> bool:
    return queue is not None and queue.durable and not queue.exclusive and not queue.auto_delete
