"""The board and its panes, without a browser: what they would send to the page."""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from fanout_helpers import presenting
from fanout_helpers.delivery_log import DeliveryLog
from fanout_helpers.errors import FanoutError
from fanout_helpers.model import Delivery, Exchange, Publication, visible
from fanout_helpers.picture import Mode, Picture, TracedMessage
from fanout_helpers.prediction import Judgement, Prediction
from fanout_helpers.topology import Topology
from fanout_helpers.views import Board, Panes
from fanout_helpers.views.flusher import FRAME
from fanout_helpers.views.snapshot import CHARACTERS, LINES, line

STANDING = "Paused: picture, list and panes stand still. {} arrived meanwhile. Press Resume to see them."
SERVER_NAMED = "amq.gen-JzTY20BRgKO-HjmUJj0wLg"


class Source:
    """Receives what a test hands it."""

    def __init__(self, name: str, queue: str | None = SERVER_NAMED, state: str = "consuming") -> None:
        self.name = name
        self.queue = queue
        self.state = state
        self.log = DeliveryLog()
        self.watchers: list[Callable[[], None]] = []

    def watch(self, watcher: Callable[[], None]) -> Callable[[], None]:
        self.watchers.append(watcher)
        return lambda: self.watchers.remove(watcher)

    def receive(self, *bodies: bytes | str) -> None:
        for body in bodies:
            raw = body.encode() if isinstance(body, str) else body
            self.log.append(Delivery(self.log.total + 1, "logs", "", raw, redelivered=False, received_at=0.0))
            for watcher in self.watchers:
                watcher()


class Stage:
    """A scene where nothing is but an exchange."""

    exchange = "logs"

    def __init__(self, publish: Callable[[str], Publication]) -> None:
        self.publish = publish
        self.messages: list[TracedMessage] = []
        self.mode = Mode.MESSAGES
        self.watchers: list[Callable[[], None]] = []
        self.predictions: list[Prediction] = []
        self.result: Judgement | None = None
        self.is_closed = False

    def picture(self) -> Picture:
        exchange = Exchange("logs", "fanout", durable=False)
        topology = Topology([exchange], [], [])
        return Picture(topology, target=self.exchange, messages=tuple(self.messages), mode=self.mode)

    settled = picture

    def watch(self, watcher: Callable[[], None]) -> Callable[[], None]:
        self.watchers.append(watcher)
        return lambda: self.watchers.remove(watcher) if watcher in self.watchers else None

    def predict(self, prediction: Prediction) -> None:
        self.predictions.append(prediction)

    def judgement(self, picture: Picture) -> Judgement | None:
        assert picture.target == self.exchange
        return self.result

    def closed(self) -> None:
        self.is_closed = True


@pytest.fixture
def sources() -> list[Source]:
    return [Source("screen"), Source("disk")]


@pytest.fixture
def board(sources: list[Source]) -> Iterator[Board]:
    def publish(text: str) -> Publication:
        for source in sources:
            source.receive(text)
        return Publication("logs", "", text.encode(), routed=True)

    board = Board(Stage(publish), sources)
    yield board
    board.close()


def refuse(text: str) -> Publication:
    raise FanoutError(f"The broker did not confirm {text!r}.", next_step="Try again.")


def message(number: int) -> TracedMessage:
    return TracedMessage(number, "logs", "", b"info: hello", 11, "127.0.0.1:1 -> 127.0.0.1:2", ())


def drawn(board: Board) -> list[int]:
    """The messages in the list."""
    board.diagram.flush()
    return [shown["number"] for shown in board.diagram.drawing["messages"]]


def standstill(board: Board) -> str:
    board.diagram.flush()
    board.text.flush()
    return str(board.text.standstill)


def lines(panes: Panes, place: int = 0) -> list[str]:
    panes.flush()
    return [shown["text"] for shown in panes.snapshot["panes"][place]["lines"]]


def wait_until(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.005)
    assert condition()


