"""A drawing as a still picture: an SVG that needs no kernel, no script and nothing from elsewhere."""

import re
import textwrap
from xml.etree.ElementTree import Element, SubElement, tostring

from fanout_helpers.drawing import shapes
from fanout_helpers.drawing.lettering import DETAIL, badge_width, fit_end, width
from fanout_helpers.drawing.parts import Box, Drawing, DrawnMessage, Line

_HEAD_AT = 16.0
_MARGIN = 12.0
_LINE_HEIGHT = 16.0
_BADGE = 16.0  # the height of the mark with a box's count
_ABOVE = 10.0  # how far it looks out over its box
_AVERAGE = 6.4  # the width of an average character of a note

# The same in every SVG: where a page holds several, it does not matter whose is taken.
_ARROW = "fanout-arrow-head"

# What XML 1.0 cannot hold, even escaped (https://www.w3.org/TR/xml/#charsets).
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def svg(drawing: Drawing) -> str:
    """The drawing as an SVG on its own; equal drawings are equal to the byte."""
    last = drawing["messages"][-1] if drawing["messages"] else None
    banner, notes = _wrapped([drawing["banner"]], drawing), _wrapped(drawing["notes"], drawing)
    feet = len(notes) + bool(last)
    height = drawing["height"] + feet * _LINE_HEIGHT + (_MARGIN if feet else 0.0)
    root = _root(drawing, height, above=len(banner) * _LINE_HEIGHT + (_MARGIN if banner else 0.0))
    _describe(root, drawing)
    SubElement(root, "style").text = shapes.STYLE
    _arrow_head(root)
    y = root.attrib["viewBox"].split()[1]
    SubElement(root, "rect", {"class": "fanout-ground", "y": y, "width": "100%", "height": "100%"})
    for number, said in enumerate(reversed(banner)):
        _text(root, said, _MARGIN, -number * _LINE_HEIGHT - _MARGIN / 2, "fanout-banner")
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


def _root(drawing: Drawing, height: float, above: float) -> Element:
    """Makes the SVG, with room above the drawing for what is to be read first."""
    return Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "class": "fanout-still" + (" fanout-not-live" if drawing["standing"] != "live" else ""),
            "viewBox": f"0 {-above or 0:g} {drawing['width']:g} {above + height:g}",
            "width": f"{drawing['width']:g}",
            "height": f"{above + height:g}",
            # On a page with less room it is shown smaller, unless that takes it for an image, as JupyterLab does.
            "style": "max-width:100%;height:auto",
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
    across = badge_width(box["number"])
    x = box["x"] + box["width"] - across + 4
    place = {"x": f"{x:g}", "y": f"{box['y'] - _ABOVE:g}", "width": f"{across:g}", "height": f"{_BADGE:g}"}
    SubElement(group, "rect", {"class": "fanout-badge", "rx": f"{_BADGE / 2:g}", **place})
    _text(group, box["number"], x + across / 2, box["y"] + 2, "fanout-number")


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


def _wrapped(sentences: list[str], drawing: Drawing) -> list[str]:
    """Sentences in lines as wide as the drawing."""
    room = int((drawing["width"] - 2 * _MARGIN) / _AVERAGE)
    return [line for sentence in sentences for line in textwrap.wrap(sentence, room)]
