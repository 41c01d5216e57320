"""The exercises of the lesson on listing what is in the broker."""

from fanout_helpers.exercises.requirement import Exercises, Requirement
from fanout_helpers.topology import Topology

_DESKS = 4
"""How many of the five queues that the lesson prepares are bound."""

_QUEUES = frozenset({"invoices", "parcels"})

_ROWS = frozenset(
    {
        ("", "invoices", "invoices"),
        ("", "parcels", "parcels"),
        ("orders", "invoices", "paid"),
        ("orders", "parcels", "gift"),
        ("orders", "parcels", "paid"),
    }
)


def _desks(topology: Topology) -> set[str]:
    return {queue.name for queue in topology.queues if queue.name.startswith("desk-")}


def _is_as_listed(topology: Topology) -> bool:
    exchange = topology.exchange("orders")
    return exchange is not None and exchange.type == "direct" and exchange.durable


def _are_durable(topology: Topology) -> bool:
    queues = [topology.queue(name) for name in _QUEUES]
    return all(queue is not None and queue.durable and not queue.exclusive for queue in queues)


def _rows(topology: Topology) -> set[tuple[str, str, str]]:
    """The rows of ``list_bindings`` that the table is about."""
    return {
        (binding.source, binding.destination, binding.routing_key)
        for binding in topology.bindings
        if binding.source == "orders" or binding.destination in _QUEUES
    }


EXERCISES: Exercises = {
    "stray_queue": (
        Requirement(
            "'news' leads to every queue 'desk-…' that there is",
            lambda topology: bool(_desks(topology)) and _desks(topology) <= topology.bound("news"),
            (
                'Look for the queue that is a destination only where the source is "".',
                'bound = {binding.destination for binding in lab.bindings() if binding.source != ""}',
            ),
        ),
        Requirement(
            "one of the five queues is deleted, and four are there",
            lambda topology: len(_desks(topology)) == _DESKS,
            (
                "Delete the stray one and no other. If another one is gone, run the cell that prepares them again.",
                "channel.queue_delete(queue=desk), where desk is the one queue that is not in bound",
            ),
        ),
    ),
    "same_table": (
        Requirement(
            "'orders' is a direct exchange, and durable",
            _is_as_listed,
            (
                "An exchange cannot be changed: if it is there already, delete it and declare it again.",
                'channel.exchange_declare(exchange="orders", exchange_type="direct", durable=True)',
            ),
        ),
        Requirement(
            "'invoices' and 'parcels' are durable queues, and not exclusive",
            _are_durable,
            (
                "A queue cannot be changed: if it is there already, delete it and declare it again.",
                'channel.queue_declare(queue="invoices", durable=True)',
            ),
        ),
        Requirement(
            "the bindings are the five rows, and no others",
            lambda topology: _rows(topology) == _ROWS,
            (
                "A row too many? Without a routing_key, queue_bind takes the queue's name; queue_unbind ends it.",
                'channel.queue_bind(queue="parcels", exchange="orders", routing_key="gift")',
            ),
        ),
    ),
}
