"""A lab with a RabbitMQ of its own: stopped and started under its subscribers, in nobody's way, and gone with it."""

import contextlib
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pika
import pika.exceptions
import psutil
import pytest

from fanout_helpers import Lab
from fanout_helpers.broker import installation, node, private
from fanout_helpers.broker.attached import BROKER_SETTING
from fanout_helpers.broker.node import Node
from fanout_helpers.cli import main
from fanout_helpers.connection import State
from fanout_helpers.errors import BrokerError, BrokerNotInstalled, BrokerNotRunning
from fanout_helpers.picture import LIVE, STALE, Fate, Picture
from fanout_helpers.telemetry.observer import Observer
from tests.processes import eventually, family, is_gone, listening, running

Connect = Callable[[], Any]

HOLD = """
import sys
from fanout_helpers import Lab
lab = Lab("own", own_broker=True)
{more}
print("ready", flush=True)
sys.stdin.read()
"""
PERSISTENT = pika.BasicProperties(delivery_mode=2)


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A runtime directory of the test's own."""
    monkeypatch.setenv("FANOUT_RUNTIME_DIR", str(tmp_path / "runtime"))
    return tmp_path / "runtime"


@pytest.fixture
def lab(runtime: Path) -> Iterator[Lab]:
    with Lab("own", own_broker=True) as made:
        yield made
    assert not runtime.exists()


@pytest.fixture
def connect(lab: Lab) -> Iterator[Connect]:
    """Makes channels that wait for a confirm of each publish, on connections of their own."""
    opened: list[pika.BlockingConnection] = []

    def channel() -> Any:  # noqa: ANN401
        opened.append(pika.BlockingConnection(lab.parameters))
        made = opened[-1].channel()
        made.confirm_delivery()
        return made

    yield channel
    for connection in opened:
        # One that a stop of RabbitMQ has cut learns of it now.
        with contextlib.suppress(pika.exceptions.AMQPError):
            connection.close()


def own_node(runtime: Path) -> Node:
    (place,) = runtime.glob("own-*")
    loaded = node.load(place)
    assert loaded is not None
    return loaded


def publishing(observer: Observer) -> list[str]:
    """The producers that a board shows as open."""
    return [producer.name for producer in observer.picture("logs", {}).producers if producer.open]


def test_only_what_is_durable_or_persistent_is_there_after_a_restart(lab: Lab, connect: Connect) -> None:
    channel = connect()
    channel.exchange_declare("orders", "fanout", durable=True)
    channel.queue_declare("ledger", durable=True)
    channel.queue_declare("notes", exclusive=True)
    for queue in ("ledger", "notes"):
        channel.queue_bind(queue, "orders")
    channel.basic_publish("orders", "", b"persistent", PERSISTENT)
    channel.basic_publish("orders", "", b"transient")
    lab.restart_broker()
    assert "orders" in [exchange.name for exchange in lab.exchanges()]
    assert [queue.name for queue in lab.queues()] == ["ledger"]
    assert ("orders", "ledger") in [(binding.source, binding.destination) for binding in lab.bindings()]
    channel = connect()
    assert channel.basic_get("ledger", auto_ack=True)[2] == b"persistent"
    assert channel.basic_get("ledger", auto_ack=True) == (None, None, None)


def test_subscribers_notice_that_it_stops_and_come_back_with_new_queues(lab: Lab, connect: Connect) -> None:
    connect().exchange_declare("logs", "fanout")
    subscribers = lab.subscribe("logs", "screen", "disk")
    lab.publish("logs", "before")
    assert lab.received(1).as_expected
    queues = {one.queue for one in subscribers}
    lab.stop_broker()
    assert [one.state for one in subscribers] == [State.RECONNECTING] * 2
    for refused in (lambda: lab.publish("logs", "meanwhile"), lab.queues, lambda: lab.parameters):
        with pytest.raises(BrokerNotRunning, match=r"lab\.start_broker\(\)"):
            refused()
    lab.start_broker()
    assert [one.state for one in subscribers] == [State.CONSUMING] * 2
    assert queues.isdisjoint({one.queue for one in subscribers})
    assert lab.received(1).as_expected
    lab.publish("logs", "after")
    assert lab.received(2).as_expected


