"""RabbitMQ's own management UI inside JupyterLab: from the launcher's tile to a message in the panes."""

import base64
import contextlib
import json
import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

import fanout_helpers
from fanout_helpers.broker.node import Node
from fanout_helpers.course import START_PAGE
from fanout_helpers.management_page import TITLE, opened_on
from tests.comparison import ROOT
from tests.jupyter import JupyterServer, NotebookPage, write_notebook
from tests.pages import clean_context
from tests.processes import eventually, holder
from tests.test_board_in_browser import ARTIFACTS, expect_in_all_panes

COMMANDS = {
    "fanout-lab": ("-m", "fanout_helpers", "lab"),
    "jupyterhub": ("-m", "jupyterlab", "--ServerApp.base_url=/user/some%20one/"),
}
SET_UP = """
from fanout_helpers import Lab
lab = Lab("{name}")
import pika
connection = pika.BlockingConnection(lab.parameters)
channel = connection.channel()
channel.exchange_declare(exchange="logs", exchange_type="fanout")
lab.subscribe("logs", "screen", "disk", "alerts")
lab.board()
"""
SETTINGS = Path(fanout_helpers.__file__).with_name("jupyter_config")
LINK = "lab.management_ui()"
LINK_CELL = 1
BESIDE = """() => {
    const { shell } = window.jupyterapp;
    shell.add(shell.currentWidget, "main", { mode: "split-right" });
    document.activeElement.blur();
}"""
WAIT_MILLISECONDS = 20_000
GLANCE_MILLISECONDS = 4_000
START_SECONDS = 60.0

_numbers = count(1)


