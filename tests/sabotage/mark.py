"""The mark that a sabotage leaves when it bites: a lesson that is red without it is red for another reason."""

import os
from pathlib import Path

SETTING = "FANOUT_SABOTAGE_MARK"

_BITTEN = "bitten"


def bite() -> None:
    """Says that something is done wrongly now."""
    _write(_BITTEN)


def spoil(error: BaseException) -> None:
    """Says that the sabotage itself is broken."""
    _write(f"{type(error).__name__}: {error}")


def bitten(path: Path) -> bool:
    return _BITTEN in _lines(path)


def spoilt(path: Path) -> str:
    """What is broken of the sabotage itself; empty if nothing is."""
    return next((line for line in _lines(path) if line != _BITTEN), "")


def _write(line: str) -> None:
    with Path(os.environ[SETTING]).open("a", encoding="utf-8") as marks:
        marks.write(f"{line}\n")


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []
