import os
import shlex
import subprocess
import sys
from pathlib import Path

import pika
import pytest

from fanout_helpers import course, jupyter
from fanout_helpers.broker import attached, installation
from fanout_helpers.broker.node import Node
from fanout_helpers.cli import main
from tests.live import Live
from tests.processes import eventually

COMMAND = [sys.executable, "-m", "fanout_helpers"]


@pytest.fixture
def no_node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A person who has no node; returns their runtime directory."""
    runtime = tmp_path / "runtime"
    monkeypatch.setenv("FANOUT_RUNTIME_DIR", str(runtime))
    return runtime


@pytest.fixture
def attach(live: Live, monkeypatch: pytest.MonkeyPatch) -> Live:
    monkeypatch.setenv(attached.BROKER_SETTING, live.address.amqp_url)
    monkeypatch.setenv(attached.MANAGEMENT_SETTING, live.address.management_url)
    return live


def error_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What a command that fails prints, which is never a traceback."""
    assert main(arguments) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "Traceback" not in printed.err
    return printed.err


def test_status_says_where_the_node_is(broker: Node, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["broker", "status"]) == 0
    printed = capsys.readouterr().out
    assert f"RabbitMQ {broker.version} is up" in printed
    assert str(broker.address) in printed
    assert broker.address.management_url in printed
    assert broker.address.password not in printed


def test_status_without_a_node_is_1_and_leaves_nothing(no_node: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["broker", "status"]) == 1
    assert "No RabbitMQ of yours is up" in capsys.readouterr().out
    assert not no_node.exists()


@pytest.mark.usefixtures("no_node")
def test_stopping_nothing_is_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["broker", "stop"]) == 0
    assert capsys.readouterr().out == "No RabbitMQ of yours is up.\n"


@pytest.mark.usefixtures("no_node")
@pytest.mark.parametrize("arguments", [("env",), ("env", "lesson"), ("logs",)])
def test_what_needs_a_node_says_how_to_get_one(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]) -> None:
    assert "fanout broker start" in error_of(capsys, "broker", *arguments)


@pytest.mark.usefixtures("no_node")
def test_start_without_rabbitmq_is_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(installation.SETTING, str(tmp_path / "nowhere"))
    assert "nowhere" in error_of(capsys, "broker", "start")


def test_runtime_directory_that_others_may_enter_is_refused(no_node: Path, capsys: pytest.CaptureFixture[str]) -> None:
    no_node.mkdir(mode=0o755)
    no_node.chmod(0o755)
    assert "FANOUT_RUNTIME_DIR" in error_of(capsys, "broker", "status")


def test_start_keeps_a_node_up_until_it_is_stopped(no_node: Path) -> None:
    start = subprocess.Popen([*COMMAND, "broker", "start"], stdout=subprocess.PIPE, text=True)
    assert start.stdout
    with start.stdout:
        lines = [start.stdout.readline() for _ in range(3)]
        assert "Ctrl-C" in lines[-1]
        stop = subprocess.run([*COMMAND, "broker", "stop"], capture_output=True, text=True, check=True)
        assert "is stopped" in stop.stdout
        assert start.stdout.read() == "RabbitMQ was stopped.\n"
    assert start.wait() == 0
    assert not no_node.exists()


def test_start_can_last_as_long_as_the_process_that_started_it(no_node: Path) -> None:
    parent = f"{shlex.join(COMMAND)} broker start --while $$ & exec cat"
    with subprocess.Popen(["sh", "-c", parent], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as started:
        assert started.stdout
        lines = [started.stdout.readline() for _ in range(3)]
        assert lines[-1].startswith(f"It stays up while process {started.pid}")
        assert no_node.exists()
        # Nobody takes note of the process's end before all that it started has closed its output.
        assert started.communicate()[0] == ""
    assert eventually(lambda: not no_node.exists())


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["nonsense"],
        ["broker"],
        ["broker", "nonsense"],
        ["broker", "status", "extra"],
        ["broker", "stop", "--now"],
        ["broker", "start", "--while", "this"],
    ],
)
def test_arguments_that_are_not_known_are_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert capsys.readouterr().err.startswith("usage: fanout")


@pytest.mark.parametrize(
    ("arguments", "rest", "present"),
    [
        ([], [], False),
        (["--port", "8899"], ["--port", "8899"], False),
        (["--present"], [], True),
        (["--no-browser", "--present", "--port=1"], ["--no-browser", "--port=1"], True),
        (["--pres"], ["--pres"], False),
    ],
)
def test_jupyterlab_is_told_what_is_not_ours(
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    rest: list[str],
    present: bool,  # noqa: FBT001
) -> None:
    told = []
    monkeypatch.setattr(jupyter, "run", lambda arguments, *, folder, present: told.append((arguments, folder, present)))
    assert main(["lab", *arguments]) == 0
    assert told == [(rest, Path.cwd() / "notebooks", present)]


