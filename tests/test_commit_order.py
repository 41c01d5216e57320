"""The next message is the first one after the commit, however slow the way of either is."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from fanout_helpers.barrier import Barrier
from fanout_helpers.consuming import Consuming
from fanout_helpers.lab import Lab
from fanout_helpers.publisher import Publisher
from fanout_helpers.telemetry.firehose import Firehose
from fanout_helpers.telemetry.tracing import Boundary, Tracing
from fanout_helpers.views.board import Board
from tests.live import PATIENCE, Live, eventually

ONE, TWO = 2, 3
"""Places in the form's list of copies."""


@pytest.fixture
def board(lab: Lab, live: Live) -> Iterator[Board]:
    live.fanout()
    lab.subscribe("logs", "screen")
    made = lab.board()
    yield made
    made.close()


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as made:
        yield made


def commit(board: Board, copies: int = ONE) -> None:
    """What the page sends when *Commit prediction* is pressed."""
    board.text._receive(board.text, {"text": "", "commit": {"ticks": [], "copies": copies}}, [])


def press(board: Board, text: str) -> None:
    """What the page sends when *Info* is pressed."""
    board.text._receive(board.text, {"text": text, "press": "info"}, [])


def says(board: Board, text: str) -> Callable[[], bool]:
    return lambda: board.form.said.startswith(text)


def traced(lab: Lab) -> list[str]:
    observer = lab._boards._observer
    assert observer is not None
    return [message.body.decode() for message in observer.messages()]


def test_message_published_before_whoever_committed_hears_of_it_is_the_next(
    lab: Lab, board: Board, pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    saw_marker, late = Consuming.saw_marker, threading.Event()

    def wake_late(consumer: Consuming, marker: str, timeout: float) -> bool:
        seen = saw_marker(consumer, marker, timeout)
        late.wait(PATIENCE)
        return seen

    monkeypatch.setattr(Consuming, "saw_marker", wake_late)
    board.form.copies.value = 1
    committed = pool.submit(board.form.commit_button.click)
    eventually(says(board, "Committed: 1 copy."))
    lab.publish("logs", "right after it")
    eventually(lambda: traced(lab) == ["right after it"])
    late.set()
    committed.result(PATIENCE)
    eventually(says(board, "Your prediction was right."))


@pytest.mark.parametrize("by_cell", [False, True])
def test_only_what_was_published_before_the_commit_is_before_it_when_reports_are_late(
    lab: Lab,
    board: Board,
    monkeypatch: pytest.MonkeyPatch,
    by_cell: bool,  # noqa: FBT001
) -> None:
    on_time = threading.Event()
    monkeypatch.setattr(Firehose, "_takes_as_marker", _held(Firehose._takes_as_marker, on_time))
    lab.publish("logs", "before")
    lab.predict(copies=1) if by_cell else commit(board)
    lab.publish("logs", "after")
    assert board.form.said.startswith("Committed: 1 copy. Waiting")
    on_time.set()
    assert lab.judge().right
    eventually(says(board, "Your prediction was right."))
    assert traced(lab) == ["before", "after"]
    commitment = lab._boards._commitment
    assert commitment is not None
    assert commitment.boundary.last == 1


def _held(takes_as_marker: Callable[..., bool], on_time: threading.Event) -> Callable[..., bool]:
    def wait(consumer: Consuming, properties: Any) -> bool:  # noqa: ANN401
        on_time.wait(PATIENCE)
        return takes_as_marker(consumer, properties)

    return wait


def test_press_never_overtakes_the_commit_before_it_in_whichever_thread_it_is_handled(
    board: Board, pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, publish = Barrier.place, Publisher.publish
    placing, published = threading.Event(), threading.Event()

    def place_late(*arguments: Any) -> bool:  # noqa: ANN401
        placing.set()
        # A press that may overtake does so now; one that may not makes this wait for nothing.
        assert not published.wait(0.3)
        return place(*arguments)

    def note(publisher: Publisher, exchange: str, *arguments: Any, **more: Any) -> Any:  # noqa: ANN401
        if exchange == "logs":
            published.set()
        return publish(publisher, exchange, *arguments, **more)

    monkeypatch.setattr(Barrier, "place", place_late)
    monkeypatch.setattr(Publisher, "publish", note)
    committed = pool.submit(commit, board)
    assert placing.wait(PATIENCE)
    pressed = pool.submit(press, board, "hello")
    committed.result(PATIENCE)
    pressed.result(PATIENCE)
    eventually(says(board, "Your prediction was right."))


def test_thirty_commits_and_presses_in_a_row_are_each_judged_by_their_own_message(lab: Lab, board: Board) -> None:
    for number in range(30):
        if number % 2:
            lab.predict(copies=number)
        else:
            commit(board, TWO if number % 4 else ONE)
        press(board, f"message {number}") if number % 3 else lab.publish("logs", f"message {number}")
        right = number in {1, *range(0, 30, 4)}
        eventually(says(board, f"Your prediction was {'right' if right else 'wrong'}."))
        assert lab.judge().right is right
    assert len(traced(lab)) == 30


def test_commit_while_the_reports_have_a_gap_is_judged_by_what_comes_after_the_gap() -> None:
    tracing, boundary = Tracing(lambda _queue: True), Boundary()
    tracing.expect(boundary)
    assert boundary.last is None
    tracing.interrupt()
    assert boundary.last == 0
    tracing.interrupt()
    tracing.reach(boundary)
    assert boundary.last == 0


def test_cells_prediction_that_replaces_the_boards_says_so(lab: Lab, board: Board) -> None:
    commit(board, TWO)
    lab.predict("screen")
    assert board.form.said == (
        "Committed: screen gets it. Waiting for the next message.\n"
        "This prediction was made in a cell. It replaces the one made on the board: 2 copies."
    )
    # The same one again replaces nothing, nor does one after a message has judged the board's.
    commit(board, ONE)
    lab.predict(copies=1)
    assert board.form.said == "Committed: 1 copy. Waiting for the next message."
    commit(board, TWO)
    press(board, "hello")
    eventually(says(board, "Your prediction was wrong."))
    lab.predict("screen")
    assert board.form.said == "Committed: screen gets it. Waiting for the next message."
