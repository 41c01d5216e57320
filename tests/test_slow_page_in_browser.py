"""What a page shows that is slow: not cut off from RabbitMQ, it stands still once seen, it says what failed."""

from collections.abc import Iterator
from itertools import count

import pytest
from playwright.sync_api import Browser, Page, expect

from fanout_helpers.broker.node import Node
from tests.jupyter import JupyterServer, NotebookPage, clean_page, write_notebook

BOARD = """
from fanout_helpers import Lab
lab = Lab("{lesson}")
import pika
connection = pika.BlockingConnection(lab.parameters)
channel = connection.channel()
channel.exchange_declare(exchange="logs", exchange_type="fanout")
lab.subscribe("logs", "screen", "disk")
board = lab.board("logs")
board
"""
LATE = 'lab.subscribe("logs", "late")'
LINK = "from fanout_helpers.views.management_link import ManagementLink\nlink = ManagementLink('/')"
NOT_LIVE = f"{LINK}\nlink._mirror.close()\nlink"
UNHEARD = f"{LINK}\nlink._mirror.on_msg(link._mirror._answer, remove=True)\nlink"
BREAK = "board.diagram.drawing = {}"
HEARD = "link._mirror._answer()"
BOARD_CELL, LATE_CELL, NOT_LIVE_CELL, UNHEARD_CELL, HEARD_CELL, BREAK_CELL = range(6)

# Every module of a widget takes longer than the two seconds that anywidget gives it.
SLOW_MODULES = """() => {
    const make = URL.createObjectURL;
    const wait = "await new Promise((go) => setTimeout(go, 3000));\\n";
    const slowed = (blob) => new Blob([wait, blob], { type: blob.type });
    URL.createObjectURL = (it) => make.call(URL, it.type === "text/javascript" ? slowed(it) : it);
}"""
# One after the other: each module of a widget takes half a second longer than the one before.
MODULES_ONE_BY_ONE = """() => {
    const make = URL.createObjectURL;
    let modules = 0;
    const slowed = (blob) => {
        modules += 1;
        return new Blob([`await new Promise((go) => setTimeout(go, ${500 * modules}));\\n`, blob], { type: blob.type });
    };
    URL.createObjectURL = (it) => make.call(URL, it.type === "text/javascript" ? slowed(it) : it);
}"""
# Where in its cell a button stood in each frame in which it was to be seen.
NOTE_PLACES = """() => {
    window.places = [];
    const look = () => {
        const button = document.querySelector(".jp-Notebook .fanout-info");
        if (button?.checkVisibility({ visibilityProperty: true })) {
            const { x, y } = button.getBoundingClientRect();
            const cell = button.closest(".jp-Cell").getBoundingClientRect();
            const place = `${Math.round(x - cell.x)} ${Math.round(y - cell.y)}`;
            if (window.places.at(-1) !== place) window.places.push(place);
        }
        requestAnimationFrame(look);
    };
    look();
}"""
# The page waits ten seconds for an answer; here a tenth of a second is enough.
IMPATIENT = """() => {
    const wait = window.setTimeout;
    window.setTimeout = (act, delay, ...more) => wait(act, delay === 10_000 ? 100 : delay, ...more);
}"""
# Says anywidget then, once a widget; none of its later messages may be lost for that.
GAVE_UP = r"error: Error: \[anywidget\] Failed to initialize model\..*"

# What the tests make fail.
THROWN = r"error: TypeError: Cannot (?:read|convert) .*"

_numbers = count(1)


