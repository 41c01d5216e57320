"""What a lab tells of the way of messages, exactly as CI compares it in a notebook."""

import gc
import re
import secrets
import signal
import threading
from collections.abc import Callable

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from fanout_helpers.broker import attached
from fanout_helpers.errors import FanoutError
from fanout_helpers.lab import Lab
from fanout_helpers.model import BOARD_QUEUE
from fanout_helpers.picture import CLOSED, Picture
from fanout_helpers.telemetry.live_topology import LiveTopology
from fanout_helpers.telemetry.observer import Observer
from fanout_helpers.views.board import Board
from fanout_helpers.virtual_host import VirtualHost
from tests.live import Live, eventually
from tests.processes import running

OPEN_BOARD = """
import sys
from fanout_helpers import Lab
lab = Lab({lesson!r})
board = lab.board("logs")
print("open", flush=True)
sys.stdin.read()
"""


def board_queues(live: Live) -> list[str]:
    return [name for name in live.queue_names() if name.startswith(BOARD_QUEUE)]


def names(lab: Lab) -> dict[str, str]:
    """The short names of the subscribers' queues, which are other ones in each run."""
    return {one.name: f"{str(one.queue)[:12]}…" for one in lab._subscribers}


@pytest.mark.usefixtures("logs")
def test_message_to_three_subscribers(lab: Lab) -> None:
    lab.subscribe("logs", "screen", "disk", "sum")
    lab.board()
    prediction = lab.predict("disk", "screen", "sum", copies=3)
    lab.publish("logs", "info: hello")
    assert repr(prediction) == "disk, screen and sum get it, 3 copies"
    assert repr(lab.trace()) == (
        "message 1 'info: hello'\n"
        "  published to exchange logs with routing key ''\n"
        "  routed to 3 queues: screen, disk, sum\n"
        "  delivered to: screen, disk, sum"
    )
    assert repr(lab.judge()) == (
        "predicted  disk, screen and sum get it, 3 copies\n"
        "evidence   screen, disk and sum got it, 3 copies\n"
        "right      Each of the 3 queues bound to logs got a copy."
    )
    queues = names(lab)
    words = (
        "exchange logs (fanout)\n"
        f"  -> queue of screen ({queues['screen']}, exclusive) -> screen\n"
        f"  -> queue of disk ({queues['disk']}, exclusive) -> disk\n"
        f"  -> queue of sum ({queues['sum']}, exclusive) -> sum"
    )
    assert repr(lab.describe()) == repr(lab.picture()) == words
    assert lab.picture().svg() == lab.picture().svg()


@pytest.mark.usefixtures("logs")
def test_message_for_nobody(lab: Lab) -> None:
    lab.board("logs")
    lab.predict(copies=1)
    lab.publish("logs", "info: hello")
    assert repr(lab.trace()) == (
        "message 1 'info: hello'\n  published to exchange logs with routing key ''\n  routed to 0 queues: nobody has it"
    )
    assert repr(lab.judge()) == (
        "predicted  1 copy\nevidence   nobody got it, 0 copies\nwrong      0 queues were bound to logs: nobody has it."
    )
    assert repr(lab.describe()) == "exchange logs (fanout)\n  -> nothing: no queue is bound to it"


@pytest.mark.usefixtures("logs")
@pytest.mark.parametrize("look", [lambda lab: lab._boards.settled("logs"), lambda lab: lab._boards.present()])
def test_what_was_done_before_is_seen_however_late_the_events_are(
    lab: Lab, channel: BlockingChannel, monkeypatch: pytest.MonkeyPatch, look: Callable[[Lab], Picture]
) -> None:
    lab.board("logs")
    late, apply = threading.Event(), LiveTopology.apply
    monkeypatch.setattr(LiveTopology, "apply", lambda *event: late.wait() and apply(*event))
    channel.queue_declare("worked", exclusive=True)
    channel.queue_bind("worked", "logs")
    channel.basic_consume("worked", print, consumer_tag="worker")
    # Long enough for a look that waits for nothing.
    threading.Timer(0.5, late.set).start()
    topology = look(lab).topology
    assert "worked" in {queue.name for queue in topology.queues}
    assert ("logs", "worked") in {(binding.source, binding.destination) for binding in topology.bindings}
    assert [consumer.consumer_tag for consumer in topology.consumers] == ["worker"]


