"""Fonts for Chinese, Japanese and emoji, so that what tests and screenshots show does not depend on the machine."""

from collections.abc import Callable
from pathlib import Path

from fanout_helpers.broker import debian
from fanout_helpers.broker.installation import cache_directory
from fanout_helpers.errors import InstallFailed

_PACKAGES = ("fonts-wqy-microhei", "fonts-noto-color-emoji")
_CONFIGURATION = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>/usr/share/fonts</dir>
  <dir>{chromium}/usr/share/fonts</dir>
  <dir>{fonts}/usr/share/fonts</dir>
  <cachedir>{fonts}/var/cache/fontconfig</cachedir>
  <alias><family>sans-serif</family><prefer><family>DejaVu Sans</family></prefer></alias>
  <alias><family>serif</family><prefer><family>DejaVu Serif</family></prefer></alias>
  <alias><family>monospace</family><prefer><family>DejaVu Sans Mono</family></prefer></alias>
</fontconfig>
"""


def ensure(say: Callable[[str], None]) -> None:
    """Gets the fonts where this is Debian or Ubuntu; elsewhere the machine's own have to do."""
    root = _root()
    if not debian.available() or root.is_dir():
        return

    def configure(tree: Path) -> None:
        text = _CONFIGURATION.format(chromium=cache_directory() / "chromium", fonts=root)
        (tree / "fonts.conf").write_text(text, encoding="utf-8")

    say(f"Unpacking fonts for the browser tests, without installing them, into {root}")
    try:
        debian.unpack(_PACKAGES, root, say, finish=configure)
    except InstallFailed as error:
        say(str(error))


def environment() -> dict[str, str]:
    """What a browser's environment needs to find them."""
    configuration = _root() / "fonts.conf"
    return {"FONTCONFIG_FILE": str(configuration)} if configuration.is_file() else {}


def _root() -> Path:
    return cache_directory() / "fonts"
