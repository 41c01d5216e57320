"""The lines of a drawing, from box to box."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from fanout_helpers.drawing.columns import Places
from fanout_helpers.drawing.lettering import KEY, badge_width, fit_end
from fanout_helpers.drawing.parts import Box, Line
from fanout_helpers.drawing.selection import Link, Selection
from fanout_helpers.drawing.words import conditions, counted, exchange_name, held_by, key_name
from fanout_helpers.model import short_name, visible
from fanout_helpers.picture import Mode, Picture, Tally

_KEYS = 50
"""Binding keys, or arguments of bindings, that the words for a line list at most."""

_BULGE = 26.0
_OFF_MIDDLE = 10.0
_ASIDE = 0.2  # how far the label of a line between exchanges is off the middle, as a part of their width
_LABEL_AT = 0.62  # of a line's length: there the lines that begin at one exchange have parted
_NEAR = 100.0  # where there is less room than this between two columns, a label gets all of it
_ARROW = 8.0  # room for an arrow's head
_OUT = 20.0  # where a line leaves an exchange below, from its left
_CORNER = 5.0
_TIGHT = 3.5
_INTO = 13.0  # from where producers' lines go down to an exchange
_BADGE = 40.0  # room for the least count on a box's corner: keys do not move when one comes


def line_key(kind: str, source: Box, target: Box) -> str:
    """The key of the line of that kind between two boxes."""
    return f"{kind}:{json.dumps([source['key'], target['key']])}"


def draw_lines(picture: Picture, selection: Selection, places: Places) -> list[Line]:
    """All lines: publish, binding, consume."""
    bound = Counter(link.destination for link in selection.links if link.kind == "queue")
    drawing = _Lines(picture, selection, places, bound)
    return [*drawing.publish(), *drawing.bindings(), *drawing.consume()]


@dataclass(frozen=True)
class _Lines:
    picture: Picture
    selection: Selection
    places: Places
    bound: Counter[str]
    """To how many of the exchanges each queue is bound."""

    def publish(self) -> list[Line]:
        drawn: dict[str, Line] = {}
        for source, exchange in self._published():
            target = self.places.exchanges[exchange]
            line = _down(source, target) if self.places.lanes else _straight("publish", source, target)
            line["full"] = f"{source['full']}: publishes to {exchange_name(exchange)}"
            if len(self.picture.producers) == 1:
                line["rate"] = self._tally("exchange", exchange).into_rate
            drawn[line["key"]] = line
        return list(drawn.values())

    def _published(self) -> list[tuple[Box, str]]:
        """Who publishes to which exchange; the target stands in where the latest messages do not tell."""
        if not self.picture.producers:
            if self.picture.mode is Mode.UNTRACED:
                return []
            return [(self.places.boxes["producer:"], self.picture.target)]
        seen = {(message.connection, message.exchange) for message in self.picture.messages}
        found = []
        for connection, box in self.places.producers.items():
            told = [name for name in self.selection.exchanges if (connection, name) in seen]
            found += [(box, name) for name in told or [self.picture.target]]
        return found

    def bindings(self) -> list[Line]:
        together: dict[tuple[str, str], list[Link]] = {}
        for link in self.selection.links:
            pair = self.places.exchanges[link.source]["key"], self._box(link)["key"]
            together.setdefault(pair, []).append(link)
        return [self._binding(links) for links in together.values()]

    def _box(self, link: Link) -> Box:
        boxes = self.places.exchanges if link.kind == "exchange" else self.places.queues
        return boxes[link.destination]

    def _binding(self, links: Sequence[Link]) -> Line:
        source, target = self.places.exchanges[links[0].source], self._box(links[0])
        line = self._bind(links[0], source, target)
        # Enough to fill any line; a queue may have thousands of binding keys.
        names = [visible(short_name(text)) or '""' for text in self._decisive(links)[:_KEYS]]
        line["label"] = fit_end(", ".join(names), self._label_room(line, source, target), KEY)
        line["full"] = _binding_words(links, self.picture)
        line["rate"] = self._binding_rate(links)
        if line["rate"] and self.places.lanes:
            line["label"] = ""  # Above a queue there is room for one of them.
        return line

    def _bind(self, link: Link, source: Box, target: Box) -> Line:
        if self.places.lanes:
            lane = self.places.lanes[link.source]
            return _beside(source, target) if link.kind == "exchange" else _along(lane, source, target)
        return _curve(source, target) if link.kind == "exchange" else _straight("binding", source, target)

    def _label_room(self, line: Line, source: Box, target: Box) -> float:
        """How wide the label of a line may be, which stands around the line's place."""
        if self.places.lanes:
            return 2 * (line["x"] - target["x"])
        if source["x"] == target["x"]:
            return source["width"] * (1 - 2 * _ASIDE)
        return 2 * (target["x"] - _ARROW - line["x"])

    def _decisive(self, links: Sequence[Link]) -> list[str]:
        """What decides along a line: of the default exchange, the queue's name, where a board publishes to it."""
        if links[0].source:
            return conditions(links, self.picture)
        return [] if self.picture.target else [link.destination for link in links]

    def _binding_rate(self, links: Sequence[Link]) -> float:
        """What comes in over a line: unknown, and so 0, for queues that get messages over several."""
        queues = {link.destination for link in links if link.kind == "queue"}
        if any(self.bound[queue] > 1 for queue in queues):
            return 0.0
        return sum(self._tally("queue", queue).into_rate for queue in sorted(queues))

    def consume(self) -> list[Line]:
        drawn: dict[str, Line] = {}
        for queue, consumers in self.places.consumers.items():
            for _, box in consumers:
                line = _straight("consume", self.places.queues[queue], box)
                line["full"] = f"queue {visible(queue)} delivers to {box['full']}"
                known = drawn.setdefault(line["key"], line)
                known["rate"] += self._tally("queue", queue).out_rate / len(consumers)
        return list(drawn.values())

    def _tally(self, kind: str, name: str) -> Tally:
        return self.picture.tallies.get((kind, name), Tally())


