"""Attaching on Windows, as far as another system can tell: a simulation. Nobody has tried Windows itself.

A process that has loaded what the package imports loses what Windows does not have, and says that it is Windows; then
it imports the package anew. How files, terminals, signals and the libraries themselves behave on Windows stays unknown.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fanout_helpers import course
from fanout_helpers.broker.attached import BROKER_SETTING, MANAGEMENT_SETTING

WINDOWS = """
import os, select, signal, sys
import fanout_helpers.cli, fanout_helpers.jupyter, fanout_helpers.doctor.widgets, fanout_helpers.management_ui.extension

for name in [name for name in sys.modules if name.partition(".")[0] == "fanout_helpers"]:
    del sys.modules[name]
for name in ("fcntl", "grp", "pty", "pwd", "resource", "termios", "tty"):
    sys.modules[name] = None
lacking = {
    os: "O_DIRECTORY O_NOCTTY O_NOFOLLOW O_NONBLOCK WNOHANG chown fchmod fchown fork forkpty getegid geteuid getgid "
    "getpgid getuid killpg mkfifo posix_spawn register_at_fork setsid statvfs sync sysconf uname wait4 waitid",
    select: "epoll poll",
    signal: "SIGALRM SIGCHLD SIGHUP SIGKILL SIGPIPE SIGUSR1 alarm setitimer sigwait",
}
for module, names in lacking.items():
    for name in names.split():
        vars(module).pop(name, None)
sys.platform = "win32"
"""

LESSON = """
import pika
from fanout_helpers import Lab

with Lab("exchanges") as lab:
    with pika.BlockingConnection(lab.parameters) as connection:
        connection.channel().exchange_declare("logs", "fanout")
    lab.subscribe("logs", "screen", "disk")
    board = lab.board()
    lab.publish("logs", "from Windows")
    print(lab.received(1))
    print(repr(lab.doctor()))
    print(lab.check("news"))
    print(lab.quiz())
    print(repr(board))
"""

COMMAND = """
from fanout_helpers import cli

sys.exit(cli.main(sys.argv[1:]))
"""

# JupyterLab is not the package's: what it is told is.
JUPYTERLAB = """
from fanout_helpers import jupyter

jupyter.LabApp.launch_instance = lambda arguments: print(*arguments, sep="\\n")
"""

OF_ONES_OWN = """
from fanout_helpers import FanoutError, Lab

try:
    Lab("exchanges", own_broker=sys.argv[1:] == ["own"])
except FanoutError as error:
    print(error)
"""

MANAGEMENT_UI = """
import asyncio, types
from fanout_helpers.management_ui import handler

asyncio.run(handler.ManagementUIHandler._carry(types.SimpleNamespace(_say=print)))
"""

REFUSAL = """\
A RabbitMQ of your own needs Linux, macOS or WSL.
This is Windows, which lacks what starts it once for all lessons and ends it after the last one.
Set FANOUT_BROKER_URL to attach to one elsewhere; a lab with own_broker=True needs WSL.
"""


class Windows:
    """Runs programs, each in a process that takes itself for one on Windows, in a folder."""

    def __init__(self, folder: Path, settings: dict[str, str]) -> None:
        self.folder = folder
        # What a node needs would be made here.
        self.runtime = folder / "runtime"
        self.environment = {
            **{name: value for name, value in os.environ.items() if name not in {BROKER_SETTING, MANAGEMENT_SETTING}},
            "FANOUT_RUNTIME_DIR": str(self.runtime),
            **settings,
        }

    def run(self, program: str, *arguments: str, code: int = 0) -> tuple[str, str]:
        """Returns what it wrote to its standard output, and to its standard error."""
        done = subprocess.run(
            [sys.executable, "-c", WINDOWS + program, *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stderr
        assert not self.runtime.exists()
        return done.stdout, done.stderr


@pytest.fixture
def windows(tmp_path: Path) -> Windows:
    """Without a broker that the environment names."""
    return Windows(tmp_path, {})


@pytest.fixture
def attached(tmp_path: Path, classroom: dict[str, str]) -> Windows:
    return Windows(tmp_path, classroom)


def test_a_lesson_works_on_a_broker_that_is_there(attached: Windows) -> None:
    told, complaints = attached.run(LESSON)
    assert complaints == ""
    assert "screen: 1 message\n    from Windows\n" in told
    assert "disk: 1 message\n    from Windows\n" in told
    assert "\nNothing is wrong.\n" in told
    assert "missing  there is an exchange 'news' of type fanout" in told
    assert "\n1. basic_publish returned" in told
    assert told.endswith("Board(exchange='logs', panes=['screen', 'disk'])\n")


@pytest.mark.parametrize(
    ("arguments", "said"), [(("broker", "status"), "Attached to amqp://"), (("doctor",), "Nothing is wrong.")]
)
def test_a_command_works_on_a_broker_that_is_there(attached: Windows, arguments: tuple[str, ...], said: str) -> None:
    told, complaints = attached.run(COMMAND, *arguments)
    assert complaints == ""
    assert said in told


def test_the_course_is_copied_and_kept(windows: Windows) -> None:
    first, _ = windows.run(COMMAND, "course")
    assert "Copied into" in first
    start_page = windows.folder / course.FOLDER / course.START_PAGE
    start_page.write_text("mine", encoding="utf-8")
    again, _ = windows.run(COMMAND, "course")
    assert "Copied into" not in again
    assert start_page.read_text(encoding="utf-8") == "mine"


def test_jupyterlab_is_told_nothing_of_shells_and_root(attached: Windows) -> None:
    told, complaints = attached.run(JUPYTERLAB + COMMAND, "lab", "--no-browser")
    assert complaints == ""
    assert told.splitlines()[-2:] == [f"--LabApp.default_url=/lab/tree/{course.START_PAGE}", "--no-browser"]
    assert "--ServerApp" not in told


def test_a_presentation_leaves_those_alone_that_it_cannot_tell_from_dead_ones(attached: Windows) -> None:
    another = attached.folder / "fanout-present-another"
    another.mkdir()
    attached.environment["TMPDIR"] = str(attached.folder)
    told, _ = attached.run(JUPYTERLAB + COMMAND, "lab", "--present")
    assert f"--LabApp.user_settings_dir={attached.folder}" in told
    assert list(attached.folder.glob("fanout-present-*")) == [another]


@pytest.mark.parametrize(
    "arguments", [("broker", "status"), ("broker", "start"), ("broker", "stop"), ("broker", "install"), ("lab",)]
)
def test_a_rabbitmq_of_ones_own_is_refused(windows: Windows, arguments: tuple[str, ...]) -> None:
    _, complaints = windows.run(JUPYTERLAB + COMMAND, *arguments, code=1)
    assert complaints == REFUSAL


def test_a_lab_without_a_broker_is_refused(windows: Windows) -> None:
    assert windows.run(OF_ONES_OWN) == (REFUSAL, "")


def test_a_lab_with_a_broker_of_its_own_is_refused(attached: Windows) -> None:
    assert attached.run(OF_ONES_OWN, "own") == (REFUSAL, "")


def test_the_doctor_says_the_same(windows: Windows) -> None:
    told, complaints = windows.run(COMMAND, "doctor", code=1)
    assert complaints == ""
    assert f"problem: {REFUSAL.splitlines()[0]} [no-rabbitmq]" in told


def test_the_page_in_place_of_the_management_ui_says_the_same(windows: Windows) -> None:
    told, complaints = windows.run(MANAGEMENT_UI)
    assert complaints == ""
    assert f"<h1>{REFUSAL.splitlines()[0]}</h1>" in told
