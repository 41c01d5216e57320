"""Consumers that nobody reads for: a cell that was interrupted in ``start_consuming()`` leaves its own registered."""

from fanout_helpers.connection import PROCESS, YOURS
from fanout_helpers.doctor.examination import Record
from fanout_helpers.doctor.finding import Finding
from fanout_helpers.errors import NotFound
from fanout_helpers.faults import Fault
from fanout_helpers.management import Management
from fanout_helpers.model import short_name

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
        connections = _yours(management, virtual_host, own=own)
        queues = [one.queue for one in management.consumers(virtual_host) if _connection(one.channel) in connections]
    except NotFound:
        # No lesson made it yet.
        return
    if not queues:
        return
    names = ", ".join(sorted({short_name(queue) for queue in queues}))
    repair = (
        "Close that connection, and run the cell that makes it again: connection.close()"
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


def _yours(management: Management, virtual_host: str, *, own: bool) -> set[str]:
    """The names of the connections that cells made."""
    rows = management.get("vhosts", virtual_host, "connections")
    told = {row["name"]: row.get("client_properties", {}) for row in rows if "name" in row}
    return {
        name
        for name, said in told.items()
        if said.get("connection_name") == YOURS and (not own or said.get("process") == PROCESS)
    }


def _connection(channel: str) -> str:
    """The name of a channel's connection."""
    return channel.rpartition(" (")[0]
