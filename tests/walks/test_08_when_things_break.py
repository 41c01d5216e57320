"""The walk of the lesson on outages: RabbitMQ stops and comes back under a board that is kept in view."""

import re

from playwright.sync_api import expect

from fanout_helpers.quizzes.when_things_break import QUESTIONS
from tests.jupyter import JupyterServer
from tests.walks.board import BoardOnPage
from tests.walks.exercises import check_and_try_again, read_solution, solve, take_a_new_channel
from tests.walks.folds import compare
from tests.walks.views import keep_in_view
from tests.walks.walk import Walk

STOPPED = "RabbitMQ does not answer: this is the last picture."
INCOMPLETE = """channel.queue_delete(queue="pager")
channel.queue_declare(queue="pager", durable=True)"""
EXERCISE_1 = f"""{INCOMPLETE}
channel.exchange_delete(exchange="alerts")
channel.exchange_declare(exchange="alerts", exchange_type="fanout", durable=True)
channel.queue_bind(queue="pager", exchange="alerts", routing_key="")"""
EXERCISE_2 = """channel.queue_declare(queue="diary", durable=True)
channel.queue_bind(queue="diary", exchange="alerts", routing_key="")
queue = channel.queue_declare(queue="", exclusive=True).method.queue
channel.queue_bind(queue=queue, exchange="alerts", routing_key="")"""
JUDGED = (
    "exchange orders, durable        there  as you said",
    "queue ledger, durable           there  as you said",
    "queue notes, exclusive          gone   as you said",
    "binding from orders to ledger   there  as you said",
    "order 1, persistent, in ledger  there  as you said",
    "order 2, transient, in ledger   gone   not as you said",
    "order 1, persistent, in notes   gone   not as you said",
)
NEW_CONNECTION = "connection = pika.BlockingConnection(parameters)"
NEW_CHANNEL = "channel = connection.channel()"
LAST_WORD = """try:
    connection.process_data_events(0)
except pika.exceptions.AMQPConnectionError:
    print("it has ended")"""


def test_the_lesson(walk: Walk, course: JupyterServer) -> None:
    board = _set_up(walk)
    _stop_and_start(walk, board)
    _restart(walk, board)
    _a_consumer_dies(walk)
    _publish(walk, board)
    _exercises(walk)
    _end(walk, board, course)
    walk.finish()


def _set_up(walk: Walk) -> BoardOnPage:
    with walk.step("clear all outputs"):
        walk.choose("Edit", "Clear Outputs of All Cells")
        expect(walk.output("broker-stops")).not_to_contain_text("reconnecting")
    walk.run_quietly("code-03", "code-04", "code-05")
    walk.expect_printed("code-03", "Starting RabbitMQ", "for this lesson alone")

    with walk.step("keep the board in view"):
        board = keep_in_view(walk, "code-05")
        _expect_both_subscribers(board)
    return board


def _expect_both_subscribers(board: BoardOnPage) -> None:
    for name in ("screen", "disk"):
        expect(board.words).to_contain_text(re.compile(rf"queue of {name} \(amq\.gen-.*, exclusive\) -> {name}"))
    expect(board.root).not_to_contain_text(STOPPED)


def _expect_waiting(board: BoardOnPage, queue: str, mark: str) -> None:
    expect(board.picture.get_by_test_id(f"queue-{queue}").locator(".fanout-total")).to_have_text(mark)


def _stop_and_start(walk: Walk, board: BoardOnPage) -> None:
    with walk.step("predict what a stop does to subscribers"):
        walk.run_quietly("broker-stops")
        walk.expect_printed("broker-stops", "screen: 1 message", "disk: 1 message")
        walk.expect_printed("broker-stops", walk.says("md-06", "rabbitmqctl stop_app"))
        walk.expect_printed("broker-stops", "(<Subscriber screen: reconnecting>, <Subscriber disk: reconnecting>)")
        compare(walk, "md-08", "They are reconnecting", "RabbitMQ does not answer", "dashed and grey")
        expect(board.root).to_contain_text(STOPPED)
        expect(board.root.locator(".fanout-frame")).to_have_css("filter", "grayscale(1)")
        expect(board.picture.locator(".fanout-shape").first).to_have_css("stroke-dasharray", "5px, 4px")

    with walk.step("predict what three others get"):
        walk.run_quietly("publish-meanwhile")
        lab, own, new = "BrokerNotRunning", 'ConnectionClosedByBroker: (320, "CONNECTION_FORCED', "AMQPConnectionError:"
        expect(walk.output("publish-meanwhile")).to_have_text(
            re.compile(".*".join(map(re.escape, (lab, own, new))), re.DOTALL), use_inner_text=True
        )
        compare(walk, "md-10", "The lab refuses the message.", "320 CONNECTION_FORCED", "gets no words at all")

    with walk.step("predict who comes back"):
        walk.run_quietly("broker-back")
        walk.expect_printed("broker-back", walk.says("md-06", "rabbitmqctl start_app"), "the same queues: False")
        for name in ("screen", "disk"):
            walk.expect_printed("broker-back", f"{name}: 2 messages\n    info: before\n    info: after")
        compare(walk, "md-12", "with new queues", "The message from meanwhile is not there")
        _expect_both_subscribers(board)
        board.expect_received(["info: before", "info: after"], ("screen", "disk"))


