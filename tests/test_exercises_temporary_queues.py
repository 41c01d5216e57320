"""The exercises of the lesson on temporary queues against a real broker."""

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from fanout_helpers import Lab
from tests.attempts import plainest

pytestmark = pytest.mark.usefixtures("logs")

EXCLUSIVE = "it is exclusive"
SHARED = "any connection may use it, and it stays when the one that declared it closes"
AUTO_DELETE = "it goes with its last consumer"
DURABLE = "it is durable"


def test_a_logger_is_solved(lab: Lab, channel: BlockingChannel) -> None:
    queue = channel.queue_declare("", exclusive=True).method.queue
    assert not lab.check("logger").right
    channel.queue_bind(queue, "logs", routing_key="")
    assert lab.check("logger").solved


def test_a_logger_with_a_name_of_its_own_is_told_to_leave_it_to_rabbitmq(lab: Lab, channel: BlockingChannel) -> None:
    channel.queue_declare("my-logger", exclusive=True)
    channel.queue_bind("my-logger", "logs", routing_key="")
    verdict = lab.check("logger")
    assert verdict.right == [EXCLUSIVE]
    assert "empty name" in repr(verdict)


def test_a_logger_that_stays_is_told_to_declare_another(lab: Lab, channel: BlockingChannel) -> None:
    # Durable: not every RabbitMQ takes a queue that is neither exclusive nor durable.
    queue = channel.queue_declare("", durable=True).method.queue
    channel.queue_bind(queue, "logs", routing_key="")
    verdict = plainest(lab, "logger")
    assert list(verdict.missing) == [EXCLUSIVE]
    assert "exclusive=True" in repr(verdict)


def test_a_shift_is_solved_by_a_connection_that_is_closed(lab: Lab) -> None:
    with pika.BlockingConnection(lab.parameters) as connection:
        connection.channel().queue_declare("shift", durable=True, auto_delete=True)
    assert lab.check("shift").solved


@pytest.mark.parametrize(
    ("wrong", "missing", "hint"),
    [
        # RabbitMQ makes no exclusive queue durable, whatever it is asked for.
        ({"exclusive": True, "durable": True, "auto_delete": True}, [SHARED, DURABLE], "owner.close()"),
        ({"durable": True}, [AUTO_DELETE], 'queue_delete(queue="shift")'),
    ],
)
def test_a_shift_that_goes_too_early_or_not_at_all_is_told_what_to_do(
    lab: Lab,
    channel: BlockingChannel,
    wrong: dict[str, bool],
    missing: list[str],
    hint: str,
) -> None:
    channel.queue_declare("shift", **wrong)
    verdict = plainest(lab, "shift")
    assert list(verdict.missing) == missing
    assert hint in repr(verdict)


def test_a_shift_that_is_exclusive_only_lacks_the_rest(lab: Lab, channel: BlockingChannel) -> None:
    channel.queue_declare("shift", exclusive=True)
    assert list(lab.check("shift").missing) == [SHARED, AUTO_DELETE, DURABLE]


def test_nothing_is_to_be_deleted_where_there_is_no_queue(lab: Lab) -> None:
    verdict = plainest(lab, "shift")
    assert 'channel.queue_declare(queue="shift", durable=True, auto_delete=True)' in repr(verdict)
    assert not any(word in repr(verdict) for word in ("queue_delete", "Close the connection", "has to go"))


def test_the_hints_of_a_shift_solve_it(lab: Lab, channel: BlockingChannel) -> None:
    """A queue of that name that is another one has to go first."""
    channel.queue_declare("shift", durable=True)
    channel.queue_delete("shift")
    channel.queue_declare("shift", durable=True, auto_delete=True)
    assert lab.check("shift").solved
