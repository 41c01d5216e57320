"""The walk of the lesson on queues that come and go with those who use them."""

import re

from playwright.sync_api import expect

from fanout_helpers.quizzes.temporary_queues import QUESTIONS
from tests.walks.board import BoardOnPage
from tests.walks.exercises import check_and_try_again, read_solution, solve, take_a_new_channel
from tests.walks.folds import compare
from tests.walks.views import keep_in_view
from tests.walks.walk import Walk

EXERCISE_1 = """queue = channel.queue_declare(queue="", exclusive=True).method.queue
channel.queue_bind(queue=queue, exchange="logs", routing_key="")"""
EXERCISE_2 = """short = pika.BlockingConnection(lab.parameters)
short.channel().queue_declare(queue="shift", durable=True, auto_delete=True)
short.close()"""
VISITED = ("took b'info: welcome' - it is there", "cancelled - 404 NOT_FOUND")


def test_the_lesson(walk: Walk) -> None:
    view = _set_up(walk)
    _let_rabbitmq_choose_the_name(walk, view)
    _whose_queue_is_it(walk, view)
    _exclusive_or_auto_delete(walk)
    _exercises(walk)
    _end(walk)
    walk.finish()


def _set_up(walk: Walk) -> BoardOnPage:
    with walk.step("clear all outputs"):
        walk.choose("Edit", "Clear Outputs of All Cells")
        expect(walk.output("another-name")).not_to_contain_text("False")
    walk.run_quietly("lab", "setup")

    with walk.step("keep the board in view"):
        view = keep_in_view(walk, "setup")
        expect(view.words).to_contain_text("nothing: no queue is bound to it")
    return view


def _let_rabbitmq_choose_the_name(walk: Walk, view: BoardOnPage) -> None:
    walk.run_quietly("server-named")
    walk.expect_printed("server-named", walk.says("once-more", "amq.gen-"), ", 0)")

    with walk.step("predict a second declaration"):
        walk.run_quietly("another-name")
        walk.expect_printed("another-name", "False")
        compare(walk, "two-loggers", "No: each time", "on the board there are two queues now")
        expect(view.words).to_have_text(re.compile(r"(amq\.gen-.*){2}", re.DOTALL))

    with walk.step("predict the copies"):
        walk.change("copies", "copies=1", "copies=2")
        walk.run_quietly("copies")
        walk.expect_printed("copies", "2 copies", "right")
        compare(walk, "how-many", "One copy for each queue.")

    with walk.step("predict what the queues hold"):
        walk.run_quietly("from-now-on")
        walk.expect_printed("from-now-on", "1\n1")
        compare(walk, "exclusive", "One each")


def _whose_queue_is_it(walk: Walk, view: BoardOnPage) -> None:
    with walk.step("predict what a closed channel takes along"):
        walk.run_quietly("channel-closed")
        walk.expect_printed("channel-closed", "1\n", "amq.gen-")
        compare(walk, "another-connection", "They are there, and the message is still in the first one.")

    with walk.step("predict what another connection may do"):
        walk.run_quietly("no-other-connection")
        for what in ("ask", "take a message", "consume", "bind", "empty", "delete"):
            walk.expect_printed("no-other-connection", f"{what} - 405 RESOURCE_LOCKED")
        compare(walk, "and-publish", "None. 405 RESOURCE_LOCKED")

    with walk.step("predict a message from another connection"):
        walk.run_quietly("but-published-to")
        walk.expect_printed("but-published-to", "2")
        compare(walk, "the-connection-closes", "It may: the queue holds one message more.")

    with walk.step("predict what a closed connection takes along"):
        walk.run_quietly("board-again")
        again = walk.board("board-again")
        expect(again.words).to_have_text(re.compile(r"(amq\.gen-.*){2}", re.DOTALL))
        walk.run_quietly("connection-closed")
        walk.expect_printed("connection-closed", "404 NOT_FOUND", "nothing: no queue is bound to it")
        for shown in (view, again):
            expect(shown.words).not_to_contain_text("amq.gen-")
        compare(walk, "back-again", "404 NOT_FOUND: both queues are deleted")

    with walk.step("predict what a logger finds that comes back"):
        walk.run_quietly("a-new-queue")
        walk.expect_printed("a-new-queue", "returned, it matched no queue", "the old queue: False", "messages in it: 0")
        compare(walk, "auto-delete", "It gets a new queue", "lost to this logger")


def _exclusive_or_auto_delete(walk: Walk) -> None:
    with walk.step("predict a queue without a consumer"):
        walk.run_quietly("not-at-once")
        walk.expect_printed("not-at-once", "visitors")
        compare(walk, "the-last-consumer", "It is there, and holds a message")

    with walk.step("predict what a consumer takes along"):
        walk.run_quietly("with-its-last-consumer")
        walk.expect_printed("with-its-last-consumer", *VISITED)
        compare(walk, "orphans", "basic_get makes no consumer, so the queue stayed.")

    with walk.step("see it again"):
        walk.run_quietly("not-at-once", "with-its-last-consumer")
        walk.expect_printed("with-its-last-consumer", *VISITED)

    with walk.step("predict a declaration without a name"):
        walk.run_quietly("name-missing")
        walk.expect_printed("name-missing", "missing 1 required positional argument: 'queue'")
        compare(walk, "neither", "It wants the name")
    walk.run_quietly("orphan")
    walk.expect_printed("orphan", "RabbitMQ ")


def _exercises(walk: Walk) -> None:
    with walk.step("check, try and check again"):
        check_and_try_again(walk, "exercise-1", 'channel.queue_declare("", exclusive=True)', "check-1", "queue_bind(")

    with walk.step("take a new channel"):
        take_a_new_channel(walk, "exercise-1", "exercises")

    with walk.step("do the first exercise"):
        solve(walk, "exercise-1", EXERCISE_1, "check-1")

    with walk.step("read the first solution"):
        read_solution(walk, "solution-1")

    with walk.step("do the second exercise"):
        solve(walk, "exercise-2", EXERCISE_2, "check-2")

    with walk.step("read the second solution"):
        read_solution(walk, "solution-2")


def _end(walk: Walk) -> None:
    with walk.step("answer the quiz"):
        walk.run_quietly("quiz")
        walk.quiz().answer(QUESTIONS)

    with walk.step("close the connections"):
        walk.run_quietly("close")
        expect(walk.board("setup").root).to_contain_text("closed")

    with walk.step("begin again"):
        walk.choose("Kernel", "Restart Kernel and Clear Outputs of All Cells…")
        walk.confirm()
        walk.run_quietly("lab", "setup", "server-named", "another-name", "copies", "from-now-on")
        walk.expect_printed("from-now-on", "1\n1")
