"""The picture that the panes show: small, bounded, and made of plain values that travel as JSON.

The page draws this structure and ``describe`` writes it out, so that what CI compares is what a person sees.
"""

from collections.abc import Iterable
from typing import TypedDict

from fanout_helpers.drawing.words import counted
from fanout_helpers.model import Delivery, beginning

LINES = 100
"""Messages that a pane shows at most."""

CHARACTERS = 500
"""Characters of one message that a pane shows at most."""


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


class Snapshot(TypedDict):
    """All panes at one moment."""

    paused: bool
    panes: list[PaneSnapshot]


def line(number: int, delivery: Delivery) -> Line:
    """The delivery as a pane's line number ``number``; the whole body is never decoded, however large."""
    text, whole = beginning(delivery.body, CHARACTERS)
    return Line(number=number, text=text, note="" if whole else f"… cut: {len(delivery.body):,} bytes in all")


def describe(panes: Iterable[PaneSnapshot]) -> str:
    """The panes in words, without server-given names: two runs of a notebook print the same."""
    return "\n".join(_describe(pane) for pane in panes) or "no panes"


def _describe(pane: PaneSnapshot) -> str:
    state = "" if pane["state"] == "consuming" else f" ({pane['state']})"
    waiting = f", {pane['waiting']:,} held back" if pane["waiting"] else ""
    earlier = pane["total"] - len(pane["lines"])
    written = [f"{pane['name']}{state}: {counted(pane['total'], 'message')}{waiting}"]
    if earlier > 0:
        written.append(f"  … {earlier:,} earlier")
    written += [f"  {shown['text']} {shown['note']}".rstrip() for shown in pane["lines"]]
    return "\n".join(written)
