"""The exercises of the lesson on the default exchange."""

from fanout_helpers.exercises.requirement import Exercises, Requirement, lasts

_WORKERS = 2

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
            "its queue has two consumers at least",
            lambda topology: topology.consumers_of("orders") >= _WORKERS,
            (
                "Each worker asks for the messages of the same queue, on a channel of its own.",
                'twice: connection.channel().basic_consume(queue="orders", on_message_callback=print)',
            ),
            listed_late=True,
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
        lasts("mailbox", called="its queue"),
    ),
}
