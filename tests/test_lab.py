import secrets
import threading
from collections.abc import Callable
from dataclasses import replace

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from fanout_helpers.broker import attached
from fanout_helpers.connection import State
from fanout_helpers.delivery_log import DeliveryLog
from fanout_helpers.errors import BrokerUnreachable, Closed, ExchangeNotFound, FanoutError
from fanout_helpers.lab import Lab
from fanout_helpers.model import Delivery
from fanout_helpers.subscriber import Subscriber
from tests.live import Live, eventually


@pytest.mark.usefixtures("logs")
def test_exchanges_are_listed_with_the_lessons_own(lab: Lab) -> None:
    lines = repr(lab.exchanges()).splitlines()
    assert lines[0].split() == ["name", "type", "durable"]
    assert lines[1].split() == ['""', "direct", "yes"]
    assert lines[-1].split() == ["logs", "fanout", "no"]


@pytest.mark.usefixtures("logs")
def test_every_subscriber_gets_every_message(lab: Lab) -> None:
    lab.subscribe("logs", "screen", "disk")
    for text in ("info: one", "error: two"):
        assert lab.publish("logs", text).routed
    report = lab.received(2)
    assert report.as_expected
    assert repr(report) == (
        "screen: 2 messages\n    info: one\n    error: two\ndisk: 2 messages\n    info: one\n    error: two"
    )


@pytest.mark.usefixtures("logs")
def test_tables_name_the_subscribers(lab: Lab) -> None:
    screen, disk = lab.subscribe("logs", "screen", "disk")
    assert [queue.name for queue in lab.queues()] == [disk.queue, screen.queue]
    assert [row.split()[-1] for row in repr(lab.queues()).splitlines()[1:]] == ["disk", "screen"]
    assert [row.split()[0] for row in repr(lab.bindings()).splitlines()[1:]] == ['""', '""', "logs", "logs"]


@pytest.mark.usefixtures("logs")
def test_foreign_message_is_waited_for_and_received(lab: Lab, channel: BlockingChannel) -> None:
    lab.subscribe("logs", "screen")
    for number in range(500):
        channel.basic_publish("logs", "", str(number))
    assert lab.received(500).as_expected


@pytest.mark.usefixtures("logs")
def test_foreign_consumer_gets_what_lab_and_board_publish(lab: Lab, channel: BlockingChannel) -> None:
    queue = channel.queue_declare("", exclusive=True).method.queue
    channel.queue_bind(queue, "logs")
    lab.publish("logs", "from the lab")
    board = lab.board("logs")
    board.text.value = "from the board"
    for button in (board.info, board.warning, board.error):
        button.click()
    taken = [channel.basic_get(queue, auto_ack=True)[2].decode() for _ in range(4)]
    assert taken == ["from the lab", "info: from the board", "warning: from the board", "error: from the board"]


@pytest.mark.usefixtures("logs")
def test_boards_buttons_reach_every_subscriber_and_its_panes(lab: Lab) -> None:
    lab.subscribe("logs", "screen")
    board = lab.board()
    lab.subscribe("logs", "late")
    board.text.value = "hello"
    board.info.click()
    assert lab.received(1).as_expected
    assert board.describe() == "screen: 1 message\n  info: hello\nlate: 1 message\n  info: hello"
    lab.unsubscribe("screen")
    assert board.describe() == "late: 1 message\n  info: hello"


def test_board_tells_an_error_instead_of_raising_it(lab: Lab) -> None:
    board = lab.board("nope")
    board.text.value = "hello"
    board.info.click()
    assert "There is no exchange 'nope'" in board.status
    with pytest.raises(FanoutError, match="where to publish"):
        lab.board()


@pytest.mark.usefixtures("logs")
def test_late_joiner_gets_only_what_comes_after(lab: Lab) -> None:
    lab.subscribe("logs", "early")
    lab.publish("logs", "one")
    lab.subscribe("logs", "late")
    lab.publish("logs", "two")
    assert repr(lab.received()) == "early: 2 messages\n    one\n    two\nlate: 1 message\n    two"


