"""How an exchange routed a message, in words: what its bindings tell, and what remains where they tell nothing."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from fanout_helpers.model import SERVER_NAMED, Binding, short_name, visible
from fanout_helpers.picture import Picture, TracedMessage
from fanout_helpers.topology import Topology

_MOST = 10  # names in a list, and reasons in a judgement; the rest is counted
_KEYED = {"direct", "topic"}
_ALTERNATE = "alternate-exchange"  # https://www.rabbitmq.com/docs/ae
_UNTOLD = "no binding that is there now tells why"


class Routing:
    """Why a message went where it went.

    Args:
        message: The message, as the firehose reported it.
        picture: What is there; RabbitMQ's report of the message is right where this tells nothing.
    """

    def __init__(self, message: TracedMessage, picture: Picture) -> None:
        exchange = picture.topology.exchange(message.exchange)
        self._type = exchange.type if exchange else ""
        self._exchange = message.exchange
        self._name = visible(message.exchange)
        self._key = message.routing_key
        self._bindings = [one for one in picture.topology.bindings if one.source == message.exchange]
        self._onward = any(binding.destination_type == "exchange" for binding in self._bindings)
        self._topology = picture.topology
        self._owners = picture.owners
        self._paths = _Paths(picture.topology, message)

    def which(self, queues: Collection[str] = ()) -> str:
        """The queues that got a copy, as a clause."""
        clause = self._which_strange(queues)
        if clause:
            return clause
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
        """Why no queue got a copy."""
        if not self._exchange:
            return f"No queue has the name {self._quoted(self._key)}: nobody has it."
        if not self._type:
            return f"There is no exchange {quoted(self._exchange)}: nobody has it."
        if not self._bindings or (self._type == "fanout" and not self._onward):
            return f"0 queues were bound to {self._name}: nobody has it."
        return f"There is no queue {self.which()}: nobody has it."

    def why_to(self, queue: str) -> str:
        """Why a queue got a copy."""
        its = self._its_queue(queue)
        if queue not in self._paths.queues:
            return self._why_strange(queue)
        if not self._exchange:
            return f"the routing key is the name of {its}."
        matching = self.matching(queue)
        if matching and self._type in _KEYED:
            return f"{self._keys(matching, ('matches', 'match'))} the routing key {self._quoted(self._key)}."
        if matching and self._type == "headers" and not self._onward:
            return f"{its} has a binding that matches the message's headers."
        if matching:
            return f"{its} is bound to {self._name}."
        return f"{self._name} leads to {its} through other exchanges."

    def why_not(self, queue: str) -> str:
        """Why a queue that is there got no copy."""
        its = self._its_queue(queue)
        if not self._exchange:
            return f"the routing key {self._quoted(self._key)} is not the name of {its}."
        if not self._type:
            return f"there is no exchange {quoted(self._exchange)}."
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
        return [one for one in self._to(queue) if matches(self._type, one.routing_key, self._key)]

    def _to(self, queue: str) -> list[Binding]:
        return [one for one in self._bindings if (one.destination_type, one.destination) == ("queue", queue)]

    def _is_strange(self, queue: str) -> bool:
        """Whether bindings should tell why the queue got a copy, and do not."""
        told = queue in self._paths.queues
        # What is gone took its bindings with it.
        return not told and not self._exchange_is_gone() and self._topology.queue(queue) is not None

    def _exchange_is_gone(self) -> bool:
        return bool(self._exchange) and not self._type

    def _which_strange(self, queues: Collection[str]) -> str:
        """The clause for queues that bindings do not tell of; empty if there are none."""
        alternates = self._paths.alternates
        strange = [queue for queue in queues if self._is_strange(queue)]
        untold = [queue for queue in strange if queue not in alternates]
        guess = self._guess(untold) if untold else ""
        # Nothing else leads on from a fanout exchange: these bindings have ended since, or are not reported yet.
        if not strange or (untold and not guess and self._type == "fanout"):
            return ""
        if untold:
            return f"that RabbitMQ chose ({guess or _UNTOLD})"
        names = joined(sorted({visible(alternates[queue]) for queue in strange}))
        own = f"{self._name} or " if not self._paths.queues.isdisjoint(queues) else ""
        return f"that {own}the alternate exchange {names} led it to"

    def _why_strange(self, queue: str) -> str:
        if self._topology.queue(queue) is None:
            return f"{self._its_queue(queue)} was there when the message came, and is gone now."
        if self._exchange_is_gone():
            return f"{self._name} was there when the message came, and is gone now."
        if queue in self._paths.alternates:
            return f"it came by the alternate exchange {visible(self._paths.alternates[queue])}."
        guess = self._guess([queue])
        if guess:
            return f"RabbitMQ chose it; {guess}."
        return f"RabbitMQ routed it to {self._its_queue(queue)}, though {_UNTOLD}."

    def _guess(self, queues: Collection[str]) -> str:
        """The alternate exchange that may have led to the queues: a policy may name it, which is not known here."""
        if not self._paths.unmatched:
            return ""
        names = [visible(name) for name in self._paths.others_to(queues)]
        unmatched = visible(self._paths.unmatched)
        return f"perhaps {' or '.join(few(names))} is the alternate exchange of {unmatched}" if names else ""

    def _its_queue(self, queue: str) -> str:
        return "its queue" if queue in self._owners else "the queue"

    def _keys(self, bindings: list[Binding], verbs: tuple[str, str]) -> str:
        keys = [self._quoted(key) for key in sorted({binding.routing_key for binding in bindings})]
        return (
            f"its binding key {keys[0]} {verbs[0]}" if len(keys) == 1 else f"its binding keys {joined(keys)} {verbs[1]}"
        )

    def _quoted(self, key: str) -> str:
        # Where none is said, pika's queue_bind takes the queue's name; a server-given one is another in each run.
        named = key.startswith(SERVER_NAMED) and key in self._owners
        return f"(the name of {visible(self._owners[key])}'s queue)" if named else quoted(key)


class _Paths:
    """Where the bindings lead a message, as far as can be told from keys.

    ``queues`` are those that they lead to. ``alternates`` has further queues, each with the alternate exchange that
    leads there. ``unmatched`` is an exchange on the way that has no binding for the message and may have an alternate
    exchange that is not known; empty if there is none.
    """

    def __init__(self, topology: Topology, message: TracedMessage) -> None:
        self._key = message.routing_key
        self._exchanges = {exchange.name: exchange for exchange in topology.exchanges}
        self._bindings: defaultdict[str, list[Binding]] = defaultdict(list)
        for binding in topology.bindings:
            self._bindings[binding.source].append(binding)
        self._passed, self.queues = self._walk(message.exchange)
        self.alternates = self._by_alternates()
        self.unmatched = next(filter(self._may_have_alternate, self._passed), "")

    def others_to(self, queues: Collection[str]) -> list[str]:
        """The exchanges off the way that lead to all of these queues."""
        others = sorted(self._exchanges.keys() - self._passed.keys() - {""})
        return [name for name in others if self._walk(name)[1].issuperset(queues)]

    def _walk(self, begin: str) -> tuple[dict[str, None], set[str]]:
        """The exchanges that a message comes to from one of them, nearest first, and the queues."""
        if not begin:
            return {begin: None}, {self._key}
        passed, queues, waiting = {begin: None}, set(), [begin]
        for exchange in waiting:
            for binding in self._matching(exchange):
                if binding.destination_type == "queue":
                    queues.add(binding.destination)
                elif binding.destination not in passed:
                    passed[binding.destination] = None
                    waiting.append(binding.destination)
        return passed, queues

    def _matching(self, exchange: str) -> list[Binding]:
        kind = self._exchanges[exchange].type if exchange in self._exchanges else ""
        return [one for one in self._bindings[exchange] if matches(kind, one.routing_key, self._key)]

    def _by_alternates(self) -> dict[str, str]:
        """Follows alternate exchanges, and those of these."""
        passed, waiting, found = set(self._passed), [*self._passed], dict[str, str]()
        for exchange in waiting:
            alternate = self._alternate(exchange)
            if alternate and alternate not in passed:
                further, queues = self._walk(alternate)
                found = dict.fromkeys(queues - self.queues, alternate) | found
                waiting += further.keys() - passed
                passed |= further.keys()
        return found

    def _alternate(self, exchange: str) -> str:
        declared = self._exchanges.get(exchange)
        return str(declared.arguments.get(_ALTERNATE, "")) if declared else ""

    def _may_have_alternate(self, exchange: str) -> bool:
        return exchange in self._exchanges and not self._alternate(exchange) and not self._matching(exchange)


def matches(kind: str, binding_key: str, routing_key: str) -> bool:
    """Whether an exchange of that type follows a binding for a routing key; one that does not go by keys may.

    As in https://www.rabbitmq.com/tutorials/tutorial-five-python#topic-exchange.
    """
    if kind not in _KEYED:
        return True
    if kind == "direct":
        return binding_key == routing_key
    words = routing_key.split(".") if routing_key else []
    # How many words the key's parts so far can stand for. Trying out each way would take ages for #.#.#.#.
    matched = {0}
    for part in binding_key.split(".") if binding_key else []:
        if part == "#":
            matched = set(range(min(matched, default=len(words) + 1), len(words) + 1))
        else:
            matched = {place + 1 for place in matched if place < len(words) and part in {"*", words[place]}}
    return len(words) in matched


def called(queue: str, owners: Mapping[str, str]) -> str:
    """A queue as people call it: by its subscriber's name, if it has one."""
    return visible(owners.get(queue, short_name(queue)))


def quoted(text: str) -> str:
    """A key or a name that may be anything."""
    return f"'{visible(short_name(text))}'"


def joined(texts: Sequence[str]) -> str:
    """``a, b and c``; many are counted."""
    *first, last = few(texts) or [""]
    return f"{', '.join(first)} and {last}" if first else last


def few(texts: Iterable[str]) -> tuple[str, ...]:
    """The first of the texts; the others are counted."""
    texts = tuple(texts)
    return (*texts[:_MOST], f"{len(texts) - _MOST} more") if len(texts) > _MOST else texts
