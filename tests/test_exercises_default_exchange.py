"""The exercises of the lesson on the default exchange: nothing done, wrong attempts, and the solutions."""

from collections.abc import Iterator
from typing import Any

import pika
import pytest

from fanout_helpers import Lab
from fanout_helpers.broker.node import Node


@pytest.fixture
def lab(broker: Node) -> Iterator[Lab]:
    with Lab("exercises-default-exchange") as made:
        assert made.address.port == broker.address.port
        yield made


@pytest.fixture
def channel(lab: Lab) -> Iterator[Any]:
    with pika.BlockingConnection(lab.parameters) as connection:
        yield connection.channel()


@pytest.mark.parametrize("exercise", ["orders", "mailbox"])
def test_nothing_done_is_not_solved_and_each_try_hints_more(lab: Lab, exercise: str) -> None:
    first, second = lab.check(exercise), lab.check(exercise)
    assert not first.solved
    assert not first.right
    assert all(len(hints) == 1 for hints in first.missing.values())
    assert all(len(hints) == 2 for hints in second.missing.values())


def test_orders_is_solved_by_a_durable_queue_that_nobody_bound(lab: Lab, channel: Any) -> None:  # noqa: ANN401
    channel.queue_declare("orders", durable=True)
    assert lab.publish("", "a book", "orders").routed
    assert lab.check("orders").solved


@pytest.mark.parametrize("wrong", [{"exclusive": True}, {"durable": True, "auto_delete": True}])
def test_orders_in_a_queue_that_does_not_last_are_told_what_to_do(
    lab: Lab,
    channel: Any,  # noqa: ANN401
    wrong: dict[str, bool],
) -> None:
    channel.queue_declare("orders", **wrong)
    lab.check("orders")
    verdict = lab.check("orders")
    assert list(verdict.missing) == ["its queue is durable, and neither exclusive nor auto_delete"]
    assert "queue_delete" in repr(verdict)


def test_orders_bound_to_another_exchange_too_are_told_to_unbind(lab: Lab, channel: Any) -> None:  # noqa: ANN401
    channel.queue_declare("orders", durable=True)
    channel.queue_bind("orders", "amq.direct", routing_key="orders")
    lab.check("orders")
    verdict = lab.check("orders")
    assert list(verdict.missing) == ["its queue is bound to the default exchange only"]
    assert "queue_unbind" in repr(verdict)
    channel.queue_unbind("orders", "amq.direct", routing_key="orders")
    assert lab.check("orders").solved


def test_a_mailbox_is_solved_by_its_name(lab: Lab, channel: Any) -> None:  # noqa: ANN401
    assert not lab.publish("", "hi", "mailbox").routed
    channel.queue_declare("mailbox", durable=True)
    assert lab.publish("", "hi", "mailbox").routed
    assert lab.check("mailbox").solved


@pytest.mark.parametrize("name", ["Mailbox", "letters"])
def test_a_queue_of_another_name_is_no_mailbox_whatever_it_is_bound_to(lab: Lab, channel: Any, name: str) -> None:  # noqa: ANN401
    channel.queue_declare(name, durable=True)
    channel.queue_bind(name, "amq.direct", routing_key="mailbox")
    assert not lab.publish("", "hi", "mailbox").routed
    assert not lab.check("mailbox").right
    assert "letter for letter" in repr(lab.check("mailbox"))


def test_an_exclusive_mailbox_is_told_that_it_ends_with_its_connection(lab: Lab, channel: Any) -> None:  # noqa: ANN401
    channel.queue_declare("mailbox", exclusive=True)
    verdict = lab.check("mailbox")
    assert list(verdict.missing) == ["its queue does not end with your connection"]
    assert "ends with it" in repr(verdict)
