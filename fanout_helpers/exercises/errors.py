"""The exercises of the lesson on RabbitMQ's errors."""

from fanout_helpers.exercises import code
from fanout_helpers.exercises.requirement import Exercises, Requirement, is_bound, lasts
from fanout_helpers.model import Exchange
from fanout_helpers.topology import Topology


def _is_durable(exchange: Exchange | None) -> bool:
    return exchange is not None and exchange.durable and not exchange.auto_delete


def _reports_again(topology: Topology) -> code.Code:
    if topology.exchange("reports") is None:
        return (code.exchange_declare("reports", "fanout", durable=True),)
    return code.exchange_again(topology, "reports", "fanout", durable=True)


EXERCISES: Exercises = {
    "rescued": (
        Requirement(
            "there is a queue 'rescued'",
            lambda topology: topology.queue("rescued") is not None,
            (
                "The channel is closed: read which exchange the error names. Then take a new channel.",
                code.queue_declare("rescued"),
            ),
        ),
        lasts("rescued"),
        is_bound("rescued", "logs"),
        Requirement(
            "nobody has declared the misspelled 'lgos'",
            lambda topology: topology.exchange("lgos") is None,
            (
                "Declaring it silences the error, and the messages go nowhere.",
                'channel.exchange_delete(exchange="lgos")',
            ),
        ),
    ),
    "reports": (
        Requirement(
            "'reports' is a fanout exchange",
            lambda topology: topology.exchange_type("reports") == "fanout",
            lambda topology: (
                "An exchange cannot change its type: it has to go first. And your channel is closed.",
                *_reports_again(topology),
            ),
        ),
        Requirement(
            "'reports' is durable",
            lambda topology: _is_durable(topology.exchange("reports")),
            lambda topology: (
                "Durable is said when it is declared, and cannot be changed later either.",
                *_reports_again(topology),
            ),
        ),
    ),
}
