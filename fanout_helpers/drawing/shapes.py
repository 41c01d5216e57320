"""The shapes of a still picture's boxes, and its colours, which look like those of ``static/picture.js``.

Each kind of box has a shape of its own. The severities' colours are those of ``static/theme.css``: Okabe and Ito's,
told apart by the colour-blind, made darker or lighter until they stand out from the background.
"""

from fanout_helpers.drawing.parts import Box

INSETS = {
    "producer": (7.0, 7.0),
    "exchange": (8.0, 8.0),
    "queue": (6.0, 27.0),
    "consumer": (5.0, 5.0),
    "more": (10.0, 10.0),
}
"""What a shape leaves free on the left and on the right of its texts."""

_POINT = 14.0  # how far an exchange's sides are pointed
_SLOTS = (7.0, 14.0, 21.0)  # where a queue's slots are, from its right side
_BEHIND = 4.0  # how far the box behind a box for many looks out

# In a square of 8 by 8, as the panes mark their lines: a circle, a triangle, a diamond.
_MARKS = {
    "info": "M0 4A4 4 0 0 1 8 4A4 4 0 0 1 0 4z",
    "warning": "M4 0L8 7.6H0z",
    "error": "M4 0L8 4L4 8L0 4z",
}

# Before system-ui: without a desktop that may be a font with serifs.
_FONT = "-apple-system,'Segoe UI',Roboto,'DejaVu Sans',system-ui,sans-serif"
_MONOSPACED = "ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace"

STYLE = f"""
.fanout-still text{{font-family:{_FONT};text-anchor:middle;fill:#1a1a1a}}
.fanout-still .fanout-ground{{fill:#ffffff}}
.fanout-still .fanout-head{{font-size:11px;letter-spacing:.04em}}
.fanout-still .fanout-label{{font-size:13px;font-weight:600}}
.fanout-still .fanout-detail{{font-size:11px}}
.fanout-still .fanout-number{{font-size:12px;font-weight:600}}
.fanout-still .fanout-key{{font:11px {_MONOSPACED}}}
.fanout-still .fanout-rate{{font-size:11px;font-weight:600}}
.fanout-still :is(.fanout-key,.fanout-rate){{paint-order:stroke;stroke:#ffffff;stroke-width:5px;stroke-linejoin:round}}
.fanout-still .fanout-last,.fanout-still .fanout-note{{font-size:11px;text-anchor:start}}
.fanout-still :is(.fanout-head,.fanout-detail,.fanout-note){{fill:#565656}}
.fanout-still .fanout-shape{{fill:#f4f4f4;stroke:#565656;stroke-width:1.5}}
.fanout-still .fanout-exchange .fanout-shape{{fill:#dfdfdf}}
.fanout-still .fanout-consumer .fanout-shape{{fill:#e6f1ef;stroke:#00735a}}
.fanout-still .fanout-slot{{stroke:#565656}}
.fanout-still .fanout-badge{{fill:#ffffff;stroke:#565656}}
.fanout-still :is(.fanout-missing,.fanout-gone,.fanout-more) .fanout-shape{{fill:#ffffff}}
.fanout-still :is(.fanout-missing,.fanout-gone) .fanout-shape{{stroke-dasharray:5 4}}
.fanout-still :is(.fanout-missing,.fanout-gone,.fanout-more) .fanout-label{{font-weight:400}}
.fanout-still .fanout-gone{{opacity:.7}}
.fanout-still .fanout-banner{{font-size:12px;font-weight:600;text-anchor:start}}
.fanout-still.fanout-not-live{{filter:grayscale(1)}}
.fanout-still.fanout-not-live :is(.fanout-shape,.fanout-line){{stroke-dasharray:5 4}}
.fanout-still .fanout-line{{fill:none;stroke:#818181;stroke-width:1.5}}
.fanout-still .fanout-arrow{{fill:#6b6b6b}}
.fanout-still .fanout-taken{{stroke:#565656;stroke-width:2.5}}
.fanout-still .fanout-taken.fanout-info{{stroke:#0072b2}}
.fanout-still .fanout-taken.fanout-warning{{stroke:#a86200;stroke-dasharray:9 3}}
.fanout-still .fanout-taken.fanout-error{{stroke:#c0390b;stroke-dasharray:3 3}}
.fanout-still .fanout-mark.fanout-info{{fill:#0072b2}}
.fanout-still .fanout-mark.fanout-warning{{fill:#a86200}}
.fanout-still .fanout-mark.fanout-error{{fill:#c0390b}}
@media (prefers-color-scheme:dark){{
.fanout-still text{{fill:#ececec}}
.fanout-still .fanout-ground{{fill:#161616}}
.fanout-still :is(.fanout-head,.fanout-detail,.fanout-note){{fill:#b4b4b4}}
.fanout-still :is(.fanout-key,.fanout-rate){{stroke:#161616}}
.fanout-still .fanout-shape{{fill:#2a2a2a;stroke:#b4b4b4}}
.fanout-still .fanout-exchange .fanout-shape{{fill:#343434}}
.fanout-still .fanout-consumer .fanout-shape{{fill:#182824;stroke:#2fc79f}}
.fanout-still .fanout-slot{{stroke:#b4b4b4}}
.fanout-still .fanout-badge{{fill:#161616;stroke:#b4b4b4}}
.fanout-still :is(.fanout-missing,.fanout-gone,.fanout-more) .fanout-shape{{fill:#161616}}
.fanout-still .fanout-line{{stroke:#8c8c8c}}
.fanout-still .fanout-arrow{{fill:#a0a0a0}}
.fanout-still .fanout-taken{{stroke:#b4b4b4}}
.fanout-still .fanout-taken.fanout-info{{stroke:#56b4e9}}
.fanout-still .fanout-taken.fanout-warning{{stroke:#f0b429}}
.fanout-still .fanout-taken.fanout-error{{stroke:#ff7d52}}
.fanout-still .fanout-mark.fanout-info{{fill:#56b4e9}}
.fanout-still .fanout-mark.fanout-warning{{fill:#f0b429}}
.fanout-still .fanout-mark.fanout-error{{fill:#ff7d52}}
}}
"""


