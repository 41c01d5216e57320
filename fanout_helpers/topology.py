"""What a virtual host holds: exchanges, queues, bindings and consumers, as of one moment."""

from collections.abc import Sequence
from dataclasses import dataclass

from fanout_helpers.model import BOARD_QUEUE, Binding, Consumer, Exchange, Queue


@dataclass(frozen=True)
class Topology:
    """What a virtual host holds, as RabbitMQ tells it."""

    exchanges: Sequence[Exchange]
    queues: Sequence[Queue]
    bindings: Sequence[Binding]
    consumers: Sequence[Consumer] = ()
    before_restart: "Topology | None" = None
    """What it held when its lesson last stopped RabbitMQ; ``None`` where it never did."""

    def exchange(self, name: str) -> Exchange | None:
        """The exchange of that name."""
        return next((exchange for exchange in self.exchanges if exchange.name == name), None)

    def exchange_type(self, name: str) -> str:
        """The type of the exchange of that name; empty if there is none."""
        exchange = self.exchange(name)
        return exchange.type if exchange else ""

    def queue(self, name: str) -> Queue | None:
        """The queue of that name."""
        return next((queue for queue in self.queues if queue.name == name), None)

    def bound(self, source: str) -> set[str]:
        """The names of the queues that are bound to an exchange."""
        return {
            binding.destination
            for binding in self.bindings
            if binding.source == source and binding.destination_type == "queue"
        }

    def sources(self, queue: str) -> set[str]:
        """The names of the exchanges that a queue is bound to; among them the default exchange's, which is empty."""
        return {binding.source for binding in self._bindings_to(queue)}

    def binding_keys(self, source: str, queue: str) -> set[str]:
        """The keys with which a queue is bound to an exchange."""
        return {binding.routing_key for binding in self._bindings_to(queue) if binding.source == source}

    def consumers_of(self, queue: str) -> int:
        """How many consumers a queue has."""
        return sum(consumer.queue == queue for consumer in self.consumers)

    def without_boards(self) -> "Topology":
        """Without the queues through which boards listen to the broker, and what belongs to them."""
        return Topology(
            exchanges=self.exchanges,
            queues=[queue for queue in self.queues if not queue.name.startswith(BOARD_QUEUE)],
            bindings=[binding for binding in self.bindings if not binding.destination.startswith(BOARD_QUEUE)],
            consumers=[consumer for consumer in self.consumers if not consumer.queue.startswith(BOARD_QUEUE)],
        )

    def _bindings_to(self, queue: str) -> list[Binding]:
        return [
            binding for binding in self.bindings if (binding.destination_type, binding.destination) == ("queue", queue)
        ]
