"""How much room text takes in a drawing, and how it is shortened to fit.

The fonts of the page are not known here, so widths are estimates, made on the large side.
"""

import re
import unicodedata
from collections.abc import Collection, Sequence

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


def badge_width(text: str) -> float:
    """How wide the mark is that has this text: a figure's width for each character, and round at both ends."""
    return max(16.0, 7.0 * len(text) + 12.0)


_WORDY = re.compile(r"^queue (?=of )| exchange$")
"""Words of ours in a label that are understood without it."""

_WORDS = re.compile(r".*[^0-9A-Za-z]", re.DOTALL)
_NUMBER = re.compile(r" \d+$")


def fit_names(texts: Sequence[str], room: float, size: float) -> list[str]:
    """Names as they stand below each other: without their ends if they are too long, but told from each other."""
    whole: dict[str, set[str]] = {}
    for text in texts:
        whole.setdefault(_fit_name(text, room, size), set()).add(text)
    shown = {text: short for short, alike in whole.items() if len(alike) == 1 for text in alike}
    for alike in whole.values():
        if len(alike) > 1:
            shown |= {text: _fit_apart(text, alike, room, size) for text in alike}
    return [shown[text] for text in texts]


def fit_list(text: str, room: float, size: float) -> str:
    """Words with commas between them: as many as fit, or the beginning of the first."""
    while width(text, size) > room and ", " in text:
        text = text.rpartition(", ")[0]
    return fit_end(text, room, size)


def _fit_name(text: str, room: float, size: float) -> str:
    """A name without its end; a number there stays, for it tells namesakes apart."""
    text = text if width(text, size) <= room else _WORDY.sub("", text)
    number = _NUMBER.search(text)
    kept = number[0] if number else ""
    if width(text, size) <= room or width(f"…{kept}", size) > room / 2:
        return fit_end(text, room, size)
    return fit_end(text.removesuffix(kept), room - width(kept, size), size) + kept


def _fit_apart(text: str, alike: Collection[str], room: float, size: float) -> str:
    """A name that begins like others: what they have in common goes, up to the word in which they differ."""
    together = enumerate(zip(*alike, strict=False))
    common = next((place for place, each in together if len(set(each)) > 1), min(map(len, alike)))
    words = _WORDS.match(text[:common])
    rest = f"…{text[words.end() if words else common :]}"
    return rest if width(rest, size) <= room else fit_middle(text, room, size)


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
