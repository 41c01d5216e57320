"""What a board shows at one moment: the topology, the latest messages on their way, and how much passes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

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
class Standing:
    """How sure a picture is, for all that reads it: the page, the stored drawing and the words.

    ``state`` is ``live``, ``stale`` (RabbitMQ does not answer: nobody knows what is there now) or ``closed`` (nobody
    looks any more). ``sentence`` says so to a person, above everything else; empty if there is nothing to say.
    """

    state: Literal["live", "stale", "closed"] = "live"
    sentence: str = ""


LIVE = Standing()
STALE = Standing("stale", "RabbitMQ does not answer: this is the last picture.")
SHARED = Standing(
    "live",
    "Another notebook has opened this lesson: it deleted queues and exchanges that were here, and what is here now "
    "may be its own. Run this notebook's first cell again to take the lesson back.",
)
CLOSED = Standing(
    "closed",
    "This board is closed, and shows what was there last. For a live one, run the cells again from the first.",
)


@dataclass(frozen=True)
class TracedDelivery:
    """One delivery of a message's copy to a consumer, as the firehose reported it.

    ``channel`` is the consumer's channel as the management API names it, such as
    ``127.0.0.1:34028 -> 127.0.0.1:5672 (1)``.
    """

    queue: str
    channel: str
    redelivered: bool


class Fate(StrEnum):
    """What became of a message's copy that nobody was seen to take: as words for people.

    A copy without one waits in its queue.
    """

    SURVIVED = "survived"
    """RabbitMQ was restarted, and the copy is in its queue still."""
    LOST = "lost (not persistent)"
    """RabbitMQ was restarted, and has only the queue's persistent messages now."""
    QUEUE_GONE = "lost with the queue"
    UNKNOWN = "not known any more"
    """RabbitMQ's reports had a gap, in which it may have been delivered; or its queue may have refused it before."""


@dataclass(frozen=True)
class TracedMessage:
    """A published message and what became of it, as the firehose reported it.

    ``number`` counts the messages that were traced, from 1. ``body`` holds at most the first
    2,000 bytes of the ``size`` bytes that were published. ``connection`` is the producer's. ``routed_queues`` has one
    entry for each copy; where it is empty, the message was routed nowhere. ``fates`` has, by queue, what became of
    copies that no longer simply wait.
    """

    number: int
    exchange: str
    routing_key: str
    body: bytes
    size: int
    connection: str
    routed_queues: Sequence[str]
    deliveries: Sequence[TracedDelivery] = ()
    fates: Mapping[str, Fate] = field(default_factory=dict)

    def waiting(self) -> dict[str, Fate | None]:
        """The queues whose copies nobody was seen to take, each with what became of that copy if it does not wait."""
        taken = {delivery.queue for delivery in self.deliveries}
        return {queue: self.fates.get(queue) for queue in self.routed_queues if queue not in taken}


@dataclass(frozen=True)
class Producer:
    """A connection that published while the board was open; ``name`` is what people call it, empty if unknown."""

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
    exchanges under ``("exchange", name)`` and queues under ``("queue", name)``. ``waiting`` says how many messages
    wait in each queue (*ready*, in RabbitMQ's words); a queue of which that is not known is not in it. ``callers`` maps
    connections to what people call them, such as ``you`` or ``receive_logs.py 2``. ``notes`` are sentences for a
    person: what cannot be shown here, and why. ``standing`` says how sure all of it is.
    """

    topology: Topology
    target: str
    owners: Mapping[str, str] = field(default_factory=dict)
    producers: Sequence[Producer] = ()
    messages: Sequence[TracedMessage] = ()
    tallies: Mapping[tuple[str, str], Tally] = field(default_factory=dict)
    waiting: Mapping[str, int] = field(default_factory=dict)
    callers: Mapping[str, str] = field(default_factory=dict)
    mode: Mode = Mode.MESSAGES
    notes: Sequence[str] = ()
    standing: Standing = LIVE
