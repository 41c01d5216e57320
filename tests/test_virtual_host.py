import getpass
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fanout_helpers import Lab
from fanout_helpers.broker import attached, baseline
from fanout_helpers.errors import BrokerUnreachable, FanoutError, ManagementError
from fanout_helpers.virtual_host import VirtualHost, is_predeclared
from tests.live import Live


@pytest.fixture
def host(live: Live) -> Iterator[VirtualHost]:
    """The virtual host of a lesson that is called like the test's own virtual host."""
    made = VirtualHost(live.name)
    made.open(pytest.fail)
    yield made
    made.close()


@pytest.fixture
def attach(live: Live, monkeypatch: pytest.MonkeyPatch) -> Live:
    """The environment names the test's virtual host, on a broker that somebody else runs."""
    monkeypatch.setenv(attached.BROKER_SETTING, live.address.amqp_url)
    monkeypatch.setenv(attached.MANAGEMENT_SETTING, live.address.management_url)
    return live


def test_it_is_where_the_lesson_is(live: Live, host: VirtualHost) -> None:
    assert host.name == live.name
    assert host.locate() == live.address
    live.fanout()
    assert "logs" in [exchange.name for exchange in host.exchanges()]


def test_a_lesson_that_could_not_begin_is_nobodys(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    first = VirtualHost(live.name)
    first.open(pytest.fail)
    with monkeypatch.context() as broken:
        broken.setattr(VirtualHost, "reset", lambda _host: live.management.delete_queue(live.name, "missing"))
        with pytest.raises(ManagementError):
            first.take(pytest.fail)
    second = VirtualHost(live.name)
    second.open(pytest.fail)
    second.take(pytest.fail)
    second.close()


def test_reset_deletes_what_was_left_behind(live: Live, host: VirtualHost) -> None:
    channel = live.channel()
    for kind in ("fanout", "direct", "topic", "headers"):
        channel.exchange_declare(f"a {kind}/%", kind, durable=True)
    channel.queue_declare("archive", durable=True)
    channel.queue_bind("archive", "a fanout/%")
    channel.basic_publish("a fanout/%", "", b"left behind")
    host.reset()
    host.reset()
    assert (live.exchange_names(), live.queue_names()) == ([], [])


def test_reset_keeps_what_a_live_receiver_uses(live: Live, host: VirtualHost) -> None:
    channel = live.channel()
    live.fanout()
    live.fanout("unused")
    queue = channel.queue_declare("", exclusive=True).method.queue
    channel.queue_bind(queue, "logs")
    host.reset()
    assert (live.exchange_names(), live.queue_names()) == (["logs"], [queue])


def test_reset_keeps_every_exchange_on_the_way_to_a_live_receiver(live: Live, host: VirtualHost) -> None:
    channel = live.channel()
    for name in ("first", "second", "third"):
        channel.exchange_declare(name, "fanout")
    channel.exchange_bind("second", "first")
    channel.exchange_bind("third", "second")
    channel.queue_bind(channel.queue_declare("", exclusive=True).method.queue, "third")
    host.reset()
    assert live.exchange_names() == ["first", "second", "third"]


def test_reset_deletes_exchanges_that_lead_to_no_queue(live: Live, host: VirtualHost) -> None:
    channel = live.channel()
    for name in ("first", "second", "third"):
        channel.exchange_declare(name, "fanout")
    channel.exchange_bind("second", "first")
    channel.exchange_bind("third", "second")
    channel.exchange_bind("first", "third")
    channel.exchange_bind("amq.fanout", "third")
    host.reset()
    assert live.exchange_names() == []


@pytest.mark.parametrize("name", [".", ".."])
def test_reset_is_not_stopped_by_a_name_that_nobody_can_delete(live: Live, host: VirtualHost, name: str) -> None:
    live.fanout(name)
    live.fanout()
    host.reset()
    assert live.exchange_names() == [name]


@pytest.mark.parametrize("lesson", ["", "a/b", "a b", ".", "..", ".hidden", "é", "a\n", "x" * 101, "a%2Fb"])
def test_name_that_cannot_be_used_is_told(lesson: str) -> None:
    with pytest.raises(FanoutError, match="cannot be a lesson's name"):
        VirtualHost(lesson)


@pytest.mark.usefixtures("broker")
def test_attached_one_that_is_named_is_used_as_it_is(attach: Live) -> None:
    channel = attach.channel()
    attach.fanout("theirs")
    channel.queue_declare("theirs", durable=True)
    host = VirtualHost("lesson")
    host.open(pytest.fail)
    attach.fanout("ours")
    channel.queue_declare("ours", durable=True)
    host.reset()
    host.close()
    assert host.name == attach.name
    assert (attach.exchange_names(), attach.queue_names()) == (["theirs"], ["theirs"])
    assert not attach.management.has_virtual_host("lesson")


@pytest.fixture(params=["with a name", "without one"])
def person(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """What the system calls this person: in a container it may know a number only."""
    if request.param == "with a name":
        return getpass.getuser()
    for variable in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", {}.__getitem__)
    return str(os.getuid())


def test_attached_one_that_is_not_named_is_made_under_the_lessons_and_the_persons_name(
    attach: Live, monkeypatch: pytest.MonkeyPatch, person: str
) -> None:
    lesson = f"{attach.name}-lesson"
    url = attach.address.amqp_url.rpartition("/")[0]
    monkeypatch.setenv(attached.BROKER_SETTING, url)
    host = VirtualHost(lesson)
    host.open(pytest.fail)
    assert host.name == f"{lesson}.{person}"
    assert attach.management.has_virtual_host(host.name)
    attach.management.delete_virtual_host(host.name)
    host.close()


def test_attached_one_that_does_not_exist_is_told(attach: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(attached.BROKER_SETTING, attach.address.with_virtual_host("nope").amqp_url)
    with pytest.raises(ManagementError, match="nope") as caught:
        VirtualHost("lesson").open(pytest.fail)
    assert caught.value.next_step


def test_attached_to_nobody_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(attached.BROKER_SETTING, "amqp://u:hunter2@127.0.0.1:1")
    monkeypatch.setenv(attached.MANAGEMENT_SETTING, "http://127.0.0.1:1")
    with pytest.raises(BrokerUnreachable) as caught:
        VirtualHost("lesson").open(pytest.fail)
    assert "http://127.0.0.1:1" in caught.value.happened
    assert "hunter2" not in str(caught.value)


def test_it_follows_the_settings_to_another_virtual_host(attach: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    host = VirtualHost("lesson")
    host.open(pytest.fail)
    monkeypatch.setenv(attached.BROKER_SETTING, attach.address.with_virtual_host("/").amqp_url)
    assert host.name == "/"
    host.close()


@pytest.mark.parametrize(("name", "predeclared"), [("", True), ("amq.direct", True), ("amqp", False), ("logs", False)])
def test_predeclared_exchanges_are_known_by_their_names(name: str, predeclared: bool) -> None:  # noqa: FBT001
    assert is_predeclared(name) is predeclared


KILLED = """
import os, signal
import pika
from fanout_helpers import Lab
lab = Lab("interrupted")
channel = pika.BlockingConnection(lab.parameters).channel()
channel.exchange_declare("logs", "fanout")
channel.queue_declare("screen", durable=True)
channel.queue_bind("screen", "logs", "")
lab.publish("logs", "info: once")
os.kill(os.getpid(), signal.SIGKILL)
"""
"""A lesson whose kernel is restarted in the middle of it."""


def test_what_a_restarted_kernel_left_in_a_virtual_host_of_others_goes_and_theirs_stays(
    live: Live, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for setting, value in {**live.environment, "FANOUT_CACHE_DIR": str(tmp_path)}.items():
        monkeypatch.setenv(setting, value)
    live.channel().queue_declare("theirs", durable=True)
    for _ in range(2):
        assert subprocess.run([sys.executable, "-c", KILLED], check=False).returncode == -signal.SIGKILL
        assert sorted(live.queue_names()) == ["screen", "theirs"]
    with Lab("interrupted"):
        assert live.queue_names() == ["theirs"]
        assert live.exchange_names() == []
        assert "what this lesson left last time is deleted: logs, screen" in capsys.readouterr().out
    assert live.queue_names() == ["theirs"]
    live.channel().queue_declare("theirs too", durable=True)
    with Lab("interrupted"):
        assert sorted(live.queue_names()) == ["theirs", "theirs too"]
        assert "deleted" not in capsys.readouterr().out


def test_what_was_remembered_for_too_long_is_not_relied_on(
    live: Live, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for setting, value in {**live.environment, "FANOUT_CACHE_DIR": str(tmp_path)}.items():
        monkeypatch.setenv(setting, value)
    subprocess.run([sys.executable, "-c", KILLED], check=False)
    monkeypatch.setattr(baseline, "LIFETIME", 0.0)
    with Lab("interrupted"):
        assert live.queue_names() == ["screen"]