@pytest.mark.usefixtures("logs")
def test_a_cells_prediction_leaves_the_drawing_where_it_is(lab: Lab) -> None:
    board = lab.board("logs")
    lab.predict("screen")
    assert list(board.children[1:3]) == [board.diagram, board.form]
    for shown in (False, True):
        board.predict.value = shown
    assert list(board.children[1:3]) == [board.form, board.diagram]
    lab.predict("disk")
    assert list(board.children[1:3]) == [board.form, board.diagram]


@pytest.mark.usefixtures("logs")
def test_the_doctor_leaves_no_trace(lab: Lab) -> None:
    lab.subscribe("logs", "screen")
    board = lab.board("logs")
    lab.predict("screen", copies=1)
    lab.doctor()
    lab.publish("logs", "info: hello")
    assert lab.judge().right
    picture = board._scene.picture()
    assert [message.body for message in picture.messages] == [b"info: hello"]
    assert len(picture.producers) == 1


@pytest.mark.usefixtures("logs")
def test_late_joiner_is_not_in_the_message_from_before(lab: Lab) -> None:
    lab.subscribe("logs", "early")
    lab.board()
    lab.predict("early", "late")
    lab.publish("logs", "one")
    lab.subscribe("logs", "late")
    judged = (
        "predicted  early and late get it\n"
        "evidence   early got it, 1 copy\n"
        "wrong      late did not get it: its queue is bound to logs now, but was not yet when the message came."
    )
    assert repr(lab.judge()) == judged
    lab.publish("logs", "two")
    assert repr(lab.trace(2)) == (
        "message 1 'one'\n"
        "  published to exchange logs with routing key ''\n"
        "  routed to 1 queue: early\n"
        "  delivered to: early\n"
        "message 2 'two'\n"
        "  published to exchange logs with routing key ''\n"
        "  routed to 2 queues: early, late\n"
        "  delivered to: early, late"
    )
    assert repr(lab.judge()) == judged, "the second message is not what was predicted"


@pytest.mark.usefixtures("logs")
def test_direct_exchange_routes_by_keys(lab: Lab, channel: BlockingChannel) -> None:
    channel.exchange_declare("severities", "direct")
    for queue, keys in (("all", ("error", "info")), ("errors", ("error",))):
        channel.queue_declare(queue, durable=True)
        for key in keys:
            channel.queue_bind(queue, "severities", key)
    lab.board("severities")
    lab.predict("all", "errors")
    lab.publish("severities", "hello", "info")
    assert repr(lab.trace()) == (
        "message 1 'hello'\n"
        "  published to exchange severities with routing key 'info'\n"
        "  routed to 1 queue: all\n"
        "  not delivered yet: all"
    )
    assert repr(lab.judge()) == (
        "predicted  all and errors get it\n"
        "evidence   all got it, 1 copy\n"
        "wrong      errors did not get it: its binding key 'error' does not match the routing key 'info'."
    )
    lines = repr(lab.describe()).splitlines()
    assert "  -> queue all (durable), binding keys 'error', 'info' -> no consumer" in lines
    assert "  -> queue errors (durable), binding key 'error' -> no consumer" in lines


@pytest.mark.usefixtures("logs")
def test_alternate_exchange_is_named_as_the_reason(lab: Lab, channel: BlockingChannel) -> None:
    channel.exchange_declare("withalt", "direct", arguments={"alternate-exchange": "logs"})
    for queue, exchange in (("rest", "logs"), ("errors", "withalt")):
        channel.queue_declare(queue, durable=True)
        channel.queue_bind(queue, exchange, "error")
    lab.board("withalt")
    lab.predict(copies=0)
    lab.publish("withalt", "hello", "zz")
    assert repr(lab.judge()) == (
        "predicted  nobody gets it, 0 copies\n"
        "evidence   rest got it, 1 copy\n"
        "wrong      1 copy, not 0: one copy for each queue that the alternate exchange logs led it to."
    )
    lab.predict("errors")
    lab.publish("withalt", "hello", "zz")
    assert lab.judge().reasons == (
        "errors did not get it: its binding key 'error' does not match the routing key 'zz'.",
        "rest got it too: it came by the alternate exchange logs.",
    )


