"""The walk of "Start here"."""

import re
from pathlib import Path

from playwright.sync_api import Locator, expect

from fanout_helpers.quizzes.course import QUIZZES
from tests.comparison import NOTEBOOKS
from tests.jupyter import JupyterServer
from tests.processes import eventually
from tests.walks.board import PANES, BoardOnPage
from tests.walks.terminal import Terminal
from tests.walks.walk import Walk

NEXT_CELLS = ("code-04", "code-05")
WORD = re.compile(r"[a-z]{4,}")
LESSON = "01_exchanges.ipynb"
HELLOS = ["info: hello 1", "warning: hello 2", "error: hello 3"]


def test_the_lesson(walk: Walk) -> None:
    board = walk.board("code-05")

    with walk.step("clear all outputs"):
        walk.choose("Edit", "Clear Outputs of All Cells")
        expect(walk.output("received")).not_to_contain_text("hello")

    with walk.step("run the first cell"):
        walk.run_quietly("code-02")

    with walk.step("run the next cells"):
        walk.run_quietly(*NEXT_CELLS)
        for name in ("`screen`", "`disk`", "`alerts`"):
            walk.says("md-03", name)
        board.expect_received([])

    with walk.step("press, type a text and press again"):
        board.press("Info", "Warning", "Error")
        walk.says("md-06", "Each press publishes *one* message.")
        board.expect_received(HELLOS)
        board.type("mine")
        board.press("Info", "Warning", "Error")
        walk.says("md-06", "Each of the three panes shows *its own copy* of it.")
        board.expect_received([*HELLOS, "info: mine", "warning: mine", "error: mine"])
        board.type("")
        expect(board.field).to_have_attribute("placeholder", "hello 4")
        board.press("Info")
        board.expect_received([*HELLOS, "info: mine", "warning: mine", "error: mine", "info: hello 4"])

    with walk.step("choose a message of the list"):
        board.message(1).click()
        expect(board.way).to_contain_text("hello 1")
        assert _unexplained(walk, board) == set()

    with walk.step("predict, pause, clear, present"):
        board.predict(*PANES, copies=3)
        board.press("Info")
        expect(board.verdict).to_contain_text("Your prediction was right")
        board.press("Predict")
        _pause(walk, board)
        board.press("Clear")
        walk.says("md-06", "`Clear` empties the panes and the list")
        board.expect_received([])
        expect(board.messages).to_have_count(0)
        _present(walk, board)

    with walk.step("let code press"):
        walk.run_quietly("code-07", "received")
        for pane in PANES:
            walk.expect_printed("received", f"{pane}: 10 messages")
        walk.says("md-09", "If you pressed buttons before, you see those messages as well.")
        board.expect_received(["info: hello from a cell"])

    with walk.step("answer the quiz"):
        walk.run_quietly("quiz")
        walk.quiz().answer(QUIZZES["start_here"])
    walk.finish()


def _unexplained(walk: Walk, board: BoardOnPage) -> set[str]:
    """The words on the board that the lesson's text has not said; names and what was typed are none."""
    shown = [
        *board.picture.locator("text").all_text_contents(),
        *board.root.locator(".fanout-summary").all_inner_texts(),
    ]
    shown += [board.way.inner_text(), board.status.inner_text(), *board.root.locator(".fanout-head").all_inner_texts()]
    text = f"{walk.text('md-03')} {walk.text('md-06')}"
    return _words(re.sub(r"'[^']*'|amq\.gen\S*", "", "\n".join(shown))) - _words(text)


def _words(text: str) -> set[str]:
    """The longer words of a text, in the singular."""
    return {word.removesuffix("s") for word in WORD.findall(text.lower())}


def _pause(walk: Walk, board: BoardOnPage) -> None:
    shown = board.received("screen").all_inner_texts()
    board.press("Pause", "Error")
    walk.says("md-06", "`Pause` makes the picture, the list and the panes stand still")
    walk.says("md-06", "messages go on arriving, and the board says how many")
    expect(board.root).to_contain_text("1 message arrived meanwhile")
    board.expect_received(shown)
    expect(board.messages).to_have_count(len(shown))
    board.press("Resume")
    board.expect_received([*shown, "error: hello 6"])
    expect(board.messages).to_have_count(len(shown) + 1)


