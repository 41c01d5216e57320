"""Where the boxes of a drawing stand: producers, exchanges, queues and consumers, from left to right."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from fanout_helpers.drawing import boxes
from fanout_helpers.drawing.lettering import DETAIL, LABEL, fit_end, fit_middle
from fanout_helpers.drawing.parts import WIDTH, Box
from fanout_helpers.drawing.selection import Group, Selection
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


@dataclass(frozen=True)
class Columns:
    """The width of a drawing, and each column's left edge and width."""

    width: float
    producers: tuple[float, float]
    exchanges: tuple[float, float]
    queues: tuple[float, float]
    consumers: tuple[float, float]


ORDINARY = Columns(WIDTH, (12.0, 140.0), (214.0, 158.0), (560.0, 186.0), (798.0, 150.0))
PRESENTER = Columns(660.0, (6.0, 120.0), (162.0, 116.0), (344.0, 158.0), (540.0, 114.0))


@dataclass
class Places:
    """The boxes, and which of them stands for what: several queues or producers may share one.

    ``consumers`` has each queue's consumers with their boxes, where the queue has a box of its own.
    """

    height: float = 0.0
    boxes: dict[str, Box] = field(default_factory=dict)
    producers: dict[str, Box] = field(default_factory=dict)
    exchanges: dict[str, Box] = field(default_factory=dict)
    queues: dict[str, Box] = field(default_factory=dict)
    consumers: dict[str, list[tuple[Consumer, Box]]] = field(default_factory=dict)


def place(picture: Picture, selection: Selection, columns: Columns) -> Places:
    """Gives everything that is shown a box, and each box its place."""
    return _Placing(picture, selection, columns).places


class _Placing:
    """Fills the columns from the top."""

    def __init__(self, picture: Picture, selection: Selection, columns: Columns) -> None:
        self._picture = picture
        self._selection = selection
        self._columns = columns
        self.places = Places()
        top = _TOP
        for group in selection.groups:
            top = self._place_group(group, top) + _GROUP_GAP
        self._place_producers()
        self.places.height = max(box["y"] + box["height"] for box in self.places.boxes.values()) + _BOTTOM

    def _place_group(self, group: Group, top: float) -> float:
        """Places queues with their first exchange to the left of their middle; returns where they end."""
        bottom = top
        for queue in group.shown:
            bottom = self._place_queue(queue, bottom) + _GAP
        if group.folded:
            bottom = self._fold_queues(group, bottom) + _GAP
        bottom = max(bottom - _GAP, top + HEIGHT)
        if group.exchange is not None:
            box = boxes.exchange(group.exchange, self._picture, self._selection)
            self._put(box, self._columns.exchanges, (top + bottom - HEIGHT) / 2)
            self.places.exchanges[group.exchange] = box
        return bottom

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
        shown = drawn[:_CONSUMERS]
        if len(drawn) > _CONSUMERS:
            tags = [consumer.consumer_tag for consumer in held[_CONSUMERS:]]
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

    def _place_producers(self) -> None:
        known = {producer.connection: producer for producer in self._picture.producers}
        folded, latest = list(known.values())[:-_PRODUCERS], list(known.values())[-_PRODUCERS:]
        shown = [boxes.producer(producer) for producer in latest] or [boxes.nobody(self._picture)]
        self.places.producers = {producer.connection: box for producer, box in zip(latest, shown, strict=False)}
        if folded:
            shown.append(boxes.more("producers", "producers", [producer.name for producer in folded], "producers"))
            self.places.producers |= {producer.connection: shown[-1] for producer in folded}
        target = self.places.exchanges[self._picture.target]
        height = len(shown) * (HEIGHT + _GAP) - _GAP
        self._stack(shown, self._columns.producers, max(_TOP, target["y"] + (HEIGHT - height) / 2))

    def _stack(self, stack: Sequence[Box], column: tuple[float, float], top: float) -> float:
        for number, box in enumerate(stack):
            self._put(box, column, top + number * (HEIGHT + _GAP))
        return top + len(stack) * (HEIGHT + _GAP) - _GAP

    def _put(self, box: Box, column: tuple[float, float], y: float) -> None:
        box["x"], box["width"] = column
        box["y"], box["height"] = y, HEIGHT
        room = box["width"] - sum(INSETS[box["kind"]])
        box["label"] = fit_middle(box["label"], room, LABEL)
        box["detail"] = fit_end(box["detail"], room, DETAIL)
        self.places.boxes[box["key"]] = box
