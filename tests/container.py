"""What Binder's containers are like, made with what this machine lets one make, without a container engine."""

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.processes import eventually

GROUPS = Path("/sys/fs/cgroup")
USER = "1000"
"""Binder's user, ``jovyan``, whom this machine may not know."""


@dataclass(frozen=True)
class Container:
    """A host name that does not resolve, a user who is not root, and little memory.

    Attributes:
        command: What to put in front of a command that is to run in it.
        environment: Variables to set for it.
        memory: The limit in bytes.
        host: Its host's name; empty where this machine does not let one choose it.
    """

    command: tuple[str, ...]
    environment: dict[str, str]
    memory: int
    host: str


@contextmanager
def container(memory: int) -> Iterator[Container]:
    """Root gets all of it. Others are no root anyway; they get a host name where they may have namespaces.

    Whom this machine does not let limit memory is told the limit as JupyterHub tells it, and is not held to it.
    """
    host = f"jupyter-fanout-{secrets.token_hex(4)}"
    with _control_group(memory) as group:
        entered = (f'echo $$ > {group}/cgroup.procs; exec "$@"',) if group else ('exec "$@"',)
        enter = ("bash", "-c", *entered, "container")
        told = {} if group else {"MEM_LIMIT": str(memory)}
        named = ("unshare", "--user", "--map-root-user", "--uts", "bash", "-c", f'hostname {host}; exec "$@"', "named")
        user = ("unshare", "--user", f"--map-user={USER}", f"--map-group={USER}")
        whole = (*enter, *named, *user)
        if _runs(whole):
            yield Container(whole, told, memory, host)
        else:
            assert os.getuid(), "root may make namespaces: install util-linux (unshare)"
            yield Container(enter, told, memory, "")


@contextmanager
def _control_group(memory: int) -> Iterator[Path | None]:
    """A control group with that much memory; ``None`` for whom this machine does not let make one."""
    group = _made(GROUPS / "memory", "memory.limit_in_bytes", memory) or _made(GROUPS, "memory.max", memory)
    try:
        yield group
    finally:
        assert group is None or eventually(lambda: _removed(group)), f"something still runs in {group}"


def _made(parent: Path, limit: str, memory: int) -> Path | None:
    group = parent / f"fanout-test-{secrets.token_hex(4)}"
    with suppress(OSError):
        group.mkdir()
        if (group / limit).exists():
            (group / limit).write_text(str(memory))
            return group
        group.rmdir()
    return None


def _removed(group: Path) -> bool:
    with suppress(OSError):
        group.rmdir()
    return not group.exists()


def _runs(command: tuple[str, ...]) -> bool:
    if not shutil.which(command[0]):
        return False
    return not subprocess.run([*command, "true"], capture_output=True, check=False).returncode
