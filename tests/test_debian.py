import signal
import subprocess
import sys
from pathlib import Path

import pytest

from fanout_helpers.broker import debian
from fanout_helpers.errors import InstallFailed

pytestmark = pytest.mark.skipif(not debian.available(), reason="needs apt-get and dpkg")

PACKAGE = "hello"  # 50 KB, and it needs nothing but the C library
PROGRAM = "usr/bin/hello"

UNPACK = f"""
import sys, time
from pathlib import Path
from fanout_helpers.broker import debian

root, seconds = Path(sys.argv[1]), float(sys.argv[2])

def finish(tree):
    print("finishing", flush=True)
    time.sleep(seconds)

debian.unpack(["{PACKAGE}"], root, lambda line: print(line, flush=True), finish=finish)
"""


def silent(_line: str) -> None:
    pass


def start(root: Path, seconds: float) -> subprocess.Popen[str]:
    """Starts a process that unpacks into ``root`` and waits before it finishes."""
    return subprocess.Popen([sys.executable, "-c", UNPACK, str(root), str(seconds)], stdout=subprocess.PIPE, text=True)


def wait_for(line: str, process: subprocess.Popen[str]) -> None:
    assert process.stdout
    assert any(line in said for said in process.stdout), f"{line!r} was never said"


def left(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def test_package_is_unpacked_and_runs(tmp_path: Path) -> None:
    said: list[str] = []
    debian.unpack([PACKAGE], tmp_path / "root", said.append)
    greeting = subprocess.run([tmp_path / "root" / PROGRAM], capture_output=True, text=True, check=True)
    assert greeting.stdout == "Hello, world!\n"
    assert "1 packages" in said[-1]
    assert left(tmp_path) == [".root.lock", "root"]


def test_second_time_does_nothing(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    debian.unpack([PACKAGE], tmp_path / "root", pytest.fail)


def test_root_that_is_not_whole_is_replaced(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "usr").mkdir(parents=True)
    (root / "rest").touch()
    debian.unpack([PACKAGE], root, silent, is_whole=lambda tree: (tree / PROGRAM).exists())
    assert (root / PROGRAM).exists()
    assert not (root / "rest").exists()
    assert left(tmp_path) == [".root.lock", "root"]


def test_dependency_is_unpacked_anew_although_it_is_installed(tmp_path: Path) -> None:
    debian.unpack([PACKAGE], tmp_path / "root", silent, anew=["libc6*"])
    libraries = debian.library_directories(tmp_path / "root")
    assert any((directory / "libc.so.6").exists() for directory in libraries)


def test_what_finish_raises_leaves_nothing(tmp_path: Path) -> None:
    def refuse(tree: Path) -> None:
        assert (tree / PROGRAM).exists()
        raise InstallFailed("No.")

    with pytest.raises(InstallFailed, match=r"No\."):
        debian.unpack([PACKAGE], tmp_path / "root", silent, finish=refuse)
    assert left(tmp_path) == [".root.lock"]


@pytest.mark.parametrize("moment", ["Downloading", "finishing"])
def test_kill_leaves_nothing_that_looks_whole(moment: str, tmp_path: Path) -> None:
    root = tmp_path / "root"
    with start(root, seconds=60) as process:
        wait_for(moment, process)
        process.send_signal(signal.SIGKILL)
    assert not root.exists()
    assert any(name.startswith(".root.partial-") for name in left(tmp_path))
    debian.unpack([PACKAGE], root, silent)
    assert (root / PROGRAM).exists()
    assert left(tmp_path) == [".root.lock", "root"]


def test_of_two_at_once_one_works_and_the_other_waits(tmp_path: Path) -> None:
    root = tmp_path / "root"
    with start(root, seconds=1) as first:
        wait_for("finishing", first)
        with start(root, seconds=1) as second:
            output, _ = second.communicate()
    assert (first.returncode, second.returncode) == (0, 0)
    assert "waiting for it" in output
    assert "finishing" not in output
    assert left(tmp_path) == [".root.lock", "root"]


def configure_apt(monkeypatch: pytest.MonkeyPatch, directory: Path, *lines: str) -> None:
    """Gives apt a machine without a package index, as a fresh container is."""
    (directory / "lists/partial").mkdir(parents=True)
    configuration = directory / "apt.conf"
    configuration.write_text("\n".join([f'Dir::State::lists "{directory}/lists";', *lines]))
    monkeypatch.setenv("APT_CONFIG", str(configuration))


def test_machine_without_a_package_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configure_apt(monkeypatch, tmp_path / "apt")
    said: list[str] = []
    debian.unpack([PACKAGE], tmp_path / "root", said.append)
    assert (tmp_path / "root" / PROGRAM).exists()
    assert "index is missing" in said[0]
    assert left(tmp_path / "apt/lists") == ["partial"]


def test_source_that_cannot_be_reached_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sources = tmp_path / "sources.list"
    sources.write_text("deb http://127.0.0.1:9/debian stable main\n")
    etc = (f'Dir::Etc::SourceList "{sources}";', 'Dir::Etc::SourceParts "/dev/null";')
    configure_apt(monkeypatch, tmp_path / "apt", *etc)
    with pytest.raises(InstallFailed) as caught:
        debian.unpack([PACKAGE], tmp_path / "root", silent)
    assert "127.0.0.1" in caught.value.cause
    assert "network" in caught.value.next_step
    assert not (tmp_path / "root").exists()


def test_directory_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InstallFailed, match="FANOUT_CACHE_DIR"):
        debian.unpack([PACKAGE], tmp_path / "file/root", silent)


def test_machine_without_apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InstallFailed, match="no apt-get"):
        debian.unpack([PACKAGE], tmp_path / "root", silent)