@pytest.fixture(scope="module", params=COMMANDS)
def server(
    broker: Node,  # noqa: ARG001 - it must be up
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> Iterator[JupyterServer]:
    """The course as ``fanout lab`` opens it, and JupyterLab as a hub starts it, where the package is installed."""
    root, scratch = tmp_path_factory.mktemp("notebooks"), tmp_path_factory.mktemp("jupyter")
    with pytest.MonkeyPatch.context() as environment:
        if request.param == "jupyterhub":
            environment.setenv("JUPYTER_CONFIG_PATH", str(SETTINGS))
        # A folder with the start page is a course, in which ``fanout lab`` opens; elsewhere it makes one.
        shutil.copy(ROOT / "notebooks" / START_PAGE, root)
        with JupyterServer(root, scratch, COMMANDS[request.param]) as server:
            yield server


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with clean_context(browser, viewport={"width": 1600, "height": 900}) as context:
        yield context


@pytest.fixture
def notebook(server: JupyterServer, context: BrowserContext) -> NotebookPage:
    """A notebook with three panes; its virtual host is called as it is."""
    name = f"management-{next(_numbers)}"
    write_notebook(server.root / f"{name}.ipynb", SET_UP.format(name=name), LINK)
    notebook = NotebookPage(context.new_page())
    notebook.open(server.address(f"{name}.ipynb"))
    notebook.run_cell(0)
    expect(notebook.cells.get_by_test_id("pane-alerts")).to_be_visible()
    return notebook


@pytest.fixture
def virtual_host(notebook: NotebookPage) -> str:
    """The name of the notebook's virtual host."""
    name = notebook.page.get_by_role("tab", name="management-").inner_text()
    return name.removesuffix(".ipynb")


def opened_by_its_tile(notebook: NotebookPage) -> FrameLocator:
    """The management UI, which a click on the tile opens in a tab beside the notebook."""
    notebook.command("launcher:create")
    notebook.page.locator(".jp-LauncherCard").filter(has_text=TITLE).click()
    ui = notebook.page.frame_locator(".jp-ServerProxy iframe")
    expect(ui.get_by_role("link", name="Exchanges", exact=True)).to_be_visible(timeout=WAIT_MILLISECONDS)
    return ui


def opened_by_its_link(notebook: NotebookPage, context: BrowserContext) -> Page:
    """The management UI in a browser tab of its own."""
    with context.expect_page() as opened:
        notebook.cells.get_by_test_id("management-link").get_by_role("link").click()
    return opened.value


def goes_to_logs(ui: FrameLocator, virtual_host: str) -> bool:
    """Goes to the exchange's page; moving the tab loads the UI anew, which may undo what was clicked just before."""
    ui.locator("#show-vhost").select_option(virtual_host)
    ui.get_by_role("link", name="Exchanges", exact=True).click()
    with contextlib.suppress(PlaywrightTimeout):
        ui.get_by_role("link", name="logs", exact=True).click(timeout=GLANCE_MILLISECONDS)
        ui.get_by_role("heading", name="Exchange: logs").wait_for(timeout=GLANCE_MILLISECONDS)
        return True
    return False


def publish(ui: FrameLocator | Page, text: str) -> None:
    """Publishes from the form on an exchange's page."""
    ui.get_by_role("heading", name="Publish message").click()
    ui.locator("textarea[name=payload]").fill(text)
    ui.get_by_role("button", name="Publish message").click()
    expect(ui.get_by_text("Message published.")).to_be_visible()
    ui.get_by_text("Close", exact=True).click()


def test_what_is_published_on_its_page_is_in_all_panes(
    notebook: NotebookPage, virtual_host: str, request: pytest.FixtureRequest
) -> None:
    ui = opened_by_its_tile(notebook)
    notebook.page.evaluate(BESIDE)
    assert eventually(lambda: goes_to_logs(ui, virtual_host), START_SECONDS)
    publish(ui, "from the management UI")
    expect_in_all_panes(notebook, ["from the management UI"])
    for theme in ("light", "dark"):
        notebook.set_theme(theme)
        picture = ARTIFACTS / f"management-ui-{request.node.callspec.params['server']}-{theme}.png"
        notebook.page.screenshot(path=picture, animations="disabled")


def test_its_tile_is_there_in_light_and_dark(notebook: NotebookPage, request: pytest.FixtureRequest) -> None:
    notebook.command("launcher:create")
    tile = notebook.page.locator(".jp-LauncherCard").filter(has_text=TITLE)
    shown = "(image) => image.complete && image.naturalWidth > 0"
    expect(tile.locator("img")).to_be_visible()
    assert eventually(lambda: tile.locator("img").evaluate(shown))
    for theme in ("light", "dark"):
        notebook.set_theme(theme)
        picture = ARTIFACTS / f"management-ui-tile-{request.node.callspec.params['server']}-{theme}.png"
        notebook.page.screenshot(path=picture, animations="disabled")


def test_the_link_opens_it_on_the_virtual_host_of_the_lab(
    notebook: NotebookPage, virtual_host: str, context: BrowserContext
) -> None:
    notebook.run_cell(LINK_CELL)
    ui = opened_by_its_link(notebook, context)
    expect(ui.locator("#show-vhost")).to_have_value(virtual_host, timeout=WAIT_MILLISECONDS)
    ui.get_by_role("link", name="logs", exact=True).click()
    publish(ui, "from a tab of its own")
    expect_in_all_panes(notebook, ["from a tab of its own"])
    # What a person selects instead stays selected, and a slash in its name gets through.
    ui.get_by_role("link", name="Exchanges", exact=True).click()
    ui.locator("#show-vhost").select_option("/")
    ui.reload()
    expect(ui.locator("#show-vhost")).to_have_value("/", timeout=WAIT_MILLISECONDS)
    ui.get_by_role("link", name="amq.fanout", exact=True).click()
    expect(ui.get_by_role("heading", name="Exchange: amq.fanout")).to_be_visible()


def test_notebook_7_has_the_link_too(
    broker: Node,  # noqa: ARG001 - it must be up
    context: BrowserContext,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(SETTINGS))
    root, scratch = tmp_path_factory.mktemp("notebooks"), tmp_path_factory.mktemp("jupyter")
    write_notebook(root / "link.ipynb", 'from fanout_helpers import Lab\nlab = Lab("notebook-7")', LINK)
    with JupyterServer(root, scratch, ("-m", "notebook", "--ServerApp.base_url=/a/b/")) as server:
        notebook = NotebookPage(context.new_page())
        notebook.open(f"{server.url}notebooks/link.ipynb?token={server.token}")
        notebook.run_all()
        ui = opened_by_its_link(notebook, context)
        expect(ui.locator("#show-vhost")).to_have_value("notebook-7", timeout=WAIT_MILLISECONDS)
        context.close()  # before the server: a page complains that it does not reach it


def test_it_opens_by_itself_once_there_is_a_node(
    context: BrowserContext, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime = tmp_path_factory.mktemp("node") / "runtime"
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(SETTINGS))
    monkeypatch.setenv("FANOUT_RUNTIME_DIR", str(runtime))
    page = context.new_page()
    with JupyterServer(tmp_path_factory.mktemp("empty"), tmp_path_factory.mktemp("jupyter")) as server:
        page.goto(f"{server.url}lab?token={server.token}")
        page.goto(f"{server.url}{opened_on('/')}")
        expect(page.get_by_role("heading", name="Your RabbitMQ is not running")).to_be_visible()
        page.screenshot(path=ARTIFACTS / "management-ui-no-node.png")
        with holder(runtime) as held:
            held.node()
            expect(page.locator("#show-vhost")).to_have_value("/", timeout=WAIT_MILLISECONDS)
            expect(page.get_by_role("link", name="amq.fanout", exact=True)).to_be_visible()
            context.close()  # before the node: the page complains that it does not reach it
        assert eventually(lambda: not runtime.exists())


def test_it_deletes_what_one_deletes_there(notebook: NotebookPage, virtual_host: str) -> None:
    ui = opened_by_its_tile(notebook)
    ui.locator("#show-vhost").select_option(virtual_host)
    ui.get_by_role("link", name="Exchanges", exact=True).click()
    ui.get_by_role("link", name="logs", exact=True).click()
    notebook.page.on("dialog", lambda dialog: dialog.accept())
    ui.get_by_role("heading", name="Delete this exchange").click()
    ui.get_by_role("button", name="Delete").click()
    expect(ui.get_by_role("link", name="amq.fanout", exact=True)).to_be_visible()
    expect(ui.get_by_role("link", name="logs", exact=True)).to_have_count(0)


def test_who_logs_out_there_is_signed_in_again(notebook: NotebookPage) -> None:
    ui = opened_by_its_tile(notebook)
    with notebook.page.expect_request("**/rabbitmq/sign_in.js"):
        ui.get_by_role("button", name="Log out").click()
    expect(ui.get_by_role("link", name="Exchanges", exact=True)).to_be_visible(timeout=WAIT_MILLISECONDS)


def test_the_browser_never_has_the_login(notebook: NotebookPage, context: BrowserContext, broker: Node) -> None:
    sent: list[str] = []
    context.on("request", lambda one: sent.append(json.dumps([one.url, one.headers])))
    ui = opened_by_its_tile(notebook)
    expect(ui.get_by_text(broker.identity.username).first).to_be_visible()
    login = f"{broker.identity.username}:{broker.identity.password}".encode()
    kept = json.dumps(context.storage_state())
    assert any("/rabbitmq/api/whoami" in one for one in sent)
    assert "rabbitmq" in kept
    for secret in (broker.identity.password, base64.b64encode(login).decode()):
        assert secret not in kept
        assert secret not in "".join(sent)
