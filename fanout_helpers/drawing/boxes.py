"""What stands in the boxes of a drawing; where they stand is decided in ``columns``."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal

from fanout_helpers.drawing.names import called, caller, holders, meaning, queue_label, tag
from fanout_helpers.drawing.parts import Box
from fanout_helpers.drawing.selection import Selection
from fanout_helpers.drawing.words import counted, exchange_name, listed, properties
from fanout_helpers.model import Consumer, Queue, visible
from fanout_helpers.picture import Mode, Picture, Producer

_NAMES = 50
"""Names that a box for many lists at most."""


def producer(one: Producer) -> Box:
    """A connection that published."""
    box = _box("producer", f"producer:{one.connection}", one.name)
    name = visible(one.name)
    box["label"] = name or "producer"
    box["detail"] = ("producer" if name else "") if one.open else "closed"
    ended = "" if one.open else ", its connection is closed"
    box["full"] = f"producer {name}".rstrip() + meaning(one.connection, one.name) + ended
    box["state"] = "" if one.open else "gone"
    return box


def nobody(picture: Picture) -> Box:
    """The place of the first producer, while none is known."""
    unknown = _was_published(picture)
    box = _box("producer", "producer:", "")
    box["label"] = "producer"
    box["detail"] = "not known" if unknown else "nobody yet"
    box["full"] = "producer: not known" if unknown else "producer: nobody has published yet"
    box["state"] = "gone"
    return box


def exchange(name: str, picture: Picture, selection: Selection) -> Box:
    """An exchange, declared or not."""
    box = _box("exchange", f"exchange:{name}", name)
    declared = picture.topology.exchange(name)
    kind = visible(declared.type) if declared else "direct"
    box["label"] = visible(name) or "default exchange"
    box["number"] = _came_in(name, picture)
    if name and not declared:
        box["state"] = "missing"
        box["detail"] = "not declared"
        box["full"] = f"{exchange_name(name)}, not declared"
    else:
        box["detail"] = kind
        box["full"] = f"{box_name(name)}, type {kind}, {_bound(name, selection)}{_routed(name, picture)}"
    return box


def queue(one: Queue, picture: Picture, selection: Selection) -> Box:
    """A queue."""
    owner = picture.owners.get(one.name)
    box = _box("queue", f"queue:{one.name}", one.name if owner is None else owner)
    held = properties(one)
    consumers = len(selection.consumers[one.name])
    name = f"queue {visible(one.name)}" + (f" of subscriber {visible(owner)}" if owner is not None else "")
    box["label"] = queue_label(one.name, holders(picture, selection))
    box["detail"] = ", ".join(held) or "not durable"
    told = [name, *held, counted(consumers, "consumer") if consumers else "no consumer"]
    box["full"] = ", ".join(told) + _taken(one.name, picture)
    box["number"] = _waiting(one.name, picture)
    return box


def consumers(name: str, picture: Picture, selection: Selection) -> list[Box]:
    """The consumers of a queue."""
    held = selection.consumers[name]
    owner = picture.owners.get(name)
    if owner is not None and len(held) == 1:
        return [_subscriber(name, owner)]
    names = Counter(called(one, picture) for one in held)
    return [_consumer(one, held[:place], picture, names) for place, one in enumerate(held)]


def more(key: str, name: str, names: Sequence[str], nouns: str) -> Box:
    """A box for all that have no place of their own."""
    box = _box("more", f"more:{key}", name)
    box["label"] = f"+ {len(names):,} more"
    box["detail"] = nouns
    box["full"] = f"{len(names):,} more {nouns}: {listed([*map(visible, names)], _NAMES)}"
    return box


def box_name(exchange: str) -> str:
    """An exchange as the beginning of a sentence names it."""
    return exchange_name(exchange) if exchange else "default exchange"


def _subscriber(queue: str, owner: str) -> Box:
    """A subscriber's consumer: its key is the same before RabbitMQ reports the consumer and after."""
    box = _box("consumer", f"consumer:{json.dumps([queue])}", owner)
    box["label"] = visible(owner)
    box["detail"] = "subscriber"
    box["full"] = f"subscriber {visible(owner)}, consumes from queue {visible(queue)}"
    return box


def _consumer(one: Consumer, before: Sequence[Consumer], picture: Picture, names: Mapping[str, int]) -> Box:
    """A consumer. Those on other channels may have the same tag, so the key counts them."""
    namesakes = sum(other.consumer_tag == one.consumer_tag for other in before)
    box = _box("consumer", f"consumer:{json.dumps([one.queue, one.consumer_tag, namesakes])}", one.consumer_tag)
    name, by = called(one, picture), caller(one, picture)
    kind = "consumer" if name else ""
    box["label"] = name or "consumer"
    # Several of one program on one queue are each on a channel of their own.
    alike = names[name] > 1 and one.channel
    box["detail"] = f"channel {_channel(one)}" if alike else (by if tag(one) and by else kind)
    whose = f", {by}" if by else ""
    told = f"consumer {visible(one.consumer_tag)} of queue {visible(one.queue)}{whose}"
    box["full"] = told + meaning(one.connection, by)
    return box


def _channel(one: Consumer) -> str:
    return visible(one.channel.rpartition(" (")[2].rstrip(")"))


def _bound(name: str, selection: Selection) -> str:
    if not name:
        return "every queue is bound to it under its own name"
    links = selection.links_from(name)
    queues = sum(link.kind == "queue" for link in links)
    others = len(links) - queues
    exchanges = f" and {counted(others, 'exchange')}" if others else ""
    return f"bound to {counted(queues, 'queue')}{exchanges}"


def _was_published(picture: Picture) -> bool:
    """Whether something was published, or may have been: only the firehose tells that nothing was."""
    counts = (tally.into for (kind, _name), tally in picture.tallies.items() if kind == "exchange")
    return picture.mode is not Mode.MESSAGES or any(counts)


def _routed(exchange: str, picture: Picture) -> str:
    """What was published to an exchange since the board opened, and how many copies that made."""
    tally = picture.tallies.get(("exchange", exchange))
    if tally is None:
        return ""
    copies = "1 copy" if tally.out == 1 else f"{tally.out:,} copies"
    return f"; {counted(tally.into, 'message')} published to it, {copies} went to queues"


def _taken(queue: str, picture: Picture) -> str:
    """What came into a queue since the board opened, what became of it, and what waits now."""
    tally = picture.tallies.get(("queue", queue))
    if tally is None:
        return ""
    waiting = picture.waiting.get(queue)
    left = "how many wait now is not known yet" if waiting is None else f"{waiting:,} waiting now"
    return f"; {counted(tally.into, 'message')} routed to it, {tally.out:,} of them delivered; {left}"


def _came_in(exchange: str, picture: Picture) -> str:
    """The words over an exchange: nothing waits there, so they say that these passed."""
    tally = picture.tallies.get(("exchange", exchange))
    return f"{tally.into:,} in" if tally else ""


def _waiting(queue: str, picture: Picture) -> str:
    """The words over a queue, where something waits in it."""
    waiting = picture.waiting.get(queue, 0)
    return f"{waiting:,} waiting" if waiting else ""


def _box(kind: Literal["producer", "exchange", "queue", "consumer", "more"], key: str, name: str) -> Box:
    return Box(
        key=key,
        testid=f"{kind}-{visible(name)}",
        kind=kind,
        x=0.0,
        y=0.0,
        width=0.0,
        height=0.0,
        label="",
        detail="",
        full="",
        state="",
        number="",
    )
