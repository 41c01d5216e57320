"""The board's diagram in a real browser, on a real JupyterLab and a real RabbitMQ, against another program."""

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, expect

from fanout_helpers.broker.node import Node
from fanout_helpers.management import Management
from tests.foreign import Foreign
from tests.jupyter import JupyterServer, NotebookPage, clean_page, write_notebook
from tests.live import eventually

ARTIFACTS = Path(__file__).parent.parent / "artifacts"
# A bound for hanging, not for slowness.
HANGS_MILLISECONDS = 60_000
HOSTILE = "<img src=x onerror='window.executed = 1'><script>window.executed = 1</script>\u202e\"'&{{ 1 }}"
HOSTILE_SHOWN = HOSTILE.replace("\u202e", r"\u202e")

SET_UP = """
from fanout_helpers import Lab
lab = Lab("{lesson}")
import pika
connection = pika.BlockingConnection(lab.parameters)
channel = connection.channel()
channel.exchange_declare(exchange="logs", exchange_type="fanout")
lab.subscribe("logs", *{names})
board = lab.board("logs")
board
"""
LATE, PREDICT, CLOSE = 1, 2, 3
CELLS = (
    'lab.subscribe("logs", "late")\nlab.publish("logs", "info: second")',
    'lab.predict("screen", copies=1)\nlab.publish("logs", "info: bet")\nlab.judge()',
    "lab.close()",
)
NAMES = ("screen", "disk", "alerts")

# Dots come and go: this notes each that was ever there.
OBSERVE = """() => {
    window.dots = [];
    const note = (node) => node.dataset?.testid === "dot" && window.dots.push({ ...node.dataset });
    const observer = new MutationObserver((records) => records.forEach(({ addedNodes }) => addedNodes.forEach(note)));
    observer.observe(document.querySelector("[data-testid=diagram]"), { childList: true, subtree: true });
}"""
DOTS = "() => window.dots.map(({ message, kind, to }) => [message, kind, to])"

# Where the rows of a text begin, from the left, in CSS pixels.
ROWS = """(element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    const rows = Map.groupBy(range.getClientRects(), ({ top }) => Math.round(top));
    return [...rows.values()].map((row) => Math.min(...row.map(({ left }) => left)));
}"""

_numbers = count(1)


