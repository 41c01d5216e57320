"""The exercises of the lesson on bindings."""

from collections.abc import Callable, Sequence

from fanout_helpers.exercises import code
from fanout_helpers.exercises.requirement import Exercises, Hints, Requirement, has_type, lasts
from fanout_helpers.model import Binding
from fanout_helpers.topology import Topology

_AUDITED = ("orders", "payments")


def _made(topology: Topology, queue: str) -> list[Binding]:
    """The bindings of a queue that somebody made: not the one to the default exchange."""
    return [
        one for one in topology.bindings if (one.destination_type, one.destination) == ("queue", queue) and one.source
    ]


def _other_errors(topology: Topology) -> list[Binding]:
    return [one for one in _made(topology, "errors") if (one.source, one.routing_key) != ("severity", "error")]


def _other_audited(topology: Topology) -> list[Binding]:
    return [one for one in _made(topology, "audit") if one.source not in _AUDITED]


def _not_audited(topology: Topology) -> list[str]:
    return [exchange for exchange in _AUDITED if "audit" not in topology.bound(exchange)]


def _bind_to(topology: Topology, exchanges: Sequence[str]) -> code.Code:
    declare = () if topology.queue("audit") else (code.queue_declare("audit"),)
    return (*declare, *(code.bind("audit", exchange) for exchange in exchanges))


def _hints_on_others(
    others: Callable[[Topology], Sequence[Binding]], nothing_bound: Callable[[Topology], Hints]
) -> Callable[[Topology], Hints]:
    """What ends the bindings that are too much, or what to do where there is none at all."""

    def hints(topology: Topology) -> Hints:
        ends = [code.unbind(one) for one in others(topology)]
        looking = "lab.bindings() shows what leads to it. To end a binding, name its exchange and its key."
        return (looking, *ends) if ends else nothing_bound(topology)

    return hints


_BIND_ERRORS = code.bind("errors", "severity", "error")

EXERCISES: Exercises = {
    "errors_only": (
        has_type("severity", "direct"),
        lasts("errors", called="the queue 'errors'"),
        Requirement(
            "'errors' is bound to 'severity' with the key 'error'",
            lambda topology: "error" in topology.binding_keys("severity", "errors"),
            (
                "A direct exchange compares keys letter by letter. Bind the queue with the key that it is to get.",
                _BIND_ERRORS,
            ),
        ),
        Requirement(
            "'errors' is bound in no other way than that (but to the default exchange)",
            lambda topology: bool(_made(topology, "errors")) and not _other_errors(topology),
            _hints_on_others(_other_errors, lambda _topology: ("One binding is all that it takes.", _BIND_ERRORS)),
        ),
    ),
    "audit": (
        has_type("orders", "fanout"),
        has_type("payments", "fanout"),
        Requirement(
            "'audit' is bound to both",
            lambda topology: not _not_audited(topology),
            lambda topology: (
                "It takes two bindings, one for each exchange. (The colleague's cell declares the queue.)",
                *_bind_to(topology, _not_audited(topology)),
            ),
        ),
        Requirement(
            "'audit' is bound to nothing else (but to the default exchange)",
            lambda topology: bool(_made(topology, "audit")) and not _other_audited(topology),
            _hints_on_others(
                _other_audited,
                lambda topology: ("Those two bindings are all that it takes.", *_bind_to(topology, _AUDITED)),
            ),
        ),
    ),
}
