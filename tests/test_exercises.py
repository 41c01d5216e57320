"""Each exercise against a real broker: nothing done, wrong attempts, and the solution."""

import pytest
from pika.adapters.blocking_connection import BlockingChannel

from fanout_helpers import Lab
from fanout_helpers.errors import FanoutError
from fanout_helpers.exercises.check import EXERCISES
from tests.attempts import plainest
from tests.live import eventually

pytestmark = pytest.mark.usefixtures("logs")

WITHOUT_CODE = {"stray_queue"}
"""Until its cell is run, nothing can be done about it."""

RIGHT_FROM_THE_START = {"rescued": ["nobody has declared the misspelled 'lgos'"]}


@pytest.mark.parametrize("exercise", EXERCISES)
def test_nothing_done_is_not_solved_and_a_check_on_the_way_does_not_use_the_sentences_up(
    lab: Lab, exercise: str
) -> None:
    first, second, third = (lab.check(exercise) for _ in range(3))
    assert not first.solved
    assert first.right == RIGHT_FROM_THE_START.get(exercise, [])
    assert all(len(hints) == 1 for hints in first.missing.values())
    assert repr(first).endswith("Not yet: change it and check again.")
    assert second.missing == first.missing
    # An attempt that ended in an error changes nothing: who insists gets the code all the same.
    if exercise in WITHOUT_CODE:
        assert repr(third) == repr(first)
    else:
        assert repr(second).endswith("Nothing has changed in RabbitMQ since the last check. One more gives the code.")
        assert all(hints[1:] for hints in third.missing.values())
        assert repr(third).endswith(f"Not yet. Run this in a cell, then check again:\n\n{third.code}")


def test_what_is_missing_again_after_a_change_gets_its_code_and_what_is_new_a_sentence(
    lab: Lab, channel: BlockingChannel
) -> None:
    channel.queue_declare("archive", durable=True)
    channel.queue_bind("archive", "logs", routing_key="")
    channel.queue_delete("archive")
    lab.check("archive")
    channel.queue_declare("archive", exclusive=True)
    verdict = lab.check("archive")
    assert verdict.right == ["there is a queue 'archive'"]
    assert verdict.code.splitlines() == [
        "try:",
        "    channel = connection.channel()",
        "except pika.exceptions.AMQPError:",
        "    connection = pika.BlockingConnection(lab.parameters)",
        "    channel = connection.channel()",
        'channel.queue_delete(queue="archive")',
        'channel.queue_declare(queue="archive", durable=True)',
        'channel.queue_bind(queue="archive", exchange="logs", routing_key="")',
    ]
    channel.queue_delete("archive")
    channel.queue_declare("archive", durable=True)
    channel.queue_bind("archive", "logs", routing_key="")
    assert lab.check("archive").solved


def test_messages_and_an_open_board_are_no_change(lab: Lab, channel: BlockingChannel) -> None:
    channel.queue_declare("archive", durable=True, auto_delete=True)
    first = lab.check("archive")
    lab.publish("", "info: hello", "archive")
    lab.board("logs")
    assert lab.check("archive").missing == first.missing


def test_a_verdict_breaks_no_word_and_is_text(lab: Lab, channel: BlockingChannel) -> None:
    channel.exchange_declare("news", "fanout")
    channel.queue_declare('<b>"\u202e', exclusive=True)
    channel.queue_bind('<b>"\u202e', "news", routing_key="")
    verdict = plainest(lab, "news")
    shown = verdict._repr_html_()
    assert "word-break:normal" in shown
    assert "<b>" not in shown
    assert verdict.code.count("\n") == len(verdict.code.splitlines()) - 1
    assert r'queue="<b>\"\u202e"' in verdict.code


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
    verdict = plainest(lab, "archive")
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
