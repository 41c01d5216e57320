"""The life of a private node, on real RabbitMQ: one for everybody, and nothing left of it, however its holders die."""

import contextlib
import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pika
import pika.exceptions
import psutil
import pytest

from fanout_helpers.broker import configuration, holding, node, private
from fanout_helpers.broker.node import Node
from fanout_helpers.broker.ports import reserved
from fanout_helpers.connection import parameters
from fanout_helpers.errors import BrokerError, BrokerStartFailed, ManagementError
from fanout_helpers.management import Management
from tests.installations import HOMES, chosen, label
from tests.processes import DEADLINE, HOLD, eventually, family, holder, is_gone, listening, of_node, running

LOCK = """
import sys
from fanout_helpers.broker import runtime
runtime.lock()
print("locked", flush=True)
sys.stdin.read()
"""
"""A program that has the lock on a person's directory until it ends, as a boot has."""


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A runtime directory of the test's own, and no node left in it afterwards."""
    directory = tmp_path / "runtime"
    monkeypatch.setenv("FANOUT_RUNTIME_DIR", str(directory))
    yield directory
    private.stop()


def nothing_is_left(processes: Iterable[psutil.Process | int], runtime: Path, ports: list[tuple[str, int]]) -> bool:
    return all(map(is_gone, processes)) and not runtime.exists() and not any(map(_answers, ports))


def _command(process: psutil.Process) -> str:
    """Its command line; nothing, if it has ended since."""
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""


def _answers(address: tuple[str, int]) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(address, timeout=1):
        return True
    return False


def test_ten_processes_that_start_at_once_get_one_node(runtime: Path) -> None:
    with contextlib.ExitStack() as stack:
        holders = [stack.enter_context(holder(runtime)) for _ in range(10)]
        nodes = {one.node() for one in holders}
        assert len(nodes) == 1
        assert len(list(runtime.iterdir())) == 1


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_is_left_after_the_only_holder_died(runtime: Path, ending: signal.Signals) -> None:
    with holder(runtime) as one:
        pid, _ = one.node()
        pids, ports = family(pid), listening(pid)
        assert len(ports) == 3
        one.process.send_signal(ending)
        assert eventually(lambda: nothing_is_left(pids, runtime, ports))


def test_nothing_is_left_after_the_node_was_killed(runtime: Path) -> None:
    with holder(runtime) as one:
        pid, directory = one.node()
        pids, ports = family(pid), listening(pid)
        os.kill(pid, signal.SIGKILL)
        assert eventually(lambda: nothing_is_left(pids, directory, ports))


def test_nothing_is_left_after_all_holders_and_the_node_were_killed_at_once(runtime: Path) -> None:
    with holder(runtime) as one, holder(runtime) as other:
        pid, _ = one.node()
        assert other.node()[0] == pid
        pids, ports = family(pid), listening(pid)
        for victim in (one.process.pid, other.process.pid, pid):
            os.kill(victim, signal.SIGKILL)
        assert eventually(lambda: nothing_is_left(pids, runtime, ports))


def test_nothing_is_left_after_its_holder_was_killed_while_it_booted(runtime: Path) -> None:
    with running(HOLD, {"FANOUT_RUNTIME_DIR": str(runtime)}) as starter:
        assert eventually(lambda: any(runtime.glob("node-*/rabbitmq.log")))
        children = family(starter.pid)
        starter.kill()
        assert eventually(lambda: nothing_is_left(children, runtime, []), timeout=node.BOOT_TIMEOUT)


def test_nothing_is_left_after_a_boot_was_interrupted(runtime: Path) -> None:
    with running(HOLD, {"FANOUT_RUNTIME_DIR": str(runtime)}) as starter:
        assert eventually(lambda: any(runtime.glob("node-*/rabbitmq.log")))
        children = family(starter.pid)
        starter.send_signal(signal.SIGINT)
        assert eventually(lambda: nothing_is_left(children, runtime, []))


def test_a_node_outlives_its_starter_while_somebody_else_holds_it(runtime: Path) -> None:
    with holder(runtime) as starter:
        first = starter.node()
        with holder(runtime) as joined:
            assert joined.node() == first
            starter.process.kill()
            starter.process.wait()
            # Longer than the grace: a node that counted wrong would be gone.
            assert not eventually(lambda: is_gone(first[0]), timeout=private.GRACE + 2)


def test_a_holder_that_comes_within_the_grace_finds_the_same_node(runtime: Path) -> None:
    with holder(runtime) as one:
        first = one.node()
    with holder(runtime) as another:
        assert another.node() == first
        assert not eventually(lambda: is_gone(first[0]), timeout=private.GRACE + 2)


def test_a_forked_child_is_no_holder(runtime: Path) -> None:
    fork = "import os, signal\nchild = os.fork() or signal.pause()\nprint(child, flush=True)\nsys.stdin.read()"
    with running(HOLD.replace("sys.stdin.read()", fork), {"FANOUT_RUNTIME_DIR": str(runtime)}) as parent:
        assert parent.stdout is not None
        pid, child = int(parent.stdout.readline().split()[0]), int(parent.stdout.readline())
        parent.kill()
        assert eventually(lambda: is_gone(pid))
        assert not is_gone(child)
        os.kill(child, signal.SIGKILL)


