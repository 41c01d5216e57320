"""Each exercise against a real broker: nothing done, wrong attempts, and the solution."""

import pytest
from pika.adapters.blocking_connection import BlockingChannel

from fanout_helpers import Lab
from fanout_helpers.errors import FanoutError
from fanout_helpers.exercises.check import EXERCISES
from tests.live import eventually

pytestmark = pytest.mark.usefixtures("logs")

RIGHT_FROM_THE_START = {"rescued": ["nobody has declared the misspelled 'lgos'"]}


@pytest.mark.parametrize("exercise", EXERCISES)
def test_nothing_done_is_not_solved_and_each_try_hints_more(lab: Lab, exercise: str) -> None:
    first, second = lab.check(exercise), lab.check(exercise)
    assert not first.solved
    assert first.right == RIGHT_FROM_THE_START.get(exercise, [])
    assert all(len(hints) == 1 for hints in first.missing.values())
    assert all(len(hints) == 2 for hints in second.missing.values())
    assert repr(second).endswith("Not yet: change it and check again.")


def test_an_archive_is_solved(lab: Lab, channel: BlockingChannel) -> None:
    channel.queue_declare("archive", durable=True)
    assert lab.check("archive").right == [
        "there is a queue 'archive'",
        "it is durable, and neither exclusive nor auto_delete",
    ]
    channel.queue_bind("archive", "logs", routing_key="")
    assert lab.check("archive").solved
    assert repr(lab.check("archive")).endswith("Solved.")


@pytest.mark.parametrize("wrong", [{"exclusive": True}, {"durable": True, "auto_delete": True}])
def test_an_archive_that_goes_with_its_connection_is_told_what_to_do(
    lab: Lab,
    channel: BlockingChannel,
    wrong: dict[str, bool],
) -> None:
    channel.queue_declare("archive", **wrong)
    channel.queue_bind("archive", "logs", routing_key="")
    lab.check("archive")
    verdict = lab.check("archive")
    assert not verdict.solved
    assert list(verdict.missing) == ["it is durable, and neither exclusive nor auto_delete"]
    assert "queue_delete" in repr(verdict)


def test_alarms_are_solved(lab: Lab, channel: BlockingChannel) -> None:
    channel.exchange_declare("alarms", "fanout")
    lab.subscribe("alarms", "siren")
    assert lab.check("alarms").solved


@pytest.mark.parametrize("kind", ["direct", "fanout"])
def test_alarms_of_another_type_or_in_a_queue_with_logs_are_not(lab: Lab, channel: BlockingChannel, kind: str) -> None:
    channel.exchange_declare("alarms", kind)
    queue = channel.queue_declare("", exclusive=True).method.queue
    channel.queue_bind(queue, "alarms", routing_key="")
    channel.basic_consume(queue, print)
    if kind == "fanout":
        channel.queue_bind(queue, "logs", routing_key="")
    assert eventually(lambda: len(lab.check("alarms").missing) == 1)


def test_alarms_in_a_queue_that_nobody_consumes_from_are_not(lab: Lab, channel: BlockingChannel) -> None:
    channel.exchange_declare("alarms", "fanout")
    channel.queue_declare("siren", durable=True)
    channel.queue_bind("siren", "alarms", routing_key="")
    assert list(lab.check("alarms").missing) == ["somebody consumes what is published to 'alarms'"]


def test_an_exercise_that_there_is_not_is_told(lab: Lab) -> None:
    with pytest.raises(FanoutError, match="archive"):
        lab.check("homework")
