"""The exercises of the lesson on RabbitMQ's errors."""

from fanout_helpers.exercises.requirement import Exercises, Requirement
from fanout_helpers.model import Exchange, Queue

_REPORTS_ANEW = (
    'channel = connection.channel(); channel.exchange_delete(exchange="reports"); '
    'channel.exchange_declare(exchange="reports", exchange_type="fanout", durable=True)'
)


def _type_of(exchange: Exchange | None) -> str:
    return "" if exchange is None else exchange.type


def _is_durable(exchange: Exchange | None) -> bool:
    return exchange is not None and exchange.durable and not exchange.auto_delete


def _outlives_its_connection(queue: Queue | None) -> bool:
    return queue is not None and queue.durable and not queue.exclusive and not queue.auto_delete


EXERCISES: Exercises = {
    "reports": (
        Requirement(
            "'reports' is a fanout exchange",
            lambda topology: _type_of(topology.exchange("reports")) == "fanout",
            (
                "An exchange cannot change its type: it has to go first. And your channel is closed.",
                _REPORTS_ANEW,
            ),
        ),
        Requirement(
            "'reports' is durable",
            lambda topology: _is_durable(topology.exchange("reports")),
            (
                "Durable is said when it is declared, and cannot be changed later either.",
                _REPORTS_ANEW,
            ),
        ),
    ),
    "rescued": (
        Requirement(
            "there is a queue 'rescued'",
            lambda topology: topology.queue("rescued") is not None,
            (
                "The channel is closed: read which exchange the error names. Then take a new channel.",
                'channel = connection.channel(); channel.queue_declare(queue="rescued", durable=True)',
            ),
        ),
        Requirement(
            "it is durable, and neither exclusive nor auto_delete",
            lambda topology: _outlives_its_connection(topology.queue("rescued")),
            (
                "A queue cannot be changed: if it is there already, delete it and declare it again.",
                'channel = connection.channel(); channel.queue_delete(queue="rescued")',
            ),
        ),
        Requirement(
            "it is bound to 'logs'",
            lambda topology: "rescued" in topology.bound("logs"),
            (
                "A queue gets nothing before a binding leads to it.",
                'channel.queue_bind(queue="rescued", exchange="logs", routing_key="")',
            ),
        ),
        Requirement(
            "there is no exchange 'lgos'",
            lambda topology: topology.exchange("lgos") is None,
            (
                "Declaring the misspelled exchange silences the error, and the messages go nowhere.",
                'channel.exchange_delete(exchange="lgos")',
            ),
        ),
    ),
}