@pytest.fixture(scope="module")
def server(broker: Node, tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:  # noqa: ARG001 - it must be up
    with JupyterServer(tmp_path_factory.mktemp("notebooks"), tmp_path_factory.mktemp("jupyter")) as server:
        yield server


class Lesson:
    """A notebook with a board in it, and another program on the same virtual host."""

    def __init__(self, notebook: NotebookPage, foreign: Foreign, name: str) -> None:
        self.notebook = notebook
        self.page = notebook.page
        self.foreign = foreign
        self.name = name

    def box(self, testid: str) -> Locator:
        """A box of the diagram."""
        return self.page.get_by_test_id("diagram").get_by_test_id(testid)

    def message(self, number: int) -> Locator:
        """A message in the list."""
        return self.page.get_by_test_id(f"message-{number}")

    def press(self, name: str, text: str | None = None) -> None:
        """Presses one of the board's buttons, after typing ``text``."""
        if text is not None:
            self.notebook.cells.get_by_role("textbox", name="Message", exact=True).fill(text)
        self.notebook.cells.get_by_role("button", name=name, exact=True).click()

    def arrived(self, kind: str, number: int) -> list[str]:
        """Where the dots of a message went, once they are all there."""
        dots = self.page.evaluate(DOTS)
        return sorted(to for message, its, to in dots if (message, its) == (str(number), kind))

    def words(self) -> str:
        """The diagram's text twin."""
        return str(self.page.get_by_test_id("words").text_content())


class Classroom:
    """Opens lessons, each in a virtual host of its own."""

    def __init__(self, server: JupyterServer, browser: Browser, broker: Node, stack: ExitStack) -> None:
        self._server = server
        self._browser = browser
        self._broker = broker
        self._stack = stack

    def open(self, names: tuple[str, ...] = NAMES, *, width: int = 1280, height: int = 1000) -> Lesson:
        """Opens a fresh notebook and runs its first cell; the board is live then."""
        lesson = f"live-{next(_numbers)}"
        write_notebook(self._server.root / f"{lesson}.ipynb", SET_UP.format(lesson=lesson, names=names), *CELLS)
        notebook = NotebookPage(self._stack.enter_context(clean_page(self._browser, width, height)))
        notebook.open(self._server.address(f"{lesson}.ipynb"))
        notebook.run_cell(0)
        expect(notebook.page.get_by_test_id("exchange-logs")).to_be_visible()
        notebook.page.evaluate(OBSERVE)
        foreign = Foreign(self._broker.address.with_virtual_host(lesson).amqp_url, "another program")
        self._stack.callback(foreign.kill)
        foreign.__enter__()
        return Lesson(notebook, foreign, lesson)


@pytest.fixture
def classroom(server: JupyterServer, browser: Browser, broker: Node) -> Iterator[Classroom]:
    with ExitStack() as stack:
        yield Classroom(server, browser, broker, stack)


@pytest.fixture
def lesson(classroom: Classroom) -> Lesson:
    return classroom.open()


def test_follows_what_another_program_declares_binds_unbinds_and_deletes(lesson: Lesson) -> None:
    lesson.foreign.run("channel.exchange_declare('alarms', 'direct')")
    expect(lesson.box("exchange-alarms")).to_be_visible()
    lesson.foreign.run("channel.queue_declare('pager', durable=True)")
    expect(lesson.box("queue-pager")).to_contain_text("durable")
    lesson.foreign.run("channel.queue_bind('pager', 'alarms', 'fire')")
    expect(lesson.page.get_by_test_id("words")).to_contain_text("queue pager (durable), binding key 'fire'")
    tag = lesson.foreign.run("channel.basic_consume('pager', lambda *message: None)")
    expect(lesson.box(f"consumer-{tag}")).to_be_visible()
    lesson.foreign.run("channel.basic_cancel(_)")
    expect(lesson.box(f"consumer-{tag}")).to_have_count(0)
    lesson.foreign.run("channel.queue_unbind('pager', 'alarms', 'fire')")
    expect(lesson.page.get_by_test_id("words")).not_to_contain_text("fire")
    lesson.foreign.run("channel.queue_delete('pager')")
    expect(lesson.box("queue-pager")).to_have_count(0)
    lesson.foreign.run("channel.exchange_delete('alarms')")
    expect(lesson.box("exchange-alarms")).to_have_count(0)


def test_a_program_that_is_killed_leaves_no_queue_and_no_consumer_on_the_board(lesson: Lesson) -> None:
    queue = lesson.foreign.run("channel.queue_declare('', exclusive=True).method.queue")
    lesson.foreign.run("channel.queue_bind(_, 'logs', '')")
    expect(lesson.box(f"queue-{queue}")).to_be_visible()
    lesson.foreign.kill()
    expect(lesson.box(f"queue-{queue}")).to_have_count(0)


def test_one_publish_to_three_queues_makes_exactly_three_copies_arrive(lesson: Lesson) -> None:
    lesson.press("Info", "hello")
    expect(lesson.message(1)).to_contain_text("3 queues · 3 delivered")
    eventually(lambda: len(lesson.arrived("delivery", 1)) == 3)
    assert lesson.arrived("publish", 1) == ["exchange-logs"]
    assert lesson.arrived("copy", 1) == sorted(f"queue-{name}" for name in NAMES)
    assert lesson.arrived("delivery", 1) == sorted(f"consumer-{name}" for name in NAMES)
    for name in NAMES:
        expect(lesson.box(f"queue-{name}")).to_have_attribute("data-arrivals", "1")
        expect(lesson.box(f"consumer-{name}")).to_have_attribute("data-arrivals", "1")
        expect(lesson.page.get_by_test_id(f"count-{name}")).to_have_text("1")


def test_another_programs_message_is_shown_with_the_program_that_published_it(lesson: Lesson) -> None:
    lesson.foreign.run("channel.basic_publish('logs', 'ignored', b'warning: from afar')")
    expect(lesson.box("producer-another program")).to_be_visible()
    lesson.message(1).click()
    way = lesson.page.get_by_test_id("way")
    expect(way).to_contain_text("published to exchange logs with routing key 'ignored' by another program")
    expect(way).to_contain_text("routed to 3 queues: screen, disk, alerts")


def test_a_message_that_no_queue_gets_falls_off_the_exchange(classroom: Classroom) -> None:
    lesson = classroom.open(("screen",))
    lesson.foreign.run("channel.exchange_declare('empty', 'fanout')")
    lesson.foreign.run("channel.basic_publish('empty', '', b'info: anybody?')")
    expect(lesson.page.get_by_test_id("lost")).to_contain_text("0 queues")
    expect(lesson.message(1)).to_contain_text("0 queues")
    assert lesson.arrived("copy", 1) == lesson.arrived("delivery", 1) == []


def test_a_late_joiner_gets_no_earlier_dot(lesson: Lesson) -> None:
    lesson.press("Info", "first")
    expect(lesson.message(1)).to_contain_text("3 queues · 3 delivered")
    lesson.notebook.run_cell(LATE)
    expect(lesson.box("consumer-late")).to_have_attribute("data-arrivals", "1")
    expect(lesson.message(2)).to_contain_text("4 queues · 4 delivered")
    assert "queue-late" not in lesson.arrived("copy", 1)
    assert lesson.arrived("copy", 2).count("queue-late") == 1


def test_choosing_a_message_replays_its_way(lesson: Lesson) -> None:
    lesson.press("Error", "again")
    expect(lesson.box("consumer-disk")).to_have_attribute("data-arrivals", "1")
    lesson.message(1).focus()
    lesson.page.keyboard.press("Enter")
    eventually(lambda: lesson.arrived("delivery", 1).count("consumer-disk") == 2)
    expect(lesson.box("consumer-disk")).to_have_attribute("data-arrivals", "1")
    expect(lesson.page.get_by_test_id("count-disk")).to_have_text("1")


def test_a_redelivery_is_told(lesson: Lesson) -> None:
    lesson.foreign.run("channel.queue_declare('work')")
    lesson.foreign.run("channel.basic_publish('', 'work', b'info: once more')")
    lesson.foreign.run("channel.basic_get('work')[0].delivery_tag")
    lesson.foreign.run("channel.basic_nack(_, requeue=True)")
    lesson.foreign.run("channel.basic_get('work', auto_ack=True)[0].delivery_tag")
    expect(lesson.message(1)).to_contain_text("1 queue · 1 delivered, 1 redelivered")


def test_hostile_names_and_bodies_are_text(lesson: Lesson) -> None:
    lesson.foreign.run(f"channel.queue_declare({HOSTILE!r})")
    lesson.foreign.run(f"channel.exchange_declare({HOSTILE!r}, 'fanout')")
    lesson.foreign.run(f"channel.queue_bind({HOSTILE!r}, {HOSTILE!r}, '')")
    lesson.foreign.run(f"channel.basic_publish({HOSTILE!r}, {HOSTILE!r}, {HOSTILE!r}.encode())")
    expect(lesson.box(f"queue-{HOSTILE_SHOWN}")).to_be_visible()
    lesson.message(1).click()
    expect(lesson.page.get_by_test_id("way")).to_contain_text("<script>")
    lesson.foreign.run("channel.basic_publish('logs', '', bytes(range(256)) * 40_000)")
    expect(lesson.message(2)).to_contain_text("3 queues · 3 delivered")
    lesson.foreign.run(f"channel.queue_bind({HOSTILE!r}, 'logs', '')")
    expect(lesson.page.get_by_test_id("words")).to_contain_text(HOSTILE_SHOWN)
    lesson.press("Predict")
    expect(lesson.notebook.cells.get_by_role("checkbox", name="<script>")).to_be_visible()
    assert lesson.page.locator(".fanout-board :is(img, script)").count() == 0
    assert lesson.page.evaluate("() => window.executed") is None


def rows(text: Locator) -> list[float]:
    return list(text.evaluate(ROWS))


def test_a_prediction_is_set_beside_the_evidence(lesson: Lesson) -> None:
    lesson.press("Predict")
    for name in ("screen", "disk"):
        lesson.notebook.cells.get_by_role("checkbox", name=name).check()
    lesson.press("Commit prediction")
    form = lesson.notebook.cells.get_by_role("group", name="Prediction")
    expect(form).to_contain_text("Waiting for the next message")
    lesson.press("Info", "hello")
    expect(form).to_contain_text("Your prediction was wrong.")
    expect(form).to_contain_text("alerts got it too: its queue is bound to logs.")
    lesson.page.set_viewport_size({"width": 480, "height": 900})
    label, *others = rows(form.get_by_text("alerts got it too"))
    assert others
    assert min(others) > label + 50, "what goes on in the next row keeps clear of the label"
    lesson.notebook.cells.get_by_role("checkbox", name="alerts").check()
    lesson.press("Commit prediction")
    lesson.press("Info")
    expect(form).to_contain_text("Your prediction was right.")


def test_a_prediction_from_a_cell_is_on_the_board_too(lesson: Lesson) -> None:
    lesson.notebook.run_cell(PREDICT)
    expect(lesson.notebook.cells.get_by_role("group", name="Prediction")).to_contain_text("disk got it too")


def test_many_messages_at_once_become_flows_and_the_counts_are_right(lesson: Lesson) -> None:
    lesson.foreign.run("[channel.basic_publish('logs', '', b'x') for _ in range(5000)] and None")
    diagram = lesson.notebook.cells.locator(".fanout-diagram")
    expect(diagram).to_contain_text("Too many messages to draw one by one")
    for name in NAMES:
        expect(lesson.page.get_by_test_id(f"count-{name}")).to_have_text("5,000", timeout=HANGS_MILLISECONDS)
        expect(lesson.box(f"queue-{name}")).to_contain_text("5,000")
    expect(lesson.box("exchange-logs")).to_contain_text("5,000")
    # When it is quiet again, each message is shown again.
    expect(diagram).to_have_attribute("data-mode", "messages", timeout=HANGS_MILLISECONDS)
    lesson.press("Info", "after the flood")
    expect(lesson.page.get_by_test_id("count-disk")).to_have_text("5,001")
    expect(lesson.page.get_by_role("button", name="info: after the flood")).to_contain_text("3 queues · 3 delivered")


def test_a_reloaded_page_shows_the_diagram_again_and_moves_no_old_message(lesson: Lesson) -> None:
    lesson.press("Info", "before")
    expect(lesson.message(1)).to_contain_text("3 delivered")
    lesson.notebook.reload()
    expect(lesson.message(1)).to_contain_text("3 delivered")
    lesson.page.evaluate(OBSERVE)
    lesson.press("Info", "after")
    expect(lesson.message(2)).to_contain_text("3 delivered")
    eventually(lambda: len(lesson.arrived("delivery", 2)) == 3)
    assert lesson.arrived("publish", 1) == []


def test_a_restarted_kernel_leaves_a_diagram_that_says_so(lesson: Lesson) -> None:
    lesson.notebook.restart_kernel()
    expect(lesson.page.get_by_test_id("diagram-disconnected")).to_contain_text("Disconnected from the kernel")
    board = lesson.notebook.cells.locator(".fanout-board")
    assert board.evaluate("(board) => board.scrollHeight <= board.clientHeight"), "it would have a scroll bar"


def test_a_closed_lab_leaves_the_last_picture_and_nothing_in_the_broker(lesson: Lesson, broker: Node) -> None:
    management = Management(broker.address)
    assert management.is_traced(lesson.name)
    lesson.notebook.run_cell(CLOSE)
    expect(lesson.notebook.cells.locator(".fanout-diagram")).to_contain_text("This board is closed")
    expect(lesson.box("exchange-logs")).to_be_visible()
    assert not management.is_traced(lesson.name)
    assert management.queues(lesson.name) == []


def test_without_a_kernel_the_stored_picture_is_shown(lesson: Lesson) -> None:
    still = lesson.notebook.cells.locator(".jp-RenderedSVG")
    expect(still).to_be_hidden()
    lesson.notebook.command("docmanager:save")
    lesson.notebook.shut_down_kernel()
    lesson.page.reload()
    expect(still.locator("img, svg").first).to_be_visible(timeout=HANGS_MILLISECONDS)


def test_axe_finds_nothing(lesson: Lesson) -> None:
    lesson.press("Predict")
    lesson.press("Info", "hello")
    lesson.message(1).click()
    expect(lesson.page.get_by_test_id("way")).to_contain_text("routed to 3 queues")
    lesson.page.get_by_text("In words").click()
    for theme in ("light", "dark"):
        lesson.notebook.set_theme(theme)
        lesson.page.wait_for_timeout(1500)  # colours fade from one theme, and from a new line, to the other
        results = Axe().run(lesson.page, ".fanout-board")
        assert results.response["passes"]
        assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("queues", [1, 3, 12])
def test_pictures(classroom: Classroom, queues: int) -> None:
    names = (*NAMES, *(f"subscriber {number}" for number in range(4, 13)))[:queues]
    lesson = classroom.open(names, height=1400)
    lesson.press("Warning", "the disk is nearly full")
    expect(lesson.message(1)).to_contain_text(f"{queues} delivered")
    for theme in ("light", "dark"):
        lesson.notebook.set_theme(theme)
        lesson.notebook.screenshot(ARTIFACTS / f"live-{queues}-{theme}.png")
    lesson.notebook.set_theme("light")
    lesson.press("Present")
    expect(lesson.notebook.cells.locator(".fanout-large")).to_be_visible()
    lesson.page.wait_for_timeout(700)  # the boxes glide to their places
    lesson.notebook.screenshot(ARTIFACTS / f"live-{queues}-presenter.png")


def test_a_narrow_page_keeps_everything_within_reach(classroom: Classroom) -> None:
    # What a laptop's page is at 200 % zoom.
    lesson = classroom.open(width=640, height=800)
    lesson.press("Info", "hello")
    expect(lesson.message(1)).to_contain_text("3 delivered")
    lesson.notebook.screenshot(ARTIFACTS / "live-narrow.png")
    board = lesson.notebook.cells.locator(".fanout-board")
    assert board.evaluate("(board) => board.scrollWidth <= board.clientWidth + 1")
