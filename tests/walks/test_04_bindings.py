"""The walk of the lesson on bindings."""

from playwright.sync_api import expect

from fanout_helpers.quizzes.bindings import QUESTIONS
from tests.walks.board import BoardOnPage
from tests.walks.exercises import check_and_try_again, read_solution, solve, take_a_new_channel
from tests.walks.folds import compare
from tests.walks.views import keep_in_view
from tests.walks.walk import Walk

EXCHANGE = 'channel.exchange_declare(exchange="severity", exchange_type="direct")'
EXERCISE_1 = """channel.queue_declare(queue="errors", durable=True)
channel.queue_bind(queue="errors", exchange="severity", routing_key="error")"""
EXERCISE_2 = """for exchange in ("orders", "payments"):
    channel.exchange_declare(exchange=exchange, exchange_type="fanout")
    channel.queue_bind(queue="audit", exchange=exchange, routing_key="")
channel.queue_unbind(queue="audit", exchange="logs")"""


def test_the_lesson(walk: Walk) -> None:
    view = _set_up(walk)
    _make_bindings(walk, view)
    _end_bindings(walk)
    _keys(walk)
    _what_ends_a_binding(walk)
    _exercises(walk)
    _end(walk)
    walk.finish()


def _set_up(walk: Walk) -> BoardOnPage:
    with walk.step("clear all outputs"):
        walk.choose("Edit", "Clear Outputs of All Cells")
        expect(walk.output("bind")).not_to_contain_text("predicted")
    walk.run_quietly("lab", "setup")

    with walk.step("keep the board in view"):
        view = keep_in_view(walk, "setup")
        walk.says("bind-one", "No line leads from `logs` to a queue")
        expect(view.words).to_contain_text("nothing: no queue is bound to it")
    return view


def _make_bindings(walk: Walk, view: BoardOnPage) -> None:
    with walk.step("predict a binding"):
        walk.change("bind", '"screen", copies=1', '"disk", copies=1')
        walk.run_quietly("bind")
        walk.expect_printed("bind", "screen got it, 1 copy", "wrong")
        expect(view.words).to_contain_text("-> queue screen (durable)")
        compare(walk, "again", "screen is bound and gets its copy; disk is not.")

    with walk.step("predict the same binding again"):
        walk.run_quietly("bind-again")
        walk.expect_printed("bind-again", "screen got it, 1 copy", "wrong")
        compare(walk, "another-key", "One, and there is only one row with the source logs.")

    with walk.step("predict a second key"):
        walk.run_quietly("two-keys")
        walk.expect_printed("two-keys", "screen got it, 1 copy", "urgent")
        compare(walk, "end", "Two rows now, and still one copy.")


def _end_bindings(walk: Walk) -> None:
    with walk.step("predict the end of a binding"):
        walk.run_quietly("unbind-one")
        walk.expect_printed("unbind-one", "screen got it, 1 copy", "right")
        compare(walk, "end-the-last", "the binding with the empty key is still there")

    with walk.step("predict the end of the last binding"):
        walk.says("end-the-last", "`screen` holds four messages.")
        walk.run_quietly("unbind")
        walk.expect_printed("unbind", "returned, it matched no queue", "screen holds 4", "no queue is bound to it")
        compare(walk, "keys", "As many as before")


def _keys(walk: Walk) -> None:
    with walk.step("predict keys at a fanout exchange"):
        walk.run_quietly("fanout-ignores-keys")
        walk.expect_printed("fanout-ignores-keys", "disk and screen got it, 2 copies")
        compare(walk, "direct", "Both. A fanout exchange ignores both keys")

    with walk.step("predict keys at a direct exchange"):
        walk.run_quietly("key-left-out")
        walk.expect_printed("key-left-out", "screen got it, 1 copy", "binding key 'disk'")
        compare(walk, "several", "Only screen. disk is bound with the key disk")

    with walk.step("predict several bindings"):
        walk.run_quietly("several-bindings")
        walk.expect_printed("several-bindings", "routed to 1 queue: screen", "routed to 2 queues: disk, screen")
        walk.expect_printed("several-bindings", "not delivered yet")
        compare(walk, "exchange-to-exchange", "One of each (and disk, bound to logs, one of the last).")

    with walk.step("predict two ways"):
        walk.run_quietly("two-ways")
        walk.expect_printed("two-ways", "disk and screen got it, 2 copies")
        compare(walk, "both-ends", "Two. RabbitMQ first follows all bindings")


def _what_ends_a_binding(walk: Walk) -> None:
    with walk.step("predict a binding without its ends"):
        walk.run_quietly("end-missing")
        walk.expect_printed(
            "end-missing", "404 NOT_FOUND - no exchange 'letters'", "404 NOT_FOUND - no queue 'printer'"
        )
        compare(walk, "whose", "Refused: 404, not found.")

    with walk.step("predict what a closed connection takes along"):
        walk.run_quietly("bindings-stay")
        walk.expect_printed("bindings-stay", "-> queue screen", "binding keys 'sport', 'weather'", "-> exchange logs")
        compare(walk, "the-queue-goes", "All of them.")

    with walk.step("predict what a deleted queue takes along"):
        walk.run_quietly("queue-deleted")
        walk.expect_printed("queue-deleted", "screen got it, 1 copy", "disk did not get it")
        compare(walk, "exercises", "Only screen: the bindings of disk went with the queue.")


def _exercises(walk: Walk) -> None:
    with walk.step("check, try and check again"):
        check_and_try_again(walk, "exercise-1", EXCHANGE, "check-1", "queue_bind(")

    with walk.step("take a new channel"):
        take_a_new_channel(walk, "exercise-1", "exercises")

    with walk.step("do the first exercise"):
        solve(walk, "exercise-1", EXERCISE_1, "check-1")

    with walk.step("read the first solution"):
        read_solution(walk, "solution-1")

    with walk.step("do the second exercise"):
        walk.run_quietly("colleague")
        walk.write("exercise-2", "lab.bindings()")
        walk.run_quietly("exercise-2")
        walk.expect_printed("exercise-2", "audit")
        solve(walk, "exercise-2", EXERCISE_2, "check-2")
        compare(walk, "recap", "the key audit")

    with walk.step("read the second solution"):
        read_solution(walk, "solution-2")


def _end(walk: Walk) -> None:
    with walk.step("answer the quiz"):
        walk.run_quietly("quiz")
        walk.quiz().answer(QUESTIONS)

    with walk.step("close the lab"):
        walk.run_quietly("close")
        expect(walk.board("setup").root).to_contain_text("closed")

    with walk.step("begin again"):
        walk.choose("Kernel", "Restart Kernel and Clear Outputs of All Cells…")
        walk.confirm()
        walk.run_quietly("lab", "setup", "bind", "bind-again", "two-keys", "unbind-one", "unbind")
        walk.expect_printed("unbind", "screen holds 4")
