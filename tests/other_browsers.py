"""Firefox and WebKit for the tests: this machine's, or Debian's in the cache directory.

``python -m tests.other_browsers`` gets them on Debian; nothing is installed system-wide.
"""

import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from fanout_helpers.broker import debian
from fanout_helpers.broker.installation import cache_directory
from fanout_helpers.errors import InstallFailed
from tests import fonts
from tests.processes import eventually
from tests.webdriver import Driven, HttpDriver, Marionette, session

NAMES = ("firefox", "webkit")

_PACKAGES = {"firefox": ("firefox-esr",), "webkit": ("webkit2gtk-driver", "xvfb")}
_FIREFOXES = ("firefox-esr", "firefox", "/Applications/Firefox.app/Contents/MacOS/firefox")
_UNPACKED_FIREFOX = "usr/lib/firefox-esr/firefox-esr"
# The library of WebKit and the display server know their helpers only by their paths below /usr.
_OVER_USR = 'mount -t overlay overlay -o "lowerdir=$0/usr:/usr" /usr && exec "$@"'
_WEBKIT_RUNS = "WebKitWebDriver --help && command -v Xvfb"
_START_SECONDS = 60
_STOP_SECONDS = 10
_SIZE = (1400, 1000)
# Port 0: the system chooses one. The next three keep a start without a network from waiting for Mozilla. The tests'
# fonts are where Firefox's sandbox reads nothing.
_PREFERENCES = """
user_pref("marionette.port", 0);
user_pref("services.settings.server", "data:,#none");
user_pref("messaging-system.rsexperimentloader.enabled", false);
user_pref("app.normandy.enabled", false);
user_pref("security.sandbox.content.read_path_whitelist", "{readable}");
"""


class BrowserMissingError(Exception):
    """There is no such browser here that runs."""


def ensure(name: str, say: Callable[[str], None]) -> None:
    """Gets a browser where it is missing and this is Debian, or Ubuntu and a package of its own.

    Raises:
        BrowserMissingError: It could not be had.
    """
    try:
        _command(name)
    except BrowserMissingError:
        if not debian.available() or (name == "firefox" and _system() == "ubuntu"):  # a pointer to a snap
            raise
        say(f"Unpacking {', '.join(_PACKAGES[name])}, without installing it, into {_root(name)}")
        try:
            debian.unpack(_PACKAGES[name], _root(name), say)
        except InstallFailed as error:
            say(str(error))
        _command(name)


def is_debian() -> bool:
    """Whether each of them is to be had here."""
    return _system() == "debian"


@contextmanager
def launched(name: str, scratch: Path) -> Iterator[Driven]:
    """A browser whose files are in ``scratch``.

    Raises:
        BrowserMissingError: There is none; says how to get it.
    """
    command, environment = _command(name)
    environment = {**os.environ, **fonts.environment(), **environment, "HOME": str(scratch)}
    launch = _firefox if name == "firefox" else _webkit
    with launch(command, environment, scratch) as page:
        yield page


@contextmanager
def _firefox(command: Sequence[str], environment: Mapping[str, str], scratch: Path) -> Iterator[Driven]:
    profile = scratch / "profile"
    profile.mkdir()
    (profile / "user.js").write_text(_PREFERENCES.format(readable=f"{cache_directory()}/"))
    options = ("--headless", "--marionette", "--no-remote", "--profile", str(profile))
    with _running((*command, *options), environment, scratch / "firefox.log") as log:
        port = eventually(lambda: _text(profile / "MarionetteActivePort"), _START_SECONDS)
        assert port, f"Firefox did not start: {log.read_text()}"
        with session(Marionette(int(port)), *_SIZE) as page:
            yield page


@contextmanager
def _webkit(prefix: Sequence[str], environment: Mapping[str, str], scratch: Path) -> Iterator[Driven]:
    screen = ("-screen", "0", f"{_SIZE[0]}x{_SIZE[1]}x24", "-nolisten", "tcp")
    told = scratch / "display"
    with _running((*prefix, "Xvfb", "-displayfd", "1", *screen), environment, scratch / "xvfb.log", told) as log:
        display = eventually(lambda: _text(told).endswith("\n") and _text(told).strip(), _START_SECONDS)
        assert display, f"Xvfb did not start: {log.read_text()}"
        port = _free_port()
        driver = (*prefix, "WebKitWebDriver", f"--port={port}")
        with _running(driver, {**environment, "DISPLAY": f":{display}"}, scratch / "webkit.log") as said:
            assert eventually(lambda: _listens(port), _START_SECONDS), f"WebKit did not start: {said.read_text()}"
            with session(HttpDriver(port), *_SIZE) as page:
                yield page


@contextmanager
def _running(
    command: Sequence[str], environment: Mapping[str, str], log: Path, output: Path | None = None
) -> Iterator[Path]:
    """Runs a program in a session of its own, and ends it with all that it started."""
    with log.open("wb") as errors, (output or log).open("ab") as told:
        process = subprocess.Popen(command, env=environment, stdout=told, stderr=errors, start_new_session=True)
    try:
        yield log
    finally:
        # Asked first: a display server that is killed leaves its lock.
        os.killpg(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_STOP_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _command(name: str) -> tuple[tuple[str, ...], dict[str, str]]:
    """What starts a browser, or stands before WebKit's driver, and the environment variables that it takes."""
    candidates = _firefoxes() if name == "firefox" else _webkits()
    check = ("--version",) if name == "firefox" else ("sh", "-c", _WEBKIT_RUNS)
    for command, extra in candidates:
        if _runs((*command, *check), extra):
            return command, extra
    packages = " ".join(_PACKAGES[name])
    raise BrowserMissingError(
        f"There is no {name} for the tests on this machine, or none that runs.\n"
        "On Debian, `python -m tests.other_browsers` gets it without root where it may make namespaces; "
        f"`sudo apt-get install {packages}` gets it everywhere."
    )


def _firefoxes() -> Iterator[tuple[tuple[str, ...], dict[str, str]]]:
    for found in filter(None, map(shutil.which, _FIREFOXES)):
        # A snap may not read the temporary directory that its profile is in.
        if b"/snap/" not in Path(found).read_bytes() and "snap" not in Path(found).resolve().parts:
            yield (found,), {}
    root = _root("firefox")
    if (root / _UNPACKED_FIREFOX).is_file():
        libraries = [*map(str, debian.library_directories(root)), *filter(None, [os.environ.get("LD_LIBRARY_PATH")])]
        yield (str(root / _UNPACKED_FIREFOX),), {"LD_LIBRARY_PATH": os.pathsep.join(libraries)}


def _webkits() -> Iterator[tuple[tuple[str, ...], dict[str, str]]]:
    yield (), {}
    if _root("webkit").is_dir() and shutil.which("unshare"):
        namespaces = ("unshare", "--user", "--map-root-user", "--mount")
        yield (*namespaces, "sh", "-c", _OVER_USR, str(_root("webkit"))), {}


def _root(name: str) -> Path:
    return cache_directory() / name


def _system() -> str:
    return platform.freedesktop_os_release().get("ID", "") if sys.platform == "linux" else sys.platform


def _runs(command: Sequence[str], extra: Mapping[str, str]) -> bool:
    try:
        done = subprocess.run(
            command, env={**os.environ, **extra}, capture_output=True, timeout=_START_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def _main() -> None:
    for name in NAMES:
        try:
            ensure(name, _say)
        except BrowserMissingError as error:
            _say(str(error))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    _main()
