"""How much memory and disk a private node may take, in containers and on small machines."""

import os
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from fanout_helpers.broker import limits, private
from fanout_helpers.management import Management
from tests.processes import eventually

MIB = 2**20
MACHINE = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def system(root: Path, groups: str, files: dict[str, str]) -> Path:
    """A machine's ``/proc/self/cgroup``, and limits below ``/sys/fs/cgroup``."""
    for name, text in {"proc/self/cgroup": groups, **{f"sys/fs/cgroup/{each}": files[each] for each in files}}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


@pytest.mark.parametrize(
    ("groups", "files"),
    [
        pytest.param("0::/\n", {"memory.max": f"{64 * MIB}\n"}, id="version 2, in a container"),
        pytest.param(
            "0::/user.slice/session-1.scope\n",
            {"user.slice/memory.max": f"{64 * MIB}\n", "user.slice/session-1.scope/memory.max": "max\n"},
            id="version 2, the limit is further out",
        ),
        pytest.param(
            "5:cpu,cpuacct:/a\n4:memory:/a/b\n0::/\n",
            {"memory/a/b/memory.limit_in_bytes": f"{64 * MIB}\n", "memory/memory.limit_in_bytes": f"{2**63 - 4096}\n"},
            id="version 1",
        ),
        pytest.param(
            "4:memory:/docker/0123\n",
            {"memory/memory.limit_in_bytes": f"{64 * MIB}\n"},
            id="version 1, in a container that does not see its own path",
        ),
    ],
)
def test_a_containers_limit_counts(tmp_path: Path, groups: str, files: dict[str, str]) -> None:
    assert limits.available_memory({}, system=system(tmp_path, groups, files)) == 64 * MIB


def test_jupyterhubs_limit_counts(tmp_path: Path) -> None:
    assert limits.available_memory({"MEM_LIMIT": str(64 * MIB)}, system=tmp_path) == 64 * MIB


@pytest.mark.parametrize(
    ("limit", "group"), [("", "max"), ("0", "nonsense"), ("1G", str(2**63 - 4096)), (str(2**62), "")]
)
def test_without_a_limit_the_machines_memory_counts(tmp_path: Path, limit: str, group: str) -> None:
    root = system(tmp_path, "0::/\n", {"memory.max": group})
    assert limits.available_memory({"MEM_LIMIT": limit}, system=root) == MACHINE


def test_this_machine_can_be_asked() -> None:
    assert 0 < limits.available_memory() <= MACHINE


@pytest.mark.parametrize(("available", "watermark"), [(100, 192), (512, 205), (1024, 410), (2048, 512), (65536, 512)])
def test_rabbitmq_gets_a_share_but_never_less_than_it_needs_itself(available: int, watermark: int) -> None:
    assert round(limits.memory_watermark(available * MIB) / MIB) == watermark


@pytest.mark.parametrize(("free", "limit"), [(8, 2), (100, 25), (100_000, 50)])
def test_a_small_disk_is_used_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, limit: int) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free * MIB))
    assert limits.disk_free_limit(tmp_path) == limit * MIB


def reported(management: Management) -> dict[str, Any]:
    """What RabbitMQ says of the one node, once it has looked: just after its boot, it says little."""
    (told,) = management._request("GET", "nodes")
    return told if "mem_limit" in told else {}


def test_a_node_is_told_both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FANOUT_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.setenv("MEM_LIMIT", str(800 * MIB))
    monkeypatch.setattr(limits, "disk_free_limit", lambda _: 20 * MIB)
    management = Management(private.hold().address)
    told = eventually(lambda: reported(management))
    management.close()
    private.stop()
    assert (told["mem_limit"], told["disk_free_limit"]) == (320 * MIB, 20 * MIB)