def test_what_a_crash_left_behind_is_cleared_away(runtime: Path) -> None:
    remains = runtime / "node-crashed"
    runtime.mkdir(mode=0o700)
    remains.mkdir(mode=0o700)
    os.mkfifo(remains / "lease", 0o600)
    (remains / "node.json").write_text('{"pid": 1, "version": "3.10.8", "identity": {}}')
    private.hold()
    assert not remains.exists()


def test_who_comes_while_another_program_starts_it_says_that_it_waits(runtime: Path) -> None:
    with running(LOCK, {"FANOUT_RUNTIME_DIR": str(runtime)}) as booting:
        assert booting.stdout is not None
        assert booting.stdout.readline() == "locked\n"
        said: list[str] = []

        def say(text: str) -> None:
            said.append(text)
            booting.kill()

        assert private.hold(say).answers()
    assert "Waiting for your RabbitMQ" in said[0]


def test_stop_ends_the_node_whoever_holds_it_and_the_next_one_is_another(runtime: Path) -> None:
    with holder(runtime) as one:
        pid, directory = one.node()
        stopped = private.stop()
        assert stopped is not None
        assert stopped.pid == pid
        assert is_gone(pid)
        assert not directory.exists()
    assert private.stop() is None
    assert private.hold().directory != directory


def test_asking_for_the_node_neither_starts_nor_holds_one(runtime: Path) -> None:
    assert private.running() is None
    assert not runtime.exists()
    with holder(runtime) as one:
        pid, _ = one.node()
        found = private.running()
        assert found is not None
        assert found.pid == pid
    assert eventually(lambda: is_gone(pid))


def test_a_process_that_holds_a_dead_node_starts_another(runtime: Path) -> None:
    first = private.hold()
    first.kill()
    assert eventually(lambda: is_gone(first.pid))
    second = private.hold()
    assert second.pid != first.pid
    assert second.answers()
    assert runtime.exists()


def test_every_listener_is_on_loopback(broker: Node) -> None:
    addresses = listening(broker.pid)
    assert {host for host, _ in addresses} == {"127.0.0.1"}
    identity = broker.identity
    assert {port for _, port in addresses} == {
        identity.amqp_port,
        identity.management_port,
        identity.distribution_port,
    }


def test_rabbitmq_gets_no_epmd_when_it_misses_one(broker: Node) -> None:
    """It looks once a minute, and would start one that listens on every address; here it is asked to look now."""
    look = "whereis(rabbit_epmd_monitor) ! check, sys:get_state(rabbit_epmd_monitor, 30000)."
    subprocess.run([str(broker.directory / "rabbitmqctl"), "eval", look], capture_output=True, check=True)
    processes = of_node(broker.directory)
    assert broker.pid in [process.pid for process in processes]
    assert "epmd" not in [process.name() for process in processes]


def test_nobody_else_can_read_anything_of_the_node(broker: Node) -> None:
    open_to_others = stat.S_IRWXG | stat.S_IRWXO
    for path in (broker.directory.parent, broker.directory, *broker.directory.iterdir()):
        assert path.lstat().st_mode & open_to_others == 0 or path.is_symlink(), path
    cookie = broker.directory / "home" / ".erlang.cookie"
    assert stat.S_IMODE(cookie.stat().st_mode) == 0o400


def test_credentials_differ_from_node_to_node_and_wrong_ones_are_refused(broker: Node, runtime: Path) -> None:
    other = private.hold()
    assert runtime.exists()
    assert other.identity.password != broker.identity.password
    assert other.identity.username != broker.identity.username
    mixed = pika.ConnectionParameters(
        host=other.address.host,
        port=other.address.port,
        credentials=pika.PlainCredentials(other.address.username, broker.address.password),
    )
    with pytest.raises(pika.exceptions.ProbableAuthenticationError):
        pika.BlockingConnection(mixed)


def test_guest_is_no_user_of_it(broker: Node) -> None:
    address = broker.address
    guest = type(address)(**{**vars(address), "username": "guest", "password": "guest"})
    with pytest.raises(ManagementError) as refused:
        Management(guest).whoami()
    assert refused.value.status == 401


def test_no_password_is_on_a_command_line(broker: Node) -> None:
    commands = [_command(member) for member in family(broker.pid)]
    assert "-sname" in commands[0]
    for command in commands:
        assert broker.identity.password not in command
        assert "-setcookie" not in command


def test_rabbitmqctl_in_the_nodes_directory_talks_to_the_node(broker: Node) -> None:
    listed = subprocess.run(
        [str(broker.directory / "rabbitmqctl"), "list_exchanges"], capture_output=True, text=True, check=True
    )
    assert "amq.fanout\tfanout" in listed.stdout


