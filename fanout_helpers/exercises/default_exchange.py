"""The exercises of the lesson on the default exchange."""

from fanout_helpers.exercises.requirement import Exercises, Requirement
from fanout_helpers.model import Queue
from fanout_helpers.topology import Topology


def _survives_a_restart(queue: Queue | None) -> bool:
    return queue is not None and queue.durable and not queue.exclusive and not queue.auto_delete


def _outlives_its_connection(queue: Queue | None) -> bool:
    return queue is not None and not queue.exclusive


def _sources(topology: Topology, queue: str) -> set[str]:
    """The exchanges that a queue is bound to: the default exchange's name is the empty string."""
    return {
        binding.source
        for binding in topology.bindings
        if (binding.destination_type, binding.destination) == ("queue", queue)
    }


EXERCISES: Exercises = {
    "orders": (
        Requirement(
            "a message with the routing key 'orders' finds a queue on the default exchange",
            lambda topology: topology.queue("orders") is not None,
            (
                "The default exchange looks for a queue whose name is the routing key.",
                'channel.queue_declare(queue="orders", durable=True)',
            ),
        ),
        Requirement(
            "its queue is durable, and neither exclusive nor auto_delete",
            lambda topology: _survives_a_restart(topology.queue("orders")),
            (
                "A queue cannot be changed: if it is there already, delete it and declare it again.",
                'channel = connection.channel(); channel.queue_delete(queue="orders")',
            ),
        ),
        Requirement(
            "its queue is bound to the default exchange only",
            lambda topology: _sources(topology, "orders") == {""},
            (
                "Nobody has to bind it: every queue is on the default exchange. lab.bindings() shows what there is.",
                'End a binding that you made: channel.queue_unbind(queue="orders", exchange=…, routing_key=…)',
            ),
        ),
    ),
    "mailbox": (
        Requirement(
            "a message with the routing key 'mailbox' finds a queue on the default exchange",
            lambda topology: topology.queue("mailbox") is not None,
            (
                "You cannot bind a queue to the default exchange. By what does it find one?",
                'By its name, letter for letter: channel.queue_declare(queue="mailbox", durable=True)',
            ),
        ),
        Requirement(
            "its queue does not end with your connection",
            lambda topology: _outlives_its_connection(topology.queue("mailbox")),
            (
                "An exclusive queue belongs to one connection, and ends with it.",
                'Declare it anew, without exclusive=True: first channel.queue_delete(queue="mailbox").',
            ),
        ),
    ),
}
