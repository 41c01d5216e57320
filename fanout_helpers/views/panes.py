"""The live panes: one widget that shows each source's queue, state, count and latest messages."""

import threading
from collections.abc import Callable, Iterable

import traitlets

from fanout_helpers.model import Delivery, short_name, visible
from fanout_helpers.views import modules
from fanout_helpers.views.flusher import flusher
from fanout_helpers.views.live import LiveWidget
from fanout_helpers.views.snapshot import LINES, PaneSnapshot, Snapshot, describe, line
from fanout_helpers.views.source import PaneSource


class Panes(LiveWidget):
    """A pane for each source, kept up to date as messages come.

    Everything the page needs is in one synced trait of bounded size: it survives a page that is reloaded or
    that renders late, and costs the same after a million messages.

    Args:
        sources: What to show, in this order.
    """

    _esm = modules.esm("kernel", "panes")
    _css = modules.css("theme", "panes")

    snapshot = traitlets.Dict().tag(sync=True)

    def __init__(self, sources: Iterable[PaneSource] = ()) -> None:
        self._lock = threading.RLock()
        self._panes: list[_Pane] = []
        self._paused = False
        self._closed = False
        self._made = 0
        super().__init__()
        self.show(sources)

    def __repr__(self) -> str:
        return "Panes()"

    @property
    def paused(self) -> bool:
        """Whether the panes stand still."""
        return self._paused

    def show(self, sources: Iterable[PaneSource]) -> None:
        """Shows exactly these sources from now on; a source that stays keeps its pane as it is."""
        with self._lock:
            leaving = {id(pane.source): pane for pane in self._panes}
            self._panes = [self._pane(source, leaving) for source in sources]
        for pane in leaving.values():
            pane.unwatch()
        self.flush()

    def pause(self, paused: bool) -> None:  # noqa: FBT001 - this is a switch, and reads as one
        """Makes the panes stand still while the messages that wait are counted, or shows those messages."""
        with self._lock:
            self._paused = paused
            for pane in self._panes:
                pane.hold(paused)
        self.flush()

    def clear(self) -> None:
        """Empties the panes. Nothing changes in RabbitMQ, in the logs, or in what waits while paused."""
        with self._lock:
            for pane in self._panes:
                pane.clear()
        self.flush()

    def describe(self) -> str:
        """What the panes show now, in words."""
        self.flush()
        return describe(self.snapshot["panes"])

    def flush(self) -> None:
        """Sends the present state to the page, if it differs from what the page has."""
        with self._lock:
            if not self._closed:
                self.snapshot = dict(self._picture())

    def close(self) -> None:
        """Stops watching the sources and takes the panes off the page."""
        with self._lock:
            self._closed = True
            closing, self._panes = self._panes, []
        for pane in closing:
            pane.unwatch()
        super().close()

    def _picture(self) -> Snapshot:
        panes = [pane.snapshot() for pane in self._panes]
        return Snapshot(paused=self._paused, panes=panes)

    def _pane(self, source: PaneSource, present: dict[int, "_Pane"]) -> "_Pane":
        if id(source) in present:
            return present.pop(id(source))
        self._made += 1
        pane = _Pane(self._made, source, source.watch(self._mark))
        pane.hold(self._paused)
        return pane

    def _mark(self) -> None:
        flusher.mark(self)


class _Pane:
    """What one pane shows of its source; guarded by the lock of its ``Panes``."""

    def __init__(self, key: int, source: PaneSource, unwatch: Callable[[], None]) -> None:
        self.source = source
        self.unwatch = unwatch
        self._key = key
        self._cleared = 0
        self._held: tuple[int, list[Delivery]] | None = None

    def hold(self, held: bool) -> None:  # noqa: FBT001 - the switch of ``Panes.pause``
        if held != (self._held is not None):
            self._held = self.source.log.latest(LINES) if held else None

    def clear(self) -> None:
        self._cleared = self._shown()[0]

    def snapshot(self) -> PaneSnapshot:
        total, latest = self._shown()
        # The place in the log, not the delivery's own number: a delivery that is there twice is shown twice.
        numbered = enumerate(latest, start=total - len(latest) + 1)
        queue = self.source.queue or ""
        return PaneSnapshot(
            key=self._key,
            name=visible(self.source.name),
            queue=visible(short_name(queue)),
            full_queue=visible(queue),
            state=str(self.source.state),
            total=total - self._cleared,
            cleared=self._cleared,
            waiting=max(0, self.source.log.total - total),
            lines=[line(number, delivery) for number, delivery in numbered if number > self._cleared],
        )

    def _shown(self) -> tuple[int, list[Delivery]]:
        return self._held or self.source.log.latest(LINES)
