"""What RabbitMQ has and what happens in it, as frozen values.

Field names are RabbitMQ's own, as its management API and AMQP 0-9-1 spell them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SERVER_NAMED = "amq.gen-"
"""How a queue name begins that the server chose (https://www.rabbitmq.com/docs/queues#server-named-queues)."""

BOARD_QUEUE = "fanout-board-"
"""How the queues begin through which a board listens to the broker; the tables of a lab leave them out."""

_SHOWN = 80
_SHORT = len(SERVER_NAMED) + 4

# Control characters, line and paragraph separators, invisible marks, and the marks that turn the direction of text;
# not the joiners that emoji and several scripts need.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def short_name(name: str) -> str:
    """A queue's name for people: a server-given one cut to its first four own characters.

    ``amq.gen-JzTY20BRgKO-HjmUJj0wLg`` becomes ``amq.gen-JzTY…``; every other name stays as it is.
    """
    return f"{name[:_SHORT]}…" if name.startswith(SERVER_NAMED) and len(name) > _SHORT else name


def visible(text: str) -> str:
    r"""The text on one line: what breaks lines, moves text or cannot be seen is spelled out, as in ``\n``."""
    return _UNSEEN.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)


@dataclass(frozen=True)
class Exchange:
    """An exchange (https://www.rabbitmq.com/docs/exchanges). The default exchange's name is the empty string."""

    name: str
    type: str
    durable: bool
    auto_delete: bool = False
    internal: bool = False
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Binding:
    """A binding from an exchange (``source``) to a queue or another exchange (``destination``).

    ``destination_type`` is ``"queue"`` or ``"exchange"``; ``routing_key`` is the binding key
    (https://www.rabbitmq.com/docs/publishers#basics).
    """

    source: str
    destination: str
    destination_type: str
    routing_key: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Queue:
    """A queue (https://www.rabbitmq.com/docs/queues).

    ``messages_ready`` (messages) and ``consumers`` are statistics, which RabbitMQ reports late; ``None`` says
    that it has not reported any yet.
    """

    name: str
    durable: bool
    exclusive: bool
    auto_delete: bool
    type: str = "classic"
    arguments: Mapping[str, Any] = field(default_factory=dict)
    messages_ready: int | None = None
    consumers: int | None = None


@dataclass(frozen=True)
class Consumer:
    """A consumer of a queue (https://www.rabbitmq.com/docs/consumers).

    ``channel`` is the name of its channel, such as ``127.0.0.1:34028 -> 127.0.0.1:5672 (1)``; empty where RabbitMQ
    did not tell.
    """

    queue: str
    consumer_tag: str
    channel: str = ""


@dataclass(frozen=True)
class Delivery:
    """A message as one consumer received it (AMQP 0-9-1, ``basic.deliver``).

    ``number`` counts a subscriber's deliveries from 1; ``body`` is the message's bytes as they came;
    ``received_at`` is seconds since the epoch.
    """

    number: int
    exchange: str
    routing_key: str
    body: bytes
    redelivered: bool
    received_at: float

    @property
    def text(self) -> str:
        r"""The body as text; bytes that are not UTF-8 are shown as ``\xNN``."""
        return self.body.decode("utf-8", "backslashreplace")


@dataclass(frozen=True)
class Publication:
    """What became of one published message: the broker took it, and ``routed`` says whether any queue matched.

    A message that is not routed was *returned* (312 NO_ROUTE): no queue has it
    (https://www.rabbitmq.com/docs/publishers#unroutable).
    """

    exchange: str
    routing_key: str
    body: bytes
    routed: bool

    def __repr__(self) -> str:
        outcome = "confirmed" if self.routed else "returned, it matched no queue (312 NO_ROUTE)"
        text = self.body.decode("utf-8", "backslashreplace")
        more = "…" if len(text) > _SHOWN else ""
        return f"published {text[:_SHOWN]!r}{more} to {self.exchange or 'the default exchange'}: {outcome}"
