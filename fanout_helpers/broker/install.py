"""Getting a RabbitMQ for one person: nothing is started, and nothing needs root."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from fanout_helpers.broker import debian
from fanout_helpers.broker.installation import SETTING, Installation, find, unpacked_root, within
from fanout_helpers.errors import BrokerNotInstalled, InstallFailed

Say = Callable[[str], None]

_ERLANG_TIMEOUT = 60  # seconds, for a start that takes one on a slow machine
_FIXED_ROOTDIR = "ROOTDIR=/usr/lib/erlang\n"
_START = 'exec "$BINDIR/erlexec"'
# Prints where Erlang found itself, after a call into the library that most needs shared ones.
_PROBE = "<<_>> = crypto:strong_rand_bytes(1), io:put_chars(code:root_dir()), halt()."


def ensure(say: Say) -> None:
    """The same as ``install``, and silent if there is a RabbitMQ."""
    try:
        find()
    except BrokerNotInstalled:
        install(say)


def install(say: Say) -> Installation:
    """Gets a RabbitMQ, if none is installed, and says what it does.

    Args:
        say: Called with a line of text for each step.

    Raises:
        InstallFailed: apt-get, brew or conda failed.
        BrokerNotInstalled: This machine has none of them, or ``FANOUT_RABBITMQ`` names no whole one.
    """
    try:
        found = find()
    except BrokerNotInstalled as nothing:
        if os.environ.get(SETTING):
            raise
        say(nothing.happened)
    else:
        say(f"RabbitMQ {found.version} is already here: {found.home}")
        return found
    _get(say)
    found = find()
    say(f"RabbitMQ {found.version} is ready in {found.home}. No system service was started.")
    return found


def _get(say: Say) -> None:
    if Path(sys.prefix, "conda-meta").is_dir():
        _with_conda(Path(sys.prefix), say)
    elif debian.available():
        _with_debian(unpacked_root(), say)
    elif brew := shutil.which("brew"):
        _run(say, brew, "install", "rabbitmq")
    elif os.environ.get("CONDA_PREFIX"):
        _with_conda(Path(os.environ["CONDA_PREFIX"]), say)
    else:
        raise BrokerNotInstalled(
            "RabbitMQ is not installed, and this machine offers no way to get it without an administrator.",
            cause="There is no apt-get (Debian, Ubuntu), no Homebrew and no active conda environment.",
            next_step="Install it (Fedora: `sudo dnf install rabbitmq-server`; others:"
            " https://www.rabbitmq.com/docs/download), or set FANOUT_BROKER_URL=amqp://user:password@host"
            " to use a broker elsewhere.",
        )


def _with_conda(prefix: Path, say: Say) -> None:
    names = (os.environ.get("MAMBA_EXE"), os.environ.get("CONDA_EXE"), "mamba", "micromamba", "conda")
    program = next(filter(None, (shutil.which(name) for name in names if name)), None)
    if program is None:
        raise InstallFailed(
            f"rabbitmq-server could not be installed into the conda environment {prefix}.",
            cause="Neither conda, mamba nor micromamba is on PATH.",
            next_step="Activate the environment, or create it again with rabbitmq-server in environment.yml.",
        )
    options = ("--yes", "--prefix", str(prefix), "--channel", "conda-forge")
    _run(say, program, "install", *options, "rabbitmq-server")


def _run(say: Say, *command: str) -> None:
    """Runs a package manager in the open: what it prints, the person sees."""
    line = " ".join(command)
    say(f"Running: {line}")
    code = subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode
    if code:
        raise InstallFailed(
            f"`{line}` failed with exit code {code}.",
            cause="What it printed above says why.",
            next_step="Mend that and try again, or set FANOUT_BROKER_URL to use a broker elsewhere.",
        )


def _with_debian(root: Path, say: Say) -> None:
    if any(character.isspace() or character in "'\"" for character in str(root)):
        raise InstallFailed(
            f"RabbitMQ cannot be unpacked into {root}.",
            cause="RabbitMQ's own scripts do not work in a path with a space or a quote in it.",
            next_step="Set FANOUT_CACHE_DIR to a directory without one and run this again.",
        )
    say(f"Unpacking this distribution's own RabbitMQ, without installing it, into {root}")
    debian.unpack(
        ["rabbitmq-server"],
        root,
        say,
        # Half an Erlang in /usr/lib is no use to one that is unpacked here.
        anew=["erlang-*"],
        finish=finish,
        is_whole=lambda tree: within(tree) is not None,
    )


def finish(tree: Path) -> None:
    """Makes an unpacked tree run from wherever it is, and proves that it does.

    Args:
        tree: A directory with the unpacked packages of RabbitMQ and Erlang.

    Raises:
        InstallFailed: Its Erlang does not run, or the tree is not a whole RabbitMQ.
    """
    erlang = tree / "usr/lib/erlang"
    _make_relocatable(erlang)
    erl = erlang / "bin/erl"
    problem = _problem(erl)
    if problem:
        _add_libraries(erl, tree)
        problem = _problem(erl)
    if problem is None and within(tree) is None:
        problem = "parts of RabbitMQ are missing"
    if problem:
        raise InstallFailed(
            "The unpacked RabbitMQ does not run on this machine.",
            cause=f"Its Erlang says: {problem}",
            next_step="Bring this system up to date, or set FANOUT_BROKER_URL to use a broker elsewhere.",
        )


def _make_relocatable(erlang: Path) -> None:
    """Lets Erlang's scripts find their root from their own place instead of ``/usr/lib/erlang``."""
    for pattern, up in (("bin/{}", ".."), ("erts-*/bin/{}", "../..")):
        own = f'ROOTDIR="$(cd "$(dirname "$(readlink -f "$0")")/{up}" && pwd -P)"\n'
        for script in (*erlang.glob(pattern.format("erl")), *erlang.glob(pattern.format("start"))):
            script.write_text(script.read_text("utf-8").replace(_FIXED_ROOTDIR, own), "utf-8")


def _add_libraries(erl: Path, tree: Path) -> None:
    """Lets Erlang find the shared libraries unpacked with it, on a machine that lacks some.

    They are set where Erlang starts, so that RabbitMQ's shell scripts keep to the machine's libraries.
    """
    relative = (os.path.relpath(directory, erl.parents[1]) for directory in debian.library_directories(tree))
    libraries = ":".join(f"$ROOTDIR/{directory}" for directory in relative)
    export = f'export LD_LIBRARY_PATH="{libraries}${{LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}}"\n'
    erl.write_text(erl.read_text("utf-8").replace(_START, export + _START), "utf-8")


def _problem(erl: Path) -> str | None:
    """Why this Erlang does not run, in its own words; ``None`` if it does."""
    with TemporaryDirectory() as home:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("ERL_")}
        try:
            done = subprocess.run(
                [str(erl), "-noinput", "-boot", "no_dot_erlang", "-eval", _PROBE],
                env={**clean, "HOME": home, "ERL_CRASH_DUMP_BYTES": "0"},
                cwd=home,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=_ERLANG_TIMEOUT,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return str(error)
    if done.stdout == str(erl.parents[1].resolve()):
        return None
    return " ".join((done.stderr or done.stdout).split()) or f"nothing (exit code {done.returncode})"
