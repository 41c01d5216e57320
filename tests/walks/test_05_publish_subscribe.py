"""The walk of the lesson on publish/subscribe, with receivers in terminals."""

import re
from pathlib import Path

from playwright.sync_api import expect

from fanout_helpers.quizzes.publish_subscribe import QUESTIONS
from tests.jupyter import JupyterServer
from tests.processes import eventually
from tests.walks.board import PANES
from tests.walks.exercises import check_and_try_again, read_solution, solve, take_a_new_channel
from tests.walks.folds import compare
from tests.walks.terminal import Terminal
from tests.walks.views import queues
from tests.walks.walk import Walk

SET_UP = 'eval "$(fanout broker env publish_subscribe)"'
RECEIVE = "python programs/receive_logs.py"
EXERCISE_1 = 'channel.queue_bind(queue="archive", exchange="logs", routing_key="")'
EXERCISE_2 = """channel.exchange_declare(exchange="alarms", exchange_type="fanout")
lab.subscribe("alarms", "siren")"""
TWO_EACH = re.compile(
    r"\{'ann': \['info: number \d', 'info: number \d'\], 'bob': \['info: number \d', 'info: number \d'\]\}"
)


def test_the_lesson(walk: Walk, course: JupyterServer) -> None:
    _emitter(walk)
    _receiver(walk)
    _terminals(walk, course.root / "notebooks" / "logs.txt")
    _subscribers(walk)
    _come_late_go_away(walk)
    _one_queue_for_all(walk)
    _exercises(walk)
    _end(walk)
    walk.finish()


def _emitter(walk: Walk) -> None:
    with walk.step("clear all outputs"):
        walk.choose("Edit", "Clear Outputs of All Cells")
        expect(walk.output("emitter-first")).not_to_contain_text("emitted")
    walk.run_quietly("code-01", "emit-log")

    with walk.step("predict an emitter without listeners"):
        walk.run_quietly("emitter-first")
        walk.expect_printed("emitter-first", "emitted: info: the first message", "no queue is bound to it")
        compare(walk, "md-06", "It does not. The program declares logs itself")
    walk.run_quietly("emitter")


def _receiver(walk: Walk) -> None:
    with walk.step("look for the three calls"):
        walk.run_quietly("receive-logs")
        for call in ("queue_declare", "queue_bind", "consume"):
            walk.expect_printed("receive-logs", walk.says("md-10", call))

    with walk.step("make the three calls"):
        walk.run_quietly("by-hand")
        expect(walk.output("by-hand").locator("tr", has_text="amq.gen-")).to_have_count(2)

    with walk.step("predict what the subscriber gets"):
        walk.run_quietly("from-now-on")
        walk.expect_printed("from-now-on", "['warning: the disk is nearly full']")
        compare(walk, "md-14", "The new message, and nothing from before the queue was bound.")


def _terminals(walk: Walk, logs: Path) -> None:
    for line in (SET_UP, RECEIVE, f"{RECEIVE} > logs.txt"):
        walk.says("md-14", line)
    with walk.step("open two terminals"):
        first = Terminal(walk, 1)
        first.type(RECEIVE)
        first.expect("This terminal is not set up")
        first.type(SET_UP, RECEIVE)
        first.expect("waiting for log messages")
        second = Terminal(walk, 2)
        second.type(SET_UP, f"{RECEIVE} > logs.txt")
        second.expect("waiting for log messages")

    with walk.step("look at the board and press"):
        walk.back_to_lesson()
        board = walk.board("emitter")
        expect(queues(board)).to_have_count(3)
        board.press("Info")
        first.expect("info: hello 1")
        assert eventually(lambda: logs.read_text(encoding="utf-8") == "info: hello 1\n")
        assert not second.shows("info: hello 1")

    with walk.step("emit from a third terminal"):
        third = Terminal(walk, 3)
        third.type(SET_UP, walk.says("md-14", 'python programs/emit_log.py "warning: this comes from a terminal"'))
        third.expect("emitted: warning: this comes from a terminal")
        first.expect("warning: this comes from a terminal")
        assert eventually(lambda: logs.read_text(encoding="utf-8").endswith("warning: this comes from a terminal\n"))

    with walk.step("end the receivers"):
        first.interrupt()
        second.interrupt()
        walk.back_to_lesson()
        expect(queues(walk.board("emitter"))).to_have_count(1)

    with walk.step("predict who gets it"):
        walk.run_quietly("screen-and-file")
        walk.expect_printed("screen-and-file", "screen: info: to everybody", "file:   info: to everybody")
        compare(walk, "md-16", "Both.")


