"""The ways of messages through a drawing, as chains of its lines."""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from typing import Literal, TypeVar

from fanout_helpers.drawing import words
from fanout_helpers.drawing.columns import Places
from fanout_helpers.drawing.lines import line_key
from fanout_helpers.drawing.parts import Box, DrawnDelivery, DrawnMessage, Line
from fanout_helpers.drawing.selection import Link, Selection
from fanout_helpers.picture import Picture, TracedDelivery, TracedMessage
from fanout_helpers.routing import matches

_COPIES = 20
"""Copies of a message that are drawn in one box at most; one box may stand for thousands of queues."""

T = TypeVar("T")

_SEVERITIES: tuple[Literal["info", "warning", "error"], ...] = ("info", "warning", "error")


class Routes:
    """Finds the lines along which messages went.

    Args:
        picture: What is drawn.
        selection: What of it is shown.
        places: The boxes.
        lines: The lines that are drawn.
    """

    def __init__(self, picture: Picture, selection: Selection, places: Places, lines: Sequence[Line]) -> None:
        self._picture = picture
        self._selection = selection
        self._places = places
        self._lines = {line["key"] for line in lines}
        self._onward = any(link.kind == "exchange" for link in selection.links)
        self._chains: dict[tuple[str, str | None], dict[str, list[str]]] = {}

    def draw(self, message: TracedMessage) -> DrawnMessage:
        """A message with its way along the lines."""
        text = words.text(message)
        producer = self._places.producers.get(message.connection)
        exchange = self._places.exchanges.get(message.exchange)
        chains = self._chains_of(message)
        return DrawnMessage(
            number=message.number,
            text=text,
            severity=next((severity for severity in _SEVERITIES if text.startswith(f"{severity}:")), "none"),
            publish=self._line("publish", producer, exchange),
            exchange=exchange["key"] if exchange else "",
            routed=[chains[queue] for queue in self._first(message.routed_queues, str) if queue in chains],
            copies=len(message.routed_queues),
            deliveries=[self._deliver(one) for one in self._first(message.deliveries, lambda one: one.queue)],
            summary=words.summary(message),
            way=words.way(message, self._picture),
        )

    def _first(self, copies: Iterable[T], queue: Callable[[T], str]) -> list[T]:
        """The copies in queues that have a box, in their order, but no more than can be seen of one box."""
        held: Counter[str] = Counter()
        first = []
        for copy in copies:
            box = self._places.queues.get(queue(copy))
            if box and held[box["key"]] < _COPIES:
                held[box["key"]] += 1
                first.append(copy)
        return first

    def _deliver(self, delivery: TracedDelivery) -> DrawnDelivery:
        queue = self._places.queues[delivery.queue]
        line = self._line("consume", queue, self._consumer(delivery))
        return DrawnDelivery(queue=queue["key"], line=line, redelivered=delivery.redelivered)

    def _consumer(self, delivery: TracedDelivery) -> Box | None:
        """The consumer on the delivery's channel, or one whose channel is not known; others did not get it."""
        consumers = self._places.consumers.get(delivery.queue, [])
        for channel in (delivery.channel, ""):
            for consumer, box in consumers:
                if consumer.channel == channel:
                    return box
        return None

    def _line(self, kind: str, source: Box | None, target: Box | None) -> str:
        key = line_key(kind, source, target) if source and target else ""
        return key if key in self._lines else ""

    def _chains_of(self, message: TracedMessage) -> dict[str, list[str]]:
        """The chain to each queue: through bindings that match, or else, as where these have ended, through any."""
        chains = self._chains_from(message.exchange)
        # Where no exchange leads to another one, there is one chain to each queue.
        return chains | self._chains_from(message.exchange, message.routing_key) if self._onward else chains

    def _chains_from(self, exchange: str, key: str | None = None) -> dict[str, list[str]]:
        if (exchange, key) not in self._chains:
            self._chains[exchange, key] = self._search(exchange, key)
        return self._chains[exchange, key]

    def _search(self, begin: str, key: str | None) -> dict[str, list[str]]:
        """The shortest chain of lines from an exchange to each queue, through exchanges bound to exchanges.

        Args:
            begin: The exchange.
            key: The routing key that bindings have to match; ``None`` if they need not.
        """
        chains: dict[str, list[str]] = {}
        reached: dict[str, list[str]] = {begin: []}
        waiting = deque([begin])
        while waiting:
            source = waiting.popleft()
            for link in self._selection.links_from(source):
                places = self._places.queues if link.kind == "queue" else self._places.exchanges
                line = self._line("binding", self._places.exchanges[source], places[link.destination])
                found = chains if link.kind == "queue" else reached
                if link.destination in found or not self._leads(link, key):
                    continue
                found[link.destination] = [*reached[source], line]
                if link.kind == "exchange":
                    waiting.append(link.destination)
        return chains

    def _leads(self, link: Link, key: str | None) -> bool:
        kind = self._picture.topology.exchange_type(link.source)
        # Of what is bound to the default exchange no bindings are listed.
        return key is None or not link.bindings or any(matches(kind, one.routing_key, key) for one in link.bindings)
