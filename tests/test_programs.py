"""The two programs of the lesson as a learner runs them, and the lab's subscribers beside them."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from pika.adapters.blocking_connection import BlockingChannel

from fanout_helpers import Lab
from fanout_helpers.broker.node import Node
from fanout_helpers.broker.ports import reserved
from tests.live import Live
from tests.processes import eventually

FOLDER = Path(__file__).parents[1] / "notebooks" / "programs"
PROGRAMS = ["emit_log.py", "receive_logs.py"]
NO_BROKER = {name: value for name, value in os.environ.items() if name != "AMQP_URL"}
PATIENCE = 30
CONSOLES: list[dict[str, str]] = [
    {"PYTHONIOENCODING": "utf-8"},
    {"PYTHONIOENCODING": "cp1252"},
    {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
]
"""How a terminal may write text: as Linux and macOS do, as Windows does, and as a bare server does."""


def environment(lab: Lab) -> dict[str, str]:
    return {"AMQP_URL": lab.address.amqp_url}


def run(
    settings: dict[str, str], program: str, *words: str, python: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[bytes]:
    """Runs a program to its end, which it must reach in the time that a person would wait."""
    command = [sys.executable, *python, str(FOLDER / program), *words]
    return subprocess.run(command, env=NO_BROKER | settings, capture_output=True, timeout=PATIENCE, check=False)


def emit(lab: Lab, *words: str) -> str:
    answer = run(environment(lab), "emit_log.py", *words)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.decode()


def assert_next_step(shown: bytes) -> None:
    assert b'eval "$(fanout broker env publish_subscribe)"' in shown
    assert b"Traceback" not in shown


@contextmanager
def receiver(lab: Lab, output: Path, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    """Runs receive_logs.py into a file, as ``python receive_logs.py > output`` does, until it is bound."""
    before = len(bound(lab))
    with output.open("wb") as file:
        command = [sys.executable, str(FOLDER / "receive_logs.py")]
        settings = NO_BROKER | environment(lab) | settings
        process = subprocess.Popen(command, env=settings, stdout=file, stderr=subprocess.PIPE)
    try:
        assert eventually(lambda: len(bound(lab)) == before + 1)
        yield process
    finally:
        process.kill()
        process.communicate()


def bound(lab: Lab) -> list[str]:
    return [binding.destination for binding in lab.bindings() if binding.source == "logs"]


def raw_lines(output: Path) -> list[str]:
    return output.read_text(encoding="utf-8", errors="replace").splitlines()


def lines(output: Path) -> list[str]:
    return output.read_text(encoding="utf-8").splitlines()


def test_every_receiver_and_every_subscriber_gets_what_the_program_emits(lab: Lab, tmp_path: Path) -> None:
    screen, disk = tmp_path / "screen", tmp_path / "disk"
    with receiver(lab, screen), receiver(lab, disk):
        lab.subscribe("logs", "notebook")
        assert emit(lab, "warning:", "disk", "nearly", "full") == "emitted: warning: disk nearly full\n"
        assert lab.received(1).as_expected
        expected = ["warning: disk nearly full"]
        assert eventually(lambda: lines(screen) == expected)
        assert eventually(lambda: lines(disk) == expected)


def test_receivers_get_what_the_lab_and_its_buttons_publish(lab: Lab, tmp_path: Path) -> None:
    with receiver(lab, tmp_path / "screen"):
        lab.publish("logs", "from a cell")
        board = lab.board("logs")
        board.text.value = "from a button"
        board.error.click()
        assert eventually(lambda: lines(tmp_path / "screen") == ["from a cell", "error: from a button"])


def test_either_program_may_start_first(lab: Lab, tmp_path: Path) -> None:
    emit(lab)
    with receiver(lab, tmp_path / "late"):
        emit(lab, "second")
        assert eventually(lambda: lines(tmp_path / "late") == ["second"])


def test_a_body_that_is_no_text_does_not_end_a_receiver(lab: Lab, tmp_path: Path) -> None:
    with receiver(lab, tmp_path / "screen"):
        lab.publish("logs", b"\xff\xfe")
        lab.publish("logs", "still here")
        assert eventually(lambda: lines(tmp_path / "screen")[-1:] == ["still here"])


def test_ctrl_c_ends_a_receiver_quietly_and_its_queue_with_it(lab: Lab, tmp_path: Path) -> None:
    with receiver(lab, tmp_path / "screen") as process:
        process.send_signal(signal.SIGINT)
        assert process.wait() == 0
        assert eventually(lambda: bound(lab) == [])


def test_a_receiver_whose_queue_is_deleted_says_so_and_fails(broker: Node, lab: Lab, tmp_path: Path) -> None:
    with receiver(lab, tmp_path / "screen") as process:
        rabbitmqctl = [str(broker.directory / "rabbitmqctl"), "-p", lab.virtual_host]
        subprocess.run([*rabbitmqctl, "delete_queue", bound(lab)[0]], stdout=subprocess.DEVNULL, check=True)
        assert process.stderr is not None
        assert b"the queue was deleted" in process.stderr.read()
        assert process.wait() == 1


@pytest.mark.parametrize("setting", CONSOLES)
def test_no_character_of_a_message_ends_a_receiver(lab: Lab, tmp_path: Path, setting: dict[str, str]) -> None:
    with receiver(lab, tmp_path / "logs.txt", **setting):
        for body in ("smile \N{GRINNING FACE}", "\u2192 \u4f60\u597d \u202e", b"\xe9t\xe9", "still here"):
            lab.publish("logs", body)
        assert eventually(lambda: "still here" in raw_lines(tmp_path / "logs.txt"))
    smile, *_ = raw_lines(tmp_path / "logs.txt")
    assert smile in {"smile \N{GRINNING FACE}", "smile \\U0001f600"}


@pytest.mark.parametrize("setting", CONSOLES)
@pytest.mark.parametrize("typed", ["\u2192 \xe9t\xe9".encode(), b"\xe9t\xe9"])
@pytest.mark.usefixtures("logs")
def test_what_is_typed_is_emitted_byte_by_byte(
    lab: Lab, channel: BlockingChannel, typed: bytes, setting: dict[str, str]
) -> None:
    queue = channel.queue_declare("", exclusive=True).method.queue
    channel.queue_bind(queue, "logs", "")
    answer = run(environment(lab) | setting, "emit_log.py", os.fsdecode(typed))
    assert (answer.returncode, answer.stderr) == (0, b"")
    assert answer.stdout.startswith(b"emitted: ")
    assert channel.basic_get(queue, auto_ack=True)[2] == typed


def test_a_receiver_whose_connection_is_closed_says_what_to_type(lab: Lab, live: Live, tmp_path: Path) -> None:
    with receiver(lab, tmp_path / "screen") as process:
        live.kill_connections("receive_logs.py")
        assert process.stderr is not None
        assert_next_step(process.stderr.read())
        assert process.wait() == 1


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("python", [(), ("-S",)], ids=["with pika", "without pika"])
def test_in_a_terminal_that_is_not_set_up_a_program_says_what_to_type(program: str, python: tuple[str, ...]) -> None:
    answer = run({}, program, python=python)
    assert answer.returncode == 1
    assert b"AMQP_URL" in answer.stderr
    assert_next_step(answer.stderr)


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("host", ["127.0.0.1", "no-such-host.invalid"])
def test_where_rabbitmq_is_no_more_a_program_says_what_to_type(program: str, host: str) -> None:
    with reserved(1) as (port,):
        answer = run({"AMQP_URL": f"amqp://learner:secret@{host}:{port}/publish_subscribe"}, program)
    assert (answer.returncode, answer.stdout) == (1, b"")
    assert_next_step(answer.stderr)
    assert b"secret" not in answer.stderr


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_user_of_yesterday_is_told_what_to_type(broker: Node, program: str) -> None:
    answer = run({"AMQP_URL": f"amqp://yesterday:secret@127.0.0.1:{broker.address.port}/publish_subscribe"}, program)
    assert answer.returncode == 1
    assert_next_step(answer.stderr)


def test_nothing_is_emitted_before_rabbitmq_has_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FANOUT_RUNTIME_DIR", str(tmp_path / "runtime"))
    with Lab("short", own_broker=True) as lab:
        (node,) = (tmp_path / "runtime").glob("*/node.json")
        set_memory = [str(node.with_name("rabbitmqctl")), "--silent", "set_vm_memory_high_watermark"]
        subprocess.run([*set_memory, "0.000001"], check=True)
        refused = run(environment(lab), "emit_log.py")
        assert (refused.returncode, refused.stdout) == (1, b"")
        assert refused.stderr.startswith(b"Not emitted: RabbitMQ is short of memory")
        subprocess.run([*set_memory, "absolute", "512MB"], check=True)
        assert emit(lab) == f"emitted: info: Hello World!{os.linesep}"


def test_neither_program_waits_for_ever_for_what_never_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, ThreadPoolExecutor() as at_once:
        url = f"amqp://learner:secret@127.0.0.1:{silent.getsockname()[1]}/publish_subscribe"
        for answer in at_once.map(lambda program: run({"AMQP_URL": url}, program), PROGRAMS):
            assert (answer.returncode, answer.stdout) == (1, b"")
            assert_next_step(answer.stderr)
