"""What RabbitMQ has and what happens in it, as frozen values.

Field names are RabbitMQ's own, as its management API and AMQP 0-9-1 spell them.
"""

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SERVER_NAMED = "amq.gen-"
"""How a queue name begins that the server chose (https://www.rabbitmq.com/docs/queues#server-named-queues)."""

BOARD_QUEUE = "tmp-7f2c-"
"""How the names of the queues begin through which a board listens to the broker; the tables of a lab leave them out.

They say nothing of boards: a lesson lists one and asks whose it is. The name of its connection tells an administrator.
"""

_SHOWN = 80
_UTF8_BYTES = 4
"""Bytes that one character takes at most in UTF-8."""

_decoder = codecs.getincrementaldecoder("utf-8")
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


def beginning(body: bytes, characters: int, size: int | None = None) -> tuple[str, bool]:
    r"""Return the beginning of a message's body as visible text, and whether that is all of it.

    No more of the body is touched than is shown, however large it is. Bytes that are not UTF-8 become ``\xNN``.

    Args:
        body: The body, or as much of it as was kept.
        characters: How many characters to show at most.
        size: The whole body's size in bytes, where ``body`` may be a part of it.
    """
    decoded, complete = _decoded(body, characters, len(body) if size is None else size)
    text = visible(decoded)
    return text[:characters], complete and len(text) <= characters


def _decoded(body: bytes, characters: int, size: int) -> tuple[str, bool]:
    """Return as much of a body as holds that many characters, and whether that is all of it."""
    head = body[: characters * _UTF8_BYTES]
    complete = len(head) == size
    return _decoder("backslashreplace").decode(head, complete), complete


_LIMITS = {"x-max-length", "x-max-length-bytes", "x-message-ttl"}
"""Arguments of queues: https://www.rabbitmq.com/docs/maxlength and https://www.rabbitmq.com/docs/ttl"""


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

    @property
    def is_limited(self) -> bool:
        """Whether, by its arguments, it does not keep every message that is routed to it."""
        return not _LIMITS.isdisjoint(self.arguments)


@dataclass(frozen=True)
class Consumer:
    """A consumer of a queue (https://www.rabbitmq.com/docs/consumers).

    ``channel`` is the name of its channel, such as ``127.0.0.1:34028 -> 127.0.0.1:5672 (1)``; empty where RabbitMQ
    did not tell.
    """

    queue: str
    consumer_tag: str
    channel: str = ""

    @property
    def connection(self) -> str:
        """The name of its connection; empty where RabbitMQ did not tell."""
        return self.channel.rpartition(" (")[0]


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
        text, complete = _decoded(self.body, _SHOWN, len(self.body))
        more = "" if complete and len(text) <= _SHOWN else "…"
        return f"published {text[:_SHOWN]!r}{more} to {self.exchange or 'the default exchange'}: {outcome}"
