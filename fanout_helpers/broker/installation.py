"""Finding a RabbitMQ that is installed on this machine."""

import contextlib
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_cache_path

from fanout_helpers.broker import runtime
from fanout_helpers.errors import BrokerNotInstalled
from fanout_helpers.faults import Fault

SETTING = "FANOUT_RABBITMQ"
"""The environment variable that names the installation to use."""

REQUIRED_PLUGINS = ("rabbit", "rabbitmq_management", "rabbitmq_event_exchange")

_PROGRAMS = ("rabbitmq-server", "rabbitmq-env", "rabbitmqctl")
_HOMEBREW = ("opt/homebrew", "usr/local", "home/linuxbrew/.linuxbrew")
# Debian's, Fedora's and Arch's packages; then where people unpack https://www.rabbitmq.com/docs/install-generic-unix
_DISTRIBUTION = "usr/lib*/rabbitmq/lib/rabbitmq_server-*/sbin"
_GENERIC_UNIX = ("usr/local/rabbitmq_server-*/sbin", "opt/rabbitmq*/sbin")


@dataclass(frozen=True)
class Installation:
    """A whole RabbitMQ: its programs, the plugins that the course needs, and an Erlang to run them.

    Attributes:
        sbin: The directory of RabbitMQ's own scripts, with every symbolic link resolved.
        path: Directories to put in front of ``PATH`` so that ``erl`` is found; empty if it is on ``PATH``.
        version: RabbitMQ's version, such as ``"3.10.8"``.
    """

    sbin: Path
    path: tuple[Path, ...]
    version: str

    @property
    def home(self) -> Path:
        """The directory that RabbitMQ calls ``RABBITMQ_HOME``."""
        return self.sbin.parent

    @property
    def plugins(self) -> Path:
        """The directory with a directory (or ``.ez`` file) for each plugin."""
        return self.home / "plugins"


@dataclass(frozen=True)
class _Half:
    """Something that looks like a RabbitMQ and cannot run."""

    sbin: Path
    lacks: str

    def __str__(self) -> str:
        return f"{self.sbin} lacks {self.lacks}"


def find(environ: Mapping[str, str] = os.environ, *, system: Path = Path("/")) -> Installation:
    """Finds a whole RabbitMQ.

    It looks, in this order, at ``FANOUT_RABBITMQ`` (if set, at nothing else), the active conda environment,
    ``PATH``, Homebrew, the distribution's package, the generic-unix places, and what
    ``fanout broker install`` unpacked.

    Args:
        environ: The environment variables to go by.
        system: Where the machine's own directories begin.

    Raises:
        BrokerNotInstalled: There is none, or only half of one, or ``FANOUT_RABBITMQ`` names no whole one.
        BrokerError: This is Windows, where none could be held.
    """
    runtime.require_unix()
    setting = environ.get(SETTING)
    if setting:
        return _explicit(setting, environ)
    halves = []
    for directory in dict.fromkeys(_directories(environ, system)):
        found = _inspect(directory, environ)
        if isinstance(found, Installation):
            return found
        if found:
            halves.append(found)
    raise _nothing(halves)


def within(directory: Path, environ: Mapping[str, str] = os.environ) -> Installation | None:
    """The whole RabbitMQ in a directory: its sbin, its home, a prefix, or the root of an unpacked package."""
    found = _within(directory, environ)
    return found if isinstance(found, Installation) else None


def cache_directory(environ: Mapping[str, str] = os.environ) -> Path:
    """Return this person's directory for what is downloaded: ``FANOUT_CACHE_DIR``, or the platform's usual place.

    Who has no home directory has it among the temporary files.
    """
    setting = environ.get("FANOUT_CACHE_DIR")
    if setting:
        return Path(setting).expanduser().absolute()
    # Some versions of platformdirs say that there is no home, others return a path that begins with "~".
    with contextlib.suppress(RuntimeError):
        usual = user_cache_path("fanout")
        if usual.is_absolute():
            return usual
    return Path(tempfile.gettempdir()) / f"fanout-cache-{os.getuid()}"


def unpacked_root(environ: Mapping[str, str] = os.environ) -> Path:
    """Where ``fanout broker install`` unpacks a distribution's packages."""
    return cache_directory(environ) / "rabbitmq"


def _explicit(setting: str, environ: Mapping[str, str]) -> Installation:
    path = Path(setting).expanduser().absolute()
    found = _within(path.parent if path.name == "rabbitmq-server" and path.is_file() else path, environ)
    if isinstance(found, Installation):
        return found
    raise BrokerNotInstalled(
        f"The RabbitMQ that {SETTING} names cannot be used: {setting}",
        cause=f"{found}." if found else "No executable rabbitmq-server is in there.",
        next_step=f"Set {SETTING} to the directory that has rabbitmq-server, or unset it to have one found.",
        fault=Fault.HALF_INSTALLATION if found else None,
    )


