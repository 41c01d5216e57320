"""What a board says of a moment: it holds until that moment is past, and then says so."""

from collections.abc import Callable
from dataclasses import replace

import pika
import pytest

from fanout_helpers.lab import Lab
from fanout_helpers.model import Exchange
from fanout_helpers.picture import CLOSED, LIVE, STALE, Picture
from fanout_helpers.views.board import Board
from fanout_helpers.views.saying import Saying
from tests.live import eventually
from tests.pictures import exchange, topology, traced

BODY = b"info: hello"


def picture(*bodies: bytes, declared: tuple[Exchange, ...] = (exchange("logs"),)) -> Picture:
    messages = [replace(traced("logs", body=body), number=number) for number, body in enumerate(bodies, start=1)]
    return Picture(topology(declared), "logs", messages=messages)


def changed(one: Picture, **changes: object) -> Picture:
    return replace(one, **changes)  # type: ignore[arg-type]


STALE_PICTURE = changed(picture(b"before"), standing=STALE)


def test_holds_while_its_own_message_is_reported_and_is_past_with_the_next_one() -> None:
    said = Saying(picture(b"before"), picture(b"before"), BODY)
    assert not said.is_past(picture(b"before"))
    assert not said.is_past(picture(b"before", BODY))
    assert said.is_past(picture(b"before", BODY, BODY)), "an equal message is another one"
    assert said.is_past(picture(b"before", b"another"))


def test_is_past_where_another_message_was_reported_before_its_own() -> None:
    assert Saying(picture(), picture(), BODY).is_past(picture(b"another", BODY))


@pytest.mark.parametrize(
    ("said_of", "then"),
    [
        (picture(), changed(picture(), standing=STALE)),
        (picture(), changed(picture(), standing=CLOSED)),
        (STALE_PICTURE, changed(STALE_PICTURE, standing=LIVE)),
        (picture(declared=()), picture()),
        (picture(), picture(declared=())),
    ],
    ids=["went", "closed", "back", "declared", "deleted"],
)
def test_is_past_in_another_state(said_of: Picture, then: Picture) -> None:
    assert not Saying(said_of, said_of).is_past(said_of)
    assert Saying(said_of, said_of).is_past(then)


def test_a_refusal_before_anybody_has_noticed_why_is_past_when_rabbitmq_is_back() -> None:
    said = Saying(picture(), picture(), refused=True)
    assert not said.is_past(changed(picture(), standing=STALE))
    assert said.is_past(picture())


@pytest.fixture
def board(lab: Lab) -> Board:
    with pika.BlockingConnection(lab.parameters) as connection:
        connection.channel().exchange_declare("logs", "fanout")
    return lab.board("logs")


def press(board: Board, text: str) -> None:
    board.text.value = text
    board.info.click()


def says(board: Board, text: str) -> Callable[[], bool]:
    return lambda: board.status == text


RETURNED = "published 'info: one' to logs: returned, it matched no queue (312 NO_ROUTE)"


def test_what_was_returned_is_earlier_as_soon_as_another_message_came(lab: Lab, board: Board) -> None:
    press(board, "one")
    lab.trace()
    assert board._draw(0)
    assert (board.status, board.text._said["kind"]) == (RETURNED, "lost")
    lab.publish("logs", "info: one")
    eventually(says(board, f"Earlier: {RETURNED}"))
    assert board.text._said["kind"] == "past"
    press(board, "two")
    assert board.status == RETURNED.replace("one", "two")


def test_a_refusal_is_earlier_once_its_reason_is_gone(lab: Lab) -> None:
    board = lab.board("nope")
    press(board, "hello")
    refused = board.status
    assert refused.startswith("not published: There is no exchange 'nope'")
    with pika.BlockingConnection(lab.parameters) as connection:
        connection.channel().exchange_declare("nope", "fanout")
    eventually(says(board, f"Earlier: {refused}"))


def test_what_is_said_in_passing_ends_with_the_next_message(lab: Lab, board: Board) -> None:
    board.clear.click()
    assert board.status.startswith("Cleared")
    lab.publish("logs", "info: one")
    eventually(says(board, ""))


def test_a_judgement_names_its_message_and_is_earlier_when_others_came(lab: Lab, board: Board) -> None:
    lab.publish("logs", "before")
    lab.predict("screen")
    lab.publish("logs", "one")
    eventually(lambda: board.form.said.startswith("Your prediction was wrong. Message 2 decided it.\n"))
    lab.publish("logs", "two")
    eventually(
        lambda: board.form.said.startswith(
            "Earlier: your prediction was wrong. Message 2 decided it; others came since.\npredicted  screen gets it\n"
        )
    )
