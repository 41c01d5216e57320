"""The exercises of the lesson on queues that come and go with those who use them."""

from collections.abc import Callable

from fanout_helpers.exercises import code
from fanout_helpers.exercises.requirement import Exercises, Hints, Requirement, is_shared
from fanout_helpers.model import SERVER_NAMED, Queue
from fanout_helpers.topology import Topology


def _server_named(topology: Topology, exchange: str) -> list[Queue]:
    """The queues with a name of RabbitMQ's choice that are bound to an exchange."""
    return [queue for queue in _bound(topology, exchange) if queue.name.startswith(SERVER_NAMED)]


def _bound(topology: Topology, exchange: str) -> list[Queue]:
    bound = topology.bound(exchange)
    return [queue for queue in topology.queues if queue.name in bound]


def _hints_on_shift(absent: str, wrong: str) -> Callable[[Topology], Hints]:
    """What to do where there is no such queue, where there is one that only its connection can end, or another one."""

    def hints(topology: Topology) -> Hints:
        queue = topology.queue("shift")
        if queue is None:
            return (absent, _DECLARE_SHIFT)
        again = code.queue_again(topology, "shift", _SHIFT)
        return (wrong, *_CLOSE_OTHERS, *again) if queue.exclusive else (wrong, *again)

    return hints


def _goes_with_its_last_consumer(queue: Queue | None) -> bool:
    return queue is not None and queue.auto_delete


def _is_durable(queue: Queue | None) -> bool:
    return queue is not None and queue.durable


_BIND_A_NEW_QUEUE: code.Code = (
    'queue = channel.queue_declare(queue="", exclusive=True).method.queue',
    'channel.queue_bind(queue=queue, exchange="logs", routing_key="")',
)

_SHIFT = "durable=True, auto_delete=True"
_DECLARE_SHIFT = code.queue_declare("shift", _SHIFT)

# Only the connection that declared it can delete an exclusive queue; which one that is, nobody but its owner knows.
_CLOSE_OTHERS: code.Code = (
    "import gc",
    """for one in list(globals().values()):
    owner = getattr(one, "connection", one)  # a channel's connection
    if isinstance(owner, type(connection)) and owner is not connection and owner.is_open:
        owner.close()""",
    "gc.collect()  # closes those that have no name any more",
    "connection.sleep(1)  # RabbitMQ deletes their queues",
)

EXERCISES: Exercises = {
    "logger": (
        Requirement(
            "a queue whose name RabbitMQ chose is bound to 'logs'",
            lambda topology: bool(_server_named(topology, "logs")),
            (
                "Declare a queue with an empty name. Its own name is in the result, and the binding needs it.",
                *_BIND_A_NEW_QUEUE,
            ),
        ),
        Requirement(
            "it is exclusive",
            # Whatever it is called: one thing at a time is said of it.
            lambda topology: any(one.exclusive for one in _server_named(topology, "logs") or _bound(topology, "logs")),
            lambda topology: (
                (
                    "A queue cannot become exclusive later: declare a new one, and bind that."
                    if _server_named(topology, "logs")
                    else "A queue that goes with its connection has to be declared as one."
                ),
                *_BIND_A_NEW_QUEUE,
            ),
        ),
    ),
    "shift": (
        Requirement(
            "there is a queue 'shift'",
            lambda topology: topology.queue("shift") is not None,
            (
                "Declare it. (If you did: one that is exclusive, or has lost its last consumer, is gone by now.)",
                _DECLARE_SHIFT,
            ),
        ),
        Requirement(
            "any connection may use it, and it stays when the one that declared it closes",
            lambda topology: is_shared(topology.queue("shift")),
            _hints_on_shift(
                "Leave exclusive=True out.",
                "An exclusive queue does neither, and cannot be changed: close the connection that declared it.",
            ),
        ),
        Requirement(
            "it goes with its last consumer",
            lambda topology: _goes_with_its_last_consumer(topology.queue("shift")),
            _hints_on_shift(
                "One argument says so; section 3 has it.",
                "One argument says so; section 3 has it. A queue cannot be changed: this one has to go first.",
            ),
        ),
        Requirement(
            "it is durable",
            lambda topology: _is_durable(topology.queue("shift")),
            _hints_on_shift(
                "Some versions of RabbitMQ refuse a queue that is neither exclusive nor durable; section 4 has it.",
                "It has to be declared as durable. A queue cannot be changed: this one has to go first.",
            ),
        ),
    ),
}