def test_a_board_comes_back_and_shows_what_is_there_and_who_publishes(lab: Lab, connect: Connect) -> None:
    connect().exchange_declare("logs", "fanout")
    lab.subscribe("logs", "screen")
    lab.board()
    lab.publish("logs", "before")
    assert "delivered to: screen" in repr(lab.trace())
    lab.stop_broker()
    assert "Too many" not in repr(lab.trace())
    assert len(publishing(lab._boards._observing(""))) == 1
    lab.start_broker()
    connect().queue_declare("new", durable=True)
    lab.publish("logs", "after")
    assert "'after'" in repr(lab.trace())
    assert "delivered to: screen" in repr(lab.trace())
    observer = lab._boards._observing("")
    picture = observer.picture("logs", {})
    assert {queue.name for queue in picture.topology.queues} == {queue.name for queue in lab.queues()}
    assert list(picture.notes) == []
    # Nobody listened when the old connection closed, which stays in the picture with its name. A new one's name comes
    # late if it was there before the board.
    assert eventually(lambda: publishing(observer) == ["lab.publish 2"])


def counts(picture: Picture) -> dict[str, int]:
    """The messages that came in since the board opened, by what is declared."""
    return {name: tally.into for (_kind, name), tally in picture.tallies.items() if name in {"orders", "ledger"}}


def test_a_board_says_what_holds_before_while_and_after_rabbitmq_is_away(lab: Lab, connect: Connect) -> None:
    channel = connect()
    for exchange in ("logs", "orders"):
        channel.exchange_declare(exchange, "fanout")
    for queue in ("ledger", "notes"):
        channel.queue_declare(queue, durable=queue == "ledger", exclusive=queue == "notes")
        channel.queue_bind(queue, "orders")
    channel.queue_declare("small", durable=True, arguments={"x-max-length": 1, "x-overflow": "reject-publish"})
    channel.queue_bind("small", "orders")
    lab.subscribe("logs", "screen")
    board = lab.board("logs")
    look = board._scene.picture
    for body, properties in (("one", PERSISTENT), ("two", None)):
        with contextlib.suppress(pika.exceptions.NackError):  # small refuses the second
            channel.basic_publish("orders", "", body, properties)
    assert eventually(lambda: len(look().messages) == 2)
    lab.stop_broker()
    assert (look().standing, len(look().messages)) == (STALE, 2)
    board.info.click()
    refused = board.status
    assert refused.startswith("not published: ")
    assert (board._draw(0)["standing"], board.status) == ("stale", refused)

    lab.start_broker()
    assert eventually(lambda: board.status == f"Earlier: {refused}")
    assert look().standing == LIVE
    assert [message.waiting() for message in look().messages] == [
        {"ledger": Fate.SURVIVED, "notes": Fate.QUEUE_GONE, "small": Fate.UNKNOWN},
        {"ledger": Fate.LOST, "notes": Fate.QUEUE_GONE, "small": Fate.UNKNOWN},
    ]
    channel = connect()
    channel.exchange_declare("orders", "fanout")
    channel.basic_get("ledger", auto_ack=True)
    summary = "3 queues · 1 delivered · 1 lost with the queue, 1 not known any more"
    assert eventually(lambda: board._draw(0)["messages"][0]["summary"] == summary)
    assert eventually(lambda: counts(look()) == {"orders": 2, "ledger": 2})


def test_stopping_and_starting_twice_changes_nothing(lab: Lab) -> None:
    lab.start_broker()
    lab.stop_broker()
    lab.stop_broker()
    lab.start_broker()
    lab.start_broker()
    assert len(lab.queues()) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets RabbitMQ listen on a port that is kept for it")