class TestSnapshot:
    def test_holds_the_latest_lines_only_and_counts_all(self) -> None:
        source = Source("screen")
        panes = Panes([source])
        source.receive(*(f"info: {number}" for number in range(1, 2001)))
        assert lines(panes) == [f"info: {number}" for number in range(2001 - LINES, 2001)]
        pane = panes.snapshot["panes"][0]
        assert pane["total"] == 2000
        assert [shown["number"] for shown in pane["lines"]] == list(range(2001 - LINES, 2001))

    def test_stays_small_whatever_comes(self) -> None:
        source = Source("screen")
        panes = Panes([source])
        source.receive(*([b"\xff" * 100_000] * (2 * LINES)))
        panes.flush()
        assert len(json.dumps(panes.snapshot)) < LINES * 2 * CHARACTERS

    def test_names_the_queue_for_people_and_whole(self) -> None:
        pane = Panes([Source("screen")]).snapshot["panes"][0]
        assert (pane["queue"], pane["full_queue"]) == ("amq.gen-JzTY…", SERVER_NAMED)
        assert Panes([Source("screen", queue=None)]).snapshot["panes"][0]["queue"] == ""

    def test_follows_the_state(self) -> None:
        source = Source("screen")
        panes = Panes([source])
        source.state = "reconnecting"
        source.watchers[0]()
        wait_until(lambda: panes.snapshot["panes"][0]["state"] == "reconnecting")

    def test_a_message_that_the_log_has_twice_is_shown_twice(self) -> None:
        source = Source("screen")
        panes = Panes([source])
        delivery = Delivery(1, "logs", "", b"info: hello", redelivered=False, received_at=0.0)
        source.log.append(delivery)
        source.log.append(delivery)
        assert panes.describe() == "screen: 2 messages\n  info: hello\n  info: hello"

    def test_panes_of_one_name_are_told_apart(self) -> None:
        panes = Panes([Source("screen"), Source("screen")])
        keys = [pane["key"] for pane in panes.snapshot["panes"]]
        assert len(set(keys)) == 2


class TestText:
    def test_a_long_text_is_cut_and_says_its_size(self) -> None:
        body = b"x" * 10_000_000
        shown = line(1, Delivery(1, "", "", body, redelivered=False, received_at=0.0))
        assert shown == {"number": 1, "text": "x" * CHARACTERS, "note": "… cut: 10,000,000 bytes in all"}

    @pytest.mark.parametrize("character", ["x", "é", "漢", "🐇"])
    def test_is_cut_between_characters(self, character: str) -> None:
        body = (character * (CHARACTERS + 1)).encode()
        shown = line(1, Delivery(1, "", "", body, redelivered=False, received_at=0.0))
        assert shown["text"] == character * CHARACTERS

    def test_just_fits(self) -> None:
        shown = line(1, Delivery(1, "", "", ("🐇" * CHARACTERS).encode(), redelivered=False, received_at=0.0))
        assert shown["note"] == ""

    @pytest.mark.parametrize(
        ("raw", "shown"),
        [
            ("<script>alert(1)</script>", "<script>alert(1)</script>"),
            ("one\ntwo\t\x00\x1b[31m", r"one\ntwo\t\x00\x1b[31m"),
            ("abc\u202etxt.exe", r"abc\u202etxt.exe"),
            ("zero\u200bwidth \u2028", r"zero\u200bwidth \u2028"),
            ("שלום عالم 漢字 👩\u200d🚀", "שלום عالم 漢字 👩\u200d🚀"),
        ],
    )
    def test_makes_the_invisible_visible(self, raw: str, shown: str) -> None:
        assert visible(raw) == shown

    def test_bytes_that_are_no_text_are_shown_as_escapes(self) -> None:
        shown = line(1, Delivery(1, "", "", b"\xff\xfe ok", redelivered=False, received_at=0.0))
        assert shown["text"] == r"\xff\xfe ok"


