"""The keys that run a cell are the notebook's, wherever on a board or in a quiz the focus is."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from fanout_helpers.broker.node import Node
from tests.jupyter import JupyterServer, NotebookPage, clean_page, write_notebook

CELLS = (
    """
from fanout_helpers import Lab
lab = Lab("bindings")
import pika
channel = pika.BlockingConnection(lab.parameters).channel()
channel.exchange_declare("logs", "fanout")
lab.subscribe("logs", "screen", "disk")
board = lab.board()
board.predict.value = True
lab.publish("logs", "info: one of the list")
runs = []
board
""",
    "quiz = lab.quiz()\nquiz",
    "runs.append(1)\nprint(len(runs))",
    "'the end'",
)
BOARD, QUIZ, COUNTER, _ = range(len(CELLS))
KEYS = ("Shift+Enter", "Control+Enter", "Alt+Enter")

# Everything that a person can reach with Tab, whoever adds it.
ENUMERATE = """() => {
    const reachable = "a[href], button, input, select, textarea, summary, [tabindex]:not([tabindex='-1'])";
    const controls = [...document.querySelectorAll(".jp-OutputArea-output :is(" + reachable + ")")]
        .filter((control) => control.closest("[class*='fanout-']") && control.checkVisibility() && !control.disabled);
    controls.forEach((control, number) => (control.dataset.control = number));
    window.acted = [];
    const note = ({ type, target }) => target.closest("[class*='fanout-']") && window.acted.push(type);
    for (const type of ["click", "submit", "change", "toggle"]) document.addEventListener(type, note, true);
    return controls.map((control) => control.ariaLabel || control.textContent || control.type || control.tagName);
}"""
FOCUS_AND_SELECT = """([number, cell]) => {
    document.querySelector(`[data-control="${number}"]`).focus();
    window.jupyterapp.shell.currentWidget.content.activeCellIndex = cell;
    return document.activeElement.dataset.control === String(number);
}"""
RUNS = "(cell) => window.jupyterapp.shell.currentWidget.content.widgets[cell].model.executionCount"
ACTIVE = "() => window.jupyterapp.shell.currentWidget.content.activeCellIndex"


@pytest.fixture(scope="module", params=["jupyterlab", "notebook"])
def server(
    broker: Node,  # noqa: ARG001 - it must be up
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> Iterator[JupyterServer]:
    root, scratch = tmp_path_factory.mktemp("notebooks"), tmp_path_factory.mktemp("jupyter")
    with JupyterServer(root, scratch, command=("-m", request.param)) as server:
        yield server


@pytest.fixture
def notebook(server: JupyterServer, browser: Browser, request: pytest.FixtureRequest) -> Iterator[NotebookPage]:
    name = f"{request.function.__name__}.ipynb"
    write_notebook(server.root / name, *CELLS)
    in_lab = "notebook" not in request.node.callspec.id
    with clean_page(browser, 1280, 1400) as page:
        notebook = NotebookPage(page)
        notebook.open(server.address(name) if in_lab else f"{server.url}notebooks/{name}?token={server.token}")
        notebook.run_all()
        expect(page.get_by_test_id("message-1")).to_be_visible()
        expect(page.get_by_test_id("pane-disk")).to_be_visible()
        expect(page.get_by_test_id("quiz").get_by_role("radio").first).to_be_visible()
        yield notebook


def output(notebook: NotebookPage, cell: int) -> Locator:
    return notebook.cells.locator(".jp-Cell").nth(cell).locator(".jp-OutputArea-output").last


def test_on_every_control_they_run_the_selected_cell_and_press_nothing(notebook: NotebookPage) -> None:
    page = notebook.page
    controls = page.evaluate(ENUMERATE)
    # The field, seven buttons, the form's five, the picture, a message, the words, two panes; and the quiz's.
    assert len(controls) > 18, controls
    runs = 1
    for key in KEYS:
        for number, name in enumerate(controls):
            assert page.evaluate(FOCUS_AND_SELECT, [number, COUNTER]), name
            page.keyboard.press(key)
            runs += 1
            expect(output(notebook, COUNTER), f"{key} on {name}").to_have_text(str(runs))
    assert page.evaluate("() => window.acted") == []
    notebook.wait_until_idle()
    expect(page.get_by_test_id("messages").locator("li")).to_have_count(1)
    expect(notebook.cells.get_by_role("textbox", name="Message", exact=True)).to_have_attribute(
        "placeholder", "hello 1"
    )
    expect(page.get_by_test_id("score")).to_have_text("0 of 3 right")


def test_the_cell_of_the_board_is_the_selected_one_of_whoever_uses_the_board(notebook: NotebookPage) -> None:
    page = notebook.page
    before = page.evaluate(RUNS, BOARD)
    page.get_by_test_id("message").click()
    page.keyboard.type("mine")
    page.keyboard.press("Shift+Enter")
    page.wait_for_function(f"(before) => ({RUNS})({BOARD}) > before", arg=before)
    notebook.wait_until_idle()
    assert page.evaluate(ACTIVE) == QUIZ
    # The new board publishes nothing that was typed into the old one.
    expect(page.get_by_test_id("message-1")).to_contain_text("one of the list")
    expect(page.get_by_test_id("messages").locator("li")).to_have_count(1)
