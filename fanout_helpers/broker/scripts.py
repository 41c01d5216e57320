"""Scripts in a node's directory, which may be on a file system where no program may run (mount option noexec)."""

import os
import shlex
import subprocess
from pathlib import Path

from fanout_helpers.broker import configuration


def command(script: Path) -> list[str]:
    """Return how to run a script: by the interpreter that its first line names, which may run anywhere."""
    with script.open(encoding="utf-8", errors="surrogateescape") as file:
        interpreter = file.readline().removeprefix("#!").split()
    return [*interpreter, str(script)]


def shell_function(script: Path) -> str:
    """Return a shell function of the script's name that runs it where ``PATH`` cannot; empty where ``PATH`` can."""
    noexec = getattr(os, "ST_NOEXEC", 0)  # macOS has no such flag
    if os.pathsep not in str(script) and not os.statvfs(script).f_flag & noexec:
        return ""
    return f'{script.name}() {{ {shlex.join(command(script))} "$@"; }}'


def run(script: Path, *arguments: str, timeout: float) -> str | None:
    """Run a script of a node's; return what it says if it fails.

    In a session of its own: an interrupt in a notebook would leave RabbitMQ half stopped.

    Args:
        script: The script, such as the node's ``rabbitmqctl``.
        arguments: What it is given.
        timeout: Seconds after which it has failed.
    """
    try:
        answer = subprocess.run(
            [*command(script), *arguments],
            env=configuration.inherited(os.environ),
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=timeout,
            start_new_session=True,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{error}."
    return (answer.stderr.strip() or f"Exit code {answer.returncode}.") if answer.returncode else None
