"""What ``binder/`` makes, in a container like Binder's, up to a press on a button in a browser."""

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import pytest
from playwright.sync_api import Browser, Page

from fanout_helpers.broker import installation, limits
from fanout_helpers.broker.holding import SHARED
from fanout_helpers.broker.node import load
from fanout_helpers.course import START_PAGE
from fanout_helpers.management import Management
from tests.comparison import ROOT
from tests.container import USER, Container, container
from tests.jupyter import JupyterServer, NotebookPage, clean_page, write_notebook
from tests.processes import eventually
from tests.test_board_in_browser import ARTIFACTS, button, expect_in_all_panes, field
from tests.test_environment import ONLY_CONDA, conda_packages
from tests.test_lessons_in_browser import until_panes
from tests.test_limits import reported

MEMORY = 2**30
BASE = "/user/learner-fanout-x7k2/"
NOT_OF_THE_REPOSITORY = shutil.ignore_patterns(".git", ".venv", ".*_cache", "__pycache__", "artifacts", "dist")


BADGE = re.compile(r"https://mybinder\.org/v2/gh/[\w-]+/[\w-]+/HEAD\?urlpath=([^)\s]+)")


def badge_path() -> str:
    """Where the README's badge leads to, below a server's base URL."""
    (path,) = set(BADGE.findall((ROOT / "README.md").read_text(encoding="utf-8")))
    return unquote(path)


@dataclass(frozen=True)
class Image:
    """What Binder's build leaves: the repository, which is the user's home too, and an environment."""

    home: Path
    environment: Path

    @property
    def temporary(self) -> Path:
        """Its directory for temporary files."""
        return self.home.parent / "tmp"

    @property
    def variables(self) -> Mapping[str, str]:
        """What is set in it; of this machine, only where RabbitMQ is, which conda would have put into it."""
        return {
            "HOME": str(self.home),
            "PATH": os.pathsep.join([str(self.environment / "bin"), os.defpath]),
            "NB_PYTHON_PREFIX": str(self.environment),
            "TMPDIR": str(self.temporary),
            "LANG": "C.UTF-8",
            installation.SETTING: str(installation.find().sbin),
        }


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    place = tmp_path_factory.mktemp("image")
    made = Image(place / "home", place / "environment")
    shutil.copytree(ROOT, made.home, symlinks=True, ignore=NOT_OF_THE_REPOSITORY)
    made.temporary.mkdir()
    subprocess.run([sys.executable, "-m", "venv", made.environment], check=True)
    # By pip what Binder gets by conda; the package itself comes from postBuild.
    packages = [f"{name}{bound}" for name, bound in conda_packages().items() if name not in ONLY_CONDA]
    pip = (str(made.environment / "bin/pip"), "install", "--quiet", "--constraint", str(ROOT / "constraints.txt"))
    subprocess.run([*pip, *packages], check=True)
    # Unlike the rest, the build has the world's packages at hand, as pip's settings tell where.
    subprocess.run(["binder/postBuild"], cwd=made.home, env={**os.environ, **made.variables}, check=True)
    return made


@pytest.fixture(scope="module")
def confined() -> Iterator[Container]:
    with container(MEMORY) as made:
        yield made


@pytest.fixture(scope="module")
def server(image: Image, confined: Container, tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """JupyterLab as Binder runs it: through ``start``, behind a base URL."""
    with JupyterServer(
        image.home,
        tmp_path_factory.mktemp("jupyter"),
        ("jupyter", "lab", f"--ServerApp.base_url={BASE}"),
        program=(*confined.command, "binder/start"),
        environment={**image.variables, **confined.environment},
    ) as server:
        yield server
    assert eventually(lambda: not list(image.temporary.glob("fanout-*"))), "RabbitMQ outlived the container"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with clean_page(browser, 1280, 1000) as page:
        yield page


def test_the_badge_opens_the_start_page_and_three_panes_receive(server: JupyterServer, page: Page) -> None:
    notebook = NotebookPage(page)
    notebook.open(f"{server.url}{badge_path()}?token={server.token}")
    assert page.url.startswith(server.url)
    notebook.run_all_before(until_panes(START_PAGE))
    field(notebook).fill("hello from Binder")
    button(notebook, "Info").click()
    expect_in_all_panes(notebook, ["info: hello from Binder"])
    page.get_by_test_id("pane-screen").scroll_into_view_if_needed()
    notebook.screenshot(ARTIFACTS / "binder.png")


def test_its_rabbitmq_keeps_within_the_containers_memory(
    server: JupyterServer, image: Image, confined: Container
) -> None:
    assert server.url
    (directory,) = eventually(lambda: list(image.temporary.glob(f"fanout-*/{SHARED}*/node.json")))
    held = load(directory.parent)
    assert held is not None
    management = Management(held.address)
    status = eventually(lambda: reported(management))
    assert status["mem_limit"] == limits.memory_watermark(confined.memory)
    assert status["mem_limit"] < limits.memory_watermark(2 * confined.memory)
    assert not status["mem_alarm"]
    assert not status["disk_free_alarm"]
    management.close()


def test_the_container_is_what_it_says(server: JupyterServer, page: Page, image: Image, confined: Container) -> None:
    write_notebook(image.home / "probe.ipynb", "import os, socket; print(os.getuid(), socket.gethostname())")
    notebook = NotebookPage(page)
    notebook.open(server.address("probe.ipynb"))
    notebook.run_cell(0)
    user, host = notebook.cells.locator(".jp-OutputArea-output").inner_text().split()
    assert user == (USER if confined.host else str(os.getuid())) != "0"
    assert confined.host in {"", host}
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo(confined.host or f"{host}.invalid", None)
