"""The exercises of the lesson on publish/subscribe as a logging system."""

from fanout_helpers.exercises.requirement import Exercises, Requirement, has_type, is_bound, lasts

EXERCISES: Exercises = {
    "archive": (
        Requirement(
            "there is a queue 'archive'",
            lambda topology: topology.queue("archive") is not None,
            (
                "Declare it, with a name this time.",
                'channel.queue_declare(queue="archive", durable=True)',
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
            (
                "lab.subscribe makes a queue and binds it. A queue that is bound to both gets both kinds of messages.",
                'lab.subscribe("alarms", "siren")',
            ),
        ),
        Requirement(
            "somebody consumes what is published to 'alarms'",
            lambda topology: any(topology.consumers_of(queue) for queue in topology.bound("alarms")),
            ("A queue alone receives for nobody: a subscriber also consumes.", 'lab.subscribe("alarms", "siren")'),
            listed_late=True,
        ),
    ),
}
