"""A virtual host's topology, kept up to date by RabbitMQ's own events.

Source: https://www.rabbitmq.com/docs/event-exchange
"""

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from fanout_helpers.model import Binding, Consumer, Exchange, Queue
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
"""Ended connections and consumers that are remembered: the management API lists them for some seconds more."""


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
        self._consumers: dict[tuple[str, str, str], Consumer] = {}
        self._channels: dict[str, str] = {}
        self._connections: dict[str, str] = {}
        self._ended: dict[tuple[str, ...], None] = {}
        self._listed: set[tuple[str, ...]] = set()
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
            self._consumers = {_consumer_key(consumer): consumer for consumer in topology.consumers}
            self._connections = dict(connections)
            self._channels = {}
            self._ended = {}
            self._listed = set()

    def add_late(self, consumers: Iterable[Consumer], connections: Mapping[str, str]) -> None:
        """Adds what the management API listed too late for ``load``, but for what has ended meanwhile.

        What it lists no longer has ended: of a connection that is killed, RabbitMQ 4 tells only its channels' end.
        """
        consumers = list(consumers)
        listed = {*map(_consumer_key, consumers), *((name,) for name in connections)}
        with self._lock:
            gone, self._listed = self._listed - listed, listed
            self._cancel(lambda consumer: _consumer_key(consumer) in gone)
            for name in [name for name in self._connections if (name,) in gone]:
                self._connection_closed({"name": name})
            for consumer in consumers:
                if (consumer.queue, consumer.consumer_tag) not in self._ended and consumer.queue in self._queues:
                    # The same one may be known from an event, without its channel's name.
                    self._consumers.pop((consumer.queue, consumer.consumer_tag, ""), None)
                    self._consumers[_consumer_key(consumer)] = consumer
            for name, called in connections.items():
                if (name,) not in self._ended:
                    self._connections[name] = called

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
                consumers=list(self._consumers.values()),
            )
        return topology.without_boards()

    def has_queue(self, name: str) -> bool:
        """Whether there is a queue of that name."""
        with self._lock:
            return name in self._queues

    def connection_name(self, connection: str) -> str:
        """What its program calls a connection; empty if nothing, or if that is not known."""
        with self._lock:
            return self._connections.get(connection, "")

    def has_connection(self, connection: str) -> bool:
        """Whether a connection is known to be open."""
        with self._lock:
            return connection in self._connections

    def has_closed(self, connection: str) -> bool:
        """Whether a connection is known to have closed."""
        with self._lock:
            return (connection,) in self._ended

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
        self._cancel(lambda consumer: consumer.queue == name)

    def _binding_created(self, headers: Headers) -> None:
        binding = _binding(headers)
        self._bindings[_binding_key(binding)] = binding

    def _binding_deleted(self, headers: Headers) -> None:
        self._bindings.pop(_binding_key(_binding(headers)), None)

    def _consumer_created(self, headers: Headers) -> None:
        channel = self._channels.get(str(headers.get("channel")), "")
        consumer = Consumer(str(headers["queue"]), str(headers["consumer_tag"]), channel)
        self._ended.pop((consumer.queue, consumer.consumer_tag), None)
        self._consumers[_consumer_key(consumer)] = consumer

    def _consumer_deleted(self, headers: Headers) -> None:
        queue, tag = str(headers["queue"]), str(headers["consumer_tag"])
        channel = self._channels.get(str(headers.get("channel")), "")
        self._end(queue, tag)
        known = {channel, ""} if channel else None
        # A channel that was open before the first listing has no name here.
        self._cancel(
            lambda one: (one.queue, one.consumer_tag) == (queue, tag) and (known is None or one.channel in known)
        )

    def _channel_created(self, headers: Headers) -> None:
        self._channels[str(headers["pid"])] = str(headers["name"])

    def _channel_closed(self, headers: Headers) -> None:
        channel = self._channels.pop(str(headers["pid"]), None)
        # Of a channel that did not end on purpose, RabbitMQ 4 does not tell that its consumers ended too.
        self._cancel(lambda consumer: consumer.channel == channel)

    def _connection_created(self, headers: Headers) -> None:
        self._connections[str(headers["name"])] = str(headers.get("user_provided_name") or "")

    def _connection_closed(self, headers: Headers) -> None:
        name = str(headers["name"])
        self._connections.pop(name, None)
        self._end(name)

    def _end(self, *key: str) -> None:
        self._ended[key] = None
        if len(self._ended) > _ENDED:
            del self._ended[next(iter(self._ended))]

    def _unbind(self, ended: Callable[[Binding], bool]) -> None:
        _remove(self._bindings, ended)

    def _cancel(self, ended: Callable[[Consumer], bool]) -> None:
        _remove(self._consumers, ended)


def _remove(values: dict[Any, Any], ended: Callable[[Any], bool]) -> None:
    keys: Iterable[Any] = [key for key, value in values.items() if ended(value)]
    for key in keys:
        del values[key]


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


def _consumer_key(consumer: Consumer) -> tuple[str, str, str]:
    return consumer.queue, consumer.consumer_tag, consumer.channel


def _leads_to(binding: Binding, kind: str, name: str) -> bool:
    return (binding.destination_type, binding.destination) == (kind, name)
