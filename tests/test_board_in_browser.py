"""The board in a real browser, on a real JupyterLab and a real RabbitMQ."""

import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from fanout_helpers.broker.node import Node
from tests.jupyter import JupyterServer, NotebookPage, clean_page, write_notebook

ARTIFACTS = Path(__file__).parent.parent / "artifacts"
PANES = ("screen", "disk", "alerts")
SEVERITIES = ("info", "warning", "error")
HOSTILE = "<img src=x onerror='window.executed = 1'><script>window.executed = 1</script>\u202e & {{ 1 }}"

SET_UP = """
from fanout_helpers import Lab
lab = Lab("browser-{number}")
import pika
connection = pika.BlockingConnection(lab.parameters)
channel = connection.channel()
channel.exchange_declare(exchange="logs", exchange_type="fanout")
screen, disk, alerts = lab.subscribe("logs", "screen", "disk", "alerts")
board = lab.board()
board
"""
BARRIER = "lab.received()\nprint(board.describe())"
DONE = "done"
BUSY = f"import pathlib, time\nwhile not pathlib.Path({DONE!r}).exists():\n    time.sleep(0.05)"
WHILE_IT_RUNS = 20_000
"""Milliseconds to wait for what must show while the cell runs, which it does until the test ends it."""
HOSTILE_CELL, BARRIER_CELL, BUSY_CELL = 1, 2, 3

_numbers = count(1)


