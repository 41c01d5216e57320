"""The exercises of the lesson on the default exchange."""

from fanout_helpers.exercises import code
from fanout_helpers.exercises.requirement import Exercises, Hints, Requirement, lasts
from fanout_helpers.topology import Topology

_WORKERS = 2


def _hints_on_workers(topology: Topology) -> Hints:
    work = 'connection.channel().basic_consume(queue="orders", on_message_callback=print)'
    wanted = _WORKERS - topology.consumers_of("orders")
    return (
        "Each worker asks for the messages of the same queue, on a channel of its own.",
        work if wanted == 1 else f"for _ in range({wanted}):\n    {work}",
    )


EXERCISES: Exercises = {
    "orders": (
        Requirement(
            "a message with the routing key 'orders' finds a queue on the default exchange",
            lambda topology: topology.queue("orders") is not None,
            (
                "The default exchange looks for a queue whose name is the routing key.",
                code.queue_declare("orders"),
            ),
        ),
        lasts("orders", called="its queue"),
        Requirement(
            "its queue has two consumers at least",
            lambda topology: topology.consumers_of("orders") >= _WORKERS,
            _hints_on_workers,
            listed_late=True,
        ),
    ),
    "mailbox": (
        Requirement(
            "a message with the routing key 'mailbox' finds a queue on the default exchange",
            lambda topology: topology.queue("mailbox") is not None,
            (
                "You cannot bind a queue to the default exchange. It finds one by its name, letter for letter.",
                code.queue_declare("mailbox"),
            ),
        ),
        lasts("mailbox", called="its queue"),
    ),
}
