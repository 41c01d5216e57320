"""The two programs of the lesson as a learner runs them, and the lab's subscribers beside them."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fanout_helpers import Lab
from fanout_helpers.broker.node import Node
from tests.processes import eventually

PROGRAMS = Path(__file__).parents[1] / "notebooks" / "programs"


def environment(lab: Lab) -> dict[str, str]:
    return os.environ | {"AMQP_URL": lab.address.amqp_url}


def emit(lab: Lab, *words: str) -> str:
    command = [sys.executable, str(PROGRAMS / "emit_log.py"), *words]
    return subprocess.run(command, env=environment(lab), capture_output=True, text=True, check=True).stdout


@contextmanager
def receiver(lab: Lab, output: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Runs receive_logs.py into a file, as ``python receive_logs.py > output`` does, until it is bound."""
    before = len(bound(lab))
    with output.open("wb") as file:
        command = [sys.executable, str(PROGRAMS / "receive_logs.py")]
        process = subprocess.Popen(command, env=environment(lab), stdout=file, stderr=subprocess.PIPE)
    try:
        assert eventually(lambda: len(bound(lab)) == before + 1)
        yield process
    finally:
        process.kill()
        process.communicate()


def bound(lab: Lab) -> list[str]:
    return [binding.destination for binding in lab.bindings() if binding.source == "logs"]


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


@pytest.mark.parametrize("program", ["emit_log.py", "receive_logs.py"])
def test_without_a_broker_a_program_says_what_to_type(program: str) -> None:
    nothing = {name: value for name, value in os.environ.items() if name != "AMQP_URL"}
    command = [sys.executable, str(PROGRAMS / program)]
    answer = subprocess.run(command, env=nothing, capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert "fanout broker env" in answer.stderr
    assert "Traceback" not in answer.stderr
