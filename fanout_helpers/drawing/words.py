"""A picture in words: what a board draws, as text for people who do not see it, for terminals and for CI.

Queues are called by their subscribers' names where they have one, and programs by what people call them. What is
printed tells nothing of connections (``printed``): two runs of a notebook print the same, up to the names that RabbitMQ
gives to queues.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from fanout_helpers.drawing.names import caller, tag
from fanout_helpers.drawing.selection import ROWS, Group, Link, Selection, select, shown_of
from fanout_helpers.model import Queue, beginning, short_name, visible
from fanout_helpers.picture import Fate, Picture, TracedDelivery, TracedMessage

_TEXT = 60
"""Characters of a message that are shown at most."""

_NAMES = 20
"""Queues of a message, or binding keys or arguments of a queue, that are named at most."""

_LONGEST = 255
"""Characters of a binding's arguments that are shown at most: as many as a binding key may have."""

_HEADERS = "headers"
_MATCH = "x-match"  # https://www.rabbitmq.com/docs/exchanges#headers

_FATES = {None: "not delivered yet", Fate.SURVIVED: "survived, not delivered yet"}

_UNBOUND = "bound only to the default exchange"


def topology(picture: Picture) -> str:
    """The exchanges that are shown, what is bound to each, and who consumes; above them, how sure that is."""
    selection = select(picture)
    written = [picture.standing.sentence] * bool(picture.standing.sentence)
    written += [line for name in selection.exchanges for line in _exchange_lines(name, picture, selection)]
    unbound = (group for group in selection.groups if group.exchange is None)
    written += [line for group in unbound for line in _unbound_lines(group, picture, selection)]
    return "\n".join(written)


def ways(messages: Iterable[TracedMessage], picture: Picture) -> str:
    """What became of each message."""
    return "\n".join(way(message, picture) for message in messages)


def way(message: TracedMessage, picture: Picture) -> str:
    """What became of a message: where it was published, which queues got a copy, and which of them delivered it."""
    first = [delivery for delivery in message.deliveries if not delivery.redelivered]
    again = [delivery for delivery in message.deliveries if delivery.redelivered]
    written = [f"message {message.number} {_quoted(message)}", f"  {_published(message, picture)}"]
    written.append(f"  {_routed(message, picture)}")
    written += [f"  delivered {copies}" for copies in _handed_over(first, picture)]
    written += [f"  redelivered {copies}" for copies in _handed_over(again, picture)]
    left = _undelivered(message).items()
    written += [f"  {_FATES.get(fate, fate)}: {_names(queues, picture)}" for fate, queues in left]
    return "\n".join(written)


def summary(message: TracedMessage) -> str:
    """What became of a message, in a few words."""
    copies = counted(len(message.routed_queues), "queue")
    if not message.routed_queues:
        return copies
    again = sum(delivery.redelivered for delivery in message.deliveries)
    extra = f", {again:,} redelivered" if again else ""
    fates = [(fate, len(queues)) for fate, queues in _undelivered(message).items() if fate]
    became = f" · {', '.join(f'{count:,} {fate}' for fate, count in fates)}" if fates else ""
    return f"{copies} · {len(message.deliveries) - again:,} delivered{extra}{became}"


def text(message: TracedMessage) -> str:
    """The beginning of a message; the whole body is never decoded."""
    shown, whole = _decoded(message)
    return shown if whole else f"{shown[: _TEXT - 1]}…"


def counted(count: int, noun: str) -> str:
    """A count in words: ``1 queue``, ``1,200 queues``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def listed(names: Sequence[str], most: int) -> str:
    """Names with commas between them; those beyond the first ``most`` are only counted."""
    more = [f"{len(names) - most:,} more"] * (len(names) > most)
    return ", ".join([*names[:most], *more])


def exchange_name(name: str) -> str:
    """An exchange with its name: the default exchange's is empty."""
    return f"exchange {visible(name)}" if name else "the default exchange"


def key_name(key: str) -> str:
    """A binding key or a routing key, for people; the empty one is seen too."""
    return f"'{visible(short_name(key))}'"


def properties(queue: Queue) -> list[str]:
    """What kind of queue it is."""
    held = {"exclusive": queue.exclusive, "durable": queue.durable, "auto-delete": queue.auto_delete}
    return [name for name, has in held.items() if has]


def _exchange_lines(name: str, picture: Picture, selection: Selection) -> list[str]:
    links = selection.links_from(name)
    queues = {queue.name: queue for queue in picture.topology.queues}
    shown = [link for link in links if link.kind == "queue"]
    rows = shown_of(len(shown), ROWS)
    written = [f"  -> {_bound(queues[link.destination], link, picture, selection)}" for link in shown[:rows]]
    if shown[rows:]:
        written.append(f"  -> {counted(len(shown) - rows, 'more queue')}")
    others = [link for link in links if link.kind == "exchange"]
    written += [f"  -> {exchange_name(link.destination)}{_keys(link, picture)}" for link in others]
    nothing = "nothing: no queue is bound to it" if name else "there is no queue yet"
    return [_head(name, picture), *(written or [f"  -> {nothing}"])]


def _unbound_lines(group: Group, picture: Picture, selection: Selection) -> list[str]:
    written = [
        f"{_queue(queue, picture)}, {_UNBOUND} -> {_consumers(queue, picture, selection)}" for queue in group.shown
    ]
    if group.folded:
        written.append(f"{counted(len(group.folded), 'more queue')}, {_UNBOUND}")
    return written


def _head(name: str, picture: Picture) -> str:
    if not name:
        return "default exchange (direct), every queue is bound to it under its own name"
    exchange = picture.topology.exchange(name)
    return f"{exchange_name(name)} ({visible(exchange.type) if exchange else 'not declared'})"


