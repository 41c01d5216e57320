"""The tests can fail: with a helper that is broken on purpose, the lesson's comparison and the browser both see it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from fanout_helpers.broker.node import Node
from tests.comparison import compare
from tests.jupyter import JupyterServer, NotebookPage, write_notebook
from tests.test_board_in_browser import SET_UP, button, expect_in_all_panes, field

SABOTAGED = ["drops_a_message", "shows_twice"]
LESSON = "05_publish_subscribe.ipynb"


def broken_by(sabotage: str) -> str:
    """A search path on which every Python that starts finds the sabotage first."""
    return str(Path(__file__).with_name("sabotage") / sabotage)


def test_the_comparison_passes_a_whole_helper(classroom: dict[str, str]) -> None:
    code, output = compare(LESSON, PYTHONPATH=broken_by("nothing"), **classroom)
    assert code == 0, output


@pytest.mark.parametrize("sabotage", SABOTAGED)
def test_the_comparison_fails_a_broken_helper(sabotage: str, classroom: dict[str, str]) -> None:
    code, output = compare(LESSON, PYTHONPATH=broken_by(sabotage), **classroom)
    assert code == 1, output
    assert "Cell outputs differ" in output


@contextmanager
def board(browser: Browser, scratch: Path) -> Iterator[NotebookPage]:
    """A page on a notebook that shows a board."""
    (scratch / "root").mkdir()
    (scratch / "jupyter").mkdir()
    write_notebook(scratch / "root" / "board.ipynb", SET_UP.format(number=f"sabotage-{scratch.name}"))
    with JupyterServer(scratch / "root", scratch / "jupyter") as server:
        notebook = NotebookPage(browser.new_page())
        notebook.open(server.address("board.ipynb"))
        notebook.run_cell(0)
        yield notebook
        notebook.page.close()


def press_all(notebook: NotebookPage) -> None:
    field(notebook).fill("hello")
    for severity in ("Info", "Warning", "Error"):
        button(notebook, severity).click()
    expect_in_all_panes(notebook, ["info: hello", "warning: hello", "error: hello"])


@pytest.mark.parametrize("sabotage", SABOTAGED)
def test_the_browser_fails_a_broken_helper(
    sabotage: str, browser: Browser, broker: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", broken_by(sabotage))
    with board(browser, tmp_path) as notebook, pytest.raises(AssertionError, match="hello"):
        press_all(notebook)
    assert broker.answers()
