"""Something is in RabbitMQ before a lesson begins, where the lesson works in a virtual host that it did not make."""

from collections.abc import Mapping

from fanout_helpers.model import BOARD_QUEUE
from tests.live import Live
from tests.sabotage.declaration import in_virtual_host


def _policy(live: Live, apply_to: str, definition: Mapping[str, object]) -> None:
    """Sets a policy on all but what boards listen through (https://www.rabbitmq.com/docs/policies)."""
    body = {"pattern": f"^(?!{BOARD_QUEUE})", "apply-to": apply_to, "definition": definition}
    live.management._request("PUT", "policies", live.name, "sabotage", body=body)


@in_virtual_host(
    "start_here",
    "exchanges",
    "default_exchange",
    "temporary_queues",
    "bindings",
    "publish_subscribe",
    "listing",
    "errors",
)
def a_queue_is_bound_already(live: Live) -> None:
    """There is an exchange called logs, as the lessons declare it, and a queue is bound to it."""
    channel = live.channel()
    channel.exchange_declare(exchange="logs", exchange_type="fanout")
    channel.queue_declare(queue="left", durable=True)
    channel.queue_bind(queue="left", exchange="logs", routing_key="")


@in_virtual_host("start_here", "exchanges", "temporary_queues", "bindings", "publish_subscribe", "listing", "errors")
def logs_is_there_as_direct(live: Live) -> None:
    """There is an exchange called logs, of type direct."""
    live.channel().exchange_declare(exchange="logs", exchange_type="direct")


@in_virtual_host("exchanges")
def unmatched_messages_go_to_logs(live: Live) -> None:
    """A policy makes logs the alternate exchange of every exchange."""
    _policy(live, "exchanges", {"alternate-exchange": "logs"})


@in_virtual_host("exchanges", "temporary_queues", "bindings", "listing", "errors")
def messages_do_not_wait(live: Live) -> None:
    """A policy ends each message that cannot be delivered at once."""
    _policy(live, "queues", {"message-ttl": 0})
