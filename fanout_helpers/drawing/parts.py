"""The drawing of a picture: boxes, lines and words with their places, made of plain values that travel as JSON.

The page draws it with life in it (``views/static/diagram.js``), ``still`` writes it out as an SVG, so both look alike.
Lengths are in the SVG's own units: about a CSS pixel each while the drawing has the width it was laid out for.
"""

from typing import Literal, TypedDict

WIDTH = 960.0
"""The width of an ordinary drawing; a presenter's is laid out narrower, and so shown larger."""


class Box(TypedDict):
    """One thing in the broker, or beside it.

    ``key`` tells boxes apart and stays the same from drawing to drawing; ``testid`` names it for tests. ``label`` is
    short enough for its box, ``full`` is the whole name and what there is to know about it in words; ``detail`` is the
    small line under the label. ``state`` is empty, ``missing`` (not declared) or ``gone`` (its connection closed, or
    nobody is known to be there).
    ``number`` is the count on its corner, with its word: messages that came into an exchange, or that wait in a queue.
    """

    key: str
    testid: str
    kind: Literal["producer", "exchange", "queue", "consumer", "more"]
    x: float
    y: float
    width: float
    height: float
    label: str
    detail: str
    full: str
    state: Literal["", "missing", "gone"]
    number: str


class Line(TypedDict):
    """A line along which messages go, from the box ``source`` to the box ``target``.

    ``path`` is an SVG path from one to the other; ``label`` is the binding key where it matters, at ``x``, ``y``.
    ``rate`` is in messages a second, 0 where single messages are shown.
    """

    key: str
    kind: Literal["publish", "binding", "consume"]
    source: str
    target: str
    path: str
    label: str
    full: str
    x: float
    y: float
    rate: float


class DrawnDelivery(TypedDict):
    """A copy's delivery: ``queue`` is a box's key, ``line`` the line to the consumer (empty if none is drawn)."""

    queue: str
    line: str
    redelivered: bool


class DrawnMessage(TypedDict):
    """A message on its way.

    ``publish`` is the line from its producer, empty if none is drawn; ``exchange`` a box's key; ``routed`` holds the
    chain of lines (two or more through exchanges bound to exchanges) for each queue that got a copy and is drawn.
    ``copies`` counts all queues that got one. ``text`` is short; ``summary`` is one line, such as
    ``3 queues · 3 delivered``; ``way`` tells all of it, in several lines.
    """

    number: int
    text: str
    severity: Literal["info", "warning", "error", "none"]
    publish: str
    exchange: str
    routed: list[list[str]]
    copies: int
    deliveries: list[DrawnDelivery]
    summary: str
    way: str


class Drawing(TypedDict):
    """All of it. ``words`` is the same in text; ``notes`` are sentences about what cannot be shown.

    ``standing`` says how sure it is, and ``banner`` says so to a person, above everything else: empty if it need not be
    said.
    """

    width: float
    height: float
    mode: Literal["messages", "flows", "untraced"]
    boxes: list[Box]
    lines: list[Line]
    messages: list[DrawnMessage]
    notes: list[str]
    standing: Literal["live", "stale", "closed"]
    banner: str
    words: str


EMPTY = Drawing(
    width=WIDTH,
    height=0.0,
    mode="messages",
    boxes=[],
    lines=[],
    messages=[],
    notes=[],
    standing="live",
    banner="",
    words="",
)
"""What is drawn before there is a picture."""
