"""The exercises of the lesson on exchanges and their types."""

from fanout_helpers.exercises.requirement import Exercises, Requirement
from fanout_helpers.topology import Topology


def _leads_to_queues_only(topology: Topology, source: str) -> bool:
    return all(binding.destination_type == "queue" for binding in topology.bindings if binding.source == source)


EXERCISES: Exercises = {
    "weather": (
        Requirement(
            "there is an exchange 'weather' of type topic",
            lambda topology: topology.exchange_type("weather") == "topic",
            (
                "An exchange cannot change its type: if it is there with another, delete it and declare it again.",
                (
                    'channel = connection.channel(); channel.exchange_delete(exchange="weather"); '
                    'channel.exchange_declare(exchange="weather", exchange_type="topic")'
                ),
            ),
        ),
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
            (
                "* stands for one word, # for any number of words. A wrong binding stays until you unbind it.",
                (
                    'bind with routing_key="*.storm"; a wrong binding, say "#", ends with '
                    'channel.queue_unbind(queue="storms", exchange="weather", routing_key="#")'
                ),
            ),
        ),
    ),
    "news": (
        Requirement(
            "there is an exchange 'news' of type fanout",
            lambda topology: topology.exchange_type("news") == "fanout",
            (
                "An exchange cannot change its type: if it is there with another, delete it and declare it again.",
                (
                    'channel = connection.channel(); channel.exchange_delete(exchange="news"); '
                    'channel.exchange_declare(exchange="news", exchange_type="fanout")'
                ),
            ),
        ),
        Requirement(
            "the queues 'inbox' and 'archive' are bound to 'news'",
            lambda topology: topology.bound("news") >= {"inbox", "archive"},
            (
                "Two queues, each declared and each bound.",
                (
                    'for each queue: channel.queue_declare(queue="inbox", durable=True); '
                    'channel.queue_bind(queue="inbox", exchange="news", routing_key="")'
                ),
            ),
        ),
        Requirement(
            "'news' leads to two queues, and nowhere else",
            lambda topology: len(topology.bound("news")) == 2 and _leads_to_queues_only(topology, "news"),  # noqa: PLR2004
            (
                "A fanout exchange copies to everything that is bound to it. Who should get nothing must not be bound.",
                (
                    'a binding too many ends as it was made: channel.queue_unbind(queue="screen", exchange="news", '
                    'routing_key="")'
                ),
            ),
        ),
    ),
}
