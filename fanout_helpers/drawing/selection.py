"""What of a picture is shown, and in which order: its drawing and its words share this."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from fanout_helpers.model import Binding, Consumer, Queue
from fanout_helpers.picture import Picture

ROWS = 12
"""Queues of one exchange that are shown; further ones are counted."""


class Link(NamedTuple):
    """All bindings from an exchange to one destination. ``kind`` is ``"queue"`` or ``"exchange"``.

    The default exchange's are left out of ``bindings``: each queue is bound to it under its own name.
    """

    source: str
    kind: str
    destination: str
    bindings: tuple[Binding, ...]


class Group(NamedTuple):
    """Queues that stand together: their first exchange is the same, or they are bound to none (``None``)."""

    exchange: str | None
    shown: tuple[Queue, ...]
    folded: tuple[Queue, ...]


@dataclass(frozen=True)
class Selection:
    """What is shown. Everything is in the order in which it is shown.

    Every queue is in one group. ``consumers`` has an entry for every queue; a queue with a subscriber that RabbitMQ
    has not reported yet has a consumer without a tag, as long as RabbitMQ answers.
    """

    exchanges: tuple[str, ...]
    links: tuple[Link, ...]
    groups: tuple[Group, ...]
    consumers: Mapping[str, tuple[Consumer, ...]]

    def links_from(self, exchange: str) -> list[Link]:
        """The bindings of an exchange."""
        return [link for link in self.links if link.source == exchange]


def select(picture: Picture) -> Selection:
    """Selects what of a picture is shown."""
    queues = in_order(picture, picture.topology.queues)
    bindings = _bindings(picture, queues)
    exchanges = _exchanges(picture, bindings)
    links = _links(bindings, exchanges, queues)
    return Selection(
        exchanges=exchanges,
        links=links,
        groups=_groups(links, exchanges, queues),
        consumers=_consumers(picture, queues),
    )


def shown_of(count: int, rows: int) -> int:
    """How many of ``count`` have a box of ``rows``: the box that stands for all others is as large as one of them."""
    return count if count <= rows + 1 else rows


def in_order(picture: Picture, queues: Iterable[Queue]) -> tuple[Queue, ...]:
    """Queues in the order in which their subscribers joined, then by name."""
    places = {name: place for place, name in enumerate(picture.owners)}
    return tuple(sorted(queues, key=lambda queue: (places.get(queue.name, len(places)), queue.name)))


def _bindings(picture: Picture, queues: Sequence[Queue]) -> list[Binding]:
    """The bindings that somebody made, to what is shown."""
    names = {queue.name for queue in queues}
    return [
        binding
        for binding in picture.topology.bindings
        if binding.source and (binding.destination_type == "exchange" or binding.destination in names)
    ]


def _exchanges(picture: Picture, bindings: Sequence[Binding]) -> tuple[str, ...]:
    """The target comes first, then what somebody declared, and the default exchange last."""
    bound = {binding.source for binding in bindings}
    bound |= {binding.destination for binding in bindings if binding.destination_type == "exchange"}
    declared = {exchange.name for exchange in picture.topology.exchanges}
    names = {name for name in declared if name in bound or not _predeclared(name)}
    names |= {message.exchange for message in picture.messages}
    return tuple(
        sorted(names | {picture.target}, key=lambda name: (name != picture.target, not name, _predeclared(name), name))
    )


def _predeclared(name: str) -> bool:
    return not name or name.startswith("amq.")


def _links(bindings: Sequence[Binding], exchanges: Sequence[str], queues: Sequence[Queue]) -> tuple[Link, ...]:
    places = {("exchange", name): place for place, name in enumerate(exchanges)}
    places |= {("queue", queue.name): place for place, queue in enumerate(queues)}
    between: dict[tuple[str, str, str], list[Binding]] = {}
    for binding in bindings:
        between.setdefault((binding.source, binding.destination_type, binding.destination), []).append(binding)
    if "" in exchanges:
        between |= {("", "queue", queue.name): [] for queue in queues}
    links = [
        Link(source, kind, destination, tuple(held))
        for (source, kind, destination), held in between.items()
        if ("exchange", source) in places and (kind, destination) in places
    ]
    links.sort(key=lambda link: (places["exchange", link.source], link.kind, places[link.kind, link.destination]))
    return tuple(links)


def _groups(links: Sequence[Link], exchanges: Sequence[str], queues: Sequence[Queue]) -> tuple[Group, ...]:
    first: dict[str, str] = {}
    for link in links:
        if link.kind == "queue":
            first.setdefault(link.destination, link.source)
    members: dict[str | None, list[Queue]] = {name: [] for name in exchanges}
    for queue in queues:
        members.setdefault(first.get(queue.name), []).append(queue)
    shown = {name: shown_of(len(held), ROWS) for name, held in members.items()}
    return tuple(Group(name, tuple(held[: shown[name]]), tuple(held[shown[name] :])) for name, held in members.items())


def _consumers(picture: Picture, queues: Sequence[Queue]) -> dict[str, tuple[Consumer, ...]]:
    consumers: dict[str, list[Consumer]] = {queue.name: [] for queue in queues}
    for consumer in sorted(picture.topology.consumers, key=lambda consumer: (consumer.consumer_tag, consumer.channel)):
        if consumer.queue in consumers:
            consumers[consumer.queue].append(consumer)
    # A subscriber is known to consume; RabbitMQ may report its consumer seconds later, but only while it answers.
    for name in picture.owners if picture.standing.state != "stale" else ():
        if name in consumers and not consumers[name]:
            consumers[name].append(Consumer(name, ""))
    return {name: tuple(held) for name, held in consumers.items()}
