"""The walk of the lesson on the default exchange."""

from playwright.sync_api import expect

from fanout_helpers.quizzes.default_exchange import QUESTIONS
from tests.walks.exercises import check_and_try_again, read_solution, solve, take_a_new_channel
from tests.walks.folds import compare
from tests.walks.walk import Walk

EXERCISE_1 = """channel.queue_declare(queue="orders", durable=True)
for _ in range(2):
    connection.channel().basic_consume(queue="orders", on_message_callback=print)"""
INCOMPLETE = 'channel.queue_declare(queue="orders", durable=True)'
THREE_EACH = "{'ann': ['job 1', 'job 3', 'job 5'], 'bob': ['job 2', 'job 4', 'job 6']}"
RETURNED = "returned, it matched no queue (312 NO_ROUTE)"
EMITTED = 'lab.publish("", "hi", "mailbox")'


def test_the_lesson(walk: Walk) -> None:
    _to_a_name(walk)
    _through_an_exchange(walk)
    _workers(walk)
    _exercises(walk)
    _end(walk)
    walk.finish()


def _to_a_name(walk: Walk) -> None:
    with walk.step("clear all outputs"):
        walk.choose("Edit", "Clear Outputs of All Cells")
        expect(walk.output("implicit-binding")).not_to_contain_text("hello")
    walk.run_quietly("code-03")

    with walk.step("connect and declare a queue"):
        walk.run_quietly("code-05")
        walk.expect_printed("code-05", "hello")

    with walk.step("predict the bindings"):
        walk.run_quietly("implicit-binding")
        expect(walk.output("implicit-binding").locator("tbody tr")).to_have_count(1)
        compare(walk, "md-08", "One, and RabbitMQ made it.", "the default exchange")

    with walk.step("press a button"):
        walk.run_quietly("code-09")
        board = walk.board("code-09")
        board.press("Warning")
        expect(board.status).to_contain_text(f"published 'warning: hello 1' to the default exchange: {RETURNED}")
        expect(board.message(1)).to_contain_text("0 queues")

    with walk.step("predict a message to a name"):
        walk.run_quietly("by-name")
        walk.expect_printed("by-name", "confirmed", "hello got it, 1 copy", "right")
        compare(walk, "md-12", "hello gets it, and it is one copy")


def _through_an_exchange(walk: Walk) -> None:
    with walk.step("predict another exchange"):
        walk.run_quietly("another-exchange")
        walk.expect_printed("another-exchange", "published to exchange amq.direct with routing key 'hello'")
        walk.expect_printed("another-exchange", "routed to 1 queue: hello", "routed to 0 queues: nobody has it")
        compare(walk, "md-14", "It does not.", "not an address that the producer sends to")

    with walk.step("predict a typing error"):
        walk.run_quietly("typing-error")
        walk.expect_printed("typing-error", RETURNED)
        expect(walk.output("typing-error").locator("tbody tr")).to_have_count(1)
        compare(walk, "md-16", "It is returned, and there is no new queue")

    with walk.step("predict what RabbitMQ allows"):
        walk.run_quietly("refused")
        walk.expect_printed(
            "refused", "\n".join(["403 ACCESS_REFUSED - operation not permitted on the default exchange"] * 3)
        )
        expect(walk.output("refused").locator("tbody tr")).to_have_count(1)
        compare(walk, "md-18", "Nothing: it refuses all three (403)")


def _workers(walk: Walk) -> None:
    with walk.step("predict a consumer of no queue"):
        walk.run_quietly("consume-nothing")
        walk.expect_printed("consume-nothing", "404 NOT_FOUND - no queue 'job'")
        compare(walk, "md-20", "It is: a consumer does name a queue", "a consumer gets a 404")

    walk.run_quietly("workers", "two-consumers")
    walk.says("md-23", "Both stand behind one queue.")
    board = walk.board("two-consumers")
    expect(board.words).to_contain_text("queue jobs (durable) -> 2 consumers")

    with walk.step("predict the shares and copies"):
        walk.change("work-queue", "copies=2", "copies=1")
        walk.run_quietly("work-queue")
        walk.expect_printed("work-queue", THREE_EACH, "jobs got it, 1 copy", "right")
        compare(walk, "md-24", "Three each, and no job twice.")

    with walk.step("choose a job of the list"):
        board.messages.first.click()
        expect(board.way).to_contain_text("'job 6'")
        expect(board.way).to_contain_text("routed to 1 queue: jobs")


def _exercises(walk: Walk) -> None:
    with walk.step("check, try and check again"):
        check_and_try_again(walk, "code-33", INCOMPLETE, "code-34", "basic_consume(")

    with walk.step("take a new channel"):
        take_a_new_channel(walk, "code-33", "md-24")

    with walk.step("do the first exercise"):
        solve(walk, "code-33", EXERCISE_1, "code-34")

    with walk.step("read the first solution"):
        read_solution(walk, "code-36")

    with walk.step("try the second exercise's program"):
        walk.says("md-37", EMITTED)
        walk.write("code-38", EMITTED)
        walk.run_quietly("code-38")
        walk.expect_printed("code-38", "returned, it matched no queue")

    with walk.step("do the second exercise"):
        solve(walk, "code-38", f'channel.queue_declare(queue="mailbox", durable=True)\n{EMITTED}', "code-39")
        walk.expect_printed("code-38", "confirmed")

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
        walk.run_quietly("code-03", "code-05", "implicit-binding", "code-09", "by-name")
        walk.run_quietly("consume-nothing", "workers", "work-queue")
        expect(walk.output("implicit-binding").locator("tbody tr")).to_have_count(1)
        walk.expect_printed("work-queue", THREE_EACH, "right")
