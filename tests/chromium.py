"""Chromium for the browser tests: one of this machine's, or one of our own in the cache directory.

``python -m tests.chromium`` gets one where there is none; nothing is installed system-wide.
"""

import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from fanout_helpers.broker import debian
from fanout_helpers.broker.installation import cache_directory
from fanout_helpers.errors import InstallFailed
from tests import fonts

SETTING = "FANOUT_CHROMIUM"

_ON_PATH = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_UNPACKED = "usr/lib/chromium/chromium"
_VERSION_TIMEOUT = 60  # seconds
_PLAYWRIGHTS_OWN = """
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)
"""
_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir>/usr/share/fonts</dir>
  <dir>{root}/usr/share/fonts</dir>
  <cachedir>{root}/var/cache/fontconfig</cachedir>
  <alias><family>sans-serif</family><prefer><family>DejaVu Sans</family></prefer></alias>
  <alias><family>serif</family><prefer><family>DejaVu Serif</family></prefer></alias>
  <alias><family>monospace</family><prefer><family>DejaVu Sans Mono</family></prefer></alias>
</fontconfig>
"""


class ChromiumMissingError(Exception):
    """There is no Chromium that runs, or none could be fetched."""


def find() -> tuple[Path, dict[str, str]]:
    """Finds a Chromium as ``_find`` does; it sees the fonts of ``tests/fonts.py``."""
    executable, environment = _find()
    return executable, {**environment, **fonts.environment()}


def _find() -> tuple[Path, dict[str, str]]:
    """Finds a Chromium: its executable, and the environment variables to start it with besides one's own.

    Raises:
        ChromiumMissingError: There is none, or the one that ``FANOUT_CHROMIUM`` names does not run.
    """
    if setting := os.environ.get(SETTING):
        return _explicit(Path(setting).expanduser())
    for name in _ON_PATH:
        found = shutil.which(name)
        if found and _runs(Path(found), {}):
            return Path(found), {}
    root = cache_directory() / "chromium"
    if (root / _UNPACKED).is_file():
        return root / _UNPACKED, _environment(root)
    own = _playwrights_own()
    if own and _runs(own, {}):
        return own, {}
    raise ChromiumMissingError(
        "There is no Chromium for the browser tests on this machine.\n"
        f"Run `python -m tests.chromium` to get one, or set {SETTING} to a Chromium's or Chrome's executable."
    )


def ensure(say: Callable[[str], None]) -> tuple[Path, dict[str, str]]:
    """Finds a Chromium, or gets one and says how.

    Raises:
        ChromiumMissingError: None could be fetched.
    """
    fonts.ensure(say)
    try:
        return find()
    except ChromiumMissingError:
        if os.environ.get(SETTING):
            raise
    # Ubuntu's package is only a pointer to a snap, which needs root and cannot be unpacked.
    if debian.available() and platform.freedesktop_os_release().get("ID") != "ubuntu":
        try:
            return _unpack(cache_directory() / "chromium", say)
        except InstallFailed as error:
            say(str(error))
    return _download_playwrights(say)


def _explicit(path: Path) -> tuple[Path, dict[str, str]]:
    if not _runs(path, {}):
        raise ChromiumMissingError(f"{SETTING} names something that does not run as a Chromium: {path}")
    return path, {}


def _unpack(root: Path, say: Callable[[str], None]) -> tuple[Path, dict[str, str]]:
    say(f"Unpacking this distribution's own Chromium, without installing it, into {root}")

    def finish(tree: Path) -> None:
        (tree / "fonts.conf").write_text(_FONTS.format(root=root), encoding="utf-8")
        if not _runs(tree / _UNPACKED, _environment(tree)):
            raise InstallFailed("The unpacked Chromium does not run on this machine.")

    debian.unpack(["chromium", "fonts-dejavu-core"], root, say, finish=finish)
    return root / _UNPACKED, _environment(root)


def _download_playwrights(say: Callable[[str], None]) -> tuple[Path, dict[str, str]]:
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    say(f"Running: {' '.join(command)}")
    code = subprocess.run(command, check=False).returncode
    own = _playwrights_own()
    if code == 0 and own and _runs(own, {}):
        return own, {}
    raise ChromiumMissingError(
        "No Chromium could be fetched for the browser tests.\n"
        "Playwright's needs a network and, on Linux, some system libraries.\n"
        "Install one as an administrator (`sudo playwright install --with-deps chromium`), "
        f"or set {SETTING} to a Chromium's or Chrome's executable."
    )


def _environment(root: Path) -> dict[str, str]:
    inherited = os.environ.get("LD_LIBRARY_PATH")
    libraries = [*map(str, debian.library_directories(root)), *([inherited] if inherited else [])]
    return {"LD_LIBRARY_PATH": os.pathsep.join(libraries), "FONTCONFIG_FILE": str(root / "fonts.conf")}


def _runs(executable: Path, extra: dict[str, str]) -> bool:
    """Whether this is a Chromium that starts. Ubuntu's stub for a snap, and the snap itself, are not."""
    try:
        done = subprocess.run(
            [str(executable), "--version"],
            env={**os.environ, **extra},
            capture_output=True,
            text=True,
            timeout=_VERSION_TIMEOUT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    # A snap says so in its version; it may not read the temporary directories that Playwright hands it.
    return done.returncode == 0 and "Chrom" in done.stdout and "snap" not in done.stdout.split()


def _playwrights_own() -> Path | None:
    """Where Playwright keeps its own Chromium, if it is there."""
    if importlib.util.find_spec("playwright") is None:
        return None
    # In a process of its own, because Playwright's sync API may be in use in this one.
    command = [sys.executable, "-c", _PLAYWRIGHTS_OWN]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    path = Path(done.stdout.strip() or os.devnull)
    return path if path.is_file() else None


def _main() -> int:
    try:
        executable, _ = ensure(_say)
    except ChromiumMissingError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    _say(f"Chromium for the browser tests: {executable}")
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(_main())