@pytest.fixture(scope="module")
def server(broker: Node, tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:  # noqa: ARG001 - it must be up
    with JupyterServer(tmp_path_factory.mktemp("notebooks"), tmp_path_factory.mktemp("jupyter")) as server:
        yield server


@pytest.fixture
def notebook(server: JupyterServer, browser: Browser) -> Iterator[NotebookPage]:
    """A page on a fresh notebook whose board is shown."""
    number = next(_numbers)
    name = f"board-{number}.ipynb"
    hostile = f"lab.publish('logs', {HOSTILE!r})"
    write_notebook(server.root / name, SET_UP.format(number=number), hostile, BARRIER, BUSY)
    with clean_page(browser, 1280, 800) as page:
        notebook = NotebookPage(page)
        notebook.open(server.address(name))
        notebook.run_cell(0)
        expect(page.get_by_test_id("pane-alerts")).to_be_visible()
        yield notebook


def texts(notebook: NotebookPage, pane: str) -> Locator:
    return notebook.page.get_by_test_id(f"line-{pane}").locator(".fanout-text")


def field(notebook: NotebookPage) -> Locator:
    return notebook.cells.get_by_role("textbox", name="Message", exact=True)


def button(notebook: NotebookPage, name: str) -> Locator:
    return notebook.cells.get_by_role("button", name=name, exact=True)


def expect_in_all_panes(notebook: NotebookPage, expected: list[str]) -> None:
    for pane in PANES:
        expect(texts(notebook, pane)).to_have_text(expected)
        expect(notebook.page.get_by_test_id(f"count-{pane}")).to_have_text(str(len(expected)))


def test_each_severity_button_puts_its_text_into_every_pane_once(notebook: NotebookPage) -> None:
    field(notebook).fill("hello")
    for severity in SEVERITIES:
        button(notebook, severity.capitalize()).click()
    expected = [f"{severity}: hello" for severity in SEVERITIES]
    expect_in_all_panes(notebook, expected)
    expect(notebook.page.get_by_test_id("status")).to_have_text("published 'error: hello' to logs: confirmed")
    # Whatever was still on its way has arrived after the barrier; the words must say what the page shows.
    notebook.run_cell(BARRIER_CELL)
    expect_in_all_panes(notebook, expected)
    shown = "".join(f"  {text}\n" for text in expected)
    described = "".join(f"{pane}: 3 messages\n{shown}" for pane in PANES)
    output = notebook.cells.locator(".jp-Cell").nth(BARRIER_CELL).locator(".jp-OutputArea-output").last
    expect(output).to_have_text(described.strip(), use_inner_text=True)


def test_the_first_presses_need_no_text_and_publish_what_the_field_shows(notebook: NotebookPage) -> None:
    expect(field(notebook)).to_have_attribute("placeholder", "hello 1")
    for severity in SEVERITIES:
        button(notebook, severity.capitalize()).click()
    expect_in_all_panes(notebook, ["info: hello 1", "warning: hello 2", "error: hello 3"])
    expect(field(notebook)).to_have_attribute("placeholder", "hello 4")
    field(notebook).press("Enter")
    field(notebook).fill("mine")
    button(notebook, "Info").click()
    expect(field(notebook)).to_have_value("mine")
    expected = ["info: hello 1", "warning: hello 2", "error: hello 3", "info: hello 4", "info: mine"]
    expect_in_all_panes(notebook, expected)


def test_by_keyboard_alone(notebook: NotebookPage) -> None:
    keyboard = notebook.page.keyboard
    field(notebook).focus()
    keyboard.type("dd hello")
    keyboard.press("Enter")
    expect_in_all_panes(notebook, ["info: dd hello"])
    keyboard.press("Tab")
    expect(button(notebook, "Info")).to_be_focused()
    keyboard.press("Tab")
    keyboard.press("Space")
    keyboard.press("Tab")
    keyboard.press("Enter")
    expect_in_all_panes(notebook, ["info: dd hello", "warning: dd hello", "error: dd hello"])
    for name in ("Predict", "Pause", "Clear", "Present"):
        keyboard.press("Tab")
        expect(button(notebook, name)).to_be_focused()
    # A key that is a command in the notebook is none on the board.
    keyboard.press("b")
    expect(notebook.cells.locator(".jp-Cell")).to_have_count(4)
    keyboard.press("Tab")
    caption = notebook.page.get_by_test_id("caption")
    expect(caption).to_contain_text("producer lab.publish")
    keyboard.press("ArrowRight")
    expect(caption).to_contain_text("exchange logs, type fanout, bound to 3 queues")
    keyboard.press("Tab")
    expect(notebook.page.get_by_test_id("message-3")).to_be_focused()
    for _ in ("message-2", "message-1", "In words", "screen"):
        keyboard.press("Tab")
    expect(notebook.page.get_by_test_id("pane-screen")).to_be_focused()


def test_a_pane_scrolls_by_keyboard_and_stays_where_it_was_put(notebook: NotebookPage) -> None:
    field(notebook).fill("hello")
    for _ in range(20):
        field(notebook).press("Enter")
    expect(texts(notebook, "screen")).to_have_count(20)
    pane = notebook.page.get_by_test_id("pane-screen")
    assert distance_from_end(pane) < 5
    pane.focus()
    notebook.page.keyboard.press("Home")
    notebook.page.wait_for_function("(pane) => pane.scrollTop === 0", arg=pane.element_handle())
    field(notebook).press("Enter")
    expect(texts(notebook, "screen")).to_have_count(21)
    assert pane.evaluate("(pane) => pane.scrollTop") == 0
    # The notebook did not take the key for itself.
    expect(notebook.cells.locator(".jp-Cell")).to_have_count(4)


def distance_from_end(pane: Locator) -> float:
    return float(pane.evaluate("(pane) => pane.scrollHeight - pane.scrollTop - pane.clientHeight"))


def test_pause_and_clear(notebook: NotebookPage) -> None:
    field(notebook).fill("hello")
    button(notebook, "Info").click()
    expect_in_all_panes(notebook, ["info: hello"])
    standstill, listed = notebook.page.get_by_test_id("standstill"), notebook.page.get_by_test_id("messages")
    expect(standstill).to_be_empty()
    button(notebook, "Pause").click()
    expect(notebook.page.get_by_test_id("foot-disk")).to_have_text("paused, 0 held back")
    expect(standstill).to_contain_text("Paused: picture, list and panes stand still. 0 messages arrived meanwhile.")
    button(notebook, "Error").click()
    expect(standstill).to_contain_text("1 message arrived meanwhile.")
    button(notebook, "Error").click()
    expect(standstill).to_contain_text("2 messages arrived meanwhile.")
    expect(notebook.page.get_by_test_id("foot-disk")).to_have_text("paused, 2 held back")
    expect_in_all_panes(notebook, ["info: hello"])
    expect(listed.locator("li")).to_have_count(1)
    drawn = notebook.page.get_by_test_id("diagram").get_by_test_id("queue-disk")
    expect(drawn).to_have_attribute("aria-label", re.compile("1 message routed to it"))
    for theme in ("light", "dark"):
        notebook.set_theme(theme)
        notebook.screenshot(ARTIFACTS / f"board-paused-{theme}.png")
    button(notebook, "Resume").click()
    expect(standstill).to_be_empty()
    expect_in_all_panes(notebook, ["info: hello", "error: hello", "error: hello"])
    expect(listed.locator("li")).to_have_count(3)
    button(notebook, "Clear").click()
    expect_in_all_panes(notebook, [])
    expect(listed.locator("li")).to_have_count(0)
    expect(notebook.page.get_by_test_id("status")).to_contain_text("Nothing changed in RabbitMQ.")
    button(notebook, "Warning").click()
    expect_in_all_panes(notebook, ["warning: hello"])
    expect(listed.locator("li")).to_have_count(1)


def test_a_hostile_message_is_text(notebook: NotebookPage) -> None:
    notebook.run_cell(HOSTILE_CELL)
    expect_in_all_panes(notebook, [HOSTILE.replace("\u202e", r"\u202e")])
    field(notebook).fill(HOSTILE)
    button(notebook, "Info").click()
    expect(texts(notebook, "disk")).to_have_count(2)
    assert notebook.page.locator(".fanout-board :is(img, script)").count() == 0
    assert notebook.page.evaluate("() => window.executed") is None


def test_a_reloaded_page_shows_the_panes_again_and_stays_live(notebook: NotebookPage) -> None:
    field(notebook).fill("before")
    button(notebook, "Info").click()
    expect_in_all_panes(notebook, ["info: before"])
    notebook.reload()
    expect_in_all_panes(notebook, ["info: before"])
    expect(field(notebook)).to_have_value("before")
    button(notebook, "Error").click()
    expect_in_all_panes(notebook, ["info: before", "error: before"])
    expect(notebook.page.get_by_test_id("disconnected")).to_be_empty()


def test_a_button_publishes_what_the_field_held_when_it_was_pressed(
    notebook: NotebookPage, server: JupyterServer
) -> None:
    (server.root / DONE).unlink(missing_ok=True)
    notebook.start_cell(BUSY_CELL)
    for word in ("one", "two", "three"):
        field(notebook).fill("")
        field(notebook).press_sequentially(word)
        button(notebook, "Warning").click()
    field(notebook).fill("four")
    field(notebook).press("Enter")
    (server.root / DONE).touch()
    expect_in_all_panes(notebook, ["warning: one", "warning: two", "warning: three", "info: four"])


def test_a_press_while_a_cell_runs_is_acknowledged_at_once_and_carried_out_once(
    notebook: NotebookPage, server: JupyterServer
) -> None:
    (server.root / DONE).unlink(missing_ok=True)
    status = notebook.page.get_by_test_id("status")
    notebook.start_cell(BUSY_CELL)
    button(notebook, "Info").click()
    expect(status).to_have_text(
        "Waiting for the kernel: a cell is running. Your press takes effect when it ends.", timeout=WHILE_IT_RUNS
    )
    button(notebook, "Error").click()
    button(notebook, "Clear").click()
    expect(status).to_have_text(
        "Waiting for the kernel: a cell is running. Your 3 presses take effect when it ends.", timeout=WHILE_IT_RUNS
    )
    expect(texts(notebook, "disk")).to_have_count(0)
    (server.root / DONE).touch()
    expect(status).to_contain_text("Cleared")
    expect(notebook.page.get_by_test_id("foot-disk")).to_have_text("2 cleared")
    button(notebook, "Warning").click()
    expect_in_all_panes(notebook, ["warning: hello 3"])


def test_a_press_that_no_kernel_hears_says_so(notebook: NotebookPage) -> None:
    notebook.shut_down_kernel()
    expect(notebook.page.get_by_test_id("disconnected")).to_contain_text("Disconnected from the kernel")
    expect(notebook.page.get_by_test_id("status")).to_be_empty()
    button(notebook, "Info").click()
    expect(notebook.page.get_by_test_id("status")).to_contain_text("This press did nothing: the kernel is gone.")


def test_what_answers_a_press_is_right_below_the_buttons(notebook: NotebookPage) -> None:
    button(notebook, "Info").click()
    status = notebook.page.get_by_test_id("status")
    expect(status).to_contain_text("published 'info: hello 1'")
    pressed, answer = button(notebook, "Info").bounding_box(), status.bounding_box()
    picture = notebook.page.get_by_test_id("diagram").bounding_box()
    notebook.screenshot(ARTIFACTS / "board-answer.png")
    assert pressed is not None
    assert answer is not None
    assert picture is not None
    assert 0 <= answer["y"] - (pressed["y"] + pressed["height"]) < pressed["height"] * 2
    assert answer["y"] + answer["height"] <= picture["y"]


def test_a_press_publishes_the_text_before_it_however_fast_they_follow_each_other(notebook: NotebookPage) -> None:
    # The kernel may handle the messages of two widgets in two threads.
    for number in range(30):
        field(notebook).fill(f"text {number}")
        button(notebook, "Info").click()
    expect_in_all_panes(notebook, [f"info: text {number}" for number in range(30)])


def test_a_kernel_that_was_shut_down_leaves_panes_that_say_so(notebook: NotebookPage) -> None:
    notebook.shut_down_kernel()
    expect(notebook.page.get_by_test_id("disconnected")).to_contain_text("Disconnected from the kernel")


def test_a_restarted_kernel_leaves_panes_that_say_so(notebook: NotebookPage) -> None:
    field(notebook).fill("hello")
    button(notebook, "Info").click()
    expect_in_all_panes(notebook, ["info: hello"])
    notebook.restart_kernel()
    expect(notebook.page.get_by_test_id("disconnected")).to_contain_text("Disconnected from the kernel")
    expect(notebook.page.get_by_test_id("state-screen")).to_have_text("disconnected")
    expect_in_all_panes(notebook, ["info: hello"])
    notebook.run_cell(0)
    expect(notebook.page.get_by_test_id("state-screen")).to_have_text("consuming")


def test_pictures_in_light_and_dark(notebook: NotebookPage) -> None:
    field(notebook).fill("hello")
    for severity in SEVERITIES:
        button(notebook, severity.capitalize()).click()
    expect_in_all_panes(notebook, [f"{severity}: hello" for severity in SEVERITIES])
    for theme in ("light", "dark"):
        notebook.set_theme(theme)
        notebook.screenshot(ARTIFACTS / f"board-{theme}.png")
        assert (ARTIFACTS / f"board-{theme}.png").stat().st_size > 0
