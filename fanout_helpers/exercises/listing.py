"""The exercises of the lesson on listing what is in the broker."""

from fanout_helpers.exercises import code
from fanout_helpers.exercises.requirement import Exercises, Hints, Requirement
from fanout_helpers.model import Binding, Queue
from fanout_helpers.topology import Topology

_DESKS = tuple(f"desk-{number}" for number in range(1, 6))
"""The queues that the lesson prepares; all but one are bound."""

_KEPT = len(_DESKS) - 1

_MARK = {"bound": "by the lesson"}
"""The arguments of the bindings that the lesson prepares: a fanout exchange ignores them, and nobody else has them."""

_PREPARE = (
    "Another one than the stray one is gone, or bound otherwise, and nobody can tell any more which one was stray: "
    "run the cell that prepares them."
)

_QUEUES = ("invoices", "parcels")

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


def _is_lasting(queue: Queue | None) -> bool:
    return queue is not None and queue.durable and not queue.exclusive


def _rows(topology: Topology) -> dict[tuple[str, str, str], Binding]:
    """The rows of ``list_bindings`` that the table is about."""
    return {
        (binding.source, binding.destination, binding.routing_key): binding
        for binding in topology.bindings
        if binding.source == "orders" or binding.destination in _QUEUES
    }


def _as_prepared(topology: Topology) -> set[str]:
    """Those that are bound as the lesson's cell bound them."""
    return {
        binding.destination
        for binding in topology.bindings
        if binding.source == "news" and binding.arguments == _MARK and binding.destination in _DESKS
    }


def _hints_on_the_stray(topology: Topology) -> Hints:
    shows = 'lab.bindings() shows it: the queue that is a destination only where the source is "".'
    return _hints(topology, shows)


def _hints_on_the_four(topology: Topology) -> Hints:
    return _hints(topology, "Delete the stray one and no other.")


def _hints(topology: Topology, said: str) -> Hints:
    if topology.exchange("news") is None or not _desks(topology):
        return ("Nothing of it is there: run the cell that prepares them.",)
    if len(_as_prepared(topology)) < _KEPT:
        return (_PREPARE,)
    ends = sorted(_desks(topology) - _as_prepared(topology))
    return (said, *(f"channel.queue_delete(queue={code.quoted(desk)})" for desk in ends))


def _hints_on_the_exchange(topology: Topology) -> Hints:
    if topology.exchange("orders") is None:
        return ("Declare it, with its type and durable=True.", code.exchange_declare("orders", "direct", durable=True))
    wrong = "An exchange cannot be changed: delete this one and declare it again, with its type and durable=True."
    return (wrong, *code.exchange_again(topology, "orders", "direct", durable=True))


def _hints_on_the_queues(topology: Topology) -> Hints:
    statements: list[str] = []
    for name in _QUEUES:
        if topology.queue(name) is None:
            statements.append(code.queue_declare(name))
        elif not _is_lasting(topology.queue(name)):
            statements += code.queue_again(topology, name)
    return ("Declare both, with durable=True. One that is there and different has to be deleted first.", *statements)


def _hints_on_the_rows(topology: Topology) -> Hints:
    rows = _rows(topology)
    # The rows of the default exchange come and go with the queues.
    wanted = [code.bind(queue, source, key) for source, queue, key in sorted(_ROWS - rows.keys()) if source]
    ends = [code.unbind(rows[row]) for row in sorted(rows.keys() - _ROWS) if row[0]]
    return (
        "Bind once for each row of orders. Without a routing_key, queue_bind takes the queue's name.",
        *wanted,
        *ends,
    )


EXERCISES: Exercises = {
    "stray_queue": (
        Requirement(
            "'news' leads to every queue 'desk-…' that there is",
            lambda topology: bool(_desks(topology)) and _desks(topology) <= topology.bound("news"),
            _hints_on_the_stray,
        ),
        Requirement(
            "the four that were bound from the start are there, and no fifth",
            lambda topology: len(_desks(topology)) == len(_as_prepared(topology)) == _KEPT,
            _hints_on_the_four,
        ),
    ),
    "same_table": (
        Requirement("'orders' is a direct exchange, and durable", _is_as_listed, _hints_on_the_exchange),
        Requirement(
            "'invoices' and 'parcels' are durable queues, and not exclusive",
            lambda topology: all(_is_lasting(topology.queue(name)) for name in _QUEUES),
            _hints_on_the_queues,
        ),
        Requirement(
            "the bindings are the five rows, and no others",
            lambda topology: _rows(topology).keys() == _ROWS,
            _hints_on_the_rows,
        ),
    ),
}
