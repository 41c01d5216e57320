import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from fanout_helpers.broker import debian, install, installation
from fanout_helpers.cli import main
from fanout_helpers.errors import BrokerNotInstalled, InstallFailed
from tests.fake_installations import make_debian, make_program, make_rabbitmq


@pytest.fixture(autouse=True)
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without RabbitMQ whose PATH is the directory ``bin``."""
    for variable in (installation.SETTING, "CONDA_PREFIX", "CONDA_EXE", "MAMBA_EXE", "HOMEBREW_PREFIX"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("FANOUT_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "prefix"))
    monkeypatch.setattr(install, "find", partial(installation.find, system=tmp_path))


def script(path: Path, *lines: str) -> None:
    make_program(path).write_text("\n".join(["#!/bin/sh", "PATH=/usr/bin:/bin", *lines]))


def test_one_that_is_installed_is_kept(tmp_path: Path) -> None:
    sbin = make_debian(tmp_path)
    said: list[str] = []
    assert install.install(said.append).sbin == sbin
    assert said == [f"RabbitMQ 3.10.8 is already here: {sbin.parent}"]


def test_lab_says_nothing_of_one_that_is_installed(tmp_path: Path) -> None:
    make_debian(tmp_path)
    install.ensure(pytest.fail)


def test_lab_gets_one_the_same_way(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    script(tmp_path / "bin/brew", "exit 7")
    assert main(["lab", str(tmp_path / "folder")]) == 1
    printed = capfd.readouterr().err
    assert "RabbitMQ is not installed on this machine.\nRunning: " in printed
    assert "brew install rabbitmq` failed with exit code 7" in printed


def test_useless_setting_is_not_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(installation.SETTING, str(tmp_path / "nowhere"))
    with pytest.raises(BrokerNotInstalled, match="nowhere"):
        install.install(pytest.fail)


def test_no_way_to_get_one_is_told_in_three_lines() -> None:
    with pytest.raises(BrokerNotInstalled) as caught:
        install.install(lambda _line: None)
    assert len(str(caught.value).splitlines()) == 3
    assert "FANOUT_BROKER_URL" in caught.value.next_step


def test_homebrew(tmp_path: Path) -> None:
    cellar = tmp_path / "opt/homebrew/Cellar/rabbitmq"
    sbin = make_rabbitmq(cellar, "4.3.6")
    make_program(tmp_path / "opt/homebrew/bin/erl")
    link = f'ln -s Cellar/rabbitmq/sbin "{tmp_path}/opt/homebrew/sbin"'
    script(tmp_path / "bin/brew", '[ "$*" = "install rabbitmq" ] || exit 2', link)
    said: list[str] = []
    assert install.install(said.append).sbin == sbin
    assert said[1].endswith("brew install rabbitmq")
    assert "No system service was started" in said[-1]


def test_homebrew_fails(tmp_path: Path) -> None:
    script(tmp_path / "bin/brew", "exit 7")
    with pytest.raises(InstallFailed, match="exit code 7"):
        install.install(lambda _line: None)


@pytest.mark.parametrize("how", ["prefix", "variable"])
def test_conda(how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prefix = tmp_path / "prefix"
    if how == "prefix":
        (prefix / "conda-meta").mkdir(parents=True)
    else:
        monkeypatch.setenv("CONDA_PREFIX", str(prefix))
    make_rabbitmq(tmp_path / "package", "4.3.6")
    make_program(tmp_path / "package/bin/erl")
    expected = f"install --yes --prefix {prefix} --channel conda-forge rabbitmq-server"
    script(
        tmp_path / "bin/conda",
        f'[ "$*" = "{expected}" ] || exit 2',
        f'mkdir -p "{prefix}"',
        f'mv "{tmp_path}"/package/* "{prefix}"',
        f'ln -s ../sbin/rabbitmq-server "{prefix}/bin/rabbitmq-server"',
    )
    assert install.install(lambda _line: None).version == "4.3.6"


def test_conda_environment_without_conda(tmp_path: Path) -> None:
    (tmp_path / "prefix/conda-meta").mkdir(parents=True)
    with pytest.raises(InstallFailed, match="mamba"):
        install.install(lambda _line: None)


def test_cache_directory_with_a_space_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script(tmp_path / "bin/apt-get", "exit 1")
    script(tmp_path / "bin/dpkg", "exit 1")
    monkeypatch.setenv("FANOUT_CACHE_DIR", str(tmp_path / "my cache"))
    with pytest.raises(InstallFailed, match="FANOUT_CACHE_DIR"):
        install.install(lambda _line: None)


def make_unpacked(tree: Path) -> None:
    """Makes an unpacked tree whose Erlang runs only with an unpacked library, ``libneeded.so``."""
    make_debian(tree)
    start = ("ROOTDIR=/usr/lib/erlang", "export ROOTDIR", 'BINDIR="$ROOTDIR/erts-1/bin"', 'exec "$BINDIR/erlexec"\n')
    script(tree / "usr/lib/erlang/bin/erl", *start)
    script(
        tree / "usr/lib/erlang/erts-1/bin/erlexec",
        '[ -e "${LD_LIBRARY_PATH%%:*}/libneeded.so" ] || { echo "libneeded.so: not found" >&2; exit 127; }',
        'printf %s "$ROOTDIR"',
    )


def test_unpacked_erlang_gets_the_libraries_that_the_machine_lacks(tmp_path: Path) -> None:
    make_unpacked(tmp_path / "tree")
    libraries = tmp_path / "tree/usr/lib/x86_64-linux-gnu"
    libraries.mkdir()
    (libraries / "libneeded.so").touch()
    install.finish(tmp_path / "tree")
    assert "LD_LIBRARY_PATH" in (tmp_path / "tree/usr/lib/erlang/bin/erl").read_text()


def test_unpacked_erlang_that_does_not_run_is_refused_in_its_own_words(tmp_path: Path) -> None:
    make_unpacked(tmp_path / "tree")
    with pytest.raises(InstallFailed, match=r"libneeded\.so: not found"):
        install.finish(tmp_path / "tree")


def erlang_root(erl: Path) -> str:
    command = [str(erl), "-noinput", "-eval", "io:put_chars(code:root_dir()), halt()."]
    environ = {"PATH": os.defpath, "HOME": str(erl.parent)}
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=True).stdout


@pytest.mark.skipif(not debian.available(), reason="needs apt-get and dpkg")
def test_distributions_own_rabbitmq(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.defpath)
    said: list[str] = []
    found = install.install(said.append)
    unpacked = tmp_path / "cache/rabbitmq"
    assert found.sbin.is_relative_to(unpacked)
    assert found.path == (unpacked / "usr/lib/erlang/bin",)
    assert said[-1].startswith(f"RabbitMQ {found.version} is ready")
    assert erlang_root(found.path[0] / "erl") == str(unpacked / "usr/lib/erlang")

    assert install.install(said.append) == found
    assert "already here" in said[-1]

    # Nothing in it knows where it was unpacked.
    moved = unpacked.rename(tmp_path / "moved")
    assert erlang_root(moved / "usr/bin/erl") == str(moved / "usr/lib/erlang")

    # What is broken is no installation, and is replaced.
    moved.rename(unpacked)
    (found.sbin / "rabbitmqctl").unlink()
    with pytest.raises(BrokerNotInstalled, match="lacks rabbitmqctl"):
        installation.find(system=tmp_path)
    assert install.install(said.append) == found
