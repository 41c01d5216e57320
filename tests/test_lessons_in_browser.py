"""The real lessons, opened with ``fanout lab`` and clicked through in a real browser."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from fanout_helpers.broker import private
from fanout_helpers.course import START_PAGE
from tests.comparison import LESSONS, ROOT
from tests.jupyter import JupyterServer, NotebookPage, clean_page
from tests.processes import eventually
from tests.test_board_in_browser import ARTIFACTS, button, expect_in_all_panes, field

WITH_PANES = {"00_start_here.ipynb": "board = lab.board()", "05_publish_subscribe.ipynb": "lab.subscribe("}
"""The lessons whose board shows three subscribers, and what the cell says after which it does."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """The course with a RabbitMQ of its own, as ``fanout lab`` starts it: others run these lessons at the same time."""
    course = tmp_path_factory.mktemp("course")
    shutil.copytree(ROOT / "notebooks", course / "notebooks")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("FANOUT_RUNTIME_DIR", str(course / "runtime"))
        with JupyterServer(course, tmp_path_factory.mktemp("jupyter"), ("-m", "fanout_helpers", "lab")) as server:
            yield server
    assert eventually(lambda: not (course / "runtime").exists())


@contextmanager
def opened(server: JupyterServer, browser: Browser, lesson: str) -> Iterator[NotebookPage]:
    with clean_page(browser, 1280, 900) as page:
        notebook = NotebookPage(page)
        notebook.open(server.address(lesson))
        yield notebook


def until_panes(lesson: str) -> int:
    """How many cells it takes until the three panes are there."""
    cells = json.loads((ROOT / "notebooks" / lesson).read_text(encoding="utf-8"))["cells"]
    code = ["".join(cell["source"]) if cell["cell_type"] == "code" else "" for cell in cells]
    return 1 + next(place for place, source in enumerate(code) if WITH_PANES[lesson] in source)


def test_there_are_lessons() -> None:
    assert WITH_PANES.keys() <= set(LESSONS)
    assert len(LESSONS) >= 9


@pytest.mark.parametrize("lesson", WITH_PANES)
def test_the_buttons_of_a_lesson_reach_three_panes(server: JupyterServer, browser: Browser, lesson: str) -> None:
    with opened(server, browser, lesson) as notebook:
        notebook.run_all_before(until_panes(lesson))
        field(notebook).fill("hello")
        for severity in ("info", "warning", "error"):
            button(notebook, severity.capitalize()).click()
        expect_in_all_panes(notebook, ["info: hello", "warning: hello", "error: hello"])
        notebook.page.locator(".fanout-board").scroll_into_view_if_needed()
        notebook.screenshot(ARTIFACTS / f"{Path(lesson).stem}.png")


def test_what_another_program_emits_appears_in_the_panes(server: JupyterServer, browser: Browser) -> None:
    lesson = "05_publish_subscribe.ipynb"
    with opened(server, browser, lesson) as notebook:
        notebook.run_all_before(until_panes(lesson))
        running = private.running()
        assert running is not None
        url = running.address.with_virtual_host("publish_subscribe").amqp_url
        command = [sys.executable, str(ROOT / "notebooks" / "programs" / "emit_log.py"), "warning: from outside"]
        subprocess.run(command, env=os.environ | {"AMQP_URL": url}, check=True, capture_output=True)
        expect_in_all_panes(notebook, ["warning: from outside"])


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_runs_from_top_to_bottom_and_again(server: JupyterServer, browser: Browser, lesson: str) -> None:
    with opened(server, browser, lesson) as notebook:
        notebook.run_all()
        notebook.run_all()
        expect(notebook.page.get_by_test_id("diagram").first).to_be_attached()


def test_a_board_of_a_lesson_that_nobody_opened_before_is_live_after_a_reload(
    server: JupyterServer, browser: Browser
) -> None:
    with opened(server, browser, START_PAGE) as notebook:
        notebook.run_all_before(until_panes(START_PAGE))
        expect(notebook.page.get_by_test_id("pane-alerts")).to_be_visible()
        notebook.reload()
        field(notebook).fill("after the reload")
        button(notebook, "Error").click()
        expect(notebook.page.get_by_test_id("pane-alerts")).to_contain_text("error: after the reload")
