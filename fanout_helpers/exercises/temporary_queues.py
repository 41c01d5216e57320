"""The exercises of the lesson on queues that come and go with those who use them."""

from fanout_helpers.exercises.requirement import Exercises, Requirement, is_shared
from fanout_helpers.model import SERVER_NAMED, Queue
from fanout_helpers.topology import Topology


def _server_named(topology: Topology, exchange: str) -> list[Queue]:
    """The queues with a name of RabbitMQ's choice that are bound to an exchange."""
    bound = topology.bound(exchange)
    return [queue for queue in topology.queues if queue.name in bound and queue.name.startswith(SERVER_NAMED)]


def _goes_with_its_last_consumer(queue: Queue | None) -> bool:
    return queue is not None and queue.auto_delete


def _is_durable(queue: Queue | None) -> bool:
    return queue is not None and queue.durable


_BIND_A_NEW_QUEUE = (
    'queue = channel.queue_declare(queue="", exclusive=True).method.queue; '
    'channel.queue_bind(queue=queue, exchange="logs", routing_key="")'
)

_DECLARE_AGAIN = (
    'channel = connection.channel(); channel.queue_delete(queue="shift"); '
    'channel.queue_declare(queue="shift", durable=True, auto_delete=True)'
)

EXERCISES: Exercises = {
    "logger": (
        Requirement(
            "a queue whose name RabbitMQ chose is bound to 'logs'",
            lambda topology: bool(_server_named(topology, "logs")),
            (
                "Declare a queue with an empty name. Its own name is in the result, and the binding needs it.",
                _BIND_A_NEW_QUEUE,
            ),
        ),
        Requirement(
            "it is exclusive",
            lambda topology: any(queue.exclusive for queue in _server_named(topology, "logs")),
            (
                "A queue that is not exclusive does not go with its connection, and cannot become exclusive later.",
                'Declare a new one: channel.queue_declare(queue="", exclusive=True)',
            ),
        ),
    ),
    "shift": (
        Requirement(
            "there is a queue 'shift'",
            lambda topology: topology.queue("shift") is not None,
            (
                "An exclusive queue, or one that lost its last consumer, is gone by now.",
                'channel.queue_declare(queue="shift", durable=True, auto_delete=True)',
            ),
        ),
        Requirement(
            "any connection may use it, and it stays when the one that declared it closes",
            lambda topology: is_shared(topology.queue("shift")),
            (
                "An exclusive queue does neither. A queue cannot be changed: delete it, then declare it again.",
                "The connection that declared it can delete it, or close. Then leave exclusive=True out.",
            ),
        ),
        Requirement(
            "it goes with its last consumer",
            lambda topology: _goes_with_its_last_consumer(topology.queue("shift")),
            (
                "One argument says so. A queue cannot be changed: delete it, then declare it again.",
                _DECLARE_AGAIN,
            ),
        ),
        Requirement(
            "it is durable",
            lambda topology: _is_durable(topology.queue("shift")),
            (
                "Not every RabbitMQ takes a queue that is neither exclusive nor durable. Delete it, declare it again.",
                _DECLARE_AGAIN,
            ),
        ),
    ),
}
