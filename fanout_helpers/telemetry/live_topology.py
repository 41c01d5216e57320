"""A virtual host's topology, kept up to date by RabbitMQ's own events.

Source: https://www.rabbitmq.com/docs/event-exchange
"""

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from fanout_helpers.model import Binding, Consumer, Exchange, Queue
from fanout_helpers.telemetry.live_consumers import LiveConsumers
from fanout_helpers.topology import Topology

Headers: TypeAlias = Mapping[str, Any]
"""An event's headers: RabbitMQ's names for what it tells of."""

EVENTS = (
    "exchange.created",
    "exchange.deleted",
    "queue.created",
    "queue.deleted",
    "binding.created",
    "binding.deleted",
    "consumer.created",
    "consumer.deleted",
    "channel.created",
    "channel.closed",
    "connection.created",
    "connection.closed",
)
"""The kinds of events that it wants, as their routing keys name them."""

_ENDED = 1000
"""Ended connections that are remembered: the management API lists them for some seconds more."""

_LONGEST = 80
"""Characters that are kept of what a program calls its connection; it may send thousands."""


class LiveTopology:
    """Applies events to what was there first. Safe to use from any thread.

    Args:
        virtual_host: The one whose events count; the events of all virtual hosts come through one exchange.
    """

    def __init__(self, virtual_host: str) -> None:
        self._virtual_host = virtual_host
        self._lock = threading.Lock()
        self._exchanges: dict[str, Exchange] = {}
        self._queues: dict[str, Queue] = {}
        self._bindings: dict[tuple[str, ...], Binding] = {}
        self._consumers = LiveConsumers()
        self._connections: dict[str, str] = {}
        self._ended: dict[str, str] = {}
        self._listed: set[str] = set()
        self._apply: dict[str, Callable[[Headers], None]] = {
            "exchange.created": self._exchange_created,
            "exchange.deleted": self._exchange_deleted,
            "queue.created": self._queue_created,
            "queue.deleted": self._queue_deleted,
            "binding.created": self._binding_created,
            "binding.deleted": self._binding_deleted,
            "consumer.created": self._consumer_created,
            "consumer.deleted": self._consumer_deleted,
            "channel.created": self._channel_created,
            "channel.closed": self._channel_closed,
            "connection.created": self._connection_created,
            "connection.closed": self._connection_closed,
        }

    def load(self, topology: Topology, connections: Mapping[str, str]) -> None:
        """Starts from what is there now.

        Args:
            topology: What the management API lists. Events from before may still come: they change nothing.
            connections: The open connections' names, each with what its program calls it.
        """
        with self._lock:
            self._exchanges = {exchange.name: exchange for exchange in topology.exchanges}
            self._queues = {queue.name: queue for queue in topology.queues}
            self._bindings = _by_key(topology.bindings)
            self._consumers.load(topology.consumers)
            self._connections = {name: called[:_LONGEST] for name, called in connections.items()}
            self._ended = {}
            self._listed = set(connections)

    def add_late(self, consumers: Iterable[Consumer], connections: Mapping[str, str]) -> None:
        """Adds what the management API listed too late for ``load``, but for what has ended meanwhile.

        What it lists no longer has ended: of a connection that is killed, RabbitMQ 4 tells only its channels' end.
        """
        with self._lock:
            self._consumers.add_late(consumers, self._queues.keys())
            gone, self._listed = self._listed - set(connections), set(connections)
            for name in gone & self._connections.keys():
                self._connection_closed({"name": name})
            for name, called in connections.items():
                known = self._ended if name in self._ended else self._connections
                known[name] = called[:_LONGEST]

    def load_bindings(self, bindings: Iterable[Binding]) -> None:
        """Takes the bindings anew, where an event did not tell all of one."""
        with self._lock:
            self._bindings = _by_key(bindings)

    def apply(self, kind: str, headers: Headers) -> bool:
        """Applies one event; says whether it is one of this virtual host's that can change the picture."""
        apply = self._apply.get(kind)
        # RabbitMQ does not say which virtual host a closed connection or channel was in.
        if apply is None or headers.get("vhost", self._virtual_host) != self._virtual_host:
            return False
        with self._lock:
            apply(headers)
        return True

    def topology(self) -> Topology:
        """What is there now, but for what boards listen through."""
        with self._lock:
            topology = Topology(
                exchanges=sorted(self._exchanges.values(), key=lambda exchange: exchange.name),
                queues=sorted(self._queues.values(), key=lambda queue: queue.name),
                bindings=sorted(self._bindings.values(), key=_binding_key),
                consumers=self._consumers.present(),
            )
        return topology.without_boards()

    def has_queue(self, name: str) -> bool:
        """Whether there is a queue of that name."""
        with self._lock:
            return name in self._queues

    def connection_name(self, connection: str) -> str:
        """What its program calls a connection, or called it before it ended; empty if nothing, or if not known."""
        with self._lock:
            return self._connections.get(connection) or self._ended.get(connection, "")

    def connections(self) -> list[str]:
        """The connections that are known to be open, in the order in which they were opened, or were heard of."""
        with self._lock:
            return list(self._connections)

    def has_connection(self, connection: str) -> bool:
        """Whether a connection is known to be open."""
        with self._lock:
            return connection in self._connections

    def has_closed(self, connection: str) -> bool:
        """Whether a connection is known to have closed."""
        with self._lock:
            return connection in self._ended

    def _exchange_created(self, headers: Headers) -> None:
        name = str(headers["name"])
        self._exchanges[name] = Exchange(
            name=name,
            type=str(headers["type"]),
            durable=bool(headers["durable"]),
            auto_delete=bool(headers["auto_delete"]),
            internal=bool(headers["internal"]),
        )

    def _exchange_deleted(self, headers: Headers) -> None:
        name = str(headers["name"])
        self._exchanges.pop(name, None)
        self._unbind(lambda binding: binding.source == name or _leads_to(binding, "exchange", name))

    def _queue_created(self, headers: Headers) -> None:
        name = str(headers["name"])
        self._queues[name] = Queue(
            name=name,
            durable=bool(headers["durable"]),
            exclusive=bool(headers.get("exclusive")),
            auto_delete=bool(headers["auto_delete"]),
            type=str(headers.get("type", "classic")).removeprefix("rabbit_").removesuffix("_queue"),
        )
        # RabbitMQ tells of no implicit binding: every queue is bound to the default exchange under its own name.
        implicit = Binding("", name, "queue", name)
        self._bindings[_binding_key(implicit)] = implicit

    def _queue_deleted(self, headers: Headers) -> None:
        name = str(headers["name"])
        self._queues.pop(name, None)
        self._unbind(lambda binding: _leads_to(binding, "queue", name))
        self._consumers.queue_deleted(name)

    def _binding_created(self, headers: Headers) -> None:
        binding = _binding(headers)
        self._bindings[_binding_key(binding)] = binding

    def _binding_deleted(self, headers: Headers) -> None:
        self._bindings.pop(_binding_key(_binding(headers)), None)

    def _consumer_created(self, headers: Headers) -> None:
        self._consumers.created(*_consumer(headers))

    def _consumer_deleted(self, headers: Headers) -> None:
        self._consumers.deleted(*_consumer(headers))

    def _channel_created(self, headers: Headers) -> None:
        self._consumers.channel_created(str(headers["pid"]), str(headers["name"]))

    def _channel_closed(self, headers: Headers) -> None:
        self._consumers.channel_closed(str(headers["pid"]))

    def _connection_created(self, headers: Headers) -> None:
        name = str(headers["name"])
        self._connections[name] = str(headers.get("user_provided_name") or "")[:_LONGEST]
        self._ended.pop(name, None)
        self._consumers.connection_created(name)

    def _connection_closed(self, headers: Headers) -> None:
        name = str(headers["name"])
        # A program that publishes and ends is often gone before anybody asks what it is called.
        called = self._connections.pop(name, None) or self._ended.get(name, "")
        self._consumers.connection_closed(name)
        self._ended[name] = called
        if len(self._ended) > _ENDED:
            del self._ended[next(iter(self._ended))]

    def _unbind(self, ended: Callable[[Binding], bool]) -> None:
        self._bindings = {key: binding for key, binding in self._bindings.items() if not ended(binding)}


def _consumer(headers: Headers) -> tuple[str, str, str]:
    """The queue, the tag and the process id of the channel."""
    return str(headers["queue"]), str(headers["consumer_tag"]), str(headers.get("channel") or "")


def _binding(headers: Headers) -> Binding:
    return Binding(
        source=str(headers["source_name"]),
        destination=str(headers["destination_name"]),
        destination_type=str(headers["destination_kind"]),
        routing_key=str(headers["routing_key"]),
    )


def _by_key(bindings: Iterable[Binding]) -> dict[tuple[str, ...], Binding]:
    return {_binding_key(binding): binding for binding in bindings}


def _binding_key(binding: Binding) -> tuple[str, ...]:
    arguments = repr(sorted(binding.arguments.items()))
    return binding.source, binding.destination_type, binding.destination, binding.routing_key, arguments


def _leads_to(binding: Binding, kind: str, name: str) -> bool:
    return (binding.destination_type, binding.destination) == (kind, name)