def _restart(walk: Walk, board: BoardOnPage) -> None:
    walk.run_quietly("durable-and-not")
    walk.expect_printed("durable-and-not", "2")
    expect(board.words).to_contain_text("exchange gossip")

    with walk.step("predict what a restart leaves"):
        walk.says("md-14", "Two messages wait in `ledger`.")
        _expect_waiting(board, "ledger", "2 waiting")
        walk.change("guesses", '"queue notes, exclusive": True', '"queue notes, exclusive": False')
        walk.run_quietly("guesses", "after-restart", "guesses-judged")
        walk.expect_printed("guesses-judged", *JUDGED)
        compare(walk, "md-16", "Four of the seven are there.", "look at the board")
        expect(board.words).not_to_contain_text("gossip")
        _expect_waiting(board, "ledger", "")
        expect(board.message(3)).to_contain_text("1 delivered · 1 lost with the queue")
        expect(board.message(4)).to_contain_text("0 delivered · 1 lost (not persistent), 1 lost with the queue")

    with walk.step("predict a second declaration"):
        walk.run_quietly("declare-again")
        walk.expect_printed("declare-again", "1")
        compare(walk, "md-18", "one message waits in ledger")
        expect(board.words).to_contain_text("exchange gossip (fanout)\n  -> queue ledger")
        _expect_waiting(board, "ledger", "1 waiting")


def _a_consumer_dies(walk: Walk) -> None:
    with walk.step("predict a worker that acknowledges at once"):
        walk.run_quietly("auto-ack-loses")
        walk.expect_printed("auto-ack-loses", "while it consumes: 0\nafter its death: 0")
        compare(walk, "md-20", "None, and none", "They are lost")

    with walk.step("predict a worker that acknowledges its work"):
        walk.run_quietly("acknowledge-one", "redelivered")
        walk.expect_printed("redelivered", "task 5 - redelivered: True\ntask 6 - redelivered: True", "0")
        expect(walk.output("redelivered")).not_to_contain_text("task 4")
        compare(walk, "md-23", "Nothing is lost: tasks 5 and 6")


def _publish(walk: Walk, board: BoardOnPage) -> None:
    with walk.step("predict publishes to a full queue"):
        walk.run_quietly("publish-returns")
        walk.expect_printed("publish-returns", "publish 1 returned\npublish 2 returned\npublish 3 returned")
        compare(walk, "md-25", "All three returned")

    with walk.step("predict the same with confirms"):
        walk.run_quietly("confirm-or-nack")
        walk.expect_printed("confirm-or-nack", "NackError: 0", "messages in small: 1\nno error\nmessages in ledger: 2")
        compare(walk, "md-27", "One message is in small", "two were refused", "order 3 is confirmed")
        _expect_waiting(board, "small", "1 waiting")
        for refused in (13, 14):
            expect(board.message(refused)).to_contain_text("1 queue · 0 delivered")

    with walk.step("predict a publish that nobody takes"):
        walk.run_quietly("not-confirmed", "published-again")
        walk.expect_printed("not-confirmed", "not confirmed")
        walk.expect_printed("published-again", "messages: 1\nmessages: 2")
        compare(walk, "md-30", "No confirm came.", "order 3, confirmed and persistent")
        expect(board.message(5)).to_contain_text("lost (not persistent)")
        _expect_waiting(board, "ledger", "2 waiting")
        expect(board.message(16)).to_contain_text("1 survived")


def _exercises(walk: Walk) -> None:
    walk.run_quietly("code-31")
    with walk.step("check, try and check again"):
        check_and_try_again(walk, "code-32", INCOMPLETE, "code-33", 'channel.exchange_delete(exchange="alerts")')

    with walk.step("take a new channel"):
        take_a_new_channel(walk, "code-32", "md-30")

    with walk.step("do the first exercise"):
        walk.write("code-32", EXERCISE_1)
        walk.run_quietly("code-32", "code-33")
        walk.expect_printed("code-33", "Not yet", "Restart RabbitMQ last")
        solve(walk, "code-32", walk.says("md-30", "lab.restart_broker()"), "code-33")

    with walk.step("read the first solution"):
        read_solution(walk, "code-35")

    with walk.step("make a new connection"):
        walk.write("code-37", EXERCISE_2)
        walk.run("code-37")
        walk.expect_printed("code-37", "Error")
        walk.write("code-37", f"{walk.says('md-30', NEW_CONNECTION)}\n{walk.says('md-30', NEW_CHANNEL)}")
        walk.run_quietly("code-37")

    with walk.step("do the second exercise"):
        solve(walk, "code-37", EXERCISE_2, "code-38")

    with walk.step("read the second solution"):
        read_solution(walk, "code-40")


def _end(walk: Walk, board: BoardOnPage, course: JupyterServer) -> None:
    with walk.step("answer the quiz"):
        walk.run_quietly("quiz")
        walk.quiz().answer(QUESTIONS)

    with walk.step("close the lab"):
        walk.run_quietly("code-42")
        expect(board.root).to_contain_text("closed")
        assert list((course.root / "runtime").glob("own-*")) == []
        walk.write("code-37", LAST_WORD)
        walk.run_quietly("code-37")
        walk.expect_printed("code-37", "it has ended")

    with walk.step("begin again"):
        walk.choose("Kernel", "Restart Kernel and Clear Outputs of All Cells…")
        walk.confirm()
        walk.run_quietly("code-03", "code-04", "code-05")
        _expect_both_subscribers(walk.board("code-05"))
