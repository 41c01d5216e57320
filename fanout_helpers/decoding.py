"""What the management API answers, row by row, as the values of the model (https://www.rabbitmq.com/docs/http-api-reference).

A row that lacks what it should have raises ``KeyError`` or ``TypeError``.
"""

from collections.abc import Mapping
from typing import Any

from fanout_helpers.model import Binding, Consumer, Exchange, Queue


def exchange(row: Mapping[str, Any]) -> Exchange:
    """Return an exchange."""
    return Exchange(
        name=row["name"],
        type=row["type"],
        durable=row["durable"],
        auto_delete=row["auto_delete"],
        internal=row["internal"],
        arguments=row["arguments"],
    )


def binding(row: Mapping[str, Any]) -> Binding:
    """Return a binding."""
    return Binding(
        source=row["source"],
        destination=row["destination"],
        destination_type=row["destination_type"],
        routing_key=row["routing_key"],
        arguments=row["arguments"],
    )


def queue(row: Mapping[str, Any]) -> Queue:
    """Return a queue."""
    return Queue(
        name=row["name"],
        durable=row["durable"],
        exclusive=row["exclusive"],
        auto_delete=row["auto_delete"],
        type=row.get("type", "classic"),
        arguments=row["arguments"],
        messages_ready=row.get("messages_ready"),
        consumers=row.get("consumers"),
    )


def consumer(row: Mapping[str, Any]) -> Consumer | None:
    """A consumer; ``None`` for one that has just ended: of that, RabbitMQ may list only a part for a moment."""
    queue, channel = row.get("queue"), row.get("channel_details")
    if not isinstance(queue, Mapping) or "name" not in queue or "consumer_tag" not in row:
        return None
    # An empty list stands for what RabbitMQ does not know about a channel that has just closed.
    name = channel.get("name", "") if isinstance(channel, Mapping) else ""
    return Consumer(queue=queue["name"], consumer_tag=row["consumer_tag"], channel=name)


def exchange_throughput(row: Mapping[str, Any]) -> tuple[tuple[str, str], tuple[int, int]]:
    """Return how many messages came into an exchange and went out of it, under its key."""
    stats = row.get("message_stats", {})
    return ("exchange", row["name"]), (stats.get("publish_in", 0), stats.get("publish_out", 0))


def queue_throughput(row: Mapping[str, Any]) -> tuple[tuple[str, str], tuple[int, int]]:
    """Return how many messages came into a queue and went out of it, under its key."""
    stats = row.get("message_stats", {})
    delivered = stats.get("deliver_get", 0) - stats.get("redeliver", 0)
    return ("queue", row["name"]), (stats.get("publish", 0), delivered)
