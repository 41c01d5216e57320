"""A JupyterLab for the walks, and the lesson that a walk is of."""

import os
import shutil
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.comparison import ROOT
from tests.jupyter import JupyterServer, NotebookPage, clean_page
from tests.processes import eventually
from tests.walks.walk import Walk

# As a shell starts what runs in the background: Ctrl+C is ignored, unless somebody sees to it.
IN_THE_BACKGROUND = ("bash", "-c", 'trap "" INT; exec "$@"', "bash", sys.executable)


@pytest.fixture(scope="session")
def course(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """The course with a RabbitMQ of its own, as ``fanout lab`` starts it: others run these lessons at the same time."""
    folder = tmp_path_factory.mktemp("course")
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    environment = os.environ | {"FANOUT_RUNTIME_DIR": str(folder / "runtime")}
    scratch = tmp_path_factory.mktemp("jupyter")
    command = ("-m", "fanout_helpers", "lab")
    with JupyterServer(folder, scratch, command, program=IN_THE_BACKGROUND, environment=environment) as server:
        yield server
    assert eventually(lambda: not (folder / "runtime").exists())


@pytest.fixture
def walk(course: JupyterServer, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Walk]:
    """The lesson of the module's name, open in a browser."""
    lesson = request.path.stem.removeprefix("test_")
    # Another walk of this lesson has saved what it did.
    shutil.copy(ROOT / "notebooks" / f"{lesson}.ipynb", course.root / "notebooks")
    with clean_page(browser, 1280, 900) as page:
        notebook = NotebookPage(page)
        notebook.open(course.address(f"{lesson}.ipynb"))
        yield Walk(notebook, lesson)
        # Else the next walk would count this one's terminals too.
        page.evaluate("() => window.jupyterapp.serviceManager.terminals.shutdownAll()")
        notebook.shut_down_kernel()