@pytest.mark.usefixtures("logs")
def test_headers_exchange_routes_by_arguments(lab: Lab, channel: BlockingChannel) -> None:
    channel.exchange_declare("match", "headers")
    channel.queue_declare("reports", durable=True)
    channel.queue_bind("reports", "match", arguments={"x-match": "all", "format": "pdf", "pages": 1})
    said = "queue reports (durable), binding arguments x-match=all, format='pdf', pages=1 -> no consumer"
    assert f"  -> {said}" in repr(lab.describe()).splitlines()


@pytest.mark.parametrize("messages", [0, -1, True, 1.5, "x", None])
def test_trace_of_no_number_of_messages_is_refused(lab: Lab, messages: int) -> None:
    with pytest.raises(FanoutError) as caught:
        lab.trace(messages)
    assert str(caught.value) == (
        f"There are no latest {messages!r} messages.\nGive a whole number, 1 or more: lab.trace(3)."
    )


@pytest.mark.usefixtures("logs")
def test_work_queue_with_two_consumers_has_one_copy(lab: Lab, channel: BlockingChannel) -> None:
    channel.queue_declare("work", durable=True)
    channel.queue_bind("work", "logs")
    taken: list[bytes] = []
    for _ in range(2):
        channel.basic_consume("work", lambda *told: taken.append(told[3]), auto_ack=True)
    lab.board("logs")
    lab.predict(copies=2)
    for text in ("one", "two"):
        lab.publish("logs", text)
    eventually(lambda: channel.connection.process_data_events(0.01) or len(taken) == 2)
    way = (
        "message {} '{}'\n"
        "  published to exchange logs with routing key ''\n"
        "  routed to 1 queue: work\n"
        "  delivered from queue: work"
    )
    assert repr(lab.trace(2)) == f"{way.format(1, 'one')}\n{way.format(2, 'two')}"
    described = "exchange logs (fanout)\n  -> queue work (durable) -> 2 consumers"
    eventually(lambda: repr(lab.describe()) == described)
    assert repr(lab.judge()) == (
        "predicted  2 copies\n"
        "evidence   work got it, 1 copy\n"
        "wrong      1 copy, not 2: one copy for each queue bound to logs, not one for each subscriber: "
        "2 consumers share work."
    )


@pytest.mark.usefixtures("logs")
def test_message_that_is_put_back_is_redelivered(lab: Lab, channel: BlockingChannel) -> None:
    channel.queue_declare("work", durable=True)
    channel.queue_bind("work", "logs")
    lab.board("logs")
    lab.publish("logs", "one")
    got, _, _ = channel.basic_get("work")
    channel.basic_nack(got.delivery_tag, requeue=True)
    channel.basic_get("work", auto_ack=True)
    assert repr(lab.trace()) == (
        "message 1 'one'\n"
        "  published to exchange logs with routing key ''\n"
        "  routed to 1 queue: work\n"
        "  delivered from queue: work\n"
        "  redelivered from queue: work"
    )


USES: dict[str, Callable[[Lab], object]] = {
    "trace": lambda lab: lab.trace(),
    "predict": lambda lab: lab.predict("screen"),
}


@pytest.mark.parametrize("use", USES)
def test_without_a_board_it_says_what_to_do(lab: Lab, use: str) -> None:
    with pytest.raises(FanoutError) as caught:
        USES[use](lab)
    assert str(caught.value) == (
        f"lab.{use}() needs an open board.\n"
        "RabbitMQ reports single messages only while a board is open: it costs the broker work.\n"
        'Open one first: lab.board("logs").'
    )


