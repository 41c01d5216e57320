"""The code that hints give: lines to be run as they stand, with the lesson's own ``connection`` and ``channel``."""

from collections.abc import Iterable, Sequence

from fanout_helpers.model import Binding, visible
from fanout_helpers.topology import Topology

Code = tuple[str, ...]
"""Statements, in order."""

# Asking whether the connection is closed would not do: after a restart of RabbitMQ pika learns that when it writes.
_OPEN: Code = (
    "try:\n    channel = connection.channel()",
    "except pika.exceptions.AMQPError:\n    connection = pika.BlockingConnection(lab.parameters)",
    "    channel = connection.channel()",
)


def block(hints: Iterable[Code]) -> Sequence[str]:
    """The statements of several hints as one block: none twice in vain, on a channel that is open.

    The attempt before may have ended in an error, and that in a closed channel or connection.
    """
    statements: list[str] = []
    done: set[str] = set()
    for statement in (one for hint in hints for one in hint):
        if statement in done:
            continue
        if "_delete(" in statement:
            # What goes takes its bindings along: what was said of them has to be said again.
            done.clear()
        done.add(statement)
        statements.append(statement)
    needed = _without_what_is_undone(statements)
    uses_channel = any("channel" in one or "connection" in one for one in needed)
    return [*(_OPEN if uses_channel else ()), *needed]


def _without_what_is_undone(statements: Sequence[str]) -> list[str]:
    """Leaves out a binding that one hint restores and another ends."""
    restored = {one: one.replace("_unbind(", "_bind(") for one in statements if "_unbind(" in one}
    undone = {end for end, begin in restored.items() if begin in statements}
    return [one for one in statements if one not in undone | {restored[end] for end in undone}]


def exchange_declare(name: str, exchange_type: str, *, durable: bool = False) -> str:
    """Declare an exchange."""
    lasting = ", durable=True" if durable else ""
    return f'channel.exchange_declare(exchange={quoted(name)}, exchange_type="{exchange_type}"{lasting})'


def queue_declare(name: str, properties: str = "durable=True") -> str:
    """Declare a queue."""
    return f"channel.queue_declare(queue={quoted(name)}, {properties})"


def bind(queue: str, exchange: str, key: str = "") -> str:
    """Bind a queue to an exchange."""
    return f"channel.queue_bind(queue={quoted(queue)}, exchange={quoted(exchange)}, routing_key={quoted(key)})"


def bind_to_fanout(topology: Topology, queue: str, exchange: str, *, durable: bool = False) -> Code:
    """Bind a queue to a fanout exchange of the lesson's, which an attempt or a restart may have deleted."""
    there = topology.exchange(exchange) is not None
    declare = () if there else (exchange_declare(exchange, "fanout", durable=durable),)
    return (*declare, bind(queue, exchange))


def unbind(binding: Binding) -> str:
    """End a binding."""
    destination, source = quoted(binding.destination), quoted(binding.source)
    leads = f"destination={destination}, source={source}"
    if binding.destination_type == "queue":
        leads = f"queue={destination}, exchange={source}"
    return f"channel.{binding.destination_type}_unbind({leads}, routing_key={quoted(binding.routing_key)})"


def exchange_again(topology: Topology, name: str, exchange_type: str, *, durable: bool = False) -> Code:
    """Declare an exchange that is there and different; the queues that are bound to it stay bound.

    Not the exclusive ones: they may be those of another connection, which alone may bind them.
    """
    queues = {one.name for one in topology.queues if not one.exclusive}
    bindings = [one for one in topology.bindings if (one.source, one.destination_type) == (name, "queue")]
    return (
        f"channel.exchange_delete(exchange={quoted(name)})",
        exchange_declare(name, exchange_type, durable=durable),
        *_bound(one for one in bindings if one.destination in queues),
    )


def queue_again(topology: Topology, name: str, properties: str = "durable=True") -> Code:
    """Declare a queue that is there and different; it stays bound to what it is bound to."""
    bindings = [one for one in topology.bindings if one.destination_type == "queue" and one.destination == name]
    return (
        f"channel.queue_delete(queue={quoted(name)})",
        queue_declare(name, properties),
        *_bound(one for one in bindings if one.source),
    )


def quoted(text: str) -> str:
    r"""The text as Python writes it, in double quotes; what cannot be seen is spelled out, as in ``\n``."""
    escaped = text.replace("\\", r"\\").replace('"', r"\"")
    return f'"{visible(escaped)}"'


def _bound(bindings: Iterable[Binding]) -> Code:
    return tuple(bind(one.destination, one.source, one.routing_key) for one in bindings)