@pytest.mark.parametrize(
    ("arguments", "folder", "rest"),
    [
        (["my course"], "my course", []),
        (["deep/er"], "deep/er", []),
        (["here", "--port", "8899"], "here", ["--port", "8899"]),
        (["--present", "here", "--no-browser"], "here", ["--no-browser"]),
        (["here", "--present"], "here", []),
        # Only the first argument: this one may be an option's value.
        (["--port", "8899"], course.FOLDER, ["--port", "8899"]),
        (["--notebook-dir=there"], course.FOLDER, ["--notebook-dir=there"]),
        ([], course.FOLDER, []),
    ],
)
def test_first_argument_is_the_folder(
    arguments: list[str], folder: str, rest: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(jupyter, "run", lambda arguments, *, folder, present: told.append((arguments, folder)))  # noqa: ARG005
    assert main(["lab", *arguments]) == 0
    assert told == [(rest, tmp_path / folder)]
    assert (tmp_path / folder / course.START_PAGE).is_file()


def test_course_is_copied_without_jupyterlab(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["course"]) == 0
    assert capsys.readouterr().out.endswith(f"The course is in {tmp_path / course.FOLDER}\n")
    assert (tmp_path / course.FOLDER / "programs" / "emit_log.py").is_file()
    assert main(["course"]) == 0
    assert capsys.readouterr().out == f"The course is in {tmp_path / course.FOLDER}\n"


def test_in_a_clone_it_says_that_nothing_was_copied_and_how_to_get_a_lesson_back(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(course.source())
    assert main(["course", "."]) == 0
    assert "run `git restore` with the lesson's name" in capsys.readouterr().out


def test_folder_that_cannot_be_is_explained(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    for command in ("course", "lab"):
        error = error_of(capsys, command, str(tmp_path / "file"))
        assert len(error.splitlines()) == 3
        assert "file" in error


@pytest.mark.parametrize(
    "arguments", [["--help"], ["lab", "--help"], ["broker", "--help"], ["broker", "env", "--help"]]
)
def test_help_is_there(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 0
    assert "usage: fanout" in capsys.readouterr().out


def in_shell(commands: str, *arguments: str) -> str:
    """What commands print in a shell that has evaluated ``fanout broker env``."""
    env = subprocess.run([*COMMAND, "broker", "env", *arguments], capture_output=True, text=True, check=True).stdout
    return subprocess.run(
        ["sh", "-euc", f'eval "$ENV"; {commands}'],
        env={**os.environ, "ENV": env},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_env_gives_a_shell_what_a_client_needs(live: Live) -> None:
    printed = in_shell('echo "$AMQP_URL $MANAGEMENT_URL $MANAGEMENT_USER $MANAGEMENT_PASSWORD"', live.name).split()
    assert printed[0] == live.address.amqp_url
    assert printed[1:] == [live.address.management_url, live.address.username, live.address.password]
    with pika.BlockingConnection(pika.URLParameters(printed[0])) as connection:
        connection.channel().exchange_declare("logs", "fanout")
    assert live.exchange_names() == ["logs"]


@pytest.mark.usefixtures("broker")
def test_env_without_a_lesson_names_no_virtual_host() -> None:
    url = in_shell('echo "$AMQP_URL"').strip()
    assert url.count("/") == 2
    with pika.BlockingConnection(pika.URLParameters(url)) as connection:
        assert connection.is_open


def test_env_puts_the_nodes_own_rabbitmqctl_on_path(live: Live) -> None:
    live.fanout()
    printed = in_shell(f"rabbitmqctl --quiet list_exchanges -p {live.name} name type")
    assert ["logs", "fanout"] in [line.split() for line in printed.splitlines()]


@pytest.mark.usefixtures("broker")
def test_env_makes_no_virtual_host_of_a_name_that_cannot_be_a_lessons(capsys: pytest.CaptureFixture[str]) -> None:
    assert "cannot be a lesson's name" in error_of(capsys, "broker", "env", "a/b")


@pytest.mark.parametrize("action", ["start", "stop", "logs"])
@pytest.mark.usefixtures("attach")
def test_attached_broker_is_not_ours_to_manage(capsys: pytest.CaptureFixture[str], action: str) -> None:
    assert "Unset FANOUT_BROKER_URL" in error_of(capsys, "broker", action)


def test_status_of_an_attached_broker_names_it_without_its_password(
    attach: Live, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["broker", "status"]) == 0
    printed = capsys.readouterr().out
    assert f"Attached to {attach.address}" in printed
    assert attach.address.password not in printed


def test_env_of_an_attached_broker_is_its_address(attach: Live) -> None:
    assert in_shell('echo "$AMQP_URL"').strip() == attach.address.amqp_url
    assert in_shell('echo "$AMQP_URL"', "lesson").strip() == attach.address.amqp_url
    assert not attach.management.has_virtual_host("lesson")


def test_status_of_an_attached_broker_that_is_away_is_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(attached.BROKER_SETTING, "amqp://u:hunter2@127.0.0.1:1")
    monkeypatch.setenv(attached.MANAGEMENT_SETTING, "http://127.0.0.1:1")
    assert "hunter2" not in error_of(capsys, "broker", "status")


@pytest.mark.parametrize("url", ["nonsense", "amqp://u:hunter2@h:port", "http://h"])
def test_setting_that_is_no_address_is_explained(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], url: str
) -> None:
    monkeypatch.setenv(attached.BROKER_SETTING, url)
    for action in ("status", "start", "stop", "env", "logs"):
        error = error_of(capsys, "broker", action)
        assert "FANOUT_BROKER_URL" in error
        assert "hunter2" not in error


@pytest.mark.usefixtures("broker")
def test_log_may_be_read_in_part() -> None:
    logs = subprocess.run(
        ["sh", "-c", f"{' '.join(COMMAND)} broker logs | true; {' '.join(COMMAND)} broker logs | wc -l"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(logs.stdout) > 10
    assert logs.stderr == ""
