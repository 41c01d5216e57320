"""The exercises of the lesson on exchanges and their types."""

from fanout_helpers.exercises.requirement import Exercises, Hints, Requirement, has_type
from fanout_helpers.topology import Topology

_NEWS = {"inbox", "archive"}


def _leads_to_two_queues_only(topology: Topology) -> bool:
    return len(topology.bound("news")) == len(_NEWS) and not _too_many(topology)


def _too_many(topology: Topology) -> bool:
    """Whether ``news`` is bound to something else than its two queues."""
    return any(
        binding.destination_type != "queue" or binding.destination not in _NEWS
        for binding in topology.bindings
        if binding.source == "news"
    )


def _hints_about_two_queues(topology: Topology) -> Hints:
    if _too_many(topology):
        return (
            "Bind only these two queues; unbind any other.",
            'Say which binding ends: channel.queue_unbind(queue="screen", exchange="news", routing_key="")',
        )
    return (
        "A fanout exchange copies to everything that is bound to it: bind these two queues, and nothing else.",
        'channel.queue_bind(queue="inbox", exchange="news", routing_key=""), and the same for "archive"',
    )


def _hints_about_patterns(topology: Topology) -> Hints:
    first = "* stands for one word, # for any number of words."
    if topology.binding_keys("weather", "storms") - {"*.storm"}:
        return (
            f"{first} A wrong binding stays until you unbind it.",
            (
                'bind with routing_key="*.storm"; a wrong binding, say "#", ends with '
                'channel.queue_unbind(queue="storms", exchange="weather", routing_key="#")'
            ),
        )
    return (first, 'channel.queue_bind(queue="storms", exchange="weather", routing_key="*.storm")')


EXERCISES: Exercises = {
    "news": (
        has_type("news", "fanout"),
        Requirement(
            "the queues 'inbox' and 'archive' are bound to 'news'",
            lambda topology: topology.bound("news") >= _NEWS,
            (
                "Two queues, each declared and each bound.",
                (
                    'for each queue: channel.queue_declare(queue="inbox", durable=True); '
                    'channel.queue_bind(queue="inbox", exchange="news", routing_key="")'
                ),
            ),
        ),
        Requirement("'news' leads to two queues, and nowhere else", _leads_to_two_queues_only, _hints_about_two_queues),
    ),
    "weather": (
        has_type("weather", "topic"),
        Requirement(
            "a queue 'storms' is bound to 'weather'",
            lambda topology: "storms" in topology.bound("weather"),
            (
                "Declare the queue, durable, and make a binding that leads to it.",
                (
                    'channel.queue_declare(queue="storms", durable=True); '
                    'channel.queue_bind(queue="storms", exchange="weather", routing_key="*.storm")'
                ),
            ),
        ),
        Requirement(
            "its only binding key matches one word, a dot and 'storm'",
            lambda topology: topology.binding_keys("weather", "storms") == {"*.storm"},
            _hints_about_patterns,
        ),
    ),
}
