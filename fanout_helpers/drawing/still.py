"""A drawing as a still picture: an SVG that needs no kernel, no script and nothing from elsewhere."""

import re
import textwrap
from xml.etree.ElementTree import Element, SubElement, tostring

from fanout_helpers.drawing import shapes
from fanout_helpers.drawing.lettering import DETAIL, fit_end, width
from fanout_helpers.drawing.parts import Box, Drawing, DrawnMessage, Line

_HEAD_AT = 16.0
_MARGIN = 12.0
_LINE_HEIGHT = 16.0
_BADGE = 16.0  # the height of the mark with a box's count
_FIGURE = 8.0  # the width of one of its figures
_AVERAGE = 6.4  # the width of an average character of a note

# The same in every SVG: where a page holds several, it does not matter whose is taken.
_ARROW = "fanout-arrow-head"

# What XML 1.0 cannot hold, even escaped (https://www.w3.org/TR/xml/#charsets).
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def svg(drawing: Drawing) -> str:
    """The drawing as an SVG on its own; equal drawings are equal to the byte."""
    last = drawing["messages"][-1] if drawing["messages"] else None
    notes = _wrapped(drawing)
    feet = len(notes) + bool(last)
    height = drawing["height"] + feet * _LINE_HEIGHT + (_MARGIN if feet else 0.0)
    root = _root(drawing["width"], height)
    _describe(root, drawing)
    SubElement(root, "style").text = shapes.STYLE
    _arrow_head(root)
    SubElement(root, "rect", {"class": "fanout-ground", "width": "100%", "height": "100%"})
    _draw_heads(root, drawing)
    for line in sorted(drawing["lines"], key=lambda line: line["key"] in _taken(last)):
        _draw_line(root, line, last)
    for box in drawing["boxes"]:
        _draw_box(root, box)
    for line in drawing["lines"]:
        _label_line(root, line)
    if last:
        _tell(root, last, drawing)
    for number, note in enumerate(notes, start=1 + bool(last)):
        _text(root, note, _MARGIN, drawing["height"] + number * _LINE_HEIGHT - 2, "fanout-note")
    return _NOT_XML.sub("\ufffd", tostring(root, encoding="unicode"))


def _root(width: float, height: float) -> Element:
    return Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "class": "fanout-still",
            "viewBox": f"0 0 {width:g} {height:g}",
            "width": f"{width:g}",
            "height": f"{height:g}",
            "role": "img",
        },
    )


def _describe(root: Element, drawing: Drawing) -> None:
    SubElement(root, "title").text = "Exchanges, queues and who uses them"
    ways = [message["way"] for message in drawing["messages"][-1:]]
    SubElement(root, "desc").text = "\n".join([drawing["words"], *ways, *drawing["notes"]])


def _arrow_head(root: Element) -> None:
    place = {"refX": "7", "refY": "4", "markerWidth": "8", "markerHeight": "8", "markerUnits": "userSpaceOnUse"}
    marker = SubElement(root, "marker", {"id": _ARROW, "orient": "auto", **place})
    SubElement(marker, "path", {"class": "fanout-arrow", "d": "M0 0L8 4L0 8z"})


def _draw_heads(root: Element, drawing: Drawing) -> None:
    """Says above the columns what they hold."""
    for kind in ("producer", "exchange", "queue", "consumer"):
        first = next((box for box in drawing["boxes"] if box["kind"] == kind), None)
        if first:
            _text(root, f"{kind}s", first["x"] + first["width"] / 2, _HEAD_AT, "fanout-head")


def _taken(message: DrawnMessage | None) -> set[str]:
    """The lines that a message took."""
    if message is None:
        return set()
    deliveries = (delivery["line"] for delivery in message["deliveries"])
    return {message["publish"], *deliveries}.union(*message["routed"])


def _draw_line(root: Element, line: Line, last: DrawnMessage | None) -> None:
    kind = f"fanout-line fanout-{line['kind']}"
    if last and line["key"] in _taken(last):
        kind += f" fanout-taken fanout-{last['severity']}"
    place = {"d": line["path"], "marker-end": f"url(#{_ARROW})"}
    path = SubElement(root, "path", {"class": kind, **place})
    SubElement(path, "title").text = line["full"]


def _label_line(root: Element, line: Line) -> None:
    inside = line["kind"] == "binding"
    if line["label"]:
        _text(root, line["label"], line["x"], line["y"] + 4, "fanout-key")
    if line["rate"]:
        # Under the binding key; outside the broker lines are short, and a label on one would hide it.
        below = (18 if line["label"] else 4) if inside else -6
        _text(root, _per_second(line["rate"]), line["x"], line["y"] + below, "fanout-rate")


def _per_second(rate: float) -> str:
    return f"{rate:,.1f}/s" if rate < 10 else f"{rate:,.0f}/s"  # noqa: PLR2004


def _draw_box(root: Element, box: Box) -> None:
    state = f" fanout-{box['state']}" if box["state"] else ""
    group = SubElement(root, "g", {"class": f"fanout-box fanout-{box['kind']}{state}"})
    SubElement(group, "title").text = box["full"]
    for name, place in shapes.outline(box):
        SubElement(group, name, place)
    _letter(group, box)
    if box["number"]:
        _badge(group, box)


def _letter(group: Element, box: Box) -> None:
    """Writes a box's texts, in a frame that cuts off what is wider than it was estimated to be."""
    left, right = shapes.INSETS[box["kind"]]
    room = box["width"] - left - right
    place = {"x": f"{box['x'] + left:g}", "y": f"{box['y']:g}", "width": f"{room:g}", "height": f"{box['height']:g}"}
    frame = SubElement(group, "svg", place)
    middle = box["height"] / 2
    _text(frame, box["label"], room / 2, middle + (-2 if box["detail"] else 4.5), "fanout-label")
    if box["detail"]:
        _text(frame, box["detail"], room / 2, middle + 12, "fanout-detail")


def _badge(group: Element, box: Box) -> None:
    """Writes a box's count over its upper right corner."""
    across = max(_BADGE, _FIGURE * len(box["number"]) + _BADGE / 2)
    x = box["x"] + box["width"] - across + 4
    place = {"x": f"{x:g}", "y": f"{box['y'] - _BADGE / 2:g}", "width": f"{across:g}", "height": f"{_BADGE:g}"}
    SubElement(group, "rect", {"class": "fanout-badge", "rx": f"{_BADGE / 2:g}", **place})
    _text(group, box["number"], x + across / 2, box["y"] + _BADGE / 4, "fanout-number")


def _text(parent: Element, text: str, x: float, y: float, kind: str) -> None:
    SubElement(parent, "text", {"class": kind, "x": f"{x:g}", "y": f"{y:g}"}).text = text


def _tell(root: Element, message: DrawnMessage, drawing: Drawing) -> None:
    """Writes below the drawing what became of a message."""
    y = drawing["height"] + _LINE_HEIGHT - 2
    mark = shapes.mark(message["severity"], _MARGIN, y - 8)
    if mark:
        SubElement(root, "path", mark)
    x = _MARGIN + (14 if mark else 0)
    rest = f" \u2192 {message['summary']}"
    room = drawing["width"] - x - _MARGIN - width(rest, DETAIL)
    text = fit_end(f"message {message['number']}: {message['text']}", room, DETAIL)
    _text(root, text + rest, x, y, "fanout-last")


def _wrapped(drawing: Drawing) -> list[str]:
    """The notes, in lines as wide as the drawing."""
    room = int((drawing["width"] - 2 * _MARGIN) / _AVERAGE)
    return [line for note in drawing["notes"] for line in textwrap.wrap(note, room)]
