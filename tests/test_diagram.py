"""The live diagram without a browser: what it would send to the page, and the module that it sends."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue

import pytest

from fanout_helpers.drawing.parts import EMPTY, Drawing
from fanout_helpers.views import modules
from fanout_helpers.views.diagram import Diagram


class Source:
    """Draws words that a test sets."""

    def __init__(self) -> None:
        self.words = "nothing"
        self.drawn = 0
        self._lock = threading.Lock()

    def draw(self, room: int) -> Drawing:
        with self._lock:
            self.drawn += 1
        return {**EMPTY, "width": float(room or 960), "words": self.words}


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def diagram(source: Source) -> Iterator[Diagram]:
    diagram = Diagram(source.draw)
    yield diagram
    diagram.close()


def sent(diagram: Diagram) -> list[str]:
    """The words of all drawings that go to the page from now on."""
    words: list[str] = []
    diagram.observe(lambda change: words.append(change.new["words"]), "drawing")
    return words


def test_begins_with_the_drawing_of_that_moment(diagram: Diagram) -> None:
    assert diagram.drawing == {**EMPTY, "words": "nothing"}
    assert diagram.presenter is False


def test_sends_what_differs_only(diagram: Diagram, source: Source) -> None:
    words = sent(diagram)
    diagram.flush()
    source.words = "a queue"
    diagram.flush()
    diagram.flush()
    assert words == ["a queue"]


def said(diagram: Diagram, content: object) -> None:
    """Hands over what a page says, as the comm does."""
    diagram._handle_msg({"content": {"data": {"method": "custom", "content": content}}, "buffers": []})


def test_is_drawn_anew_for_the_room_that_the_page_has(diagram: Diagram) -> None:
    widths: SimpleQueue[float] = SimpleQueue()
    diagram.observe(lambda change: widths.put(change.new["width"]), "drawing")
    said(diagram, {"room": 640})
    assert widths.get(timeout=5) == 640


@pytest.mark.parametrize("room", [-1, 0, 10**9, 640.5, "wide", None, [640]])
def test_a_room_that_no_page_has_changes_nothing(diagram: Diagram, source: Source, room: object) -> None:
    drawn = source.drawn
    said(diagram, {"room": room})
    said(diagram, {})
    diagram.flush()
    assert diagram.drawing["width"] == 960
    assert source.drawn == drawn + 1


def test_a_mark_is_sent_soon_and_not_by_the_thread_that_made_it(diagram: Diagram, source: Source) -> None:
    threads: SimpleQueue[str] = SimpleQueue()
    diagram.observe(lambda _change: threads.put(threading.current_thread().name), "drawing")
    source.words = "a queue"
    diagram.mark()
    assert threads.get(timeout=5) == "fanout-flusher"


def test_many_marks_from_many_threads_end_with_the_latest_drawing(diagram: Diagram, source: Source) -> None:
    words = sent(diagram)

    def change(number: int) -> None:
        source.words = f"{number} queues"
        diagram.mark()
        diagram.flush()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(change, range(200)))
    diagram.flush()
    assert diagram.drawing["words"] == source.words == words[-1]


def test_after_close_nothing_is_drawn_or_sent(diagram: Diagram, source: Source) -> None:
    words = sent(diagram)
    diagram.close()
    diagram.close()
    source.words = "a queue"
    drawn = source.drawn
    diagram.flush()
    diagram.mark()
    time.sleep(0.1)
    assert words == []
    assert source.drawn == drawn


def test_its_repr_is_the_same_in_every_run(diagram: Diagram) -> None:
    assert repr(diagram) == "Diagram()"


@pytest.mark.parametrize("names", [("kernel", "panes"), ("kernel", "picture", "dots", "diagram")])
def test_joined_modules_are_one_module(names: tuple[str, ...]) -> None:
    lines = modules.esm(*names).splitlines()
    assert [line for line in lines if line.startswith(("export", "import"))] == ["export default live(render);"]
    declared = [line.split()[1].split("(")[0] for line in lines if line.startswith(("function ", "class ", "const "))]
    assert len(declared) == len(set(declared))


def test_style_sheets_begin_with_what_they_share() -> None:
    theme = modules.css("theme")
    assert "fanout-not-live" in theme
    assert all(modules.css("theme", name).startswith(theme) for name in ("panes", "diagram"))
    assert "--fanout-info:" in theme
