"""How much room text takes in a drawing, and how it is shortened to fit.

The fonts of the page are not known here, so widths are estimates, made on the large side.
"""

import unicodedata

LABEL = 14.0
"""The size of a label, in the drawing's units: 13, and a little more as it is bold."""

DETAIL = 11.0
"""The size of the small line under a label."""

KEY = 11.5
"""The size of a line's label: that of a detail, and a little more as it is monospaced."""

_AVERAGE = 0.58
"""Width of an average character, as a part of the size."""

_WIDE = frozenset("mwMWQ@%&…—")


def width(text: str, size: float) -> float:
    """The room that a text takes."""
    return sum(map(_parts, text)) * size * _AVERAGE


def fit_middle(text: str, room: float, size: float) -> str:
    """The text, without its middle if it is too long: the ends of a name tell it from others."""
    if width(text, size) <= room:
        return text
    rest = room - width("…", size)
    head = _fitting(text, rest / 2, size)
    tail = _fitting(text[::-1], rest - width(head, size), size)[::-1]
    return f"{head}…{tail}"


def fit_end(text: str, room: float, size: float) -> str:
    """The text, without its end if it is too long."""
    if width(text, size) <= room:
        return text
    return f"{_fitting(text, room - width('…', size), size)}…"


def _fitting(text: str, room: float, size: float) -> str:
    """As much of the beginning of a text as fits."""
    left = room / (size * _AVERAGE)
    for place, character in enumerate(text):
        left -= _parts(character)
        if left < 0:
            return text[:place]
    return text


def _parts(character: str) -> float:
    """How wide a character is, in average characters."""
    if unicodedata.east_asian_width(character) in "WF":
        return 2.0
    if character in _WIDE:
        return 1.8
    return 1.2 if character.isupper() else 1.0