@pytest.mark.usefixtures("logs")
def test_returned_messages_are_counted_from_every_thread(lab: Lab) -> None:
    def publish() -> None:
        for _ in range(20):
            lab.publish("logs", "nobody")

    threads = [threading.Thread(target=publish) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert repr(lab.received()) == "no subscribers\nreturned, because they matched no queue: 160 messages"
    lab.reset()
    assert repr(lab.received()) == "no subscribers"


def test_publishing_to_a_missing_exchange_is_told(lab: Lab) -> None:
    with pytest.raises(ExchangeNotFound, match="404 NOT_FOUND"):
        lab.publish("nope", "hi")


@pytest.mark.parametrize("exchange", ["nope", ""])
def test_subscribing_to_what_cannot_be_subscribed_to_is_told(lab: Lab, exchange: str) -> None:
    with pytest.raises(ExchangeNotFound) as caught:
        lab.subscribe(exchange, "screen")
    assert caught.value.next_step


@pytest.mark.usefixtures("logs")
@pytest.mark.parametrize("names", [(), ("a", "a")])
def test_subscribers_need_names_of_their_own(lab: Lab, names: tuple[str, ...]) -> None:
    with pytest.raises(FanoutError, match="a name of its own"):
        lab.subscribe("logs", *names)


@pytest.mark.usefixtures("logs")
def test_cell_that_subscribes_may_be_run_again(lab: Lab) -> None:
    first = lab.subscribe("logs", "screen", "disk")
    lab.publish("logs", "one")
    second = lab.subscribe("logs", "screen", "disk")
    lab.publish("logs", "two")
    assert [one.state for one in first] == [State.CLOSED, State.CLOSED]
    assert len(lab.queues()) == 2
    assert repr(lab.received(1)) == "screen: 1 message\n    two\ndisk: 1 message\n    two"
    assert all(one.state is State.CONSUMING for one in second)


@pytest.mark.usefixtures("logs")
def test_unsubscribing_an_unknown_one_names_those_that_there_are(lab: Lab) -> None:
    lab.subscribe("logs", "screen")
    with pytest.raises(FanoutError, match=r"called nobody(.|\n)*There are: screen"):
        lab.unsubscribe("screen", "nobody")
    assert len(lab.queues()) == 1


@pytest.mark.usefixtures("logs")
def test_lab_made_again_closes_the_earlier_one(live: Live, lab: Lab) -> None:
    (before,) = lab.subscribe("logs", "screen")
    with Lab(live.name) as again:
        assert before.state is State.CLOSED
        assert repr(lab).endswith("closed>")
        assert repr(again).endswith("open>")
        assert "logs" not in [exchange.name for exchange in again.exchanges()]
        assert len(again.queues()) == 0


def test_name_that_cannot_be_used_closes_no_other_lab(lab: Lab) -> None:
    for name in ("", "a/b", "..", "é"):
        with pytest.raises(FanoutError, match="cannot be a lesson's name"):
            Lab(name)
    assert repr(lab).endswith("open>")


USES: dict[str, Callable[[Lab], object]] = {
    "publish": lambda lab: lab.publish("logs", "hi"),
    "subscribe": lambda lab: lab.subscribe("logs", "screen"),
    "unsubscribe": lambda lab: lab.unsubscribe("screen"),
    "received": lambda lab: lab.received(),
    "board": lambda lab: lab.board("logs"),
    "reset": lambda lab: lab.reset(),
    "exchanges": lambda lab: lab.exchanges(),
    "queues": lambda lab: lab.queues(),
    "bindings": lambda lab: lab.bindings(),
    "parameters": lambda lab: lab.parameters,
    "address": lambda lab: lab.address,
    "virtual_host": lambda lab: lab.virtual_host,
    "check": lambda lab: lab.check("any"),
}


@pytest.mark.parametrize("use", USES)
def test_closed_lab_says_so(lab: Lab, use: str) -> None:
    lab.close()
    lab.close()
    with pytest.raises(Closed, match="is closed"):
        USES[use](lab)


def test_board_of_a_closed_lab_publishes_nothing(lab: Lab) -> None:
    board = lab.board("logs")
    lab.close()
    board.text.value = "late"
    board.info.click()
    assert "is closed" in board.status


def test_closing_leaves_nothing(live: Live, lab: Lab) -> None:
    live.channel().exchange_declare("logs", "fanout", durable=True)
    live.channel().queue_declare("archive", durable=True)
    lab.subscribe("logs", "screen", "disk")
    lab.publish("logs", "hi")
    threads = [thread for thread in threading.enumerate() if thread.name.startswith(("fanout sub", "fanout pub"))]
    lab.close()
    assert (live.queue_names(), live.exchange_names()) == ([], [])
    eventually(lambda: not live.connections("fanout"))
    assert not any(thread.is_alive() for thread in threads if live.name in thread.name or "screen" in thread.name)


def test_receiver_in_a_terminal_outlives_the_lab(live: Live, lab: Lab) -> None:
    channel = live.channel()
    live.fanout()
    queue = channel.queue_declare("", exclusive=True).method.queue
    channel.queue_bind(queue, "logs")
    lab.close()
    assert (live.exchange_names(), live.queue_names()) == (["logs"], [queue])
    with Lab(live.name) as again:
        assert again.publish("logs", "still there?").routed


@pytest.mark.usefixtures("logs")
def test_report_proves_that_a_message_was_dropped(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    append = DeliveryLog.append

    def drop(log: DeliveryLog, delivery: Delivery) -> None:
        if delivery.text != "two":
            append(log, delivery)

    monkeypatch.setattr(DeliveryLog, "append", drop)
    lab.subscribe("logs", "screen")
    for text in ("one", "two", "three"):
        lab.publish("logs", text)
    report = lab.received(3, patience=0.5)
    assert not report.as_expected
    assert repr(report) == "screen: 2 messages\n    one\n    three\nexpected: 3 messages for each subscriber"


@pytest.mark.usefixtures("logs")
def test_report_proves_that_a_message_was_logged_twice(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    append = DeliveryLog.append
    monkeypatch.setattr(DeliveryLog, "append", lambda log, delivery: [append(log, delivery) for _ in range(2)])
    lab.subscribe("logs", "screen")
    lab.publish("logs", "one")
    assert not lab.received(1).as_expected


@pytest.mark.usefixtures("logs")
def test_report_says_who_is_not_connected(live: Live, lab: Lab) -> None:
    screen, _ = lab.subscribe("logs", "screen", "disk")
    screen._locate = lambda: replace(live.address, port=1)
    live.kill_connections("fanout subscriber screen")
    eventually(lambda: screen.state is State.RECONNECTING)
    lab.publish("logs", "one")
    report = lab.received(1, patience=0.5)
    assert not report.as_expected
    assert repr(report).splitlines()[:2] == ["screen: 0 messages (not connected)", "disk: 1 message"]


@pytest.mark.usefixtures("logs")
def test_subscriber_whose_queue_was_just_lost_is_never_as_expected(live: Live, lab: Lab) -> None:
    (screen,) = lab.subscribe("logs", "screen")
    screen._queue = "amq.gen-no-longer-there"
    assert not lab.received(0, patience=0.5).as_expected
    assert live.queue_names() != []


@pytest.mark.usefixtures("logs")
def test_report_without_an_expectation_waits_for_what_was_published(lab: Lab) -> None:
    lab.subscribe("logs", "screen")
    for number in range(300):
        lab.publish("logs", str(number))
    assert lab.received().received[0].messages == 300


@pytest.mark.usefixtures("logs")
def test_board_loses_the_pane_of_a_subscriber_that_could_not_be_replaced(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.subscribe("logs", "screen")
    board = lab.board("logs")
    monkeypatch.setattr(Subscriber, "_declare", lambda _self, _channel: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        lab.subscribe("logs", "screen")
    assert board.describe() == "no panes"


def test_lesson_on_an_attached_broker_deletes_nothing_that_was_there(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    live.fanout("theirs")
    monkeypatch.setenv(attached.BROKER_SETTING, live.address.amqp_url)
    monkeypatch.setenv(attached.MANAGEMENT_SETTING, live.address.management_url)
    with Lab(f"lesson-{secrets.token_hex(4)}") as lab:
        assert lab.virtual_host == live.name
        live.fanout("logs")
        lab.subscribe("logs", "screen")
        lab.subscribe("theirs", "disk")
        lab.publish("logs", "one")
        assert [one.messages for one in lab.received().received] == [1, 0]
    assert live.exchange_names() == ["theirs"]


def test_attached_to_nobody_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(attached.BROKER_SETTING, "amqp://u:p@127.0.0.1:1")
    monkeypatch.setenv(attached.MANAGEMENT_SETTING, "http://127.0.0.1:1")
    with pytest.raises(BrokerUnreachable):
        Lab("nowhere")


def test_parameters_are_the_lessons_own(live: Live, lab: Lab) -> None:
    parameters = lab.parameters
    assert (parameters.virtual_host, parameters.heartbeat) == (live.name, 0)
    with pika.BlockingConnection(parameters):
        assert eventually(lambda: live.connections("your connection"))
