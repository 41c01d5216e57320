"""The walk of the lesson on exchanges and their types."""

from playwright.sync_api import expect

from fanout_helpers.quizzes.exchanges import QUESTIONS
from tests.walks.board import BoardOnPage
from tests.walks.exercises import check_and_try_again, read_solution, solve, take_a_new_channel
from tests.walks.folds import compare
from tests.walks.views import keep_in_view
from tests.walks.walk import Walk

EXERCISE_1 = """channel.exchange_declare(exchange="news", exchange_type="fanout")
for queue in ["inbox", "archive"]:
    channel.queue_declare(queue=queue, durable=True)
    channel.queue_bind(queue=queue, exchange="news", routing_key="")"""
EXERCISE_2 = """channel.exchange_declare(exchange="weather", exchange_type="topic")
channel.queue_declare(queue="storms", durable=True)
channel.queue_bind(queue="storms", exchange="weather", routing_key="*.storm")"""
INCOMPLETE = """channel.exchange_declare(exchange="news", exchange_type="fanout")
channel.queue_declare(queue="inbox", durable=True)"""
TO_ALL = "routed to 3 queues: alerts, disk, screen"
TO_NONE = "routed to 0 queues: nobody has it"


def test_the_lesson(walk: Walk) -> None:
    _declare(walk)
    view = _publish_without_a_queue(walk)
    _find_out(walk)
    _bind(walk, view)
    _other_types(walk)
    _exercises(walk)
    _end(walk)
    walk.finish()


def _declare(walk: Walk) -> None:
    with walk.step("clear all outputs"):
        walk.choose("Edit", "Clear Outputs of All Cells")
        expect(walk.output("declare-twice")).not_to_contain_text("406")
    walk.run_quietly("code-01", "declare")
    walk.expect_printed("declare", "exchange logs (fanout)")

    with walk.step("predict two declarations"):
        walk.run_quietly("declare-twice")
        walk.expect_printed("declare-twice", "as fanout: logs is ['fanout'], the channel is open: True")
        walk.expect_printed("declare-twice", "406 PRECONDITION_FAILED - inequivalent", "the channel is open: False")
        compare(walk, "md-06", "Only the second.", "RabbitMQ also closed the channel that asked.")


def _publish_without_a_queue(walk: Walk) -> BoardOnPage:
    walk.run_quietly("code-09")
    with walk.step("keep the board in view"):
        view = keep_in_view(walk, "code-09")
        expect(view.words).to_contain_text("nothing: no queue is bound to it")

    with walk.step("predict a message without a queue"):
        walk.run_quietly("no-queue")
        walk.expect_printed("no-queue", "None")
        expect(view.message(1)).to_contain_text("0 queues")
        compare(walk, "md-12", "No error, and None", "the list says 0 queues")

    with walk.step("predict what a new queue holds"):
        walk.run_quietly("lost")
        walk.expect_printed("lost", "0\n", TO_NONE)
        compare(walk, "md-14", "Zero: the message is lost.")
    return view


def _find_out(walk: Walk) -> None:
    with walk.step("predict a message for a queue that is not bound"):
        walk.run_quietly("returned")
        walk.expect_printed("returned", "312 NO_ROUTE")
        compare(walk, "md-16", "No: the message is returned, with the code 312.")

    with walk.step("predict a queue's name as the routing key"):
        walk.run_quietly("name-the-queue")
        walk.expect_printed("name-the-queue", "returned, it matched no queue")
        compare(walk, "md-18", "It does not: this message is returned too.")


def _bind(walk: Walk, view: BoardOnPage) -> None:
    with walk.step("predict a declaration with bindings"):
        walk.run_quietly("bind")
        expect(walk.output("bind").locator(".jp-RenderedSVG")).to_be_visible()
        for queue in ("alerts", "disk", "screen"):
            expect(view.words).to_contain_text(f"queue {queue} (durable)")
        compare(walk, "md-20", "All three are: declaring logs again the same way changes nothing.")

    with walk.step("predict one copy each"):
        walk.change(
            "one-copy-each", 'lab.predict("screen", copies=1)', 'lab.predict("screen", "disk", "alerts", copies=3)'
        )
        walk.run_quietly("one-copy-each")
        walk.expect_printed("one-copy-each", "alerts, disk and screen got it, 3 copies", "right")
        expect(walk.output("one-copy-each")).not_to_contain_text("wrong")
        compare(walk, "md-22", "One message, three copies")

    with walk.step("predict which one you fetch"):
        walk.run_quietly("fetch-one")
        walk.expect_printed("fetch-one", "None", "b'info: now there are queues'", "1 2 2")
        compare(walk, "md-24", "The oldest: a queue keeps the order.", "basic_publish returned None")

    with walk.step("predict keys at a fanout exchange"):
        walk.run_quietly("key-ignored")
        for key in ("screen", "nobody.knows.this"):
            walk.expect_printed("key-ignored", f"with routing key '{key}'")
        walk.expect_printed("key-ignored", TO_ALL, "not delivered yet")
        expect(walk.output("key-ignored")).not_to_contain_text("nobody has it")
        compare(walk, "md-26", "All three queues, both times")


def _other_types(walk: Walk) -> None:
    with walk.step("predict a direct exchange"):
        walk.run_quietly("direct")
        walk.expect_printed("direct", "routed to 1 queue: errors", "routed to 2 queues: history, infos", TO_NONE)
        compare(walk, "md-28", "One queue, two queues, none")

    with walk.step("predict a topic exchange"):
        walk.run_quietly("topic")
        walk.expect_printed("topic", "everything and trouble got it, 2 copies", "kernel did not get it")
        compare(walk, "md-30", "everything and trouble")

    with walk.step("predict a headers exchange"):
        walk.run_quietly("headers")
        walk.expect_printed("headers", "any_header got it, 1 copy", "right")
        compare(walk, "md-32", "any_header only")

    with walk.step("predict all four types"):
        walk.run_quietly("four-types")
        walk.expect_printed("four-types", TO_ALL, "routed to 1 queue: errors", "routed to 1 queue: everything", TO_NONE)
        compare(walk, "md-34", "Three queues, one, one, none.")


def _exercises(walk: Walk) -> None:
    with walk.step("check, try and check again"):
        check_and_try_again(walk, "code-33", INCOMPLETE, "code-34", "queue_bind(")

    with walk.step("take a new channel"):
        take_a_new_channel(walk, "code-33", "md-34")

    with walk.step("make the connection again"):
        walk.write("code-33", "connection.close()")
        walk.run_quietly("code-33", "declare")

    with walk.step("do the first exercise"):
        solve(walk, "code-33", EXERCISE_1, "code-34")

    with walk.step("read the first solution"):
        read_solution(walk, "code-36")

    with walk.step("do the second exercise"):
        solve(walk, "code-38", EXERCISE_2, "code-39")

    with walk.step("read the second solution"):
        read_solution(walk, "code-41")


def _end(walk: Walk) -> None:
    with walk.step("answer the quiz"):
        walk.run_quietly("quiz")
        walk.quiz().answer(QUESTIONS)

    with walk.step("close the lab"):
        walk.run_quietly("code-43")
        expect(walk.board("code-09").root).to_contain_text("closed")

    with walk.step("begin again"):
        walk.choose("Kernel", "Restart Kernel and Clear Outputs of All Cells…")
        walk.confirm()
        walk.run_quietly("code-01", "declare", "code-09", "lost", "bind", "one-copy-each", "fetch-one")
        walk.expect_printed("lost", "0\n")
        walk.expect_printed("fetch-one", "1 2 2")
