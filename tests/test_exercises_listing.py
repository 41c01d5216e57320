"""The exercises on listing against a real broker: nothing done, wrong attempts, and the solution."""

import pytest
from pika.adapters.blocking_connection import BlockingChannel

from fanout_helpers import Lab
from tests.attempts import plainest

BOUND = "'news' leads to every queue 'desk-…' that there is"
FOUR = "the four that were bound from the start are there, and no fifth"
EXCHANGE = "'orders' is a direct exchange, and durable"
QUEUES = "'invoices' and 'parcels' are durable queues, and not exclusive"
ROWS = "the bindings are the five rows, and no others"

PAIRS = [("invoices", "paid"), ("parcels", "gift"), ("parcels", "paid")]


@pytest.fixture
def prepared(channel: BlockingChannel) -> BlockingChannel:
    """What the lesson's cell prepares; the stray queue is desk-3."""
    channel.exchange_declare("news", "fanout")
    for number in range(1, 6):
        channel.queue_declare(f"desk-{number}", durable=True)
        if number != 3:
            channel.queue_bind(f"desk-{number}", "news", "", arguments={"bound": "by the lesson"})
    return channel


def make(channel: BlockingChannel, exchange_type: str = "direct") -> None:
    channel.exchange_declare("orders", exchange_type, durable=True)
    for queue, key in PAIRS:
        channel.queue_declare(queue, durable=True)
        channel.queue_bind(queue, "orders", routing_key=key)


def test_what_the_lesson_prepares_is_not_solved(lab: Lab, prepared: BlockingChannel) -> None:
    assert prepared.is_open
    assert list(lab.check("stray_queue").missing) == [BOUND, FOUR]


def test_the_stray_queue_deleted_is_solved_beside_an_open_board(lab: Lab, prepared: BlockingChannel) -> None:
    prepared.queue_delete("desk-3")
    lab.board("news")
    assert lab.check("stray_queue").right == [BOUND, FOUR]


@pytest.mark.parametrize("key", ["", "desk-3"])
def test_the_stray_queue_bound_instead_of_deleted_is_not_solved(lab: Lab, prepared: BlockingChannel, key: str) -> None:
    prepared.queue_bind("desk-3", "news", routing_key=key)
    verdict = plainest(lab, "stray_queue")
    assert list(verdict.missing) == [FOUR]
    assert "Delete the stray one" in repr(verdict)
    assert verdict.code.splitlines()[-1] == 'channel.queue_delete(queue="desk-3")'


@pytest.mark.parametrize("key", ["", "desk-3", None])
def test_no_other_queue_is_taken_for_the_stray_one(lab: Lab, prepared: BlockingChannel, key: str | None) -> None:
    prepared.queue_delete("desk-1")
    if key is not None:
        prepared.queue_bind("desk-3", "news", routing_key=key)
    verdict = plainest(lab, "stray_queue")
    assert FOUR in verdict.missing
    assert "nobody can tell any more which one was stray: run the cell that prepares them" in repr(verdict)
    assert not verdict.code
    prepared.queue_declare("desk-1", durable=True)
    prepared.queue_bind("desk-1", "news", routing_key="")
    prepared.queue_delete("desk-3")
    assert FOUR in lab.check("stray_queue").missing


def test_a_check_before_anything_is_prepared_uses_no_hint_up(lab: Lab, channel: BlockingChannel) -> None:
    assert "run the cell that prepares them" in repr(lab.check("stray_queue"))
    channel.exchange_declare("news", "fanout")
    channel.queue_declare("desk-1", durable=True)
    assert not lab.check("stray_queue").code


def test_the_same_table_is_solved(lab: Lab, channel: BlockingChannel) -> None:
    make(channel)
    assert lab.check("same_table").right == [EXCHANGE, QUEUES, ROWS]


def test_another_type_of_exchange_is_told(lab: Lab, channel: BlockingChannel) -> None:
    make(channel, "fanout")
    verdict = lab.check("same_table")
    assert list(verdict.missing) == [EXCHANGE]
    assert "delete this one" in repr(verdict)


def test_a_row_too_many_is_told_where_it_may_come_from(lab: Lab, channel: BlockingChannel) -> None:
    make(channel)
    channel.queue_bind("parcels", "orders")
    verdict = lab.check("same_table")
    assert list(verdict.missing) == [ROWS]
    assert "Without a routing_key" in repr(verdict)
    channel.queue_unbind("parcels", "orders", routing_key="parcels")
    assert lab.check("same_table").solved


def test_a_row_too_few_and_an_exclusive_queue_are_told(lab: Lab, channel: BlockingChannel) -> None:
    channel.exchange_declare("orders", "direct", durable=True)
    channel.queue_declare("invoices", durable=True, exclusive=True)
    channel.queue_declare("parcels", durable=True)
    channel.queue_bind("invoices", "orders", routing_key="paid")
    assert list(lab.check("same_table").missing) == [QUEUES, ROWS]
