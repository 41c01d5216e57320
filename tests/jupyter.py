"""A real JupyterLab for browser tests, and what a person does in it."""

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from playwright.sync_api import Browser, Locator, Page, sync_playwright

from tests.pages import clean_context

_START_SECONDS = 60
_STOP_SECONDS = 15
_POLL_SECONDS = 0.05
_RUN_MILLISECONDS = 90_000

# The pop-up that offers news would lie over the notebook.
_SETTINGS = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}

_ARGUMENTS = (
    "--no-browser",
    "--ip=127.0.0.1",
    "--ServerApp.port=0",
    "--ServerApp.allow_root=True",
    "--expose-app-in-browser",
    "--LabApp.news_url=None",
)

IS_IDLE = """() => {
    const session = window.jupyterapp?.shell.currentWidget?.sessionContext;
    return session?.isReady && session.session?.kernel?.status === "idle";
}"""


class JupyterServer:
    """A JupyterLab of its own, as a context: settings, workspaces and kernels' files are in ``scratch``.

    Args:
        root: The directory that it is started in.
        scratch: An empty directory for its files.
        command: What starts it: Python's arguments.
        program: What takes them: by default this Python.
        environment: Its environment besides its own places; by default this process's.
    """

    def __init__(
        self,
        root: Path,
        scratch: Path,
        command: Sequence[str] = ("-m", "jupyterlab"),
        *,
        program: Sequence[str] = (sys.executable,),
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        self.token = secrets.token_hex(16)
        self.log = scratch / "server.log"
        self.url = ""
        self.root = root
        self._runtime = scratch / "runtime"
        self._command = [*program, *command]
        self._environment = {**environment, **self._places(scratch)}

    def __enter__(self) -> Self:
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [*self._command, *_ARGUMENTS],
                cwd=self.root,
                env={**self._environment, "JUPYTER_TOKEN": self.token},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            self.url = self._wait_for_url()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stop()

    @property
    def pid(self) -> int:
        """The server's process."""
        return self._process.pid

    def address(self, notebook: str) -> str:
        """Where a browser finds a notebook, in a workspace that nobody used before."""
        workspace = secrets.token_hex(4)
        return f"{self.url}lab/workspaces/{workspace}/tree/{notebook}?token={self.token}"

    def _places(self, scratch: Path) -> dict[str, str]:
        places = {
            "JUPYTER_CONFIG_DIR": scratch / "config",
            "JUPYTER_DATA_DIR": scratch / "data",
            "JUPYTER_RUNTIME_DIR": self._runtime,
            "IPYTHONDIR": scratch / "ipython",
        }
        for place in places.values():
            place.mkdir(parents=True)
        settings = scratch / "config" / "labconfig" / "default_setting_overrides.json"
        settings.parent.mkdir()
        settings.write_text(json.dumps(_SETTINGS))
        return {name: str(place) for name, place in places.items()}

    def _wait_for_url(self) -> str:
        deadline = time.monotonic() + _START_SECONDS
        info = self._runtime / f"jpserver-{self._process.pid}.json"
        while time.monotonic() < deadline and self._process.poll() is None:
            with contextlib.suppress(FileNotFoundError, json.JSONDecodeError, ConnectionRefusedError):
                server = json.loads(info.read_text())
                # It tells its address a moment before it listens there.
                socket.create_connection(("127.0.0.1", server["port"]), _START_SECONDS).close()
                return str(server["url"])
            time.sleep(_POLL_SECONDS)
        raise AssertionError(f"JupyterLab did not start:\n{self.log.read_text()}")

    def _stop(self) -> None:
        # SIGTERM lets the server end its kernels, which have process groups of their own.
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


def write_notebook(path: Path, *cells: str) -> None:
    """Writes a notebook of code cells that were never run."""
    notebook = {
        "cells": [_code_cell(place, cell) for place, cell in enumerate(cells)],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path.write_text(json.dumps(notebook))


def _code_cell(place: int, source: str) -> dict[str, Any]:
    cell = {"cell_type": "code", "id": f"cell-{place}", "metadata": {}, "source": source.strip()}
    return {**cell, "execution_count": None, "outputs": []}


class NotebookPage:
    """A notebook that is open in a browser, driven as a person would."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @property
    def cells(self) -> Locator:
        """The notebook's cells, outputs included; a name on its toolbar or in a menu is not found here."""
        return self.page.locator(".jp-Notebook")

    def open(self, address: str) -> None:
        """Opens the notebook at ``address`` and waits until its kernel is ready."""
        self.page.goto(address)
        self.wait_until_idle()

    def reload(self) -> None:
        """Saves the notebook, reloads the page and waits until the notebook is back."""
        self.command("docmanager:save")
        self.page.reload()
        self.wait_until_idle()

    def wait_until_idle(self) -> None:
        """Waits until the session is ready and the kernel idle: before that, commands silently do nothing."""
        self.page.wait_for_function(IS_IDLE, timeout=_RUN_MILLISECONDS)

    def command(self, name: str, arguments: Mapping[str, Any] | None = None) -> None:
        """Runs one of JupyterLab's commands and waits for its end."""
        run = "([name, args]) => window.jupyterapp.commands.execute(name, args).then(() => null)"
        self.page.evaluate(run, [name, arguments or {}])

    def run_all(self) -> None:
        """Runs every cell and fails if one of them does."""
        self.command("notebook:run-all-cells")
        self.wait_until_idle()
        errors = self.cells.locator('[data-mime-type="application/vnd.jupyter.stderr"], .jp-mod-error')
        assert errors.all_inner_texts() == []

    def run_all_before(self, place: int) -> None:
        """Runs every cell before the one at ``place``."""
        self._select(place)
        self.command("notebook:run-all-above")
        self.wait_until_idle()

    def run_cell(self, place: int) -> None:
        """Runs the cell at ``place`` (the first is 0), and leaves that cell selected."""
        self._select(place)
        self.command("notebook:run-cell")
        self.wait_until_idle()

    def start_cell(self, place: int) -> None:
        """Starts the cell at ``place`` without waiting for its end."""
        self.page.evaluate(
            """(place) => {
                window.jupyterapp.shell.currentWidget.content.activeCellIndex = place;
                void window.jupyterapp.commands.execute("notebook:run-cell");
            }""",
            place,
        )

    def shut_down_kernel(self) -> None:
        """Shuts the kernel down."""
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")

    def restart_kernel(self) -> None:
        """Restarts the kernel without the question that the menu asks."""
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.restartKernel()")
        self.wait_until_idle()

    def set_theme(self, name: str) -> None:
        """Switches to ``light`` or ``dark``."""
        self.command("apputils:change-theme", {"theme": f"JupyterLab {name.capitalize()}"})
        light = "true" if name == "light" else "false"
        self.page.locator(f'body[data-jp-theme-light="{light}"]').wait_for(state="attached")
        self._wait_until_splash_is_gone()

    def enlarge_code(self) -> None:
        """Makes code larger, as *Settings → Theme → Increase Code Font Size* does."""
        size = "document.documentElement.style.getPropertyValue('--jp-code-font-size')"
        before = self.page.evaluate(size)
        self.command("apputils:incr-font-size", {"key": "code-font-size"})
        self.page.wait_for_function(f"(before) => {size} !== before", arg=before)
        self._wait_until_splash_is_gone()

    def _wait_until_splash_is_gone(self) -> None:
        # JupyterLab shows its splash screen with each change of the theme's settings; before it is gone, another change
        # makes it take that screen away twice, which is an error of its own.
        self.page.locator("#jupyterlab-splash").wait_for(state="detached")

    def _select(self, place: int) -> None:
        self.page.evaluate(
            "(place) => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = place; }", place
        )

    def screenshot(self, path: Path) -> None:
        """Saves a picture of the notebook."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.locator(".jp-NotebookPanel").screenshot(path=path, animations="disabled")


@contextlib.contextmanager
def clean_page(
    browser: Browser, width: int, height: int, known: Iterable[str] = (), *, zoom: float = 1
) -> Iterator[Page]:
    """A page in a context of its own, in which nothing may fail; ``known`` as in ``clean_context``."""
    viewport = {"width": width, "height": height}
    with clean_context(browser, known, viewport=viewport, device_scale_factor=zoom) as context:
        yield context.new_page()


@contextlib.contextmanager
def chromium(executable: Path, environment: Mapping[str, str]) -> Iterator[Browser]:
    """A headless Chromium that runs ``executable`` with more environment variables."""
    # Chromium's sandbox needs a user who is not root and may make namespaces, which containers seldom have.
    arguments = ["--no-sandbox"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable, env={**os.environ, **environment}, args=arguments
        )
        try:
            yield browser
        finally:
            browser.close()
