"""The ``rabbitmqctl`` of this person's own node: terminals and two lessons use it, and it has its own ways to fail."""

from fanout_helpers.broker import scripts
from fanout_helpers.broker.node import Node
from fanout_helpers.doctor.examination import Record
from fanout_helpers.doctor.finding import Finding
from fanout_helpers.faults import Fault

_TIMEOUT = 60.0
"""Seconds; it takes half a second on an idle machine."""


def look(record: Record, node: Node) -> None:
    """Find out whether ``rabbitmqctl`` reaches the node."""
    failure = scripts.run(node.rabbitmqctl, "--quiet", "list_vhosts", timeout=_TIMEOUT)
    record.found["rabbitmqctl"] = str(node.rabbitmqctl)
    if failure is not None:
        record.findings.append(
            Finding(
                Fault.RABBITMQCTL_FAILS,
                "RabbitMQ is up, but its rabbitmqctl does not reach it.",
                f"In its own words:\n{failure}",
                "End RabbitMQ and start it again: 'fanout broker stop', then run the cell that makes the Lab.",
            )
        )
