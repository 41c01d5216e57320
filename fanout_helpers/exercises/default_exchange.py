"""The exercises of the lesson on the default exchange."""

from fanout_helpers.exercises.requirement import Exercises, Requirement, is_shared, lasts

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
        lasts("orders", called="its queue"),
        Requirement(
            "its queue is bound to the default exchange only",
            lambda topology: topology.sources("orders") == {""},
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
            lambda topology: is_shared(topology.queue("mailbox")),
            (
                "An exclusive queue belongs to one connection, and ends with it.",
                'Declare it anew, without exclusive=True: first channel.queue_delete(queue="mailbox").',
            ),
        ),
    ),
}
