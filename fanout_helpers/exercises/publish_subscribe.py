"""The exercises of the lesson on publish/subscribe as a logging system."""

from fanout_helpers.exercises.requirement import Exercises, Requirement
from fanout_helpers.model import Exchange, Queue


def _type_of(exchange: Exchange | None) -> str:
    return "" if exchange is None else exchange.type


def _outlives_its_connection(queue: Queue | None) -> bool:
    return queue is not None and queue.durable and not queue.exclusive and not queue.auto_delete


EXERCISES: Exercises = {
    "archive": (
        Requirement(
            "there is a queue 'archive'",
            lambda topology: topology.queue("archive") is not None,
            (
                "Declare it, with a name this time.",
                'channel.queue_declare(queue="archive", durable=True)',
            ),
        ),
        Requirement(
            "it is durable, and neither exclusive nor auto_delete",
            lambda topology: _outlives_its_connection(topology.queue("archive")),
            (
                "A queue cannot be changed: if it is there already, delete it and declare it again.",
                'channel = connection.channel(); channel.queue_delete(queue="archive")',
            ),
        ),
        Requirement(
            "it is bound to 'logs'",
            lambda topology: "archive" in topology.bound("logs"),
            (
                "A queue gets nothing before a binding leads to it.",
                'channel.queue_bind(queue="archive", exchange="logs", routing_key="")',
            ),
        ),
    ),
    "alarms": (
        Requirement(
            "there is a fanout exchange 'alarms'",
            lambda topology: _type_of(topology.exchange("alarms")) == "fanout",
            ("Declare it the way 'logs' was.", 'channel.exchange_declare(exchange="alarms", exchange_type="fanout")'),
        ),
        Requirement(
            "a queue is bound to 'alarms', and none of its queues is bound to 'logs'",
            lambda topology: bool(topology.bound("alarms")) and not topology.bound("alarms") & topology.bound("logs"),
            (
                "lab.subscribe makes a queue and binds it. A queue that is bound to both gets both kinds of messages.",
                'lab.subscribe("alarms", "siren")',
            ),
        ),
    ),
}
