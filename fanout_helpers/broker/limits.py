"""How much memory and disk a node may take: RabbitMQ asks the machine, and knows nothing of the container around it."""

import contextlib
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

_MIB = 2**20
_MEMORY_SHARE = 0.4
_MOST_MEMORY = 512 * _MIB
_LEAST_MEMORY = 192 * _MIB
_DISK_SHARE = 0.25
_MOST_DISK = 50 * _MIB

_HUB_SETTING = "MEM_LIMIT"


def memory_watermark(available: int) -> int:
    """Bytes above which RabbitMQ takes no more messages (https://www.rabbitmq.com/docs/memory).

    A share, so that kernels have the rest; but never so little that RabbitMQ, which itself needs 90 to 140 MiB, would
    block its publishers from the beginning.
    """
    return min(_MOST_MEMORY, max(_LEAST_MEMORY, round(available * _MEMORY_SHARE)))


def disk_free_limit(directory: Path) -> int:
    """Bytes of free disk below which RabbitMQ takes no more messages (https://www.rabbitmq.com/docs/disk-alarms).

    A share of what is free where the disk is small: else it would take none from the beginning.
    """
    return min(_MOST_DISK, round(shutil.disk_usage(directory).free * _DISK_SHARE))


def available_memory(environ: Mapping[str, str] = os.environ, *, system: Path = Path("/")) -> int:
    """Bytes that this process may use: the machine's, or less where its container or JupyterHub allows less.

    Args:
        environ: The environment variables to go by.
        system: Where ``proc`` and ``sys`` are.
    """
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return min([machine, *_allowed_by_hub(environ), *_allowed_by_container(system)])


def _allowed_by_hub(environ: Mapping[str, str]) -> Iterator[int]:
    """What JupyterHub tells the servers that it starts, in bytes."""
    with contextlib.suppress(KeyError, ValueError):
        allowed = int(environ[_HUB_SETTING])
        if allowed > 0:
            yield allowed


def _allowed_by_container(system: Path) -> Iterator[int]:
    """The limits of this process's control group and of all around it (``man 7 cgroups``), versions 2 and 1."""
    for group in _memory_groups(system):
        # A number, or "max".
        with contextlib.suppress(OSError, ValueError):
            yield int(group.read_text(encoding="ascii"))


def _memory_groups(system: Path) -> Iterator[Path]:
    """The files with a limit. Inside of a container the group's path may be the one outside: only its root is there."""
    groups = system / "sys/fs/cgroup"
    with contextlib.suppress(OSError):
        for line in (system / "proc/self/cgroup").read_text(encoding="utf-8").splitlines():
            _, controllers, path = line.split(":", 2)
            root, name = groups / "memory", "memory.limit_in_bytes"
            if not controllers:
                root, name = groups, "memory.max"
            elif "memory" not in controllers.split(","):
                continue
            inner = PurePosixPath(path).relative_to("/")
            yield from (root / each / name for each in (inner, *inner.parents))