def _within(directory: Path, environ: Mapping[str, str]) -> Installation | _Half | None:
    places = (directory, directory / "sbin", directory / "bin", *_newest_first(directory, _DISTRIBUTION))
    found = [one for one in (_inspect(place, environ) for place in places) if one]
    return next((one for one in found if isinstance(one, Installation)), found[0] if found else None)


def _directories(environ: Mapping[str, str], system: Path) -> Iterator[Path]:
    """The directories in which a ``rabbitmq-server`` may be, best first."""
    yield Path(sys.prefix, "bin")
    if conda := environ.get("CONDA_PREFIX"):
        yield Path(conda, "bin")
    yield from (Path(entry) for entry in environ.get("PATH", os.defpath).split(os.pathsep) if entry)
    if homebrew := environ.get("HOMEBREW_PREFIX"):
        yield Path(homebrew, "sbin")
    yield from (system / prefix / "sbin" for prefix in _HOMEBREW)
    for pattern in (_DISTRIBUTION, *_GENERIC_UNIX):
        yield from _newest_first(system, pattern)
    yield from _newest_first(unpacked_root(environ), _DISTRIBUTION)


def _newest_first(root: Path, pattern: str) -> list[Path]:
    return sorted(root.glob(pattern), key=lambda path: _version_key(str(path)), reverse=True)


def _version_key(text: str) -> list[int]:
    return [int(digits) for digits in re.findall(r"\d+", text)]


def _inspect(directory: Path, environ: Mapping[str, str]) -> Installation | _Half | None:
    """What is behind the ``rabbitmq-server`` in a directory, if there is one."""
    server = _program("rabbitmq-server", directory)
    if server is None:
        return None
    sbin = _own_sbin(server)
    versions = {plugin: _plugin_version(sbin.parent / "plugins", plugin) for plugin in REQUIRED_PLUGINS}
    path = _erlang(server, sbin, environ)
    lacks = [name for name in _PROGRAMS if _program(name, sbin) is None]
    lacks += [f"the plugin {name}" for name, version in versions.items() if version is None]
    if path is None:
        lacks.append("Erlang (no `erl` beside it or on PATH)")
    if re.search(r"[\s'\"]", str(sbin)):
        # RabbitMQ's scripts do not quote the path that they are in.
        lacks.append("a path without spaces and quotes, which its scripts need")
    version = versions["rabbit"]
    if lacks or path is None or version is None:
        return _Half(sbin, ", ".join(lacks))
    return Installation(sbin, path, version)


def _own_sbin(server: Path) -> Path:
    """RabbitMQ's own directory behind a link to it.

    On Debian ``/usr/sbin/rabbitmq-server`` leads to a wrapper that only root may run, and beside that wrapper
    is a link to the real script; conda's is alike.
    """
    real = server.resolve()
    beside = _program("rabbitmq-server", real.parent)
    return (beside or real).resolve().parent


def _erlang(server: Path, sbin: Path, environ: Mapping[str, str]) -> tuple[Path, ...] | None:
    """The directories in front of ``PATH`` with which ``erl`` is found, if it is found at all."""
    # A distribution puts Erlang beside RabbitMQ: usr/lib/erlang, usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin.
    distribution = [place / "erlang/bin" for place in sbin.parents[3:4]]
    for directory in (server.parent, server.parent.parent / "bin", *distribution):
        if _program("erl", directory):
            return (directory.absolute(),)
    return () if shutil.which("erl", path=environ.get("PATH", os.defpath)) else None


def _program(name: str, directory: Path) -> Path | None:
    found = shutil.which(name, path=str(directory))
    return Path(found) if found else None


def _plugin_version(plugins: Path, name: str) -> str | None:
    """A plugin's version, read from its directory's or ``.ez`` file's name; ``None`` if it is not whole."""
    entries = (*plugins.glob(f"{name}-*/ebin/{name}.app"), *plugins.glob(f"{name}-*.ez"))
    names = [entry.relative_to(plugins).parts[0] for entry in entries]
    versions = [each.removeprefix(f"{name}-").removesuffix(".ez") for each in names]
    return max(versions, key=_version_key, default=None)


def _nothing(halves: list[_Half]) -> BrokerNotInstalled:
    next_step = "Run `fanout broker install` to get one, or set FANOUT_BROKER_URL to use a broker elsewhere."
    if halves:
        lacks = "; ".join(dict.fromkeys(map(str, halves)))
        happened = "Only half of a RabbitMQ is installed on this machine."
        return BrokerNotInstalled(happened, cause=f"{lacks}.", next_step=next_step, fault=Fault.HALF_INSTALLATION)
    return BrokerNotInstalled(
        "RabbitMQ is not installed on this machine.",
        cause="It is not on PATH, nor where conda, Homebrew, Debian, Fedora or its own archive put it.",
        next_step=next_step,
    )
