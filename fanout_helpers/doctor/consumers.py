"""Consumers that nobody reads for: a cell that was interrupted in ``start_consuming()`` leaves its own registered."""

import time

from fanout_helpers.connection import PROCESS, YOURS
from fanout_helpers.doctor.examination import Record
from fanout_helpers.doctor.finding import Finding
from fanout_helpers.errors import NotFound
from fanout_helpers.faults import Fault
from fanout_helpers.management import Management
from fanout_helpers.model import Consumer, short_name

PATIENCE = 10.0
"""Seconds to wait until RabbitMQ's lists agree: they are up to 5 seconds late by default, more on a busy machine."""

_PAUSE = 0.2

_WHY = (
    "A cell that is interrupted in start_consuming() leaves its consumer registered: "
    "RabbitMQ goes on giving it messages, which nobody reads."
)


def look(record: Record, management: Management, virtual_host: str, *, own: bool) -> None:
    """Finds consumers of connections that a lesson's cells made, as the management API lists them, a little late.

    Args:
        record: Where findings go.
        management: Where to ask.
        virtual_host: The lesson's.
        own: Whether only those of this process count, which runs this and so none of its cells.
    """
    try:
        consumers, connections = _agreeing(management, virtual_host)
    except NotFound:
        # No lesson made it yet.
        return
    queues = [one.queue for one in consumers if _is_yours(connections.get(_connection(one), {}), own=own)]
    if not queues:
        return
    names = ", ".join(sorted({short_name(queue) for queue in queues}))
    repair = (
        "If none of your cells is to consume any more, close that connection, and run the cell that makes it again: "
        "connection.close()"
        if own
        else "Restart that notebook's kernel, unless one of its cells is in start_consuming() just now."
    )
    record.findings.append(
        Finding(
            Fault.CONSUMERS_LEFT_BEHIND,
            f"A notebook's own connection still consumes from {names} in {virtual_host!r}.",
            _WHY,
            repair,
        )
    )


def _agreeing(management: Management, virtual_host: str) -> tuple[list[Consumer], dict[str, dict[str, object]]]:
    """The consumers, and what the connections said of themselves, once the two lists agree.

    RabbitMQ lists a consumer before it lists its channel and its connection: whose it is cannot be told until then.
    """
    deadline = time.monotonic() + PATIENCE
    while True:
        consumers, connections = management.consumers(virtual_host), _connections(management, virtual_host)
        if all(_connection(one) in connections for one in consumers) or time.monotonic() > deadline:
            return consumers, connections
        time.sleep(_PAUSE)


def _connections(management: Management, virtual_host: str) -> dict[str, dict[str, object]]:
    """What each connection says of its program; one that RabbitMQ does not know that of yet is left out."""
    rows = management.get("vhosts", virtual_host, "connections")
    return {row["name"]: row["client_properties"] for row in rows if "name" in row and "client_properties" in row}


def _is_yours(said: dict[str, object], *, own: bool) -> bool:
    """Whether a cell made the connection that says this."""
    return said.get("connection_name") == YOURS and (not own or said.get("process") == PROCESS)


def _connection(consumer: Consumer) -> str:
    """The name of a consumer's connection; empty while it is not known."""
    return consumer.channel.rpartition(" (")[0]