def _bound(queue: Queue, link: Link, picture: Picture, selection: Selection) -> str:
    return f"{_queue(queue, picture)}{_keys(link, picture)} -> {_consumers(queue, picture, selection)}"


def _keys(link: Link, picture: Picture) -> str:
    held = held_by([link], picture, _NAMES)
    return f", {held}" if held else ""


def held_by(links: Sequence[Link], picture: Picture, most: int) -> str:
    """What decides at an exchange's bindings, as a phrase: ``binding keys 'new', 'paid'``; empty if nothing does."""
    texts = conditions(links, picture)
    if not texts:
        return ""
    if picture.topology.exchange_type(links[0].source) == _HEADERS:
        return f"binding arguments {listed(texts, most)}"
    return f"binding key{'s' * (len(texts) > 1)} {listed([key_name(key) for key in texts], most)}"


def conditions(links: Sequence[Link], picture: Picture) -> list[str]:
    """What decides at an exchange's bindings: the keys; a headers exchange's arguments; nothing at a fanout exchange.

    Keys are as they are, arguments in words.
    """
    kind = picture.topology.exchange_type(links[0].source)
    bindings = [binding for link in links for binding in link.bindings]
    if kind == _HEADERS:
        texts = sorted({_arguments(binding.arguments) for binding in bindings})
        return [f"({text})" for text in texts] if len(texts) > 1 else texts
    return [] if kind == "fanout" else sorted({binding.routing_key for binding in bindings})


def _arguments(arguments: Mapping[str, Any]) -> str:
    """A binding's arguments, as in ``x-match=all, a=1``: how they match comes first."""
    names = sorted(arguments, key=lambda name: (name != _MATCH, name))
    shown = ", ".join(f"{visible(name)}={_value(name, arguments[name])}" for name in names) or "none"
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1]}…"


def _value(name: str, value: object) -> str:
    if isinstance(value, str):
        # The text '1' does not match the number 1; of x-match, no other kind than a text is possible.
        return visible(value) if name == _MATCH else f"'{visible(value)}'"
    return visible(json.dumps(value, sort_keys=True, ensure_ascii=False, default=str))


def _queue(queue: Queue, picture: Picture) -> str:
    owner = picture.owners.get(queue.name)
    name = visible(short_name(queue.name))
    if owner is None:
        return f"queue {name}{_in_brackets(properties(queue))}"
    return f"queue of {visible(owner)}{_in_brackets([name, *properties(queue)])}"


def _in_brackets(words: list[str]) -> str:
    return f" ({', '.join(words)})" if words else ""


def _consumers(queue: Queue, picture: Picture, selection: Selection) -> str:
    count = len(selection.consumers[queue.name])
    if count == 1:
        owner = picture.owners.get(queue.name, "")
        return visible(owner) or caller(selection.consumers[queue.name][0], picture) or "1 consumer"
    return counted(count, "consumer") if count else "no consumer"


def _undelivered(message: TracedMessage) -> dict[Fate | None, set[str]]:
    """The queues whose copies nobody was seen to take, by what became of them."""
    waiting = message.waiting()
    fates = (None, *Fate)
    found = {fate: {queue for queue, became in waiting.items() if became is fate} for fate in fates}
    return {fate: queues for fate, queues in found.items() if queues}


def _published(message: TracedMessage, picture: Picture) -> str:
    producers = (producer.name for producer in picture.producers if producer.connection == message.connection)
    name = next(producers, "")
    by = f" by {visible(name)}" if name else ""
    return f"published to {exchange_name(message.exchange)} with routing key {key_name(message.routing_key)}{by}"


def _routed(message: TracedMessage, picture: Picture) -> str:
    queues = set(message.routed_queues)
    copies = counted(len(message.routed_queues), "queue")
    return f"routed to {copies}: {_names(queues, picture) if queues else 'nobody has it'}"


def _handed_over(deliveries: Sequence[TracedDelivery], picture: Picture) -> list[str]:
    """To which subscribers copies went, and from which other queues to whom."""
    queues = {delivery.queue for delivery in deliveries}
    owned = queues & picture.owners.keys()
    others = queues - owned
    to = [f"to: {_names(owned, picture)}"] * bool(owned)
    takers = {delivery.queue: _taker(delivery, picture) for delivery in deliveries}
    return to + [f"from queue{'s' * (len(others) > 1)}: {_names(others, picture, takers)}"] * bool(others)


def _taker(delivery: TracedDelivery, picture: Picture) -> str:
    """Who took a copy, if its channel has one consumer of the queue that has a name."""
    place = delivery.queue, delivery.channel
    tags = [tag(consumer) for consumer in picture.topology.consumers if (consumer.queue, consumer.channel) == place]
    return f" (to {tags[0]})" if len(tags) == 1 and tags[0] else ""


def _names(queues: Collection[str], picture: Picture, told: Mapping[str, str] = MappingProxyType({})) -> str:
    """Queues by name, in order; ``told`` has what there is to say of some of them."""
    places = {name: place for place, name in enumerate(picture.owners)}
    ordered = sorted(queues, key=lambda name: (places.get(name, len(places)), name))
    names = [visible(picture.owners.get(name, short_name(name))) + told.get(name, "") for name in ordered]
    return listed(names, _NAMES)


def _quoted(message: TracedMessage) -> str:
    _, whole = _decoded(message)
    return f"'{text(message)}'" + ("" if whole else f" ({message.size:,} bytes in all)")


def _decoded(message: TracedMessage) -> tuple[str, bool]:
    """The beginning of a message, and whether that is all of it."""
    return beginning(message.body, _TEXT, message.size)