def _binding_words(links: Sequence[Link], picture: Picture) -> str:
    link = links[0]
    if not link.source:
        every = "every queue is bound to the default exchange under its own name"
        return every if len(links) > 1 else f"{every}: binding key {key_name(link.destination)}"
    destination = f"{link.kind} {visible(link.destination)} is"
    if len(links) > 1:
        destination = f"{counted(len(links), 'more queue')} are"
    held = held_by(links, picture, _KEYS)
    return f"{destination} bound to {exchange_name(link.source)}" + (f" with {held}" if held else "")


def _straight(kind: Literal["publish", "binding", "consume"], source: Box, target: Box) -> Line:
    """A line from the right side of a box to the left side of another."""
    x1, y1 = source["x"] + source["width"], source["y"] + source["height"] / 2
    x2, y2 = target["x"], target["y"] + target["height"] / 2
    middle = (x1 + x2) / 2
    line = _line(kind, source, target)
    line["path"] = f"M{x1:g} {y1:g}C{middle:g} {y1:g} {middle:g} {y2:g} {x2:g} {y2:g}"
    at = _LABEL_AT if x2 - x1 > _NEAR else 0.5
    line["x"], line["y"] = _on_curve(at, x1, middle, x2), _on_curve(at, y1, y1, y2, y2)
    return line


