"""The start page, its quiz and the first lesson in browsers other than Chromium, in a real JupyterLab."""

import base64
import os
import shutil
from collections.abc import Iterator

import pytest

from fanout_helpers.quizzes.course import QUIZZES
from tests import other_browsers
from tests.comparison import ROOT
from tests.jupyter import IS_IDLE, JupyterServer
from tests.processes import eventually
from tests.webdriver import Driven

ARTIFACTS = ROOT / "artifacts"
# A bound for hanging, not for slowness.
LOOK_SECONDS = 90
PANES = ("screen", "disk", "alerts")
NOTE_FAILURES = """() => {
    window.failures = [];
    window.addEventListener("error", (event) => window.failures.push(`error: ${event.message}`));
    window.addEventListener("unhandledrejection", (event) => window.failures.push(`rejection: ${event.reason}`));
    const error = console.error;
    console.error = (...said) => { window.failures.push(`console: ${said.join(" ")}`); error.apply(console, said); };
}"""
RUN_UP_TO = """async (id) => {
    const { content } = window.jupyterapp.shell.currentWidget;
    content.activeCellIndex = content.widgets.findIndex(({ model }) => model.id === id) + 1;
    await window.jupyterapp.commands.execute("notebook:run-all-above");
    return [...document.querySelectorAll(".jp-Notebook .jp-mod-error")].map(({ innerText }) => innerText);
}"""
# What moves, or is not shown yet, nobody could press.
SHOW = """async (selector) => {
    const found = document.querySelector(selector);
    if (!found?.checkVisibility({ visibilityProperty: true })) return false;
    found.scrollIntoView({ block: "center" });
    const place = () => { const { x, y } = found.getBoundingClientRect(); return `${x} ${y}`; };
    const frame = () => new Promise(requestAnimationFrame);
    await frame();
    const before = place();
    await frame();
    await frame();
    return found.isConnected && place() === before;
}"""
# The picture that is stored of the board, which stands above it: gone before anybody scrolls there, lest it move then.
IS_TWIN_HIDDEN = """(board) => {
    const output = document.querySelector(board)?.closest(".jp-OutputArea-child");
    return output?.previousElementSibling.style.display === "none";
}"""
TEXTS = "(selector) => [...document.querySelectorAll(selector)].map(({ textContent }) => textContent)"
SHUT_DOWN = "() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()"
BOARD = ".jp-Notebook .fanout-board"
CAME_IN = f'{BOARD} [data-testid="exchange-logs"] .fanout-total'
# Says anywidget where the page is slow; what the board shows has to be right all the same.
GAVE_UP = "rejection: Error: [anywidget] Failed to initialize model."


class OtherNotebook:
    """A notebook in a browser that Playwright does not drive."""

    def __init__(self, page: Driven, name: str) -> None:
        self.page = page
        self.name = name

    def open(self, address: str) -> None:
        """Opens a notebook, notes from then on what goes wrong in the page, and waits until its kernel is ready."""
        self.page.open(address)
        self.page.evaluate(NOTE_FAILURES)
        assert eventually(lambda: self.page.evaluate(IS_IDLE), LOOK_SECONDS), "the kernel is not ready"

    def run_up_to(self, cell: str) -> None:
        """Runs every cell up to one, that one included."""
        assert self.page.evaluate(RUN_UP_TO, cell) == []

    def click(self, selector: str) -> None:
        """Clicks an element once it is there and stands still, scrolled into view as a person would."""
        self._show(selector)
        self.page.click(selector)

    def type(self, selector: str, text: str) -> None:
        """Types into a field."""
        self._show(selector)
        self.page.type(selector, text)

    def expect(self, selector: str, *texts: str) -> None:
        """Waits until the elements are as many as these texts, and each holds its own."""

        def found() -> bool:
            shown = self.page.evaluate(TEXTS, selector)
            return len(shown) == len(texts) and all(map(str.__contains__, shown, texts))

        assert eventually(found, LOOK_SECONDS), (selector, self.page.evaluate(TEXTS, selector), texts)

    def expect_panes(self, *texts: str) -> None:
        """Waits until each pane shows these messages."""
        for pane in PANES:
            self.expect(f'{BOARD} [data-testid="line-{pane}"] .fanout-text', *texts)

    def save_screenshot(self, view: str) -> None:
        """Saves what is in view."""
        ARTIFACTS.mkdir(exist_ok=True)
        (ARTIFACTS / f"{self.name}-{view}.png").write_bytes(base64.b64decode(self.page.screenshot()))

    def close(self) -> None:
        """Shuts the kernel down, and fails if something went wrong in the page."""
        failures = self.page.evaluate("() => window.failures")
        self.page.evaluate(SHUT_DOWN)
        assert [text for text in failures if text != GAVE_UP] == []

    def _show(self, selector: str) -> None:
        assert eventually(lambda: self.page.evaluate(SHOW, selector), LOOK_SECONDS), selector


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """The course with a RabbitMQ of its own, as ``fanout lab`` starts it: others run these lessons at the same time."""
    folder = tmp_path_factory.mktemp("course")
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    environment = os.environ | {"FANOUT_RUNTIME_DIR": str(folder / "runtime")}
    scratch = tmp_path_factory.mktemp("jupyter")
    with JupyterServer(folder, scratch, ("-m", "fanout_helpers", "lab"), environment=environment) as server:
        yield server


@pytest.fixture(scope="module", params=other_browsers.NAMES)
def notebook(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OtherNotebook]:
    """A browser. Debian has each of them; elsewhere one may not be to be had."""
    try:
        with other_browsers.launched(request.param, tmp_path_factory.mktemp("browser")) as page:
            yield OtherNotebook(page, request.param)
    except other_browsers.BrowserMissingError as error:
        if other_browsers.is_debian():
            raise
        pytest.skip(str(error))


def test_start_page_and_its_quiz(notebook: OtherNotebook, course: JupyterServer) -> None:
    notebook.open(course.address("00_start_here.ipynb"))
    notebook.run_up_to("quiz")
    assert eventually(lambda: notebook.page.evaluate(IS_TWIN_HIDDEN, BOARD), LOOK_SECONDS)
    notebook.expect_panes("hello from a cell")
    notebook.type(f"{BOARD} [data-testid=message]", "grüße, 世界")
    notebook.click(f"{BOARD} button.fanout-info")
    notebook.expect_panes("hello from a cell", "info: grüße, 世界")
    notebook.expect(CAME_IN, "2 in")
    notebook.save_screenshot("start-page")
    question = QUIZZES["start_here"][0]
    for letter, choice in sorted(question.lettered.items(), key=lambda pair: pair[1].right):
        notebook.click(f'[data-testid="question-1"] input[value="{letter}"]')
        notebook.click('[data-testid="question-1"] button')
        notebook.expect('[data-testid="verdict-1"]', choice.why)
    notebook.expect('[data-testid="score"]', "1 of")
    notebook.close()


def test_board_of_the_first_lesson(notebook: OtherNotebook, course: JupyterServer) -> None:
    notebook.open(course.address("01_exchanges.ipynb"))
    notebook.run_up_to("code-09")
    notebook.click(f"{BOARD} button.fanout-info")
    notebook.expect(f"{BOARD} [data-testid=status]", "it matched no queue")
    notebook.expect(f'{BOARD} [data-testid="message-1"]', "info: hello 1")
    notebook.expect(CAME_IN, "1 in")
    notebook.save_screenshot("exchanges")
    notebook.close()
