"""The exercises of the lesson on bindings."""

from fanout_helpers.exercises.requirement import Exercises, Requirement
from fanout_helpers.topology import Topology


def _sources(topology: Topology, queue: str) -> set[str]:
    """The exchanges that a queue is bound to, but for the default exchange, to which every queue is."""
    return topology.sources(queue) - {""}


EXERCISES: Exercises = {
    "errors_only": (
        Requirement(
            "there is a direct exchange 'severity'",
            lambda topology: topology.exchange_type("severity") == "direct",
            (
                "Declare it, with its type. An exchange cannot change its type: one of another type has to go first.",
                (
                    'channel.exchange_delete(exchange="severity"); '
                    'channel.exchange_declare(exchange="severity", exchange_type="direct")'
                ),
            ),
        ),
        Requirement(
            "there is a queue 'errors'",
            lambda topology: topology.queue("errors") is not None,
            ("Declare it.", 'channel.queue_declare(queue="errors", durable=True)'),
        ),
        Requirement(
            "'errors' is bound to 'severity' with the key 'error'",
            lambda topology: "error" in topology.binding_keys("severity", "errors"),
            (
                "A direct exchange compares keys letter by letter. Bind the queue with the key that it is to get.",
                'channel.queue_bind(queue="errors", exchange="severity", routing_key="error")',
            ),
        ),
        Requirement(
            "'errors' is bound, and in no other way than that",
            lambda topology: (
                _sources(topology, "errors") == {"severity"}
                and topology.binding_keys("severity", "errors") == {"error"}
            ),
            (
                "lab.bindings() shows what leads to it. Left out, routing_key becomes the queue's name: 'errors'.",
                (
                    "If it is the one with the key 'errors': "
                    'channel.queue_unbind(queue="errors", exchange="severity", routing_key="errors")'
                ),
            ),
        ),
    ),
    "audit": (
        Requirement(
            "there are fanout exchanges 'orders' and 'payments'",
            lambda topology: {topology.exchange_type(name) for name in ("orders", "payments")} == {"fanout"},
            (
                "Declare both, with their type. An exchange cannot change its type: delete it first.",
                'channel.exchange_declare(exchange="orders", exchange_type="fanout"), and the same for "payments"',
            ),
        ),
        Requirement(
            "'audit' is bound to both",
            lambda topology: _sources(topology, "audit") >= {"orders", "payments"},
            (
                "It takes two bindings, one for each exchange.",
                'channel.queue_bind(queue="audit", exchange="orders", routing_key=""), and the same for "payments"',
            ),
        ),
        Requirement(
            "'audit' is bound, and to nothing else",
            lambda topology: (
                bool(_sources(topology, "audit")) and _sources(topology, "audit") <= {"orders", "payments"}
            ),
            (
                "lab.bindings() shows what leads to it. To end a binding, name its key as well.",
                'If it is the one to logs: channel.queue_unbind(queue="audit", exchange="logs", routing_key="audit")',
            ),
        ),
    ),
}
