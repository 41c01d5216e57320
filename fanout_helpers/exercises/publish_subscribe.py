"""The exercises of the lesson on publish/subscribe as a logging system."""

from fanout_helpers.exercises.requirement import Exercises, Requirement, is_bound, lasts

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
        Requirement(
            "there is a fanout exchange 'alarms'",
            lambda topology: topology.exchange_type("alarms") == "fanout",
            ("Declare it the way 'logs' was.", 'channel.exchange_declare(exchange="alarms", exchange_type="fanout")'),
        ),
        Requirement(
            "a queue is bound to 'alarms', and none of its queues is bound to 'logs'",
            lambda topology: bool(topology.bound("alarms")) and not topology.bound("alarms") & topology.bound("logs"),
            (
                "lab.subscribe makes a queue and binds it. A queue that is bound to both gets both kinds of messages.",
                'lab.subscribe("alarms", "siren")',
            ),
        ),
    ),
}