def _curve(source: Box, target: Box) -> Line:
    """A line between exchanges, which stand in one column: down on their left, up on their right."""
    down = 1 if target["y"] >= source["y"] else -1
    x = source["x"] if down > 0 else source["x"] + source["width"]
    y1 = source["y"] + source["height"] / 2 + down * _OFF_MIDDLE
    y2 = target["y"] + target["height"] / 2 - down * _OFF_MIDDLE
    aside = x - down * _BULGE
    line = _line("binding", source, target)
    line["path"] = f"M{x:g} {y1:g}C{aside:g} {y1:g} {aside:g} {y2:g} {x:g} {y2:g}"
    line["x"] = target["x"] + target["width"] * (0.5 - down * _ASIDE)
    line["y"] = target["y"] - _OFF_MIDDLE if down > 0 else target["y"] + target["height"] + _OFF_MIDDLE
    return line


def _along(lane: float, source: Box, target: Box) -> Line:
    """A line of an upright drawing: out of an exchange below, along its lane, and into a box from the left."""
    x, y = source["x"] + _OUT, source["y"] + source["height"]
    run, end = y + _OFF_MIDDLE, target["y"] + target["height"] / 2
    down = _CORNER if end > run else -_CORNER
    line = _line("binding", source, target)
    line["path"] = (
        f"M{x:g} {y:g}V{run - _CORNER:g}Q{x:g} {run:g} {x - _CORNER:g} {run:g}"
        f"H{lane + _CORNER:g}Q{lane:g} {run:g} {lane:g} {run + down:g}"
        f"V{end - down:g}Q{lane:g} {end:g} {lane + _CORNER:g} {end:g}H{target['x']:g}"
    )
    line["x"] = target["x"] + (target["width"] - max(_BADGE, badge_width(target["number"]))) / 2
    line["y"] = target["y"] - _OFF_MIDDLE + 2
    return line


def _beside(source: Box, target: Box) -> Line:
    """A line of an upright drawing between exchanges, which stand in one column: down or up on their left."""
    down = 1 if target["y"] >= source["y"] else -1
    x, corner = source["x"], down * _TIGHT
    lane = x - 2 * _TIGHT
    begin = source["y"] + source["height"] / 2 + down * _OFF_MIDDLE
    end = target["y"] + target["height"] / 2 - down * _OFF_MIDDLE
    line = _line("binding", source, target)
    line["path"] = (
        f"M{x:g} {begin:g}H{lane + _TIGHT:g}Q{lane:g} {begin:g} {lane:g} {begin + corner:g}"
        f"V{end - corner:g}Q{lane:g} {end:g} {lane + _TIGHT:g} {end:g}H{x:g}"
    )
    line["x"], line["y"] = target["x"] + target["width"] / 2, target["y"] - _OFF_MIDDLE + 2
    return line


def _down(source: Box, target: Box) -> Line:
    """A line of an upright drawing: out of a producer to the right, down beside all queues, and into an exchange."""
    x, y = source["x"] + source["width"], source["y"] + source["height"] / 2
    lane, end = target["x"] - _INTO, target["y"] + target["height"] / 2
    line = _line("publish", source, target)
    line["path"] = (
        f"M{x:g} {y:g}H{lane - _CORNER:g}Q{lane:g} {y:g} {lane:g} {y + _CORNER:g}"
        f"V{end - _CORNER:g}Q{lane:g} {end:g} {lane + _CORNER:g} {end:g}H{target['x']:g}"
        if end > y
        else f"M{x:g} {y:g}H{target['x']:g}"
    )
    line["x"], line["y"] = (x + lane) / 2, y
    return line


def _on_curve(part: float, begin: float, *rest: float) -> float:
    """A point of a cubic curve; one control value stands for both."""
    first, second, end = rest if len(rest) == 3 else (rest[0], *rest)  # noqa: PLR2004
    left = 1 - part
    at = left**3 * begin + 3 * left**2 * part * first + 3 * left * part**2 * second + part**3 * end
    return round(at, 1)


def _line(kind: Literal["publish", "binding", "consume"], source: Box, target: Box) -> Line:
    return Line(
        key=line_key(kind, source, target),
        kind=kind,
        source=source["key"],
        target=target["key"],
        path="",
        label="",
        full="",
        x=0.0,
        y=0.0,
        rate=0.0,
    )