def test_rabbitmqctl_gets_no_epmd_when_it_misses_one(broker: Node) -> None:
    """Where it cannot begin to speak to the node at once, it starts an Erlang for the sake of its epmd, as here."""
    script, _, _ = (broker.directory / "rabbitmqctl").read_text().rpartition(" \\\n")
    starter = f"{script} erl -boot no_dot_erlang -sname starter -noinput -s erlang halt"
    subprocess.run(["sh", "-c", starter], check=True)
    assert [process.pid for process in psutil.process_iter() if is_epmd_of(process, broker.directory)] == []


def is_epmd_of(process: psutil.Process, directory: Path) -> bool:
    with contextlib.suppress(psutil.Error):
        return process.name() == "epmd" and process.environ().get("HOME") == str(directory / "home")
    return False


def test_a_start_that_fails_says_why_in_rabbitmqs_words_and_leaves_nothing(
    runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, reserved(2) as (amqp_port, distribution_port):
        tries = []

        @contextlib.contextmanager
        def ports(count: int) -> Iterator[list[int]]:
            tries.append(count)
            yield [amqp_port, taken.getsockname()[1], distribution_port]

        monkeypatch.setattr(node, "reserved", ports)
        monkeypatch.setattr(holding, "_ATTEMPTS", 2)
        with pytest.raises(BrokerStartFailed, match="eaddrinuse"):
            private.hold()
        assert len(tries) == 2
    assert eventually(lambda: not runtime.exists())


def test_the_reason_that_is_told_is_the_first_and_not_the_crash_report(
    runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = configuration._CONFIGURATION + "no.such.setting = 1\n"
    monkeypatch.setattr(configuration, "_CONFIGURATION", broken)
    with pytest.raises(BrokerStartFailed, match=r"no\.such\.setting"):
        private.hold()
    assert eventually(lambda: not runtime.exists())


def test_a_node_that_hangs_is_told_and_can_be_stopped(runtime: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(private, "_STOP_TIMEOUT", 1.0)
    with holder(runtime) as one:
        pid, _ = one.node()
        os.kill(pid, signal.SIGSTOP)
        with pytest.raises(BrokerError, match="does not answer"):
            private.hold()
        stopped = private.stop()
        assert stopped is not None
        assert stopped.pid == pid
        assert eventually(lambda: nothing_is_left([pid], runtime, []))


@pytest.mark.parametrize("place", ["relative", "/proc/nowhere", "/etc/passwd"])
def test_a_runtime_directory_that_cannot_be_is_told(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FANOUT_RUNTIME_DIR", place)
    with pytest.raises(BrokerError, match="FANOUT_RUNTIME_DIR"):
        private.running()


def test_a_home_that_rabbitmq_cannot_do_with_is_not_the_end(runtime: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(directory: Path, _: object) -> Path:
        scripts = directory / "broken" / "sbin"
        scripts.mkdir(parents=True)
        (scripts / "rabbitmq-server").write_text("#!/bin/sh\necho 'this home is broken' >&2\nexit 1\n")
        (scripts / "rabbitmq-server").chmod(0o700)
        return scripts.parent

    monkeypatch.setattr(configuration, "trimmed_home", broken)
    assert private.hold().answers()
    assert len(list(runtime.iterdir())) == 1


def test_without_a_rabbitmq_the_answer_has_three_lines_and_no_traceback(tmp_path: Path) -> None:
    nothing = {
        "PATH": str(tmp_path),
        "HOME": str(tmp_path),
        "FANOUT_RUNTIME_DIR": str(tmp_path / "runtime"),
        "FANOUT_RABBITMQ": str(tmp_path / "nowhere"),
    }
    command = [sys.executable, "-m", "fanout_helpers", "broker", "start"]
    answer = subprocess.run(command, env=nothing, capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert len(answer.stderr.splitlines()) == 3
    assert "Traceback" not in answer.stderr
    assert not (tmp_path / "runtime").exists()


def test_a_runtime_directory_that_others_may_enter_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.chmod(0o755)
    monkeypatch.setenv("FANOUT_RUNTIME_DIR", str(tmp_path))
    with pytest.raises(BrokerError, match="0700"):
        private.hold()


@pytest.mark.parametrize("home", HOMES, ids=label)
def test_every_given_rabbitmq_starts_publishes_and_ends(
    home: str, runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in chosen(home).items():
        monkeypatch.setenv(name, value)
    started = private.hold()
    assert len(listening(started.pid)) == 3
    with pika.BlockingConnection(parameters(started.address, "test")) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        queue = channel.queue_declare("", exclusive=True).method.queue
        channel.basic_publish("", queue, b"hello", mandatory=True)
        assert channel.basic_get(queue, auto_ack=True)[2] == b"hello"
    assert Management(started.address).version() == started.version
    pids, ports = family(started.pid), listening(started.pid)
    private.release()
    assert eventually(lambda: nothing_is_left(pids, runtime, ports), timeout=DEADLINE)
