"""The walk of the lesson on listing what is in the broker."""

import re

from playwright.sync_api import expect

from fanout_helpers.quizzes.listing import QUESTIONS
from tests.walks.exercises import check_and_try_again, read_solution, solve, take_a_new_channel
from tests.walks.folds import compare
from tests.walks.terminal import Terminal
from tests.walks.walk import Walk

# RabbitMQ 3.10 lists in no order.
EIGHT_EXCHANGES = re.compile(r"exit status 0\n(\('[\w.]*', '\w+'\)\s*){8}$")
SIX_BINDINGS = re.compile(r"agree: True\n(\('.*'\)\s*){6}$")
WHAT_IS_LEFT = "(rabbitmqctl list_queues -p listing; rabbitmqctl list_exchanges -p listing) | grep -c -e arch -e logs"
OK = "exit status 0"
LIST_QUEUES = "rabbitmqctl list_queues -p listing name"
EXERCISE_1 = """bound = {binding.destination for binding in lab.bindings() if binding.source}
channel.queue_delete(queue=next(desk for desk in desks if desk not in bound))"""
EXERCISE_2 = """channel.exchange_declare(exchange="orders", exchange_type="direct", durable=True)
for queue, key in [("invoices", "paid"), ("parcels", "gift"), ("parcels", "paid")]:
    channel.queue_declare(queue=queue, durable=True)
    channel.queue_bind(queue=queue, exchange="orders", routing_key=key)"""


def test_the_lesson(walk: Walk) -> None:
    terminal = _a_queue_too_many(walk)
    _ask_with_rabbitmqctl(walk)
    _ask_the_management_api(walk)
    _list_the_bindings(walk)
    _which_numbers_are_late(walk)
    _exercises(walk)
    _end(walk, terminal)
    walk.finish()


def _a_queue_too_many(walk: Walk) -> Terminal:
    with walk.step("clear all outputs"):
        walk.choose("Edit", "Clear Outputs of All Cells")
        expect(walk.output("a-queue-too-many")).not_to_contain_text("archive")
    walk.run_quietly("code-03", "code-05")
    words = walk.board("code-05").words
    expect(words).to_contain_text("queue archive (durable) -> no consumer")
    # Two queues, as the text says.
    expect(words).not_to_contain_text("tmp-")

    with walk.step("run the folded cells"):
        # Whether rabbitmqctl answers itself is told by the exit status that each answer has from here on.
        walk.run_quietly("given", "given-in-its-place", "given-who-answers")

    with walk.step("predict how many queues are listed"):
        walk.run_quietly("a-queue-too-many")
        walk.expect_printed("a-queue-too-many", f"{OK}\namq.gen-", "\narchive\ntmp-")
        compare(walk, "md-10", "Three.", "Whose is it?")

    with walk.step("ask in a terminal"):
        terminal = Terminal(walk, 1)
        terminal.type(walk.says("md-06", 'eval "$(fanout broker env listing)"'), walk.says("md-06", LIST_QUEUES))
        for line in ("Listing queues", "name", "amq.gen-", "archive", "tmp-"):
            terminal.expect(line)
        walk.back_to_lesson()
    return terminal


def _ask_with_rabbitmqctl(walk: Walk) -> None:
    with walk.step("predict how many exchanges are listed"):
        walk.run_quietly("code-09")
        expect(walk.output("code-09")).to_have_text(EIGHT_EXCHANGES, use_inner_text=True)
        compare(walk, "md-14", "Eight.")

    with walk.step("predict who is told of a mistake"):
        walk.run_quietly("three-mistakes")
        walk.expect_printed(
            "three-mistakes", f"{OK}\nFalse\n{OK}\n[]\nexit status 64 Command 'list_exchange' not found"
        )
        compare(walk, "md-18", "Only the third: 64 is an error")


def _ask_the_management_api(walk: Walk) -> None:
    walk.run_quietly("code-21")

    with walk.step("predict the order"):
        walk.run_quietly("code-23")
        walk.expect_printed("code-23", "GET /api/exchanges/listing: 200 OK", "['',\n 'amq.direct',", "'logs']")
        compare(walk, "md-24", "In the order of their names")
    walk.run_quietly("code-25")
    walk.expect_printed("code-25", "'internal': False")

    with walk.step("predict the answer to a mistyped name"):
        walk.run_quietly("code-27")
        walk.expect_printed("code-27", walk.says("md-28", "404 Not Found"))
        compare(walk, "md-28", "an error this time")

    with walk.step("predict whether the lists agree"):
        walk.run_quietly("exchanges-agree")
        walk.expect_printed("exchanges-agree", "rabbitmqctl and the API agree: True")
        compare(walk, "md-31", "They agree, in all eight.")


def _list_the_bindings(walk: Walk) -> None:
    with walk.step("predict the bindings"):
        walk.run_quietly("bindings-agree")
        walk.expect_printed("bindings-agree", "('amq.rabbitmq.trace', 'tmp-")
        expect(walk.output("bindings-agree")).to_have_text(SIX_BINDINGS, use_inner_text=True)
        compare(walk, "md-33", "Six, and again the two agree.")

    with walk.step("predict what a closed board takes along"):
        walk.run_quietly("whose-queue")
        walk.expect_printed("whose-queue", "200 OK\n['amq.gen-", ", 'archive']\n")
        expect(walk.output("whose-queue").locator("tr", has_text="screen")).to_have_count(2)
        expect(walk.output("whose-queue")).not_to_contain_text("tmp-")
        expect(walk.board("code-05").root).to_have_count(0)
        compare(walk, "md-36", "Two: it was the board's.")


def _which_numbers_are_late(walk: Walk) -> None:
    with walk.step("predict whether a new queue is listed"):
        walk.run_quietly("code-39")
        walk.expect_printed("code-39", "True")
        expect(walk.board("code-39").words).to_contain_text("queue new (durable)")
        compare(walk, "md-40", "It is.")

    with walk.step("predict what is counted"):
        walk.run_quietly("ready-and-unacknowledged")
        walk.expect_printed("ready-and-unacknowledged", "message_count: 2", "('new', '2', '1')")
        compare(walk, "md-42", "2 ready, 1 unacknowledged")

    with walk.step("predict how late the API is"):
        walk.run_quietly("late-statistics")
        walk.expect_printed("late-statistics", "the API was right after")
        compare(walk, "md-44", "A second or so")


def _exercises(walk: Walk) -> None:
    walk.run_quietly("code-48")

    with walk.step("check, try and check again"):
        incomplete = 'channel.queue_declare(queue="somebody else\'s", durable=True)'
        check_and_try_again(walk, "code-50", incomplete, "code-51", "queue_delete(")

    with walk.step("take a new channel"):
        take_a_new_channel(walk, "code-50", "md-44")

    with walk.step("do the first exercise"):
        solve(walk, "code-50", EXERCISE_1, "code-51")

    with walk.step("read the first solution"):
        read_solution(walk, "code-53")

    with walk.step("do the second exercise"):
        solve(walk, "code-55", EXERCISE_2, "code-56")

    with walk.step("read the second solution"):
        read_solution(walk, "code-58")


def _end(walk: Walk, terminal: Terminal) -> None:
    with walk.step("answer the quiz"):
        walk.run_quietly("quiz")
        walk.quiz().answer(QUESTIONS)

    with walk.step("close the lab"):
        walk.run_quietly("code-60")
        expect(walk.board("code-39").root).to_contain_text("closed")
        terminal.type(WHAT_IS_LEFT)
        terminal.expect("0")
        walk.back_to_lesson()
