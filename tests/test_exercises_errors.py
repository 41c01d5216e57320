"""The exercises of the lesson on errors against a real broker: nothing done, wrong attempts, and the solution."""

from typing import Any

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from fanout_helpers import Lab
from tests.attempts import plainest

pytestmark = pytest.mark.usefixtures("logs", "reports")


@pytest.fixture
def reports(channel: BlockingChannel) -> None:
    """As the lesson leaves it: the exchange ``reports`` has the wrong type."""
    channel.exchange_declare("reports", "direct")


def test_reports_are_solved_by_deleting_them_first(lab: Lab, channel: BlockingChannel) -> None:
    channel.exchange_delete("reports")
    channel.exchange_declare("reports", "fanout", durable=True)
    assert lab.check("reports").solved


@pytest.mark.parametrize(
    ("wrong", "missing"),
    [
        ({"exchange_type": "fanout"}, "'reports' is durable"),
        ({"exchange_type": "direct", "durable": True}, "'reports' is a fanout exchange"),
    ],
)
def test_reports_declared_anew_but_otherwise_are_told_to_go_first(
    lab: Lab,
    channel: BlockingChannel,
    wrong: dict[str, Any],
    missing: str,
) -> None:
    channel.exchange_delete("reports")
    channel.exchange_declare("reports", **wrong)
    verdict = plainest(lab, "reports")
    assert list(verdict.missing) == [missing]
    assert "exchange_delete" in repr(verdict)


def test_declaring_reports_over_the_old_ones_changes_nothing(lab: Lab, channel: BlockingChannel) -> None:
    with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="PRECONDITION_FAILED"):
        channel.exchange_declare("reports", "fanout", durable=True)
    verdict = lab.check("reports")
    assert len(verdict.missing) == 2
    assert "your channel is closed" in repr(verdict)


def test_a_queue_is_rescued(lab: Lab, channel: BlockingChannel) -> None:
    channel.queue_declare("rescued", durable=True)
    assert list(lab.check("rescued").missing) == ["it is bound to 'logs'"]
    channel.queue_bind("rescued", "logs", routing_key="")
    assert lab.check("rescued").solved


def test_a_rescued_queue_that_goes_with_its_connection_is_told_what_to_do(lab: Lab, channel: BlockingChannel) -> None:
    channel.queue_declare("rescued", exclusive=True)
    channel.queue_bind("rescued", "logs", routing_key="")
    verdict = plainest(lab, "rescued")
    assert list(verdict.missing) == ["it is durable, and neither exclusive nor auto_delete"]
    assert "queue_delete" in repr(verdict)


def test_making_the_misspelled_exchange_is_no_rescue(lab: Lab, channel: BlockingChannel) -> None:
    channel.exchange_declare("lgos", "fanout")
    channel.queue_declare("rescued", durable=True)
    channel.queue_bind("rescued", "lgos", routing_key="")
    verdict = lab.check("rescued")
    assert list(verdict.missing) == ["it is bound to 'logs'", "nobody has declared the misspelled 'lgos'"]
    assert "misspelled" in repr(verdict)
