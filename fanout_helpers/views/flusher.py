"""One thread that sends what changed to the page, in frames.

A frame per message floods the browser and runs into the server's rate limit, which drops messages. So a view
only says that it changed; this thread waits a moment for more, and then flushes each changed view once.
"""

import logging
import os
import threading
import time
from typing import Protocol

LINGER = 0.004
"""Seconds to wait for more changes before a frame: short beside what an eye notices."""

FRAME = 0.05
"""Seconds from one frame to the next, at least."""

logger = logging.getLogger(__name__)


class Flushable(Protocol):
    """A view that can send its present state to the page."""

    def flush(self) -> None:
        """Sends it; called on the flusher's thread."""


class Flusher:
    """Flushes marked views on one daemon thread, which starts when it is first needed."""

    def __init__(self) -> None:
        self._process = os.getpid()
        self._marked = threading.Condition()
        self._changed: dict[Flushable, None] = {}
        self._thread: threading.Thread | None = None

    def mark(self, view: Flushable) -> None:
        """Says that ``view`` changed. Returns at once; any thread may call it."""
        # A forked child has neither the thread nor a lock that anybody would release.
        if self._process != os.getpid():
            self._reset()
        with self._marked:
            self._changed[view] = None
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="fanout-flusher", daemon=True)
                self._thread.start()
            self._marked.notify()

    def _reset(self) -> None:
        self._process = os.getpid()
        self._marked = threading.Condition()
        self._changed.clear()
        self._thread = None

    def _run(self) -> None:
        while True:
            with self._marked:
                self._marked.wait_for(lambda: self._changed)
            time.sleep(LINGER)
            for view in self._take():
                _flush(view)
            time.sleep(FRAME - LINGER)

    def _take(self) -> list[Flushable]:
        with self._marked:
            views = list(self._changed)
            self._changed.clear()
        return views


def _flush(view: Flushable) -> None:
    try:
        view.flush()
    except Exception:
        # One view's fault must not stop the others' frames.
        logger.exception("A view could not be sent to the page")


flusher = Flusher()
"""The process's flusher: all boards share its thread, and so its limit on frames."""
