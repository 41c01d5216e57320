"""The exercises of the lesson on errors against a real broker: nothing done, wrong attempts, and the solution."""

from collections.abc import Iterator
from typing import Any

import pika
import pytest

from fanout_helpers import Lab
from fanout_helpers.broker.node import Node


@pytest.fixture
def lab(broker: Node) -> Iterator[Lab]:
    with Lab("exercises-errors") as made:
        assert made.address.port == broker.address.port
        yield made


@pytest.fixture
def channel(lab: Lab) -> Iterator[Any]:
    """As the lesson leaves it: ``reports`` has the wrong type."""
    with pika.BlockingConnection(lab.parameters) as connection:
        channel = connection.channel()
        channel.exchange_declare("logs", "fanout")
        channel.exchange_declare("reports", "direct")
        yield channel


def test_nothing_done_is_not_solved_and_each_try_hints_more(lab: Lab, channel: Any) -> None:  # noqa: ANN401
    assert channel.is_open
    for exercise, right in ("reports", []), ("rescued", ["there is no exchange 'lgos'"]):
        first, second = lab.check(exercise), lab.check(exercise)
        assert list(first.right) == right
        assert all(len(hints) == 1 for hints in first.missing.values())
        assert all(len(hints) == 2 for hints in second.missing.values())
        assert repr(second).endswith("Not yet: change it and check again.")


def test_reports_are_solved_by_deleting_them_first(lab: Lab, channel: Any) -> None:  # noqa: ANN401
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
    channel: Any,  # noqa: ANN401
    wrong: dict[str, Any],
    missing: str,
) -> None:
    channel.exchange_delete("reports")
    channel.exchange_declare("reports", **wrong)
    lab.check("reports")
    verdict = lab.check("reports")
    assert list(verdict.missing) == [missing]
    assert "exchange_delete" in repr(verdict)


def test_declaring_reports_over_the_old_ones_changes_nothing(lab: Lab, channel: Any) -> None:  # noqa: ANN401
    with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="PRECONDITION_FAILED"):
        channel.exchange_declare("reports", "fanout", durable=True)
    verdict = lab.check("reports")
    assert len(verdict.missing) == 2
    assert "your channel is closed" in repr(verdict)


def test_a_queue_is_rescued(lab: Lab, channel: Any) -> None:  # noqa: ANN401
    channel.queue_declare("rescued", durable=True)
    assert list(lab.check("rescued").missing) == ["it is bound to 'logs'"]
    channel.queue_bind("rescued", "logs", routing_key="")
    assert lab.check("rescued").solved


def test_a_rescued_queue_that_goes_with_its_connection_is_told_what_to_do(lab: Lab, channel: Any) -> None:  # noqa: ANN401
    channel.queue_declare("rescued", exclusive=True)
    channel.queue_bind("rescued", "logs", routing_key="")
    lab.check("rescued")
    verdict = lab.check("rescued")
    assert list(verdict.missing) == ["it is durable, and neither exclusive nor auto_delete"]
    assert "queue_delete" in repr(verdict)


def test_making_the_misspelled_exchange_is_no_rescue(lab: Lab, channel: Any) -> None:  # noqa: ANN401
    channel.exchange_declare("lgos", "fanout")
    channel.queue_declare("rescued", durable=True)
    channel.queue_bind("rescued", "lgos", routing_key="")
    verdict = lab.check("rescued")
    assert list(verdict.missing) == ["it is bound to 'logs'", "there is no exchange 'lgos'"]
    assert "misspelled" in repr(verdict)
