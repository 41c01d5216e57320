"""The picture that the panes show: small, bounded, and made of plain values that travel as JSON.

The page draws this structure and ``describe`` writes it out, so that what CI compares is what a person sees.
"""

import codecs
from collections.abc import Iterable
from typing import TypedDict

from fanout_helpers.drawing.words import counted
from fanout_helpers.model import Delivery, visible

LINES = 100
"""Messages that a pane shows at most."""

CHARACTERS = 500
"""Characters of one message that a pane shows at most."""

_UTF8_BYTES = 4
"""Bytes that one character takes at most in UTF-8."""

_decoder = codecs.getincrementaldecoder("utf-8")


class Line(TypedDict):
    """One message: its ``number`` in the log (from 1), its ``text``, and a ``note`` if it was cut."""

    number: int
    text: str
    note: str


class PaneSnapshot(TypedDict):
    """One pane.

    ``key`` tells panes apart, whatever their names; ``queue`` is the name for people, ``full_queue`` the
    whole one; ``total`` counts messages since the last Clear, ``cleared`` those before it, and ``waiting`` those
    that came while paused.
    """

    key: int
    name: str
    queue: str
    full_queue: str
    state: str
    total: int
    cleared: int
    waiting: int
    lines: list[Line]


class Notice(TypedDict):
    """What the status line says: ``kind`` is ``quiet``, ``busy``, ``good``, ``lost`` or ``error``.

    ``number`` counts notices, so that the same text said twice is seen to be said twice.
    """

    number: int
    kind: str
    text: str


class Snapshot(TypedDict):
    """All panes at one moment, and the status line."""

    paused: bool
    notice: Notice
    panes: list[PaneSnapshot]


def line(number: int, delivery: Delivery) -> Line:
    """The delivery as a pane's line number ``number``; the whole body is never decoded, however large."""
    body = delivery.body
    head = body[: CHARACTERS * _UTF8_BYTES]
    whole = len(head) == len(body)
    text = visible(_decoder("backslashreplace").decode(head, whole))
    if whole and len(text) <= CHARACTERS:
        return Line(number=number, text=text, note="")
    return Line(number=number, text=text[:CHARACTERS], note=f"… cut: {len(body):,} bytes in all")


def describe(panes: Iterable[PaneSnapshot]) -> str:
    """The panes in words, without server-given names: two runs of a notebook print the same."""
    return "\n".join(_describe(pane) for pane in panes) or "no panes"


def _describe(pane: PaneSnapshot) -> str:
    state = "" if pane["state"] == "consuming" else f" ({pane['state']})"
    waiting = f", {pane['waiting']:,} waiting" if pane["waiting"] else ""
    earlier = pane["total"] - len(pane["lines"])
    written = [f"{pane['name']}{state}: {counted(pane['total'], 'message')}{waiting}"]
    if earlier > 0:
        written.append(f"  … {earlier:,} earlier")
    written += [f"  {shown['text']} {shown['note']}".rstrip() for shown in pane["lines"]]
    return "\n".join(written)
