"""The live diagram: RabbitMQ as it is now, and messages on their way through it."""

import threading
from collections.abc import Callable, Mapping

import traitlets

from fanout_helpers.drawing.parts import Drawing
from fanout_helpers.views import modules
from fanout_helpers.views.flusher import flusher
from fanout_helpers.views.live import LiveWidget

_WIDEST = 10_000
"""CSS pixels of room that a page may say to have: more than any screen has."""


class Diagram(LiveWidget):
    """A drawing that the page keeps up to date and moves messages through.

    All of it is in one synced trait of bounded size, as it is with ``Panes``. What moves is decided on the page, from
    one drawing to the next: a page that is opened late, or once more, shows no message a second time.

    The page says how much room it has for the drawing, in CSS pixels (0: it has not said so yet): only what is laid out
    for that is neither cut off nor too small to read.

    Args:
        draw: Makes the drawing of this moment for a room; called in the thread that sends frames to the page.
    """

    _esm = modules.esm("kernel", "twin", "picture", "dots", "diagram")
    _css = modules.css("theme", "diagram")

    drawing = traitlets.Dict().tag(sync=True)
    presenter = traitlets.Bool(default_value=False).tag(sync=True)

    def __init__(self, draw: Callable[[int], Drawing]) -> None:
        self._draw = draw
        self._lock = threading.RLock()
        self._closed = False
        self._room = 0
        super().__init__(drawing=dict(draw(self._room)))
        self.on_msg(self._hear)

    def __repr__(self) -> str:
        return "Diagram()"

    def mark(self) -> None:
        """Says that there is something else to draw. Returns at once; any thread may call it."""
        flusher.mark(self)

    def flush(self) -> None:
        """Sends the drawing of this moment to the page, if it differs from what the page has."""
        # The lock is held while drawing: an older drawing must not follow a newer one.
        with self._lock:
            if not self._closed:
                self.drawing = dict(self._draw(self._room))

    def _hear(self, _widget: object, content: Mapping[str, object], _buffers: object) -> None:
        """Takes what the page says; what makes no sense is left alone, as is every other message."""
        room = content.get("room")
        if isinstance(room, int) and 0 < room <= _WIDEST:
            self._room = room
            self.mark()

    def close(self) -> None:
        """Takes the diagram off the page."""
        with self._lock:
            self._closed = True
        super().close()
