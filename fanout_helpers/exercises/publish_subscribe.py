"""The exercises of the lesson on publish/subscribe as a logging system."""

from fanout_helpers.exercises import code
from fanout_helpers.exercises.requirement import Exercises, Hints, Requirement, has_type, is_bound, lasts
from fanout_helpers.topology import Topology

_SUBSCRIBE = 'lab.subscribe("alarms", "siren")'


def _hints_on_a_queue_apart(topology: Topology) -> Hints:
    both = topology.bound("alarms") & topology.bound("logs")
    ends = [code.unbind(one) for one in topology.bindings if one.source == "logs" and one.destination in both]
    return (
        "lab.subscribe makes a queue and binds it. A queue that is bound to both gets both kinds of messages.",
        *(ends or [_SUBSCRIBE]),
    )


EXERCISES: Exercises = {
    "archive": (
        Requirement(
            "there is a queue 'archive'",
            lambda topology: topology.queue("archive") is not None,
            (
                "Declare it, with a name this time.",
                code.queue_declare("archive"),
            ),
        ),
        lasts("archive"),
        is_bound("archive", "logs"),
    ),
    "alarms": (
        has_type("alarms", "fanout"),
        Requirement(
            "a queue is bound to 'alarms', and none of its queues is bound to 'logs'",
            lambda topology: bool(topology.bound("alarms")) and not topology.bound("alarms") & topology.bound("logs"),
            _hints_on_a_queue_apart,
        ),
        Requirement(
            "somebody consumes what is published to 'alarms'",
            lambda topology: any(topology.consumers_of(queue) for queue in topology.bound("alarms")),
            ("A queue alone receives for nobody: a subscriber also consumes.", _SUBSCRIBE),
            listed_late=True,
        ),
    ),
}
