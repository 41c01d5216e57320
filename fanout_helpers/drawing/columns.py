"""Where the boxes of a drawing stand: producers, exchanges, queues and consumers, from left to right."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from fanout_helpers.drawing import boxes
from fanout_helpers.drawing.lettering import DETAIL, LABEL, fit_list, fit_names
from fanout_helpers.drawing.parts import WIDTH, Box
from fanout_helpers.drawing.selection import Group, Selection, shown_of
from fanout_helpers.drawing.shapes import INSETS
from fanout_helpers.model import Consumer, Queue
from fanout_helpers.picture import Picture

HEIGHT = 40.0
"""The height of a box."""

_TOP = 32.0  # room for the columns' heads
_GAP = 8.0
_GROUP_GAP = 26.0  # room for the label of a line between exchanges
_BOTTOM = 36.0  # room for a message to fall
_PRODUCERS = 3
_CONSUMERS = 4


_STEP = 20  # a drawing's widths differ by as much: a page that is made narrower is not drawn anew at each pixel
_LEAST = 300.0  # narrower than this it is only shown smaller
_ENLARGED = (
    0.75  # how wide an upright presenter's drawing is, as a part of its room: the smaller, the larger it is shown
)
_LANES = 4  # exchanges whose lines have a lane of their own, to the left of all queues
_LANE = 6.0
_UPRIGHT_TOP = 12.0
_UPRIGHT_GAP = 18.0  # room for a binding key above its queue


@dataclass(frozen=True)
class Columns:
    """The width of a drawing, and each column's left edge and width.

    ``upright`` says that queues and their consumers stand below the exchange, not to the right of it.
    """

    width: float
    producers: tuple[float, float]
    exchanges: tuple[float, float]
    queues: tuple[float, float]
    consumers: tuple[float, float]
    upright: bool = False


ORDINARY = Columns(WIDTH, (6.0, 156.0), (214.0, 158.0), (560.0, 186.0), (798.0, 150.0))
PRESENTER = Columns(660.0, (6.0, 120.0), (162.0, 116.0), (344.0, 158.0), (540.0, 114.0))
NARROW = Columns(600.0, (2.0, 104.0), (122.0, 110.0), (304.0, 156.0), (480.0, 118.0))


def columns(room: float, *, presenter: bool) -> Columns:
    """The columns for as much room as the page has, in CSS pixels; 0 where that is not known."""
    known = room // _STEP * _STEP
    if 0 < room < NARROW.width:
        return _upright(max(_LEAST, known * _ENLARGED if presenter else known))
    if presenter:
        return PRESENTER
    return _between(known) if 0 < known < WIDTH else ORDINARY


def _between(width: float) -> Columns:
    """The columns between the narrow ones and the ordinary ones."""
    part = (width - NARROW.width) / (WIDTH - NARROW.width)

    def mixed(narrow: tuple[float, float], wide: tuple[float, float]) -> tuple[float, float]:
        left, across = (round(one + part * (other - one), 1) for one, other in zip(narrow, wide, strict=True))
        return left, across

    return Columns(
        width,
        mixed(NARROW.producers, ORDINARY.producers),
        mixed(NARROW.exchanges, ORDINARY.exchanges),
        mixed(NARROW.queues, ORDINARY.queues),
        mixed(NARROW.consumers, ORDINARY.consumers),
    )


def _upright(width: float) -> Columns:
    """Producers and exchanges in the upper row, queues and consumers below: for half of a small laptop's page."""
    gutter = _LANE * (_LANES + 1)
    queues = round((width - gutter - 2 * _LANE) * 0.515)
    # Between queues and exchanges, the lines of producers go down.
    exchanges, consumers = gutter + queues + 3 * _LANE, gutter + queues + 5 * _LANE
    return Columns(
        width,
        (2.0, round(width * 0.42)),
        (exchanges, width - exchanges - 2.0),
        (gutter, queues),
        (consumers, width - consumers - 2.0),
        upright=True,
    )


@dataclass
class Places:
    """The boxes, and which of them stands for what: several queues or producers may share one.

    ``consumers`` has each queue's consumers with their boxes, where the queue has a box of its own. ``lanes`` has where
    the lines of each exchange go down to its queues, if these stand below it.
    """

    height: float = 0.0
    lanes: dict[str, float] = field(default_factory=dict)
    boxes: dict[str, Box] = field(default_factory=dict)
    producers: dict[str, Box] = field(default_factory=dict)
    exchanges: dict[str, Box] = field(default_factory=dict)
    queues: dict[str, Box] = field(default_factory=dict)
    consumers: dict[str, list[tuple[Consumer, Box]]] = field(default_factory=dict)


def place(picture: Picture, selection: Selection, columns: Columns) -> Places:
    """Gives everything that is shown a box, and each box its place."""
    return (_Upright if columns.upright else _Placing)(picture, selection, columns).places


