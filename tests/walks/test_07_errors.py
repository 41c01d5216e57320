"""The walk of the lesson on the broker's errors."""

from playwright.sync_api import expect

from fanout_helpers.quizzes.errors import QUESTIONS
from tests.walks.board import BoardOnPage
from tests.walks.exercises import check_and_try_again, read_solution, solve
from tests.walks.folds import compare
from tests.walks.views import keep_in_view
from tests.walks.walk import Walk

FINE = "no error\nyour channel: open · your connection: open\n"
CHANNEL_CLOSED = "\nyour channel: closed · your connection: open\n"
BOTH_CLOSED = "\nyour channel: closed · your connection: closed\n"
NOTHING_CLOSED = "\nyour channel: open · your connection: open\n"
NO_EXCHANGE = "ChannelClosedByBroker: (404, \"NOT_FOUND - no exchange 'nope' in vhost 'errors'\")"
SILENCED = """channel = connection.channel()
channel.exchange_declare(exchange="lgos", exchange_type="fanout")
channel.basic_publish(exchange="lgos", routing_key="", body="info: hello")
attempt(lambda: channel.queue_declare(queue="rescued", durable=True))"""
REPAIRED = """channel = connection.channel()
channel.exchange_delete(exchange="lgos")
channel.basic_publish(exchange="logs", routing_key="", body="info: hello")
attempt(lambda: channel.queue_declare(queue="rescued", durable=True))
channel.queue_bind(queue="rescued", exchange="logs", routing_key="")"""
EXERCISE_2 = """channel.exchange_delete(exchange="reports")
channel.exchange_declare(exchange="reports", exchange_type="fanout", durable=True)"""


def test_the_lesson(walk: Walk) -> None:
    view = _set_up(walk)
    _name_code_and_text(walk)
    _publish(walk, view)
    _somebody_elses(walk)
    _connections(walk)
    _table(walk)
    _exercises(walk)
    _end(walk)
    walk.finish()


def _set_up(walk: Walk) -> BoardOnPage:
    with walk.step("clear all outputs"):
        walk.choose("Edit", "Clear Outputs of All Cells")
        expect(walk.output("missing-queue")).not_to_contain_text("404")
    walk.run_quietly("code-03", "code-05")

    with walk.step("keep the board in view"):
        view = keep_in_view(walk, "code-05")
        expect(view.words).to_contain_text("queue inbox (durable) -> no consumer")
    return view


def _name_code_and_text(walk: Walk) -> None:
    with walk.step("predict what a missing queue closes"):
        walk.run_quietly("missing-queue")
        walk.expect_printed("missing-queue", f"no queue 'nope' in vhost 'errors'\"){CHANNEL_CLOSED}")
        compare(walk, "md-09", "The channel.", "ChannelClosedByBroker", '404 is "not found"')

    with walk.step("predict which calls fail after it"):
        walk.run_quietly("closed-channel")
        walk.expect_printed("closed-channel", f"ChannelWrongStateError: Channel is closed.{CHANNEL_CLOSED}{FINE}{FINE}")
        compare(walk, "md-11", "Only the first.", "ChannelWrongStateError")


def _publish(walk: Walk, view: BoardOnPage) -> None:
    with walk.step("predict which call the error comes from"):
        walk.run_quietly("late-error")
        walk.expect_printed("late-error", f"{FINE}{NO_EXCHANGE}{CHANNEL_CLOSED}")
        compare(walk, "md-13", "The wrong one returns normally, and the right one fails.")

    with walk.step("predict where the error of a last publish comes"):
        walk.run_quietly("never-an-error")
        walk.expect_printed("never-an-error", FINE)
        expect(view.messages).to_have_count(0)
        compare(walk, "md-15", "Nowhere.", "The board shows no message either")

    with walk.step("predict which of three publishes fail"):
        walk.run_quietly("no-queue")
        returned = f"UnroutableError: 1 unroutable message(s) returned{NOTHING_CLOSED}"
        walk.expect_printed("no-queue", f"{FINE}{returned}{NO_EXCHANGE}{CHANNEL_CLOSED}")
        compare(walk, "md-17", "The second and the third, each at its own place.")

    with walk.step("predict what a full queue does"):
        walk.run_quietly("nack")
        walk.expect_printed("nack", f"{FINE}NackError: 0 message(s) NACKed{NOTHING_CLOSED}")
        expect(view.message(4)).to_contain_text("info: two — 1 queue")
        compare(walk, "md-19", "No. RabbitMQ answers with a nack", "The board draws both messages")


