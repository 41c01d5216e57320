"""The exercises of the lesson on outages: what must be there after a restart, and what need not."""

from fanout_helpers.exercises import code
from fanout_helpers.exercises.requirement import Exercises, Hints, Requirement, stays
from fanout_helpers.model import SERVER_NAMED
from fanout_helpers.topology import Topology


def _alerts_is_right(topology: Topology) -> bool:
    exchange = topology.exchange("alerts")
    return exchange is not None and exchange.type == "fanout" and exchange.durable


def _pager_is_right(topology: Topology) -> bool:
    return stays(topology.queue("pager"))


def _pager_is_bound(topology: Topology) -> bool:
    return "pager" in topology.bound("alerts")


def _outlives(topology: Topology) -> bool:
    return _alerts_is_right(topology) and _pager_is_right(topology) and _pager_is_bound(topology)


def _was_restarted_since(topology: Topology) -> bool:
    return topology.before_restart is not None and _outlives(topology.before_restart)


def _restart_last(topology: Topology) -> Hints:
    # What is repaired first may have to be bound again: else a second restart would be needed.
    bound = () if _outlives(topology) else (code.bind("pager", "alerts"),)
    return ("Restart RabbitMQ last: only then have they outlived it.", *bound, "lab.restart_broker()")


def _has_live_queue(topology: Topology, exchange: str) -> bool:
    bound = topology.bound(exchange)
    return any(one.exclusive and one.name in bound and one.name.startswith(SERVER_NAMED) for one in topology.queues)


EXERCISES: Exercises = {
    "outlive": (
        Requirement(
            "'alerts' is a durable fanout exchange",
            _alerts_is_right,
            (
                "An exchange cannot become durable: delete it, then declare it anew. A restart closed your connection.",
                'channel.exchange_delete(exchange="alerts")',
                'channel.exchange_declare(exchange="alerts", exchange_type="fanout", durable=True)',
            ),
        ),
        Requirement(
            "'pager' is a durable queue, and neither exclusive nor auto_delete",
            _pager_is_right,
            (
                "An exclusive queue ends with its connection, and no restart leaves a connection open.",
                'channel.queue_delete(queue="pager")',
                'channel.queue_declare(queue="pager", durable=True)',
            ),
        ),
        Requirement(
            "'pager' is bound to 'alerts'",
            _pager_is_bound,
            lambda topology: (
                "A binding goes with its exchange and with its queue: after either was deleted, bind again.",
                *code.bind_to_fanout(topology, "pager", "alerts", durable=True),
            ),
        ),
        Requirement(
            "RabbitMQ was restarted while all of that was so",
            _was_restarted_since,
            _restart_last,
        ),
    ),
    "away": (
        Requirement(
            "'diary' stays while nobody is there, and after a restart",
            lambda topology: stays(topology.queue("diary")),
            lambda topology: (
                "Its subscriber's connection will be closed, and RabbitMQ may be restarted meanwhile.",
                *code.queue_again(topology, "diary"),
            ),
        ),
        Requirement(
            "'diary' is bound to 'alerts'",
            lambda topology: "diary" in topology.bound("alerts"),
            lambda topology: (
                "Without a binding it gets nothing, there or not.",
                *code.bind_to_fanout(topology, "diary", "alerts", durable=True),
            ),
        ),
        Requirement(
            "a queue with a name of RabbitMQ's choice is bound to 'alerts', and goes with its connection",
            lambda topology: _has_live_queue(topology, "alerts"),
            (
                "That subscriber wants nothing from the past: no queue should wait for it.",
                'queue = channel.queue_declare(queue="", exclusive=True).method.queue',
                'channel.queue_bind(queue=queue, exchange="alerts", routing_key="")',
            ),
        ),
    ),
}