class _Placing:
    """Fills the columns from the top."""

    def __init__(self, picture: Picture, selection: Selection, columns: Columns) -> None:
        self._picture = picture
        self._selection = selection
        self._columns = columns
        self.places = Places()
        self._place()
        self._letter()
        self.places.height = max(box["y"] + box["height"] for box in self.places.boxes.values()) + _BOTTOM

    def _place(self) -> None:
        top = _TOP
        for group in self._selection.groups:
            top = self._place_group(group, top) + _GROUP_GAP
        producers = self._make_producers()
        target = self.places.exchanges[self._picture.target]
        height = len(producers) * (HEIGHT + _GAP) - _GAP
        self._stack(producers, self._columns.producers, max(_TOP, target["y"] + (HEIGHT - height) / 2))

    def _place_group(self, group: Group, top: float) -> float:
        """Places queues with their first exchange to the left of their middle; returns where they end."""
        bottom = max(self._place_queues(group, top, _GAP), top + HEIGHT)
        if group.exchange is not None:
            self._place_exchange(group.exchange, (top + bottom - HEIGHT) / 2)
        return bottom

    def _place_exchange(self, name: str, top: float) -> None:
        box = boxes.exchange(name, self._picture, self._selection)
        self._put(box, self._columns.exchanges, top)
        self.places.exchanges[name] = box

    def _place_queues(self, group: Group, top: float, gap: float) -> float:
        """Places a group's queues below each other; returns where they end."""
        bottom = top
        for queue in group.shown:
            bottom = self._place_queue(queue, bottom) + gap
        if group.folded:
            bottom = self._fold_queues(group, bottom) + gap
        return bottom - gap

    def _place_queue(self, queue: Queue, top: float) -> float:
        stacked = self._stack_consumers(queue, top)
        bottom = max(stacked, top + HEIGHT)
        box = boxes.queue(queue, self._picture, self._selection)
        self._put(box, self._columns.queues, (top + bottom - HEIGHT) / 2)
        self.places.queues[queue.name] = box
        return bottom

    def _stack_consumers(self, queue: Queue, top: float) -> float:
        held = self._selection.consumers[queue.name]
        drawn = boxes.consumers(queue.name, self._picture, self._selection)
        shown = drawn[: shown_of(len(drawn), _CONSUMERS)]
        if len(drawn) > len(shown):
            tags = [consumer.consumer_tag for consumer in held[len(shown) :]]
            shown.append(boxes.more(f"consumers:{queue.name}", f"consumers-{queue.name}", tags, "consumers"))
        bottom = self._stack(shown, self._columns.consumers, top)
        pairs = [(consumer, shown[min(number, len(shown) - 1)]) for number, consumer in enumerate(held)]
        self.places.consumers[queue.name] = pairs
        return bottom

    def _fold_queues(self, group: Group, top: float) -> float:
        names = [queue.name for queue in group.folded]
        bound = group.exchange is not None
        key = f"exchange:{group.exchange}" if bound else "unbound"
        box = boxes.more(key, group.exchange if group.exchange is not None else "unbound", names, "queues")
        self.places.queues |= dict.fromkeys(names, box)
        return self._stack([box], self._columns.queues, top)

    def _make_producers(self) -> list[Box]:
        """The boxes of the latest producers, and one for all others: those that will not publish again go first."""
        known = {producer.connection: producer for producer in self._picture.producers}
        last = self._picture.messages[-1].connection if self._picture.messages else ""
        rows = shown_of(len(known), _PRODUCERS)
        chosen = sorted(known, key=lambda one: (one == last, known[one].open))[-rows:]
        latest = [producer for connection, producer in known.items() if connection in chosen]
        folded = [producer for connection, producer in known.items() if connection not in chosen]
        shown = [boxes.producer(producer) for producer in latest] or [boxes.nobody(self._picture)]
        self.places.producers = {producer.connection: box for producer, box in zip(latest, shown, strict=False)}
        if folded:
            shown.append(boxes.more("producers", "producers", [producer.name for producer in folded], "producers"))
            self.places.producers |= {producer.connection: shown[-1] for producer in folded}
        return shown

    def _stack(self, stack: Sequence[Box], column: tuple[float, float], top: float) -> float:
        for number, box in enumerate(stack):
            self._put(box, column, top + number * (HEIGHT + _GAP))
        return top + len(stack) * (HEIGHT + _GAP) - _GAP

    def _put(self, box: Box, column: tuple[float, float], y: float) -> None:
        box["x"], box["width"] = column
        box["y"], box["height"] = y, HEIGHT
        self.places.boxes[box["key"]] = box

    def _letter(self) -> None:
        """Shortens the texts of boxes to the boxes' room, those of one kind together: they must not look the same."""
        for kind, insets in INSETS.items():
            alike = [box for box in self.places.boxes.values() if box["kind"] == kind]
            room = min((box["width"] for box in alike), default=0.0) - sum(insets)
            labels = fit_names([box["label"] for box in alike], room, LABEL)
            for box, label in zip(alike, labels, strict=True):
                box["label"], box["detail"] = label, fit_list(box["detail"], room, DETAIL)


class _Upright(_Placing):
    """Fills a narrow drawing from the top: each exchange has its queues below it."""

    def _place(self) -> None:
        # The target's group is the first, and its producers stand beside it.
        top = self._stack(self._make_producers(), self._columns.producers, _UPRIGHT_TOP) - HEIGHT
        for group in self._selection.groups:
            top = self._place_group(group, top) + _GROUP_GAP

    def _place_group(self, group: Group, top: float) -> float:
        """Places an exchange, and its queues below it; returns where they end."""
        if group.exchange is not None:
            self.places.lanes[group.exchange] = _LANE * (1 + len(self.places.lanes) % _LANES)
            self._place_exchange(group.exchange, top)
            top += HEIGHT + _GROUP_GAP
        return max(self._place_queues(group, top, _UPRIGHT_GAP), top - _GROUP_GAP)