def test_nobody_else_is_given_its_ports_while_it_is_stopped(lab: Lab, runtime: Path) -> None:
    identity = own_node(runtime).identity
    lab.stop_broker()
    for port in (identity.amqp_port, identity.management_port):
        with socket.socket() as other, pytest.raises(OSError, match="in use"):
            other.bind(("127.0.0.1", port))


def test_nothing_is_left_of_it_when_its_lab_is_closed(runtime: Path) -> None:
    lab = Lab("own", own_broker=True)
    pid = own_node(runtime).pid
    processes, ports = family(pid), listening(pid)
    assert {host for host, _ in ports} == {"127.0.0.1"}
    lab.close()
    assert not runtime.exists()
    assert eventually(lambda: all(map(is_gone, processes)))


@pytest.mark.parametrize("more", ["", "lab.stop_broker()"])
def test_nothing_is_left_of_it_when_its_process_is_killed(runtime: Path, more: str) -> None:
    with running(HOLD.format(more=more), {"FANOUT_RUNTIME_DIR": str(runtime)}) as process:
        assert process.stdout is not None
        assert "ready\n" in process.stdout
        processes = [*family(own_node(runtime).pid), psutil.Process(process.pid)]
        process.kill()
        assert eventually(lambda: all(map(is_gone, processes)) and not runtime.exists())


def test_a_lab_that_is_made_again_has_another_one(runtime: Path) -> None:
    first = Lab("own", own_broker=True)
    pid = own_node(runtime).pid
    with Lab("own", own_broker=True):
        assert own_node(runtime).pid != pid
        assert is_gone(pid)
        first.close()
    assert not runtime.exists()


def test_the_command_line_is_about_the_shared_one_only(
    lab: Lab, runtime: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["broker", "status"]) == 1
    assert main(["broker", "stop"]) == 0
    assert "No RabbitMQ of yours is up." in capsys.readouterr().out
    shared = private.hold()
    assert shared.pid != own_node(runtime).pid
    assert main(["broker", "status"]) == 0
    assert f"pid {shared.pid}" in capsys.readouterr().out
    assert main(["broker", "stop"]) == 0
    assert is_gone(shared.pid)
    assert lab.publish("", "still up", "nobody").routed is False


def test_what_a_crash_left_of_one_is_cleared_away(runtime: Path) -> None:
    (runtime / "own-crashed").mkdir(parents=True)
    runtime.chmod(0o700)
    os.mkfifo(runtime / "own-crashed" / "lease", 0o600)
    assert private.running() is None
    assert not runtime.exists()


def test_a_lab_without_one_refuses_to_stop_or_start_what_others_use(broker: Node) -> None:
    with Lab("shared") as lab:
        for refused in (lab.stop_broker, lab.start_broker, lab.restart_broker):
            with pytest.raises(BrokerError, match=r"other lessons use it(.|\n)*own_broker=True"):
                refused()
    assert broker.answers()


def test_somebody_elses_broker_is_neither_used_nor_stopped(
    runtime: Path, broker: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(BROKER_SETTING, broker.address.amqp_url)
    monkeypatch.setenv("FANOUT_MANAGEMENT_URL", broker.address.management_url)
    with Lab("own", own_broker=True) as lab:
        assert lab.address.port == own_node(runtime).identity.amqp_port
        assert lab.virtual_host == "own"
    with Lab("classroom") as lab, pytest.raises(BrokerError, match="somebody else runs it"):
        lab.restart_broker()


def test_without_a_rabbitmq_it_does_not_send_people_elsewhere(runtime: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(installation.SETTING, "/nowhere")
    with pytest.raises(BrokerNotInstalled, match="fanout broker install"):
        Lab("own", own_broker=True)
    assert not runtime.exists()


def test_one_that_was_ended_from_outside_is_told(runtime: Path) -> None:
    lab = Lab("own", own_broker=True)
    pid = own_node(runtime).pid
    os.kill(pid, signal.SIGKILL)
    assert eventually(lambda: not runtime.exists())
    for refused in (lab.stop_broker, lambda: lab.publish("", "x")):
        with pytest.raises(BrokerNotRunning, match="makes the Lab again"):
            refused()
    lab.close()
