"""The exercises of the lesson on the default exchange: nothing done, wrong attempts, and the solutions."""

import time
from types import SimpleNamespace

import pytest
from pika.adapters.blocking_connection import BlockingChannel

from fanout_helpers import Lab
from fanout_helpers.exercises import check
from tests.attempts import plainest
from tests.processes import eventually

WORKERS = "its queue has two consumers at least"


def _work(channel: BlockingChannel, queue: str, workers: int) -> None:
    for _ in range(workers):
        channel.basic_consume(queue, on_message_callback=lambda *_: None)


def test_orders_are_solved_by_two_consumers_of_a_durable_queue(lab: Lab, channel: BlockingChannel) -> None:
    channel.queue_declare("orders", durable=True)
    assert lab.publish("", "a book", "orders").routed
    _work(channel, "orders", workers=2)
    assert lab.check("orders").solved


@pytest.mark.parametrize(("own", "other"), [(0, 0), (1, 0), (1, 1)])
def test_orders_that_no_two_workers_share_are_told_of_the_same_queue(
    lab: Lab, channel: BlockingChannel, monkeypatch: pytest.MonkeyPatch, own: int, other: int
) -> None:
    monkeypatch.setattr(check, "PATIENCE", 0.0)
    for queue, workers in (("orders", own), ("more", other)):
        channel.queue_declare(queue, durable=True)
        _work(channel, queue, workers)
    # Listed late: before that, nobody would be seen to work at all.
    assert eventually(lambda: len(lab._host.topology().consumers) == own + other)
    verdict = plainest(lab, "orders")
    assert list(verdict.missing) == [WORKERS]
    assert "basic_consume" in repr(verdict)


def test_nobody_waits_for_workers_of_a_queue_that_there_is_not(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "time", SimpleNamespace(monotonic=time.monotonic))
    verdict = lab.check("orders")
    assert WORKERS in verdict.missing
    assert "queue_delete" not in repr(lab.check("orders"))


@pytest.mark.parametrize("queue", ["orders", "mailbox"])
@pytest.mark.parametrize("wrong", [{"exclusive": True}, {"durable": True, "auto_delete": True}])
def test_a_queue_that_does_not_last_is_told_what_to_do(
    lab: Lab,
    channel: BlockingChannel,
    queue: str,
    wrong: dict[str, bool],
) -> None:
    channel.queue_declare(queue, **wrong)
    _work(channel, queue, workers=2)
    verdict = plainest(lab, queue)
    assert "its queue is durable, and neither exclusive nor auto_delete" in verdict.missing
    assert "queue_delete" in repr(verdict)


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