@pytest.mark.usefixtures("logs")
def test_nothing_to_judge_or_to_judge_by_is_told(lab: Lab) -> None:
    lab.board("logs")
    lab.publish("logs", "before")
    with pytest.raises(FanoutError, match="no prediction to judge"):
        lab.judge()
    lab.predict(copies=0)
    with pytest.raises(FanoutError, match="no message yet to judge"):
        lab.judge()
    lab.publish("logs", "after")
    assert lab.judge().right


@pytest.mark.usefixtures("logs")
def test_prediction_goes_with_the_boards_that_it_was_made_with(lab: Lab) -> None:
    board = lab.board("logs")
    lab.predict(copies=0)
    lab.publish("logs", "one")
    assert lab.judge().right
    board.close()
    lab.board("logs")
    lab.publish("logs", "two")
    with pytest.raises(FanoutError, match="no prediction to judge"):
        lab.judge()


def test_trace_before_any_message_says_so(lab: Lab) -> None:
    lab.board("logs")
    assert repr(lab.trace()) == "no message was traced yet"


@pytest.mark.usefixtures("logs")
def test_firehose_is_on_from_the_first_board_to_the_last(live: Live, lab: Lab) -> None:
    assert not live.management.is_traced(live.name)
    first, second = lab.board("logs"), lab.board("logs")
    assert live.management.is_traced(live.name)
    first.close()
    first.close()
    assert live.management.is_traced(live.name)
    lab.publish("logs", "still traced")
    assert repr(lab.trace()).startswith("message 1 'still traced'")
    second.close()
    second.close()
    assert not live.management.is_traced(live.name)
    assert board_queues(live) == []
    with pytest.raises(FanoutError, match="needs an open board"):
        lab.trace()
    lab.board("logs")
    lab.publish("logs", "again")
    assert repr(lab.trace()).startswith("message 1 'again'")


@pytest.mark.usefixtures("logs")
def test_boards_own_queue_is_in_no_table_but_rabbitmq_lists_it(live: Live, lab: Lab) -> None:
    lab.subscribe("logs", "screen")
    lab.board()
    (own,) = board_queues(live)
    # A lesson lists it and asks whose it is.
    assert not re.search("board|fanout|firehose|trac|event|listen", own)
    assert own in {binding.destination for binding in live.management.bindings(live.name)}
    shown = repr(lab.queues()) + repr(lab.bindings()) + repr(lab.describe()) + lab.picture().svg()
    assert BOARD_QUEUE not in shown
    assert len(lab.queues()) == 1
    lab.reset()
    assert board_queues(live) == [own]


@pytest.mark.usefixtures("logs")
def test_closed_lab_leaves_the_last_picture_and_its_note(live: Live, lab: Lab) -> None:
    lab.subscribe("logs", "screen")
    board = lab.board()
    lab.publish("logs", "info: hello")
    lab.trace()
    lab.close()
    drawing = board._draw(0)
    assert (drawing["standing"], drawing["banner"]) == ("closed", CLOSED.sentence)
    assert drawing["words"].startswith(f"{CLOSED.sentence}\nexchange logs (fanout)\n  -> queue of screen ")
    assert not live.management.is_traced(live.name)
    assert board_queues(live) == []
    eventually(lambda: not live.connections("fanout"))
    board.close()


@pytest.mark.usefixtures("logs")
def test_cells_may_be_run_again(live: Live, lab: Lab) -> None:
    for number in range(2):
        again = Lab(live.name)
        with pika.BlockingConnection(again.parameters) as connection:
            connection.channel().exchange_declare("logs", "fanout")
        again.subscribe("logs", "screen")
        again.board()
        again.predict("screen")
        again.publish("logs", "hello")
        assert repr(again.trace()).startswith("message 1 'hello'\n")
        assert again.judge().right
        assert len(board_queues(live)) == 1, number
    again.close()
    assert repr(lab).endswith("closed>")
    assert not live.management.is_traced(live.name)


def test_board_that_is_interrupted_while_it_opens_leaves_nothing(
    live: Live, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_board: Board, *_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Board, "__init__", interrupt)
    with pytest.raises(KeyboardInterrupt):
        lab.board("logs")
    assert not live.management.is_traced(live.name)
    assert board_queues(live) == []
    with pytest.raises(FanoutError, match="needs an open board"):
        lab.trace()