def _subscribers(walk: Walk) -> None:
    with walk.step("delete your own queue"):
        walk.run_quietly("three-subscribers")
        expect(walk.output("three-subscribers").locator("tr", has_text="amq.gen-")).to_have_count(6)
    board = walk.board("emitter")

    with walk.step("predict one message"):
        board.predict(*PANES, copies=3)
        walk.run_quietly("one-message")
        walk.expect_printed("one-message", "screen, disk and alerts get it, 3 copies", "3 copies", "right")
        walk.change("your-answer", "copies=1", "copies=3")
        walk.run_quietly("your-answer", "one-message")
        walk.expect_printed("one-message", "predicted  screen gets it, 3 copies", "wrong")
        compare(walk, "md-18", "One copy for every queue that is bound.")

    with walk.step("type and press"):
        board.type("mine")
        board.press("Warning")
        board.expect_received(["info: hello", "info: hello", "warning: mine"])


def _come_late_go_away(walk: Walk) -> None:
    with walk.step("predict what a late subscriber gets"):
        walk.run_quietly("late-joiner")
        walk.expect_printed("late-joiner", "screen: 4 messages", "late: 1 message")
        compare(walk, "md-20", "late has one, and screen has all that were published since it subscribed.")

    with walk.step("predict what is missed while away"):
        walk.run_quietly("away")
        walk.expect_printed("away", "disk: 1 message\n  info: disk is back")
        compare(walk, "md-22", "Only the second.")


def _one_queue_for_all(walk: Walk) -> None:
    with walk.step("bind one queue for two"):
        walk.run_quietly("two-consumers", "drawn")
        board = walk.board("drawn")
        walk.says("md-25", "Five queues are bound to `logs`, and there are six consumers.")
        expect(queues(board)).to_have_count(5)
        expect(board.words).to_contain_text("queue office (durable) -> 2 consumers")
        expect(board.words).not_to_contain_text("3 consumers")

    with walk.step("predict shares and copies"):
        board.press("Error")
        expect(board.status).to_contain_text("published 'error: mine' to logs")
        walk.run_quietly("work-queue")
        expect(walk.output("work-queue")).to_contain_text(TWO_EACH)
        walk.expect_printed("work-queue", "5 copies", "2 consumers share office")
        compare(walk, "md-27", "ann and bob have two each, and no message twice")


def _exercises(walk: Walk) -> None:
    with walk.step("check, try and check again"):
        incomplete = 'channel.queue_declare(queue="archive", durable=True)'
        check_and_try_again(walk, "code-34", incomplete, "code-35", "queue_bind(")

    with walk.step("take a new channel"):
        take_a_new_channel(walk, "code-34", "md-27")

    with walk.step("do the first exercise"):
        solve(walk, "code-34", EXERCISE_1, "code-35")

    with walk.step("read the first solution"):
        read_solution(walk, "code-37")

    with walk.step("do the second exercise"):
        solve(walk, "code-39", EXERCISE_2, "code-40")

    with walk.step("read the second solution"):
        read_solution(walk, "code-42")


def _end(walk: Walk) -> None:
    with walk.step("answer the quiz"):
        walk.run_quietly("quiz")
        walk.quiz().answer(QUESTIONS)

    with walk.step("close the lab"):
        walk.run_quietly("code-44")
        expect(walk.board("emitter").root).to_contain_text("closed")

    with walk.step("begin again"):
        walk.choose("Kernel", "Restart Kernel and Clear Outputs of All Cells…")
        walk.confirm()
        walk.run_quietly("code-01", "emitter-first", "emitter", "by-hand", "from-now-on")
        walk.expect_printed("from-now-on", "['warning: the disk is nearly full']")