def _somebody_elses(walk: Walk) -> None:
    with walk.step("predict what another program's exclusive queue does"):
        walk.run_quietly("exclusive-refused")
        walk.expect_printed("exclusive-refused", '(405, "RESOURCE_LOCKED', CHANNEL_CLOSED)
        compare(walk, "md-21", "405 RESOURCE_LOCKED.", "The text names a second cause")
    walk.run_quietly("exclusive-retry")
    walk.expect_printed("exclusive-retry", "declared: True")

    with walk.step("predict what is declared otherwise"):
        walk.run_quietly("declared-otherwise")
        walk.expect_printed(
            "declared-otherwise",
            f"received 'direct' but current is 'fanout'\"){CHANNEL_CLOSED}",
            f"received 'false' but current is 'true'\"){CHANNEL_CLOSED}{FINE}logs is fanout",
        )
        compare(walk, "md-25", "406 PRECONDITION_FAILED: to declare never changes what is there.")

    with walk.step("predict which reserved names are refused"):
        walk.run_quietly("reserved-names")
        refused = f"name 'amq.foo' contains reserved prefix 'amq.*'\"){CHANNEL_CLOSED}"
        walk.expect_printed("reserved-names", f"exchange {refused}", f"queue {refused}{FINE}")
        compare(walk, "md-27", "Only the last")

    with walk.step("predict a second acknowledgement"):
        walk.run_quietly("acknowledged-twice")
        unknown = "ChannelClosedByBroker: (406, 'PRECONDITION_FAILED - unknown delivery tag 1')"
        walk.expect_printed("acknowledged-twice", f"{FINE}{unknown}{CHANNEL_CLOSED}")
        compare(walk, "md-29", "The one after.", "no delivery 1")


def _connections(walk: Walk) -> None:
    with walk.step("predict what a mistyped argument closes"):
        walk.run_quietly("connection-closed")
        walk.expect_printed(
            "connection-closed",
            f"ConnectionClosedByBroker: (540, 'NOT_IMPLEMENTED - prefetch_size!=0 (1)'){BOTH_CLOSED}",
            f"ChannelWrongStateError: Channel is closed.{BOTH_CLOSED}ConnectionWrongStateError",
        )
        compare(walk, "md-31", "The connection, and with it its exclusive queues and every channel")

    with walk.step("predict what a mistyped type closes"):
        walk.run_quietly("unknown-type")
        walk.expect_printed("unknown-type", f"unknown exchange type 'fanuot'\nyour channel is open: False\n{FINE}")
        compare(walk, "md-33", "It depends on your RabbitMQ.")

    with walk.step("predict which connections get an answer"):
        walk.run_quietly("never-open")
        walk.expect_printed(
            "never-open",
            f"(530) 'NOT_ALLOWED - vhost nope not found'{NOTHING_CLOSED}ProbableAuthenticationError",
            f"For details see the broker logfile.'{NOTHING_CLOSED}AMQPConnectionError:{NOTHING_CLOSED}gaierror",
        )
        compare(walk, "md-37", "The first two", "no text at all")


def _table(walk: Walk) -> None:
    with walk.step("find the errors in the table"):
        walk.cell("md-37").get_by_role("link", name="Errors and their ways out").click()
        table = walk.page.locator(".jp-NotebookPanel:visible .jp-RenderedMarkdown")
        expect(table.get_by_role("heading", name="Errors and their ways out")).to_be_visible()
        expect(table.get_by_role("row", name="405 RESOURCE_LOCKED")).to_contain_text("end the other connection")
        table.get_by_role("link", name="Read the broker's errors").click()
        expect(walk.page.locator(".jp-NotebookPanel:visible")).to_contain_text("Any other error")
        walk.back_to_lesson()


def _exercises(walk: Walk) -> None:
    walk.run_quietly("code-44")
    walk.expect_printed("code-44", f"no exchange 'lgos' in vhost 'errors'\"){CHANNEL_CLOSED}")

    with walk.step("check, try and check again"):
        check_and_try_again(walk, "code-44", SILENCED, "code-46", "queue_bind(")

    with walk.step("do the first exercise"):
        solve(walk, "code-44", REPAIRED, "code-46")

    with walk.step("read the first solution"):
        read_solution(walk, "code-48")

    with walk.step("do the second exercise"):
        walk.run_quietly("code-38")
        walk.expect_printed("code-38", f"received 'fanout' but current is 'direct'\"){CHANNEL_CLOSED}")
        walk.write("code-39", EXERCISE_2)
        walk.run("code-39")
        walk.expect_printed("code-39", walk.says("md-37", "Channel is closed"))

    with walk.step("take a new channel"):
        walk.write("code-39", walk.says("md-37", "channel = connection.channel()"))
        walk.run_quietly("code-39")
        solve(walk, "code-39", EXERCISE_2, "code-40")

    with walk.step("read the second solution"):
        read_solution(walk, "code-42")


def _end(walk: Walk) -> None:
    with walk.step("answer the quiz"):
        walk.run_quietly("quiz")
        walk.quiz().answer(QUESTIONS)

    with walk.step("close the lab"):
        walk.run_quietly("code-50")
        expect(walk.board("code-05").root).to_contain_text("closed")
