"""The board outside JupyterLab: in Notebook 7 and in Voilà, in a real browser and on a real RabbitMQ."""

import re
import shutil
from collections.abc import Iterator
from itertools import count

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from fanout_helpers.broker import private
from tests.comparison import ROOT
from tests.jupyter import JupyterServer, NotebookPage, clean_page, write_notebook
from tests.test_lessons_in_browser import until_panes

ARTIFACTS = ROOT / "artifacts"
NAMES = ("screen", "disk", "alerts")
THEMES = ("light", "dark")
SET_UP = """
from fanout_helpers import Lab
lab = Lab("{lesson}")
import pika
connection = pika.BlockingConnection(lab.parameters)
channel = connection.channel()
channel.exchange_declare(exchange="logs", exchange_type="fanout")
lab.subscribe("logs", *{names})
lab.board("logs")
"""
LESSON = "00_start_here.ipynb"
START_MILLISECONDS = 60_000

# Voilà's template asks content delivery networks for fonts and MathJax; the board needs nothing from outside.
OUTSIDE = re.compile(r"https?://(?!127\.0\.0\.1[:/])")
# Voilà also loads extensions of JupyterLab and Notebook without all that they need.
VOILAS_OWN = (
    rf"console: Failed to load resource: net::ERR_FAILED \({OUTSIDE.pattern}\S+\)",
    r"console: Error: Shared module @jupyterlab/filebrowser doesn't exist in shared scope default\n.*",
    r"console: Error: The getter for the shared module is not a function\. .*",
)

_numbers = count(1)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """Serves both: Voilà is an extension of the server that Notebook starts. Others run the lessons meanwhile."""
    root, scratch = tmp_path_factory.mktemp("notebooks"), tmp_path_factory.mktemp("jupyter")
    shutil.copytree(ROOT / "notebooks", root, dirs_exist_ok=True)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("FANOUT_RUNTIME_DIR", str(scratch / "node"))
        private.hold()
        with JupyterServer(root, scratch, command=("-m", "notebook")) as server:
            yield server
        private.stop()


@pytest.fixture
def lesson(server: JupyterServer) -> str:
    """The name of a fresh notebook whose only cell shows a board; its virtual host is called the same."""
    name = f"front-end-{next(_numbers)}"
    write_notebook(server.root / f"{name}.ipynb", SET_UP.format(lesson=name, names=NAMES))
    return name


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with clean_page(browser, 1280, 1000, VOILAS_OWN) as page:
        page.route(OUTSIDE, lambda route: route.abort())
        yield page


class BoardPage:
    """The one board on a page, whatever is around it."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._board = page.locator(".fanout-board")

    def expect_live(self) -> None:
        """It is there with every pane, and its static twin gives way to it."""
        expect(self._board.get_by_test_id("pane-alerts")).to_be_visible(timeout=START_MILLISECONDS)
        expect(self._page.get_by_test_id(re.compile("^pane-"))).to_have_count(len(NAMES))
        expect(self._board.get_by_test_id("exchange-logs")).to_be_visible()
        still = self._page.locator(".jp-RenderedSVG")
        expect(still).to_have_count(1)
        expect(still).to_be_hidden()

    def publish(self, text: str) -> None:
        self._board.get_by_role("textbox", name="Message", exact=True).fill(text)
        self._board.get_by_role("button", name="Info", exact=True).click()

    def expect_texts(self, *texts: str) -> None:
        """Every pane shows these messages."""
        for name in NAMES:
            expect(self._board.get_by_test_id(f"line-{name}").locator(".fanout-text")).to_have_text(texts)

    def message(self, number: int) -> Locator:
        return self._board.get_by_test_id(f"message-{number}")

    def expect_copies(self, *texts: str, moved: int) -> None:
        """Every pane shows these messages; ``moved`` of them were seen to go to every queue and consumer."""
        expect(self.message(len(texts))).to_contain_text("3 queues · 3 delivered")
        self.expect_texts(*texts)
        for name in NAMES:
            for kind in ("queue", "consumer"):
                box = self._board.get_by_test_id("diagram").get_by_test_id(f"{kind}-{name}")
                expect(box).to_have_attribute("data-arrivals", str(moved))

    def screenshot(self, name: str) -> None:
        """Saves a picture of the page."""
        self._page.screenshot(path=ARTIFACTS / f"{name}.png", animations="disabled")


def test_notebook_7_shows_a_live_board_and_shows_it_again_after_a_reload(
    server: JupyterServer, page: Page, lesson: str
) -> None:
    notebook, board = NotebookPage(page), BoardPage(page)
    notebook.open(f"{server.url}notebooks/{lesson}.ipynb?token={server.token}")
    notebook.run_cell(0)
    board.expect_live()
    board.publish("hello")
    board.expect_copies("info: hello", moved=1)
    for theme in THEMES:
        notebook.set_theme(theme)
        board.screenshot(f"notebook-7-{theme}")
    notebook.reload()
    board.expect_live()
    board.expect_copies("info: hello", moved=0)
    board.publish("again")
    board.expect_copies("info: hello", "info: again", moved=1)


@pytest.mark.parametrize("theme", THEMES)
def test_voila_shows_a_live_board(server: JupyterServer, page: Page, lesson: str, theme: str) -> None:
    board = BoardPage(page)
    page.goto(f"{server.url}voila/render/{lesson}.ipynb?token={server.token}&theme={theme}")
    board.expect_live()
    board.publish("hello")
    board.expect_copies("info: hello", moved=1)
    light = "true" if theme == "light" else "false"
    expect(page.locator(f'body[data-jp-theme-light="{light}"]')).to_be_attached()
    board.screenshot(f"voila-{theme}")


def test_notebook_7_shows_the_real_lesson(server: JupyterServer, page: Page) -> None:
    notebook, board = NotebookPage(page), BoardPage(page)
    notebook.open(f"{server.url}notebooks/{LESSON}?token={server.token}")
    notebook.run_all_before(until_panes(LESSON))
    board.expect_live()
    board.publish("hello")
    board.expect_copies("info: hello", moved=1)
    notebook.shut_down_kernel()


def test_voila_shows_the_real_lesson(server: JupyterServer, page: Page) -> None:
    board = BoardPage(page)
    page.goto(f"{server.url}voila/render/{LESSON}?token={server.token}")
    board.expect_live()
    board.expect_texts("info: hello from a cell")
    board.publish("hello")
    board.expect_texts("info: hello from a cell", "info: hello")
    board.screenshot("voila-lesson")
