"""The exercises of the lesson on the default exchange."""

from fanout_helpers.exercises import code
from fanout_helpers.exercises.requirement import Exercises, Requirement, lasts, stays
from fanout_helpers.topology import Topology

_WORKERS = 2


def _workers(wanted: int) -> str:
    work = 'connection.channel().basic_consume(queue="orders", on_message_callback=print)'
    return work if wanted == 1 else f"for _ in range({wanted}):\n    {work}"


def _missing_workers(topology: Topology) -> code.Code:
    stay = 0 if _goes(topology) else topology.consumers_of("orders")
    return (_workers(_WORKERS - stay),)


def _goes(topology: Topology) -> bool:
    """Whether the queue has to be deleted, and its consumers with it."""
    return topology.queue("orders") is not None and not stays(topology.queue("orders"))


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
        lasts("orders", called="its queue", also=_missing_workers),
        Requirement(
            "its queue has two consumers at least",
            lambda topology: topology.consumers_of("orders") >= _WORKERS,
            lambda topology: (
                "Each worker asks for the messages of the same queue, on a channel of its own.",
                *_missing_workers(topology),
            ),
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
