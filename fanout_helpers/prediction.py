"""Predictions of who gets a message, judged by RabbitMQ's own evidence: the queues that it routed the message to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from fanout_helpers.errors import FanoutError
from fanout_helpers.model import SERVER_NAMED, short_name, visible
from fanout_helpers.picture import Picture, TracedMessage
from fanout_helpers.routing import Routing, called, few, joined, quoted

_SAY_IT = 'Say who gets the message, how many copies there will be, or both: predict("screen", "disk", copies=2).'


@dataclass(frozen=True)
class Prediction:
    """Who gets the next message, and how many copies of it there will be; ``None`` where that was not said.

    ``receivers`` are names of subscribers or queues, each once, in the order in which they were said.
    """

    receivers: tuple[str, ...] | None
    copies: int | None

    def __repr__(self) -> str:
        return self.describe()

    def describe(self, owners: Mapping[str, str] | None = None) -> str:
        """The prediction in words; ``owners`` maps queues to their subscribers."""
        said = ["nobody gets it"] if self.receivers is None and self.copies == 0 else []
        if self.receivers is not None:
            names = dict.fromkeys(_in_words(name, owners or {}) for name in self.receivers)
            said.append(_who([*names], ("gets it", "get it")))
        if self.copies is not None:
            said.append(_copies(self.copies))
        return ", ".join(said)


def predict(*names: str, copies: int | None = None) -> Prediction:
    """Says who will get the next message, how many copies there will be, or both.

    Args:
        names: Everybody who gets it: subscribers, or queues by their whole or their short names.
        copies: How many copies there will be; 0 says that nobody gets the message.

    Raises:
        FanoutError: Nothing is said, or what is said cannot be.
    """
    if not names and copies is None:
        raise FanoutError("This predicts nothing.", next_step=_SAY_IT)
    if not all(isinstance(name, str) for name in names):
        raise FanoutError("A name is not a text.", next_step=_SAY_IT)
    if "" in names:
        raise FanoutError("A name is empty.", next_step=_SAY_IT)
    if isinstance(copies, str):
        raise FanoutError(f"There cannot be {copies!r} copies.", next_step="Give copies as a whole number, not a text.")
    if copies is not None and (isinstance(copies, bool) or not isinstance(copies, int) or copies < 0):
        raise FanoutError(f"There cannot be {copies!r} copies.", next_step="Give copies as a whole number, 0 or more.")
    if names and copies == 0:
        raise FanoutError("With 0 copies nobody gets it.", next_step="Leave the names out, or say more copies.")
    return Prediction(tuple(dict.fromkeys(names)) or None, copies)


@dataclass(frozen=True)
class Judgement:
    """A prediction beside the evidence, whether it was right, and why; ``notes`` do not affect the verdict.

    ``number`` is the number of the message that judged it.
    """

    right: bool
    number: int
    predicted: str
    evidence: str
    reasons: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """All of it, line by line."""
        verdict = "right" if self.right else "wrong"
        parts = (("predicted", (self.predicted,)), ("evidence", (self.evidence,)), (verdict, self.reasons))
        return tuple(f"{label:<11}{text}" for label, texts in (*parts, ("note", self.notes)) for text in texts)

    def __repr__(self) -> str:
        return "\n".join(self.lines)


def judge(prediction: Prediction, message: TracedMessage, picture: Picture) -> Judgement:
    """Compares a prediction with what RabbitMQ did with a message.

    The evidence is where the message was routed to; whether the copies were delivered already is only noted.

    Args:
        prediction: What was predicted.
        message: The message, as the firehose reported it (https://www.rabbitmq.com/docs/firehose).
        picture: What was there when the message was published; the reasons come from it.
    """
    case = _Case(message, picture)
    missing, extra = case.differences(prediction.receivers)
    reasons = [case.why_not(name) for name in missing] + [case.why_too(queue) for queue in extra]
    said, copies = prediction.copies, len(message.routed_queues)
    # Who is named wrongly often explains a wrong number, too: then it needs no reason of its own.
    if said is not None and said - copies not in {0, len(missing) - len(extra)}:
        reasons.append(case.why_copies(said))
    return Judgement(
        right=not reasons,
        number=message.number,
        predicted=prediction.describe(picture.owners),
        evidence=f"{_who(case.receivers(), ('got it', 'got it'))}, {_copies(copies)}",
        reasons=few(reasons or [case.why()]),
        notes=few(case.waiting()),
    )


class _Case:
    """A message, what was there, and what to say about it."""

    def __init__(self, message: TracedMessage, picture: Picture) -> None:
        self._routed = frozenset(message.routed_queues)
        self._delivered = {delivery.queue for delivery in message.deliveries}
        self._owners = picture.owners
        self._topology = picture.topology
        self._routing = Routing(message, picture)

    def receivers(self) -> list[str]:
        return list(dict.fromkeys(called(queue, self._owners) for queue in self._in_order(self._routed)))

    def waiting(self) -> list[str]:
        """What is to say of copies that were not delivered to their subscribers."""
        waiting = [queue for queue in self._owners if queue in self._routed - self._delivered]
        return [f"{called(queue, self._owners)}'s copy {self._state(queue)}." for queue in waiting]

    def _state(self, queue: str) -> str:
        gone = self._topology.queue(queue) is None
        return "was not delivered: its queue is gone" if gone else "is not delivered yet"

    def differences(self, predicted: Sequence[str] | None) -> tuple[list[str], list[str]]:
        """The names that got nothing, and the queues that nobody predicted."""
        if predicted is None:
            return [], []
        meant = {name: self._queues_of(name) for name in predicted}
        missing = [name for name, queues in meant.items() if self._routed.isdisjoint(queues)]
        return missing, self._in_order(self._routed.difference(*meant.values()))

    def why_not(self, name: str) -> str:
        queues = self._queues_of(name)
        if not queues:
            return f"nobody called {quoted(name)} is here."
        present = [queue for queue in queues if self._topology.queue(queue) is not None]
        reason = self._routing.why_not(present[0]) if present else "its queue is gone."
        return f"{_in_words(name, self._owners)} did not get it: {reason}"

    def why_too(self, queue: str) -> str:
        return f"{called(queue, self._owners)} got it too: {self._routing.why_to(queue)}"

    def why_copies(self, said: int) -> str:
        if not self._routed:
            return self.why()
        rule = f"{_copies(len(self._routed))}, not {said}: one copy for each queue {self._routing.which(self._routed)}"
        if said < len(self._routed):
            return f"{rule}."
        consumed = [consumer.queue for consumer in self._topology.consumers]
        shared = [queue for queue in self._in_order(self._routed) if consumed.count(queue) > 1]
        if shared:
            consumers = f"{consumed.count(shared[0])} consumers share {called(shared[0], self._owners)}"
            return f"{rule}, not one for each subscriber: {consumers}."
        twice = any(len(self._routing.matching(queue)) > 1 for queue in self._routed)
        return f"{rule}, however many of its bindings match." if twice else f"{rule}."

    def why(self) -> str:
        if not self._routed:
            return self._routing.why_to_none()
        many = f"Each of the {len(self._routed)} queues" if len(self._routed) > 1 else "The one queue"
        return f"{many} {self._routing.which(self._routed)} got a copy."

    def _queues_of(self, name: str) -> list[str]:
        here = {queue.name for queue in self._topology.queues} | self._routed | self._owners.keys()
        return self._in_order(queue for queue in here if name in {self._owners.get(queue), queue, short_name(queue)})

    def _in_order(self, queues: Iterable[str]) -> list[str]:
        """As the subscribers joined, and then by name."""
        places = {queue: place for place, queue in enumerate(self._owners)}
        return sorted(queues, key=lambda queue: (places.get(queue, len(places)), queue))


def _in_words(name: str, owners: Mapping[str, str]) -> str:
    """A name as it was said; one that a server gave is another in each run."""
    return called(name, owners) if name.startswith(SERVER_NAMED) else visible(name)


def _who(names: Sequence[str], verbs: tuple[str, str]) -> str:
    return f"{joined(names) or 'nobody'} {verbs[len(names) > 1]}"


def _copies(count: int) -> str:
    return "1 copy" if count == 1 else f"{count} copies"
