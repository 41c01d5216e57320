"""The exercises of the lesson on bindings."""

from fanout_helpers.exercises.requirement import Exercises, Requirement
from fanout_helpers.topology import Topology


def _is(topology: Topology, kind: str, *names: str) -> bool:
    """Whether exchanges of these names are there, all of that type."""
    found = [topology.exchange(name) for name in names]
    return all(exchange is not None and exchange.type == kind for exchange in found)


def _bindings_to(topology: Topology, queue: str) -> set[tuple[str, str]]:
    """The exchanges and keys by which a queue is bound; not the default exchange, to which every queue is bound."""
    return {
        (binding.source, binding.routing_key)
        for binding in topology.bindings
        if binding.destination_type == "queue" and binding.destination == queue and binding.source
    }


def _sources_of(topology: Topology, queue: str) -> set[str]:
    return {source for source, _ in _bindings_to(topology, queue)}


EXERCISES: Exercises = {
    "errors_only": (
        Requirement(
            "there is a direct exchange 'severity'",
            lambda topology: _is(topology, "direct", "severity"),
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
            lambda topology: ("severity", "error") in _bindings_to(topology, "errors"),
            (
                "A direct exchange compares keys letter by letter. Bind the queue with the key that it is to get.",
                'channel.queue_bind(queue="errors", exchange="severity", routing_key="error")',
            ),
        ),
        Requirement(
            "'errors' is bound, and in no other way than that",
            lambda topology: _bindings_to(topology, "errors") == {("severity", "error")},
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
            lambda topology: _is(topology, "fanout", "orders", "payments"),
            (
                "Declare both, with their type. An exchange cannot change its type: delete it first.",
                'channel.exchange_declare(exchange="orders", exchange_type="fanout"), and the same for "payments"',
            ),
        ),
        Requirement(
            "'audit' is bound to both",
            lambda topology: _sources_of(topology, "audit") >= {"orders", "payments"},
            (
                "It takes two bindings, one for each exchange.",
                'channel.queue_bind(queue="audit", exchange="orders", routing_key=""), and the same for "payments"',
            ),
        ),
        Requirement(
            "'audit' is bound, and to nothing else",
            lambda topology: (
                bool(_sources_of(topology, "audit")) and _sources_of(topology, "audit") <= {"orders", "payments"}
            ),
            (
                "lab.bindings() shows what leads to it. To end a binding, name its key as well.",
                'If it is the one to logs: channel.queue_unbind(queue="audit", exchange="logs", routing_key="audit")',
            ),
        ),
    ),
}