class TestBoard:
    @pytest.mark.parametrize("severity", ["info", "warning", "error"])
    def test_a_button_publishes_its_severity_and_keeps_the_text(
        self, board: Board, sources: list[Source], severity: str
    ) -> None:
        board.text.value = "  hello "
        getattr(board, severity).click()
        assert [source.log.latest(9)[1][0].text for source in sources] == [f"{severity}: hello"] * 2
        assert board.text.value == "  hello "
        assert board.status == f"published '{severity}: hello' to logs: confirmed"

    def test_enter_in_the_field_publishes_what_the_field_held_then(self, board: Board) -> None:
        board.text._receive(board.text, {"text": "first", "press": "info"}, [])
        board.text._receive(board.text, {"text": "second", "press": "info"}, [])
        assert lines(board.panes) == ["info: first", "info: second"]

    @pytest.mark.parametrize("text", ["", "   "])
    def test_a_press_without_a_text_publishes_what_the_placeholder_shows(self, board: Board, text: str) -> None:
        board.text.value = text
        for severity in ("info", "warning", "error"):
            shown = board.text.placeholder
            getattr(board, severity).click()
            assert board.status == f"published '{severity}: {shown}' to logs: confirmed"
        assert lines(board.panes) == ["info: hello 1", "warning: hello 2", "error: hello 3"]
        assert (board.text.value, board.text.placeholder) == (text, "hello 4")

    def test_a_text_of_ones_own_is_published_again_and_counts_no_default(self, board: Board) -> None:
        board.info.click()
        board.text.value = "mine"
        board.info.click()
        board.info.click()
        board.text.value = ""
        board.info.click()
        assert lines(board.panes) == ["info: hello 1", "info: mine", "info: mine", "info: hello 2"]

    def test_an_empty_press_from_the_page_publishes_the_default_too(self, board: Board) -> None:
        board.text._receive(board.text, {"text": " ", "press": "warning"}, [])
        board.text._receive(board.text, {"press": "error"}, [])
        assert lines(board.panes) == ["warning: hello 1", "error: hello 2"]

    def test_presses_in_several_threads_never_publish_the_same_default(
        self, board: Board, sources: list[Source]
    ) -> None:
        with ThreadPoolExecutor(4) as pool:
            for _ in range(40):
                pool.submit(board.info.click)
        texts = {delivery.text for delivery in sources[0].log.latest(40)[1]}
        assert texts == {f"info: hello {number}" for number in range(1, 41)}

    def test_says_when_nobody_got_it(self) -> None:
        board = Board(Stage(lambda text: Publication("logs", "", text.encode(), routed=False)), [])
        board.text.value = "hello"
        board.info.click()
        assert board.status == "published 'info: hello' to logs: returned, it matched no queue (312 NO_ROUTE)"

    def test_shows_why_it_could_not_publish(self) -> None:
        board = Board(Stage(refuse), [])
        board.text.value = "hello"
        board.error.click()
        assert board.status == "not published: The broker did not confirm 'error: hello'.\nTry again."
        board.text.flush()
        assert board.text.notice["kind"] == "error"

    def test_another_thread_may_press_and_all_arrive_once(self, board: Board, sources: list[Source]) -> None:
        board.text.value = "hello"
        with ThreadPoolExecutor(4) as pool:
            for _ in range(40):
                pool.submit(board.info.click)
        assert [source.log.total for source in sources] == [40, 40]
        assert lines(board.panes) == ["info: hello"] * 40

    def test_describes_what_it_shows(self, board: Board) -> None:
        board.text.value = "hello"
        board.info.click()
        assert board.describe() == "screen: 1 message\n  info: hello\ndisk: 1 message\n  info: hello"

    def test_describes_without_names_from_the_server(self, board: Board) -> None:
        assert "amq" not in board.describe()

    def test_describes_states_and_what_is_not_shown(self) -> None:
        source = Source("screen", state="reconnecting")
        source.receive(*["x" * 600] * 101)
        written = Board(Stage(refuse), [source]).describe().splitlines()
        assert written[:2] == ["screen (reconnecting): 101 messages", "  … 1 earlier"]
        assert written[2].endswith("x … cut: 600 bytes in all")

    @pytest.mark.parametrize(("setting", "large"), [("1", True), ("", False)])
    def test_opens_in_presenter_size_for_a_projector(
        self,
        monkeypatch: pytest.MonkeyPatch,
        setting: str,
        large: bool,  # noqa: FBT001
    ) -> None:
        monkeypatch.setenv(presenting.SETTING, setting)
        board = Board(Stage(refuse), [])
        assert (board.present.value, board.diagram.presenter) == (large, large)
        assert ("fanout-large" in board._dom_classes) is large
        board.present.value = not large
        assert board.diagram.presenter is not large
        board.close()

    def test_pause_stands_still_counts_what_waits_and_shows_it_afterwards(
        self, board: Board, sources: list[Source]
    ) -> None:
        sources[0].receive("one")
        board.pause.value = True
        sources[0].receive("two", "three")
        assert board.describe() == "screen: 1 message, 2 held back\n  one\ndisk: 0 messages"
        assert board.panes.snapshot["paused"] is True
        board.pause.value = False
        assert board.describe() == "screen: 3 messages\n  one\n  two\n  three\ndisk: 0 messages"

    def test_clear_empties_the_panes_only(self, board: Board, sources: list[Source]) -> None:
        sources[0].receive("one", "two")
        board.clear.click()
        assert board.describe() == "screen: 0 messages\ndisk: 0 messages"
        sources[0].receive("three")
        assert board.describe() == "screen: 1 message\n  three\ndisk: 0 messages"
        assert sources[0].log.total == 3

    def test_clear_while_paused_keeps_what_waits(self, board: Board, sources: list[Source]) -> None:
        sources[0].receive("one")
        board.pause.value = True
        sources[0].receive("two")
        board.clear.click()
        assert board.describe().startswith("screen: 0 messages, 1 held back\n")
        board.pause.value = False
        assert lines(board.panes) == ["two"]

    def test_while_paused_it_says_how_many_messages_were_published_since(self) -> None:
        stage = Stage(refuse)
        board = Board(stage, [])
        stage.messages = [message(1)]
        board.pause.value = True
        assert standstill(board) == STANDING.format("0 messages")
        stage.messages = [message(1), message(2)]
        assert standstill(board) == STANDING.format("1 message")
        assert drawn(board) == [1]
        # Messages that are forgotten, or not told one by one any more, were published all the same.
        stage.messages = [message(3)]
        assert standstill(board) == STANDING.format("2 messages")
        stage.messages = []
        assert standstill(board) == STANDING.format("2 messages")
        stage.mode = Mode.FLOWS
        assert standstill(board) == STANDING.format("Messages may have")
        board.pause.value = False
        assert standstill(board) == ""
        board.close()

    def test_clear_empties_the_list_too_but_not_of_what_waits_while_paused(self) -> None:
        stage = Stage(refuse)
        board = Board(stage, [])
        stage.messages = [message(1), message(2)]
        board.clear.click()
        assert drawn(board) == []
        stage.messages.append(message(3))
        assert drawn(board) == [3]
        board.pause.value = True
        stage.messages.append(message(4))
        board.clear.click()
        assert drawn(board) == []
        board.pause.value = False
        assert drawn(board) == [4]
        board.close()

    def test_show_replaces_the_sources_and_keeps_the_panes_that_stay(self, board: Board, sources: list[Source]) -> None:
        screen, disk = sources
        screen.receive("one")
        board.clear.click()
        late = Source("late")
        board.show([screen, late])
        assert board.describe() == "screen: 0 messages\nlate: 0 messages"
        assert disk.watchers == []
        assert repr(board) == "Board(exchange='logs', panes=['screen', 'late'])"

    def test_close_stops_watching(self, board: Board, sources: list[Source]) -> None:
        board.close()
        board.close()
        assert [source.watchers for source in sources] == [[], []]
        board.panes.flush()

    def test_reprs_are_the_same_in_every_run(self, board: Board) -> None:
        assert repr(board) == "Board(exchange='logs', panes=['screen', 'disk'])"
        assert repr(board.panes) == "Panes()"
        assert repr(board.text) == "MessageField('')"

    def test_displays_a_line_that_needs_no_kernel_and_then_itself(
        self, board: Board, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shown: list[dict[str, object]] = []
        monkeypatch.setattr(
            "fanout_helpers.views.beside.display", lambda data, raw: shown.append(data) if raw else None
        )
        board._ipython_display_()
        assert str(shown[0]["text/plain"]).startswith("Board: publishes to exchange logs; panes: screen, disk\n")
        assert str(shown[0]["image/svg+xml"]).startswith("<svg")
        assert "application/vnd.jupyter.widget-view+json" in shown[1]


def test_two_thousand_changes_make_few_frames_and_the_last_is_complete() -> None:
    sources = [Source(f"s{number}") for number in range(5)]
    panes = Panes(sources)
    frames: list[int] = []
    panes.observe(lambda change: frames.append(change.new["panes"][0]["total"]), "snapshot")
    began = time.monotonic()
    for number in range(2000):
        for source in sources:
            source.receive(f"info: {number}")
    wait_until(lambda: all(pane["total"] == 2000 for pane in panes.snapshot["panes"]))
    assert len(frames) <= (time.monotonic() - began) / FRAME + 2
    assert panes.snapshot["panes"][4]["lines"][-1]["text"] == "info: 1999"