@pytest.fixture(scope="module")
def server(broker: Node, tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:  # noqa: ARG001 - it must be up
    with JupyterServer(tmp_path_factory.mktemp("notebooks"), tmp_path_factory.mktemp("jupyter")) as server:
        yield server


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    with clean_page(browser, 1280, 1000, known=[GAVE_UP, *getattr(request, "param", ())]) as page:
        yield page


@pytest.fixture
def notebook(server: JupyterServer, page: Page) -> NotebookPage:
    """An open notebook of which nothing was run."""
    lesson = f"slow-{next(_numbers)}"
    cells = (BOARD.format(lesson=lesson), LATE, NOT_LIVE, UNHEARD, HEARD, BREAK)
    write_notebook(server.root / f"{lesson}.ipynb", *cells)
    notebook = NotebookPage(page)
    notebook.open(server.address(f"{lesson}.ipynb"))
    return notebook


def expect_board_follows(notebook: NotebookPage, message: int, timeout: int = 30_000) -> None:
    """A press reaches field, status line, panes, list and drawing."""
    cells, text = notebook.cells, f"press {message}"
    cells.get_by_role("textbox", name="Message", exact=True).fill(text, timeout=timeout)
    cells.get_by_role("button", name="Warning", exact=True).click(timeout=timeout)
    expect(cells.get_by_test_id("pane-disk")).to_contain_text(f"warning: {text}", timeout=timeout)
    expect(cells.get_by_test_id(f"message-{message}")).to_contain_text(text, timeout=timeout)
    expect(cells.get_by_test_id("consumer-disk")).to_have_attribute("data-arrivals", str(message), timeout=timeout)


def test_a_board_follows_where_its_modules_take_longer_than_anywidget_waits(notebook: NotebookPage) -> None:
    notebook.page.evaluate(SLOW_MODULES)
    notebook.run_cell(BOARD_CELL)
    expect_board_follows(notebook, 1)
    notebook.run_cell(LATE_CELL)
    expect(notebook.cells.get_by_test_id("consumer-late")).to_be_visible()
    notebook.cells.get_by_role("button", name="Predict", exact=True).click()
    notebook.cells.get_by_role("button", name="Commit prediction").click()
    expect(notebook.cells.get_by_test_id("prediction")).to_contain_text("Nothing committed")
    expect(notebook.cells.get_by_test_id("not-live")).to_have_count(0)


def test_a_board_follows_on_a_processor_that_is_25_times_slower(notebook: NotebookPage) -> None:
    session = notebook.page.context.new_cdp_session(notebook.page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": 25})
    notebook.run_cell(BOARD_CELL)
    expect(notebook.cells.get_by_test_id("pane-disk")).to_be_visible(timeout=90_000)
    session.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    expect_board_follows(notebook, 1)


def test_a_board_whose_parts_come_one_by_one_stands_still_from_when_it_is_seen(notebook: NotebookPage) -> None:
    notebook.page.evaluate(MODULES_ONE_BY_ONE)
    notebook.page.evaluate(NOTE_PLACES)
    notebook.run_cell(BOARD_CELL)
    expect_board_follows(notebook, 1)
    places = notebook.page.evaluate("window.places")
    assert len(places) == 1, places


def test_a_widget_whose_state_is_not_to_be_had_says_so(notebook: NotebookPage) -> None:
    notebook.run_cell(NOT_LIVE_CELL)
    expect(notebook.cells.get_by_test_id("not-live")).to_contain_text("Run the cell again")


def test_a_kernel_that_does_not_answer_is_told_until_it_does(notebook: NotebookPage) -> None:
    notebook.page.evaluate(IMPATIENT)
    notebook.run_cell(UNHEARD_CELL)
    expect(notebook.cells.get_by_test_id("not-live")).to_contain_text("may be old")
    expect(notebook.cells.get_by_test_id("management-link")).to_be_visible()
    notebook.run_cell(HEARD_CELL)
    expect(notebook.cells.get_by_test_id("not-live")).to_have_count(0)


@pytest.mark.parametrize("page", [[THROWN]], indirect=True)
def test_a_part_that_fails_at_its_news_says_so_and_takes_the_next(notebook: NotebookPage) -> None:
    notebook.run_cell(BOARD_CELL)
    expect_board_follows(notebook, 1)
    with notebook.page.expect_event("pageerror"):
        notebook.run_cell(BREAK_CELL)
    expect(notebook.cells.get_by_test_id("not-live")).to_contain_text("Something went wrong here")
    expect_board_follows(notebook, 2)


@pytest.mark.parametrize("page", [[THROWN]], indirect=True)
def test_a_part_that_fails_at_a_press_says_so(notebook: NotebookPage) -> None:
    notebook.run_cell(BOARD_CELL)
    notebook.cells.get_by_role("button", name="Predict", exact=True).click()
    commit = notebook.cells.get_by_role("button", name="Commit prediction")
    expect(commit).to_be_visible()
    notebook.page.evaluate("() => document.querySelector('.fanout-prediction select').remove()")
    with notebook.page.expect_event("pageerror"):
        commit.click()
    expect(notebook.cells.get_by_test_id("not-live")).to_contain_text("Something went wrong here")
