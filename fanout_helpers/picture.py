"""What a board shows at one moment: the topology, the latest messages on their way, and how much passes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from fanout_helpers.topology import Topology


class Mode(StrEnum):
    """How a board learns of messages."""

    MESSAGES = "messages"
    """Each one, from the firehose (https://www.rabbitmq.com/docs/firehose)."""
    FLOWS = "flows"
    """Too many to tell apart: the firehose is off, and only counts and rates are shown."""
    UNTRACED = "untraced"
    """The firehose cannot be used here; counts and rates are shown."""


@dataclass(frozen=True)
class TracedDelivery:
    """One delivery of a message's copy to a consumer, as the firehose reported it.

    ``channel`` is the consumer's channel as the management API names it, such as
    ``127.0.0.1:34028 -> 127.0.0.1:5672 (1)``.
    """

    queue: str
    channel: str
    redelivered: bool


@dataclass(frozen=True)
class TracedMessage:
    """A published message and what became of it, as the firehose reported it.

    ``number`` counts the messages that were traced, from 1. ``body`` holds at most the first
    2,000 bytes of the ``size`` bytes that were published. ``connection`` is the producer's. ``routed_queues`` has one
    entry for each copy; where it is empty, the message was routed nowhere.
    """

    number: int
    exchange: str
    routing_key: str
    body: bytes
    size: int
    connection: str
    routed_queues: Sequence[str]
    deliveries: Sequence[TracedDelivery] = ()


@dataclass(frozen=True)
class Producer:
    """A connection that published while the board was open; ``name`` is what its program calls it."""

    connection: str
    name: str
    open: bool = True


@dataclass(frozen=True)
class Tally:
    """How many messages came into an exchange or a queue, and how many went out, since the board opened.

    Each is exact as soon as RabbitMQ's statistics have caught up with what was not traced. The rates are messages per
    second, to two significant digits; 0 while the board shows single messages.
    """

    into: int = 0
    out: int = 0
    into_rate: float = 0.0
    out_rate: float = 0.0


@dataclass(frozen=True)
class Picture:
    """What a board shows at one moment.

    ``target`` is the exchange that the board publishes to, which need not exist. ``owners`` maps queues to the names of
    their subscribers, in the order in which these joined. ``messages`` are the latest, oldest first. ``tallies`` has
    exchanges under ``("exchange", name)`` and queues under ``("queue", name)``. ``notes`` are sentences for a person:
    what cannot be shown here, and why.
    """

    topology: Topology
    target: str
    owners: Mapping[str, str] = field(default_factory=dict)
    producers: Sequence[Producer] = ()
    messages: Sequence[TracedMessage] = ()
    tallies: Mapping[tuple[str, str], Tally] = field(default_factory=dict)
    mode: Mode = Mode.MESSAGES
    notes: Sequence[str] = ()