def _height(part: Locator) -> float:
    box = part.bounding_box()
    assert box
    return box["height"]


def _present(walk: Walk, board: BoardOnPage) -> None:
    walk.says("md-06", "`Present` makes everything large")
    parts = [board.button("Info"), board.root.get_by_test_id("card-screen").locator("header"), board.picture]
    ordinary = [_height(part) for part in parts]
    board.press("Present")
    assert eventually(lambda: all(_height(part) > before for part, before in zip(parts, ordinary, strict=True)))
    board.press("Present")
    assert eventually(lambda: [_height(part) for part in parts] == ordinary)


def test_what_to_do_when_something_does_not_work(walk: Walk, course: JupyterServer) -> None:
    _repair_a_cell(walk)
    _repair_the_board(walk)
    _get_help(walk, course.root / "notebooks")


def _repair_a_cell(walk: Walk) -> None:
    with walk.step("repair a NameError"):
        walk.run("code-07")
        walk.expect_printed("code-07", walk.says("md-09-after-quiz", "NameError"), "'board' is not defined")
        walk.select("code-07")
        walk.choose("Kernel", "Restart Kernel and Run up to Selected Cell…")
        walk.confirm()
        expect(walk.board("code-05").button("Info")).to_be_visible()
        walk.run_quietly("code-07")

    with walk.step("repair a closed channel"):
        walk.write("quiz", 'channel.exchange_declare("logs", "direct")')
        walk.run("quiz")
        walk.write("quiz", 'channel.exchange_declare("logs", "fanout")')
        walk.run("quiz")
        walk.expect_printed("quiz", walk.says("md-09-after-quiz", "Channel is closed"))
        walk.write("quiz", "channel = connection.channel()\nchannel.exchange_declare('logs', 'fanout')")
        walk.run_quietly("quiz")

    with walk.step("repair a cell that waits"):
        walk.write("quiz", "import time\ntime.sleep(3600)")
        walk.start("quiz")
        walk.choose("Kernel", "Interrupt Kernel")
        walk.wait_until_run("quiz")
        walk.expect_printed("quiz", "KeyboardInterrupt")


def _repair_the_board(walk: Walk) -> None:
    with walk.step("repair after RabbitMQ was stopped"):
        Terminal(walk, 1).type("fanout broker stop")
        walk.back_to_lesson()
        board = walk.board("code-05")
        expect(board.root).to_contain_text(walk.says("md-09-after-quiz", "RabbitMQ does not answer"))
        expect(board.root).to_contain_text(walk.says("md-09-after-quiz", "reconnecting"))
        walk.run_quietly("code-02", "code-04", "code-05")
        board.press("Info")
        board.expect_received(["info: hello 1"])

    with walk.step("repair a board without its kernel"):
        walk.choose("Kernel", "Restart Kernel…")
        walk.confirm()
        expect(board.root).to_contain_text(walk.says("md-09-after-quiz", "Disconnected from the kernel"))
        walk.run_quietly("code-02", "code-04", "code-05")
        board.press("Info")
        board.expect_received(["info: hello 1"])

    with walk.step("repair a closed board"):
        walk.write("quiz", "lab.close()")
        walk.run_quietly("quiz")
        expect(board.root).to_contain_text(walk.says("md-09-after-quiz", "closed"))
        walk.run_quietly("code-02", "code-04", "code-05")
        board.press("Info")
        board.expect_received(["info: hello 1"])

    with walk.step("repair a board after a reload"):
        walk.reload()
        walk.run_quietly("code-05")
        board.press("Warning")
        board.expect_received(["info: hello 1", "warning: hello 1"])


def _get_help(walk: Walk, folder: Path) -> None:
    with walk.step("get a lesson as it was"):
        terminal = Terminal(walk, 2)
        walk.rename_file(LESSON, "mine.ipynb")
        terminal.type("fanout course .")
        terminal.expect("The course is in ")
        assert terminal.shows("Copied into ")
        assert (folder / LESSON).read_bytes() == (NOTEBOOKS / LESSON).read_bytes()
        walk.back_to_lesson()

    with walk.step("ask the doctor"):
        walk.write("quiz", "lab.doctor()")
        walk.run_quietly("quiz")
        walk.expect_printed("quiz", "Nothing is wrong")
