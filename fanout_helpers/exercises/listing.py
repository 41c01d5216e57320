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
                (
                    'lab.bindings() shows it: the queue that is a destination only where the source is "". '
                    "No queue 'desk-…' there? Run the cell that prepares them."
                ),
                'bound = {binding.destination for binding in lab.bindings() if binding.source != ""}',
            ),
        ),
        Requirement(
            "one of the five queues is deleted, and four are there",
            lambda topology: len(_desks(topology)) == _DESKS,
            (
                "Delete the stray one and no other. If another one is gone, run the cell that prepares them again.",
                'channel.queue_delete(queue="desk-3"), with the number of the stray one',
            ),
        ),
    ),
    "same_table": (
        Requirement(
            "'orders' is a direct exchange, and durable",
            _is_as_listed,
            (
                "Declare it, with its type and durable=True. One that is there and different has to be deleted first.",
                'channel.exchange_declare(exchange="orders", exchange_type="direct", durable=True)',
                'If it is there and different, first: channel.exchange_delete(exchange="orders")',
            ),
        ),
        Requirement(
            "'invoices' and 'parcels' are durable queues, and not exclusive",
            _are_durable,
            (
                "Declare both, with durable=True. One that is there and different has to be deleted first.",
                'channel.queue_declare(queue="invoices", durable=True), and the same for "parcels"',
                'If it is there and different, first: channel.queue_delete(queue="invoices")',
            ),
        ),
        Requirement(
            "the bindings are the five rows, and no others",
            lambda topology: _rows(topology) == _ROWS,
            (
                "Bind once for each row of orders. Without a routing_key, queue_bind takes the queue's name.",
                'channel.queue_bind(queue="parcels", exchange="orders", routing_key="gift"), and so on',
                'For a row too many: channel.queue_unbind(queue="parcels", exchange="orders", routing_key="parcels")',
            ),
        ),
    ),
}
