"""The thread that sends frames to the page."""

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from fanout_helpers.views.flusher import FRAME, Flusher


class Counter:
    """A view that counts its frames."""

    def __init__(self) -> None:
        self.frames = 0
        self.threads: set[int] = set()

    def flush(self) -> None:
        self.frames += 1
        self.threads.add(threading.get_ident())


def wait_until(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.005)
    assert condition()


def test_no_more_frames_than_the_limit() -> None:
    view, mine = Counter(), Flusher()
    end = time.monotonic() + 10 * FRAME
    while time.monotonic() < end:
        mine.mark(view)
        time.sleep(0.001)
    assert 2 <= view.frames <= 12


def test_one_thread_for_all_views() -> None:
    views, mine = [Counter() for _ in range(5)], Flusher()
    with ThreadPoolExecutor(5) as pool:
        pool.map(mine.mark, views)
    wait_until(lambda: all(view.frames > 0 for view in views))
    assert mine._thread is not None
    assert {thread for view in views for thread in view.threads} == {mine._thread.ident}
    assert mine._thread.daemon


def test_survives_a_view_that_raises(caplog: pytest.LogCaptureFixture) -> None:
    class Broken:
        def flush(self) -> None:
            raise ValueError("broken")

    view, mine = Counter(), Flusher()
    mine.mark(Broken())
    mine.mark(view)
    wait_until(lambda: view.frames == 1)
    mine.mark(view)
    wait_until(lambda: view.frames == 2)
    assert "broken" in caplog.text


def test_starts_again_after_a_fork() -> None:
    view, mine = Counter(), Flusher()
    mine.mark(view)
    wait_until(lambda: view.frames == 1)
    mine._process = os.getpid() + 1
    mine._marked.acquire()
    mine.mark(view)
    wait_until(lambda: view.frames >= 2)
