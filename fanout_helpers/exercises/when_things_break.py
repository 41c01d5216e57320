"""The exercises of the lesson on outages: what must be there after a restart, and what need not."""

from fanout_helpers.exercises.requirement import Exercises, Requirement, stays
from fanout_helpers.model import SERVER_NAMED
from fanout_helpers.topology import Topology


def _is_durable_fanout(topology: Topology, name: str) -> bool:
    exchange = topology.exchange(name)
    return exchange is not None and exchange.type == "fanout" and exchange.durable


def _has_live_queue(topology: Topology, exchange: str) -> bool:
    bound = topology.bound(exchange)
    return any(one.exclusive and one.name in bound and one.name.startswith(SERVER_NAMED) for one in topology.queues)


EXERCISES: Exercises = {
    "outlive": (
        Requirement(
            "'alerts' is a durable fanout exchange",
            lambda topology: _is_durable_fanout(topology, "alerts"),
            (
                "An exchange cannot become durable: delete it, then declare it anew. A restart closed your connection.",
                (
                    'channel.exchange_delete(exchange="alerts"); '
                    'channel.exchange_declare(exchange="alerts", exchange_type="fanout", durable=True)'
                ),
            ),
        ),
        Requirement(
            "'pager' is a durable queue, and neither exclusive nor auto_delete",
            lambda topology: stays(topology.queue("pager")),
            (
                "An exclusive queue ends with its connection, and no restart leaves a connection open.",
                'channel.queue_delete(queue="pager"); channel.queue_declare(queue="pager", durable=True)',
            ),
        ),
        Requirement(
            "'pager' is bound to 'alerts'",
            lambda topology: "pager" in topology.bound("alerts"),
            (
                "A binding goes with its exchange and with its queue: after either was deleted, bind again.",
                'channel.queue_bind(queue="pager", exchange="alerts", routing_key="")',
            ),
        ),
    ),
    "away": (
        Requirement(
            "'diary' stays while nobody is there, and after a restart",
            lambda topology: stays(topology.queue("diary")),
            (
                "Its subscriber's connection will be closed, and RabbitMQ may be restarted meanwhile.",
                'channel.queue_declare(queue="diary", durable=True)',
            ),
        ),
        Requirement(
            "'diary' is bound to 'alerts'",
            lambda topology: "diary" in topology.bound("alerts"),
            (
                "Without a binding it gets nothing, there or not.",
                'channel.queue_bind(queue="diary", exchange="alerts", routing_key="")',
            ),
        ),
        Requirement(
            "a queue with a name of RabbitMQ's choice is bound to 'alerts', and goes with its connection",
            lambda topology: _has_live_queue(topology, "alerts"),
            (
                "That subscriber wants nothing from the past: no queue should wait for it.",
                (
                    'queue = channel.queue_declare(queue="", exclusive=True).method.queue; '
                    'channel.queue_bind(queue=queue, exchange="alerts", routing_key="")'
                ),
            ),
        ),
    ),
}
