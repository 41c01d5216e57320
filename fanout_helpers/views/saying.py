"""How long what a board says of a moment holds."""

from fanout_helpers.picture import Picture, TracedMessage


class Saying:
    """Something said of a moment: of one message, or of the state in which RabbitMQ was.

    It is past as soon as a later message was traced, RabbitMQ answers again or no longer, or the exchange that it was
    about has come or gone. A refusal, which mostly comes before anybody has noticed that RabbitMQ is away, is past when
    RabbitMQ is there again, and not when its absence is noticed.

    Args:
        before: What there was before the message was published, if it is about one.
        present: What there is when it is said.
        body: The published message that it is about; empty if it is about none.
        refused: Whether it says why nothing was published.
    """

    def __init__(self, before: Picture, present: Picture, body: bytes = b"", *, refused: bool = False) -> None:
        self._last = _last(before)
        self._state = _state(present)
        self._body = body
        self._refused = refused

    def is_past(self, present: Picture) -> bool:
        """Whether it is, now that ``present`` is what there is; to be asked in the order of time."""
        state = _state(present)
        if self._refused and present.standing.state == "stale":
            self._state = state
        return state != self._state or any(message is not self._own(present) for message in self._later(present))

    def _later(self, present: Picture) -> list[TracedMessage]:
        return [message for message in present.messages if message.number > self._last]

    def _own(self, present: Picture) -> TracedMessage | None:
        """The message that it is about: the firehose may report it after it was said."""
        own = (message for message in self._later(present) if self._body and _is(message, self._body, present.target))
        return next(own, None)


def _last(picture: Picture) -> int:
    return max((message.number for message in picture.messages), default=0)


def _state(picture: Picture) -> tuple[str, bool]:
    return picture.standing.state, picture.topology.exchange(picture.target) is not None


def _is(message: TracedMessage, body: bytes, exchange: str) -> bool:
    return message.exchange == exchange and message.size == len(body) and body.startswith(message.body)