def test_close_that_is_interrupted_closes_the_second_time(
    live: Live, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = lab.board("logs")
    close = Observer.close

    def interrupt(_observer: Observer) -> None:
        monkeypatch.setattr(Observer, "close", close)
        raise KeyboardInterrupt

    monkeypatch.setattr(Observer, "close", interrupt)
    with pytest.raises(KeyboardInterrupt):
        lab.close()
    assert live.management.is_traced(live.name)
    lab.close()
    assert not live.management.is_traced(live.name)
    board.close()


def test_board_may_be_closed_from_any_thread_while_messages_pass(live: Live, lab: Lab) -> None:
    live.fanout()
    lab.subscribe("logs", "screen")
    for _ in range(3):
        board = lab.board()
        publishing = threading.Thread(target=lambda: [lab.publish("logs", "x") for _ in range(50)])
        closing = threading.Thread(target=board.close)
        for thread in (publishing, closing):
            thread.start()
        for thread in (publishing, closing):
            thread.join()
    assert not live.management.is_traced(live.name)
    assert board_queues(live) == []


def test_closed_board_that_becomes_garbage_in_a_thread_that_is_waited_for_blocks_nobody(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = lab.board("logs")
    gone.close()
    lab.board("logs")
    close = Observer.close

    def collect(observer: Observer) -> None:
        # ipywidgets closes a widget again when it is garbage, in whichever thread that is noticed.
        thread = threading.Thread(target=gone.close, daemon=True)
        thread.start()
        thread.join(5)
        assert not thread.is_alive()
        close(observer)

    monkeypatch.setattr(Observer, "close", collect)
    lab.close()
    gc.collect()


def test_firehose_that_a_killed_kernel_left_on_is_switched_off_by_the_next_lab(live: Live) -> None:
    with running(OPEN_BOARD.format(lesson=live.name), {}) as process:
        assert process.stdout is not None
        eventually(process.stdout.readline)
        assert live.management.is_traced(live.name)
        process.send_signal(signal.SIGKILL)
        process.wait()
        eventually(lambda: not board_queues(live))
        assert live.management.is_traced(live.name), "nobody could switch it off"
    with Lab(live.name) as lab:
        assert not live.management.is_traced(live.name)
        lab.board("logs")
        assert live.management.is_traced(live.name)
    assert not live.management.is_traced(live.name)


def test_firehose_of_a_kernel_that_lives_stays_on(live: Live) -> None:
    with running(OPEN_BOARD.format(lesson=live.name), {}) as process:
        assert process.stdout is not None
        eventually(process.stdout.readline)
        with Lab(live.name):
            assert live.management.is_traced(live.name)
        assert live.management.is_traced(live.name)


def test_tracing_in_a_virtual_host_that_the_address_names_is_somebody_elses(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    live.management.trace(live.name, on=True)
    monkeypatch.setenv(attached.BROKER_SETTING, live.address.amqp_url)
    monkeypatch.setenv(attached.MANAGEMENT_SETTING, live.address.management_url)
    with Lab(f"lesson-{secrets.token_hex(4)}") as lab:
        assert lab.virtual_host == live.name
        lab.board("logs")
        lab.reset()
    assert live.management.is_traced(live.name)


def test_reset_switches_stale_tracing_off(live: Live) -> None:
    host = VirtualHost(live.name)
    host.open(pytest.fail)
    live.management.trace(live.name, on=True)
    host.reset()
    assert not live.management.is_traced(live.name)
    host.close()


@pytest.mark.usefixtures("logs")
def test_who_left_is_still_called_by_name_in_what_happened_before(lab: Lab) -> None:
    lab.subscribe("logs", "screen", "disk")
    lab.board()
    lab.predict("screen", "disk", copies=2)
    lab.publish("logs", "info: hello")
    told, judged = repr(lab.trace()), repr(lab.judge())
    lab.unsubscribe("disk")
    lab.subscribe("logs", "screen")
    assert repr(lab.trace()) == told
    assert repr(lab.judge()) == judged
    assert "right" in judged
