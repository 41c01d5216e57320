"""Pictures for the tests of what is drawn and written of them."""

import random
from collections.abc import Iterable
from dataclasses import replace

from fanout_helpers.model import Binding, Consumer, Exchange, Queue
from fanout_helpers.picture import Picture, Producer, TracedDelivery, TracedMessage
from fanout_helpers.topology import Topology

SERVER_NAMED = "amq.gen-JzTY20BRgKO-HjmUJj0wLg"
HOSTILE = "<script>alert('&\"')</script>\u202e\n"
SHOWN = """<script>alert('&"')</script>\\u202e\\n"""
"""How people see the hostile name: its markup is text, and its marks are spelled out."""

PREDECLARED = [
    Exchange("", "direct", durable=True),
    *(Exchange(f"amq.{kind}", kind, durable=True) for kind in ("direct", "fanout", "topic", "headers")),
    *(Exchange(f"amq.rabbitmq.{name}", "topic", durable=True, internal=True) for name in ("trace", "event", "log")),
]


def exchange(name: str, kind: str = "fanout") -> Exchange:
    return Exchange(name, kind, durable=False)


def queue(name: str, *, exclusive: bool = False) -> Queue:
    return Queue(name, durable=not exclusive, exclusive=exclusive, auto_delete=False)


def bind(source: str, destination: str, key: str = "", kind: str = "queue") -> Binding:
    return Binding(source, destination, kind, key)


def topology(
    exchanges: Iterable[Exchange] = (),
    queues: Iterable[Queue] = (),
    bindings: Iterable[Binding] = (),
    consumers: Iterable[Consumer] = (),
) -> Topology:
    """A virtual host with the default exchange's bindings in it, as RabbitMQ lists them."""
    held = list(queues)
    implicit = [bind("", one.name, one.name) for one in held]
    return Topology([*PREDECLARED, *exchanges], held, [*implicit, *bindings], list(consumers))


def traced(  # noqa: PLR0913
    exchange: str,
    *queues: str,
    key: str = "",
    body: bytes = b"info: hello",
    size: int | None = None,
    connection: str = "c1",
    deliveries: Iterable[TracedDelivery] = (),
) -> TracedMessage:
    return TracedMessage(
        number=1,
        exchange=exchange,
        routing_key=key,
        body=body,
        size=len(body) if size is None else size,
        connection=connection,
        routed_queues=queues,
        deliveries=tuple(deliveries),
    )


def delivered(queue: str, channel: str = "", *, redelivered: bool = False) -> TracedDelivery:
    return TracedDelivery(queue, channel, redelivered)


def fanout(count: int) -> Picture:
    """A message on its way to as many subscribers, whose queues' names are in the opposite order."""
    names = [f"amq.gen-{99 - number:04}abcdefghijklmnopqr" for number in range(count)]
    return Picture(
        topology(
            [exchange("logs")],
            [queue(name, exclusive=True) for name in sorted(names)],
            [bind("logs", name) for name in sorted(names)],
            [Consumer(name, f"ctag-{name}", f"channel of {name}") for name in names],
        ),
        "logs",
        owners={name: f"s{place}" for place, name in enumerate(names, start=1)},
        producers=[Producer("c1", "lesson bindings")],
        messages=[traced("logs", *names, deliveries=[delivered(name, f"channel of {name}") for name in names])],
    )


def several() -> Picture:
    """Three exchanges that share a queue, one bound to another, and a queue that is bound to none."""
    return Picture(
        topology(
            [exchange("logs"), exchange("orders", "direct"), exchange("top", "topic")],
            [queue("screen"), queue("shared"), queue("errors"), queue("lonely")],
            [
                bind("logs", "screen"),
                bind("logs", "shared"),
                bind("logs", "top", kind="exchange"),
                bind("orders", "shared", "paid"),
                bind("orders", "shared", "new"),
                bind("top", "errors", "error.#"),
            ],
            [Consumer("shared", f"ctag-{number}", f"channel {number}") for number in range(3)],
        ),
        "logs",
        producers=[Producer("c1", "lesson"), Producer("c2", "notebook", open=False)],
        messages=[traced("logs", "screen", "shared", "errors", connection="c2")],
    )


def hostile() -> Picture:
    """Names and a message that try to get out of where they are shown."""
    long = HOSTILE * 5
    return Picture(
        topology(
            [exchange(HOSTILE, "direct")],
            [queue(HOSTILE), queue(long), queue("漢字" * 60), queue("\ud800\uffff")],
            [bind(HOSTILE, name, key) for name in (HOSTILE, long, "漢字" * 60) for key in (HOSTILE, "]]>" * 50)],
            [Consumer(HOSTILE, HOSTILE), Consumer(HOSTILE, '" onload="alert(1)'), Consumer(long, HOSTILE)],
        ),
        HOSTILE,
        owners={long: HOSTILE},
        producers=[Producer(HOSTILE, HOSTILE)],
        messages=[
            traced(HOSTILE, HOSTILE, long, key=HOSTILE, body=f"error: {HOSTILE}".encode(), connection=HOSTILE),
        ],
        notes=[HOSTILE],
    )


def shuffled(picture: Picture, seed: int) -> Picture:
    """The same picture; RabbitMQ tells what there is in no order."""
    told = picture.topology
    parts = [list(part) for part in (told.exchanges, told.queues, told.bindings, told.consumers)]
    for part in parts:
        random.Random(seed).shuffle(part)  # noqa: S311
    return replace(picture, topology=Topology(*parts))  # type: ignore[arg-type]
