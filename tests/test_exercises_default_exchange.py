"""The exercises of the lesson on the default exchange: nothing done, wrong attempts, and the solutions."""

import pytest
from pika.adapters.blocking_connection import BlockingChannel

from fanout_helpers import Lab


def test_orders_is_solved_by_a_durable_queue_that_nobody_bound(lab: Lab, channel: BlockingChannel) -> None:
    channel.queue_declare("orders", durable=True)
    assert lab.publish("", "a book", "orders").routed
    assert lab.check("orders").solved


@pytest.mark.parametrize("wrong", [{"exclusive": True}, {"durable": True, "auto_delete": True}])
def test_orders_in_a_queue_that_does_not_last_are_told_what_to_do(
    lab: Lab,
    channel: BlockingChannel,
    wrong: dict[str, bool],
) -> None:
    channel.queue_declare("orders", **wrong)
    lab.check("orders")
    verdict = lab.check("orders")
    assert list(verdict.missing) == ["its queue is durable, and neither exclusive nor auto_delete"]
    assert "queue_delete" in repr(verdict)


def test_orders_bound_to_another_exchange_too_are_told_to_unbind(lab: Lab, channel: BlockingChannel) -> None:
    channel.queue_declare("orders", durable=True)
    channel.queue_bind("orders", "amq.direct", routing_key="orders")
    lab.check("orders")
    verdict = lab.check("orders")
    assert list(verdict.missing) == ["its queue is bound to the default exchange only"]
    assert "queue_unbind" in repr(verdict)
    channel.queue_unbind("orders", "amq.direct", routing_key="orders")
    assert lab.check("orders").solved


def test_a_mailbox_is_solved_by_its_name(lab: Lab, channel: BlockingChannel) -> None:
    assert not lab.publish("", "hi", "mailbox").routed
    channel.queue_declare("mailbox", durable=True)
    assert lab.publish("", "hi", "mailbox").routed
    assert lab.check("mailbox").solved


@pytest.mark.parametrize("name", ["Mailbox", "letters"])
def test_a_queue_of_another_name_is_no_mailbox_whatever_it_is_bound_to(
    lab: Lab, channel: BlockingChannel, name: str
) -> None:
    channel.queue_declare(name, durable=True)
    channel.queue_bind(name, "amq.direct", routing_key="mailbox")
    assert not lab.publish("", "hi", "mailbox").routed
    assert not lab.check("mailbox").right
    assert "letter for letter" in repr(lab.check("mailbox"))


def test_an_exclusive_mailbox_is_told_that_it_ends_with_its_connection(lab: Lab, channel: BlockingChannel) -> None:
    channel.queue_declare("mailbox", exclusive=True)
    verdict = lab.check("mailbox")
    assert list(verdict.missing) == ["its queue does not end with your connection"]
    assert "ends with it" in repr(verdict)