def outline(box: Box) -> list[tuple[str, dict[str, str]]]:
    """The elements that make a box's shape, with their attributes."""
    x, y, width, height = box["x"], box["y"], box["width"], box["height"]
    if box["kind"] == "producer":
        return [_rectangle(x, y, width, height, height / 2)]
    if box["kind"] == "exchange":
        return [_hexagon(x, y, width, height)]
    if box["kind"] == "queue":
        slots = (_slot(x + width - slot, y, height) for slot in _SLOTS)
        return [_rectangle(x, y, width, height, 2), *slots]
    if box["kind"] == "more":
        inner = width - _BEHIND, height - _BEHIND
        return [_rectangle(x + _BEHIND, y + _BEHIND, *inner, 4), _rectangle(x, y, *inner, 4)]
    return [_rectangle(x, y, width, height, 10)]


def mark(severity: str, x: float, y: float) -> dict[str, str]:
    """The attributes of the path that marks a severity, with its top left at a place; empty where there is none."""
    path = {"class": f"fanout-mark fanout-{severity}", "transform": f"translate({x:g} {y:g})"}
    return {**path, "d": _MARKS[severity]} if severity in _MARKS else {}


def _rectangle(x: float, y: float, width: float, height: float, radius: float) -> tuple[str, dict[str, str]]:
    place = {"x": f"{x:g}", "y": f"{y:g}", "width": f"{width:g}", "height": f"{height:g}", "rx": f"{radius:g}"}
    return "rect", {"class": "fanout-shape", **place}


def _hexagon(x: float, y: float, width: float, height: float) -> tuple[str, dict[str, str]]:
    right, middle, bottom = x + width, y + height / 2, y + height
    near, far = x + _POINT, right - _POINT
    corners = [(x, middle), (near, y), (far, y), (right, middle), (far, bottom), (near, bottom)]
    return "polygon", {"class": "fanout-shape", "points": " ".join(f"{a:g},{b:g}" for a, b in corners)}


def _slot(x: float, y: float, height: float) -> tuple[str, dict[str, str]]:
    return "path", {"class": "fanout-slot", "d": f"M{x:g} {y:g}V{y + height:g}"}
