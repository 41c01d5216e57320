"""Predictions of who gets a message, judged by RabbitMQ's own evidence: the queues that it routed the message to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from fanout_helpers.errors import FanoutError
from fanout_helpers.model import SERVER_NAMED, Binding, short_name, visible
from fanout_helpers.picture import Picture, TracedMessage

_MOST = 10  # names in a list, and reasons in a judgement; the rest is counted
_KEYED = {"direct", "topic"}

_SAY_IT = 'Say who gets the message, how many copies there will be, or both: predict("screen", "disk", copies=2).'


@dataclass(frozen=True)
class Prediction:
    """Who gets the next message, and how many copies of it there will be; ``None`` where that was not said.

    ``receivers`` are names of subscribers or queues.
    """

    receivers: frozenset[str] | None
    copies: int | None

    def __repr__(self) -> str:
        return self.describe()

    def describe(self, owners: Mapping[str, str] | None = None) -> str:
        """The prediction in words; ``owners`` maps queues to their subscribers, in the order in which to name these."""
        said = ["nobody gets it"] if self.receivers is None and self.copies == 0 else []
        if self.receivers is not None:
            said.append(_who(_in_words(self.receivers, owners or {}), ("gets it", "get it")))
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
    if copies is not None and (isinstance(copies, bool) or not isinstance(copies, int) or copies < 0):
        raise FanoutError(f"There cannot be {copies!r} copies.", next_step="Give copies as a whole number, 0 or more.")
    if names and copies == 0:
        raise FanoutError("With 0 copies nobody gets it.", next_step="Leave the names out, or say more copies.")
    return Prediction(frozenset(names) if names else None, copies)


@dataclass(frozen=True)
class Judgement:
    """A prediction beside the evidence, whether it was right, and why; ``notes`` are of no weight in that."""

    right: bool
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
        predicted=prediction.describe(picture.owners),
        evidence=f"{_who(case.receivers(), ('got it', 'got it'))}, {_copies(copies)}",
        reasons=_few(reasons or [case.why()]),
        notes=_few([f"{name}'s copy is not delivered yet." for name in case.waiting()]),
    )


class _Case:
    """A message, what was there, and what to say about it."""

    def __init__(self, message: TracedMessage, picture: Picture) -> None:
        self._routed = frozenset(message.routed_queues)
        self._delivered = {delivery.queue for delivery in message.deliveries}
        self._owners = picture.owners
        self._topology = picture.topology
        self._routing = _Routing(message, picture)

    def receivers(self) -> list[str]:
        return list(dict.fromkeys(_called(queue, self._owners) for queue in self._in_order(self._routed)))

    def waiting(self) -> list[str]:
        return [visible(owner) for queue, owner in self._owners.items() if queue in self._routed - self._delivered]

    def differences(self, predicted: frozenset[str] | None) -> tuple[list[str], list[str]]:
        """The names that got nothing, and the queues that nobody predicted."""
        if predicted is None:
            return [], []
        meant = {name: self._queues_of(name) for name in sorted(predicted)}
        missing = [name for name, queues in meant.items() if self._routed.isdisjoint(queues)]
        return missing, self._in_order(self._routed.difference(*meant.values()))

    def why_not(self, name: str) -> str:
        queues = self._queues_of(name)
        if not queues:
            return f"nobody called {_quoted(name)} is here."
        present = [queue for queue in queues if self._topology.queue(queue) is not None]
        reason = self._routing.why_not(present[0]) if present else "its queue is gone."
        return f"{_all(_in_words({name}, self._owners))} did not get it: {reason}"

    def why_too(self, queue: str) -> str:
        return f"{_called(queue, self._owners)} got it too: {self._routing.why_to(queue)}"

    def why_copies(self, said: int) -> str:
        if not self._routed:
            return self.why()
        rule = f"{_copies(len(self._routed))}, not {said}: one copy for each queue {self._routing.which()}"
        if said < len(self._routed):
            return f"{rule}."
        consumed = [consumer.queue for consumer in self._topology.consumers]
        shared = [queue for queue in self._in_order(self._routed) if consumed.count(queue) > 1]
        if shared:
            consumers = f"{consumed.count(shared[0])} consumers share {_called(shared[0], self._owners)}"
            return f"{rule}, not one for each subscriber: {consumers}."
        twice = any(len(self._routing.matching(queue)) > 1 for queue in self._routed)
        return f"{rule}, however many of its bindings match." if twice else f"{rule}."

    def why(self) -> str:
        if not self._routed:
            return self._routing.why_to_none()
        many = f"Each of the {len(self._routed)} queues" if len(self._routed) > 1 else "The one queue"
        return f"{many} {self._routing.which()} got a copy."

    def _queues_of(self, name: str) -> list[str]:
        here = {queue.name for queue in self._topology.queues} | self._routed | self._owners.keys()
        return self._in_order(queue for queue in here if name in {self._owners.get(queue), queue, short_name(queue)})

    def _in_order(self, queues: Iterable[str]) -> list[str]:
        """As the subscribers joined, and then by name."""
        places = {queue: place for place, queue in enumerate(self._owners)}
        return sorted(queues, key=lambda queue: (places.get(queue, len(places)), queue))


class _Routing:
    """How an exchange routes a message, in words."""

    def __init__(self, message: TracedMessage, picture: Picture) -> None:
        exchange = picture.topology.exchange(message.exchange)
        self._type = exchange.type if exchange else ""
        self._exchange = message.exchange
        self._name = visible(message.exchange)
        self._key = message.routing_key
        self._bindings = [one for one in picture.topology.bindings if one.source == message.exchange]
        self._onward = any(binding.destination_type == "exchange" for binding in self._bindings)
        self._owners = picture.owners

    def which(self) -> str:
        """The queues that got a copy, as a clause."""
        if not self._exchange:
            return "that the routing key names"
        if self._onward:
            return f"that {self._name} led it to"
        if self._type in _KEYED:
            return f"whose binding key matches the routing key {self._quoted(self._key)}"
        if self._type == "headers":
            return "whose binding matches the message's headers"
        return f"bound to {self._name}" if self._type in {"fanout", ""} else f"that {self._name} ({self._type}) chose"

    def why_to_none(self) -> str:
        if not self._exchange:
            return f"No queue has the name {self._quoted(self._key)}: nobody has it."
        if not self._type:
            return f"There is no exchange {_quoted(self._exchange)}: nobody has it."
        if not self._bindings or (self._type == "fanout" and not self._onward):
            return f"0 queues were bound to {self._name}: nobody has it."
        return f"There is no queue {self.which()}: nobody has it."

    def why_to(self, queue: str) -> str:
        its = self._its_queue(queue)
        if not self._exchange:
            return f"the routing key is the name of {its}."
        matching = self.matching(queue)
        if matching and self._type in _KEYED:
            return f"{self._keys(matching, ('matches', 'match'))} the routing key {self._quoted(self._key)}."
        if matching:
            return f"{its} is bound to {self._name}."
        if self._onward:
            return f"{self._name} leads to {its} through other exchanges."
        return f"RabbitMQ routed it to {its}, though no binding that is there now tells why."

    def why_not(self, queue: str) -> str:
        its = self._its_queue(queue)
        if not self._exchange:
            return f"the routing key {self._quoted(self._key)} is not the name of {its}."
        if not self._type:
            return f"there is no exchange {_quoted(self._exchange)}."
        bound = self._to(queue)
        if not bound:
            onward = f", and no exchange behind {self._name} led it there" if self._onward else ""
            return f"{its} is not bound to {self._name}{onward}."
        if not self.matching(queue):
            return f"{self._keys(bound, ('does not match', 'do not match'))} the routing key {self._quoted(self._key)}."
        if self._type in {*_KEYED, "fanout"}:
            return f"{its} is bound to {self._name} now, but was not yet when the message came."
        return f"{its} is bound to {self._name} ({self._type}), but its binding did not match."

    def matching(self, queue: str) -> list[Binding]:
        """A queue's bindings to the exchange that match, as far as can be told from keys."""
        return [one for one in self._to(queue) if self._type not in _KEYED or self._matches(one.routing_key)]

    def _to(self, queue: str) -> list[Binding]:
        return [one for one in self._bindings if (one.destination_type, one.destination) == ("queue", queue)]

    def _matches(self, binding_key: str) -> bool:
        """As in https://www.rabbitmq.com/tutorials/tutorial-five-python#topic-exchange."""
        if self._type == "direct":
            return binding_key == self._key
        words = self._key.split(".") if self._key else []
        # How many words the key's parts so far can stand for. Trying out each way would take ages for #.#.#.#.
        matched = {0}
        for part in binding_key.split(".") if binding_key else []:
            if part == "#":
                matched = set(range(min(matched, default=len(words) + 1), len(words) + 1))
            else:
                matched = {place + 1 for place in matched if place < len(words) and part in {"*", words[place]}}
        return len(words) in matched

    def _its_queue(self, queue: str) -> str:
        return "its queue" if queue in self._owners else "the queue"

    def _keys(self, bindings: list[Binding], verbs: tuple[str, str]) -> str:
        keys = [self._quoted(key) for key in sorted({binding.routing_key for binding in bindings})]
        return (
            f"its binding key {keys[0]} {verbs[0]}" if len(keys) == 1 else f"its binding keys {_all(keys)} {verbs[1]}"
        )

    def _quoted(self, key: str) -> str:
        # Where none is said, pika's queue_bind takes the queue's name; a server-given one is another in each run.
        named = key.startswith(SERVER_NAMED) and key in self._owners
        return f"(the name of {visible(self._owners[key])}'s queue)" if named else _quoted(key)


def _in_words(names: Iterable[str], owners: Mapping[str, str]) -> list[str]:
    """The names as people call them, in an order that is the same in each run."""
    called = {_called(name, owners) if name.startswith(SERVER_NAMED) else visible(name) for name in names}
    known = dict.fromkeys(map(visible, owners.values()))
    return [*(name for name in known if name in called), *sorted(called - known.keys())]


def _who(names: Sequence[str], verbs: tuple[str, str]) -> str:
    return f"{_all(names) or 'nobody'} {verbs[len(names) > 1]}"


def _all(texts: Sequence[str]) -> str:
    *first, last = _few(texts) or [""]
    return f"{', '.join(first)} and {last}" if first else last


def _few(texts: Sequence[str]) -> tuple[str, ...]:
    return (*texts[:_MOST], f"{len(texts) - _MOST} more") if len(texts) > _MOST else tuple(texts)


def _copies(count: int) -> str:
    return "1 copy" if count == 1 else f"{count} copies"


def _called(queue: str, owners: Mapping[str, str]) -> str:
    return visible(owners.get(queue, short_name(queue)))


def _quoted(text: str) -> str:
    return f"'{visible(short_name(text))}'"
