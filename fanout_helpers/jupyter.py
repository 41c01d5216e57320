"""JupyterLab on the course, in a process that holds this person's RabbitMQ."""

import contextlib
import os
import shlex
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from jupyterlab.commands import get_user_settings_dir
from jupyterlab.labapp import LabApp

from fanout_helpers import presenting, projector
from fanout_helpers.broker import attached, install, private
from fanout_helpers.course import START_PAGE
from fanout_helpers.trust import trust

_SETTINGS = Path(__file__).with_name("jupyter_config")
_ROOT = 0


def run(arguments: list[str], *, folder: Path, present: bool = False) -> None:
    """Opens the course in JupyterLab and returns when it is shut down.

    RabbitMQ boots while JupyterLab does. The server's process holds it: a kernel may be restarted as often as one
    likes, and however the server ends, RabbitMQ ends after it.

    Args:
        arguments: What JupyterLab is told besides; it overrides what is said here.
        folder: Where the course is.
        present: Whether it is for a projector: larger than else, in settings and a workspace that go with it.

    Raises:
        BrokerNotInstalled: There is no RabbitMQ on this machine, and no way to get one.
        InstallFailed: Getting one did not work.
        FanoutError: RabbitMQ did not start; JupyterLab was shut down again. Or this is Windows, with no broker named.
    """
    if attached.address() is None:
        install.ensure(_say)
    # Terminals find the programs of this environment first: python with pika, and fanout.
    _put_in_front("PATH", Path(sys.executable).parent, os.defpath)
    # JupyterLab takes its users' settings from a file: here, that nobody is asked about news over a lesson.
    _put_in_front("JUPYTER_CONFIG_PATH", _SETTINGS)
    # Terminals open where the server was started.
    os.chdir(folder)
    # Lab shows no live board after a reload of a notebook that it does not trust, as it trusts none of a fresh clone.
    trust(folder, _say)
    # A shell starts what runs in the background with Ctrl+C ignored, and so would be all that terminals here start.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # Until JupyterLab has a handler of its own, which shuts it down in order.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    holder = _Holder()
    holder.start()
    try:
        with contextlib.ExitStack() as stack:
            more = stack.enter_context(_presentation()) if present else {}
            LabApp.launch_instance([*_defaults(arguments, more), *arguments])
    finally:
        if holder.failure is not None:
            raise holder.failure


class _Holder(threading.Thread):
    """Starts or joins RabbitMQ beside the main thread, and shuts JupyterLab down if that fails."""

    def __init__(self) -> None:
        super().__init__(name="fanout broker", daemon=True)
        self.failure: Exception | None = None

    def run(self) -> None:
        try:
            if attached.address() is None:
                private.hold(_say)
                _say("RabbitMQ is up, for you alone.")
        except Exception as error:  # noqa: BLE001 - told by the main thread
            self.failure = error
            os.kill(os.getpid(), signal.SIGTERM)


@contextlib.contextmanager
def _presentation() -> Iterator[dict[str, str]]:
    """What JupyterLab is told for a projector; the kernels hear of it from their environment."""
    os.environ[presenting.SETTING] = "1"
    with projector.directories(Path(get_user_settings_dir())) as (settings, workspaces):
        yield {"--LabApp.user_settings_dir": str(settings), "--LabApp.workspaces_dir": str(workspaces)}


def _defaults(arguments: list[str], more: dict[str, str]) -> list[str]:
    """What JupyterLab is told, unless the person says it: it refuses to be told a thing twice."""
    defaults = {
        "--LabApp.default_url": f"/lab/tree/{START_PAGE}" if Path(START_PAGE).is_file() else "/lab",
        **more,
    }
    if sys.platform != "win32":
        # Not a login shell, as JupyterLab has it where it was not started from a terminal: that would forget our PATH.
        shell = os.environ.get("SHELL") or "/bin/sh"
        defaults["--ServerApp.terminado_settings"] = f"shell_command={shlex.quote(shell)}"
        if os.getuid() == _ROOT:
            defaults["--ServerApp.allow_root"] = "True"
    said = {argument.partition("=")[0] for argument in arguments}
    return [f"{name}={value}" for name, value in defaults.items() if name not in said]


def _put_in_front(variable: str, directory: Path, default: str = "") -> None:
    """Makes a directory the first of those that an environment variable lists."""
    others = os.environ.get(variable) or default
    os.environ[variable] = os.pathsep.join([str(directory), *filter(None, [others])])


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201
