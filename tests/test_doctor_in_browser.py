"""The finding that only a page can make: JupyterLab with and without what shows widgets, in a real browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from fanout_helpers.broker.node import Node
from fanout_helpers.doctor.diagnosis import NOT_SHOWN, SHOWN
from fanout_helpers.doctor.examination import HEALTHY
from tests.faults import EXTENSION, disable
from tests.jupyter import JupyterServer, NotebookPage, clean_page, write_notebook

ARTIFACTS = Path(__file__).parent.parent / "artifacts"
CELLS = ('from fanout_helpers import Lab\nlab = Lab("doctor-in-browser")', "lab.doctor()", "lab.close()")

# What JupyterLab says of a missing extension; the doctor is there because nobody reads it.
WITHOUT_WIDGETS = (
    r"console: Error activating plugin: anywidget:plugin TypeError: No provider for: .*",
    r"console: Plugin 'anywidget:plugin' failed to activate\. TypeError: No provider for: .*",
    r"console: Exception opening new comm .*",
    r"console: Error: No version of module anywidget is registered\n.*",
)


@pytest.fixture
def server(
    broker: Node,  # noqa: ARG001 - it must be up
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> Iterator[JupyterServer]:
    """A JupyterLab of the test's own, one of whose extensions may be disabled."""
    root, scratch = tmp_path / "notebooks", tmp_path / "jupyter"
    root.mkdir()
    server = JupyterServer(root, scratch)
    if request.param:
        disable(scratch / "config", request.param)
    with server:
        yield server


@pytest.fixture
def known() -> tuple[str, ...]:
    """What the page may say."""
    return ()


@pytest.fixture
def page(server: JupyterServer, browser: Browser, known: tuple[str, ...]) -> Iterator[Page]:
    """The notebook, run."""
    write_notebook(server.root / "doctor.ipynb", *CELLS)
    with clean_page(browser, 1000, 700, known) as page:
        notebook = NotebookPage(page)
        notebook.open(server.address("doctor.ipynb"))
        notebook.run_all()
        yield page
        state = "healthy" if page.get_by_test_id("diagnosis").count() else "no-widgets"
        notebook.screenshot(ARTIFACTS / f"doctor-{state}.png")


@pytest.mark.parametrize("server", [""], indirect=True)
def test_where_widgets_are_shown_the_doctor_says_so(page: Page) -> None:
    diagnosis = page.get_by_test_id("diagnosis")
    expect(diagnosis).to_contain_text(HEALTHY)
    expect(diagnosis).to_contain_text(SHOWN)
    expect(page.locator(".jp-Notebook .jp-RenderedText", has_text=NOT_SHOWN.what)).to_be_hidden()


@pytest.mark.parametrize("known", [WITHOUT_WIDGETS], ids=["known"])
@pytest.mark.parametrize("server", [EXTENSION, "anywidget"], indirect=True)
def test_where_they_are_not_that_is_a_finding(page: Page) -> None:
    told = page.locator(".jp-Notebook .jp-RenderedText", has_text=NOT_SHOWN.what)
    expect(told).to_be_visible()
    for text in (NOT_SHOWN.why, NOT_SHOWN.repair, f"[{NOT_SHOWN.fault}]"):
        expect(told).to_contain_text(text)
    expect(told).not_to_contain_text(HEALTHY)
    expect(page.get_by_test_id("diagnosis")).to_have_count(0)
