"""The exercises of the lesson on exchanges and their types."""

from fanout_helpers.exercises import code
from fanout_helpers.exercises.requirement import Exercises, Hints, Requirement, has_type
from fanout_helpers.model import Binding
from fanout_helpers.topology import Topology

_NEWS = ("inbox", "archive")


def _leads_to_two_queues_only(topology: Topology) -> bool:
    return len(topology.bound("news")) == len(_NEWS) and not _too_many(topology)


def _too_many(topology: Topology) -> list[Binding]:
    """The bindings of ``news`` that lead to something else than its two queues."""
    return [
        binding
        for binding in topology.bindings
        if binding.source == "news" and (binding.destination_type != "queue" or binding.destination not in _NEWS)
    ]


def _bind_both(topology: Topology) -> code.Code:
    """What is left to be done for the two queues: one that is there is not declared again, perhaps otherwise."""
    statements: list[str] = []
    for queue in _NEWS:
        if topology.queue(queue) is None:
            statements.append(code.queue_declare(queue))
        if queue not in topology.bound("news"):
            statements.append(code.bind(queue, "news"))
    return tuple(statements)


def _hints_about_two_queues(topology: Topology) -> Hints:
    ends = [code.unbind(binding) for binding in _too_many(topology)]
    if ends:
        return ("Bind only these two queues; unbind any other.", *ends, *_bind_both(topology))
    return (
        "A fanout exchange copies to everything that is bound to it: bind these two queues, and nothing else.",
        *_bind_both(topology),
    )


def _hints_about_patterns(topology: Topology) -> Hints:
    first = "* stands for one word, # for any number of words."
    wrong = [one for one in topology.bindings if _leads_to_storms(one) and one.routing_key != "*.storm"]
    if wrong:
        return (f"{first} A wrong binding stays until you unbind it.", *map(code.unbind, wrong), _BIND_STORMS)
    return (first, _BIND_STORMS)


def _leads_to_storms(binding: Binding) -> bool:
    return (binding.source, binding.destination_type, binding.destination) == ("weather", "queue", "storms")


_BIND_STORMS = code.bind("storms", "weather", "*.storm")


EXERCISES: Exercises = {
    "news": (
        has_type("news", "fanout"),
        Requirement(
            "the queues 'inbox' and 'archive' are bound to 'news'",
            lambda topology: topology.bound("news") >= set(_NEWS),
            lambda topology: ("Two queues, each declared and each bound.", *_bind_both(topology)),
        ),
        Requirement("'news' leads to two queues, and nowhere else", _leads_to_two_queues_only, _hints_about_two_queues),
    ),
    "weather": (
        has_type("weather", "topic"),
        Requirement(
            "a queue 'storms' is bound to 'weather'",
            lambda topology: "storms" in topology.bound("weather"),
            lambda topology: (
                "Declare the queue, durable, and make a binding that leads to it.",
                *(() if topology.queue("storms") else (code.queue_declare("storms"),)),
                _BIND_STORMS,
            ),
        ),
        Requirement(
            "its only binding key matches one word, a dot and 'storm'",
            lambda topology: topology.binding_keys("weather", "storms") == {"*.storm"},
            _hints_about_patterns,
        ),
    ),
}
