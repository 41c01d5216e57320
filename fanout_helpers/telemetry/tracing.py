"""What the firehose reports, put together: each message with the queues that it reached and its deliveries.

Source: https://www.rabbitmq.com/docs/firehose
"""

import threading
from collections import Counter, deque
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fanout_helpers.picture import Fate, TracedDelivery, TracedMessage

REMEMBERED = 50
"""Messages that can be looked at afterwards; older ones are counted but forgotten."""

HEAD = 2000
"""Bytes of a message's body that are kept."""

_COPIES = 1000
_PERSISTENT = 2  # https://www.rabbitmq.com/docs/publishers#message-properties


@dataclass(frozen=True)
class _Copy:
    """A message's copy in a queue. The firehose does not number messages: equal ones are told apart by their order."""

    number: int
    fingerprint: int
    persistent: bool


class Boundary:
    """A place in the order of the traced messages.

    ``last`` is the number of the last message before it; ``None`` until that is known.
    """

    def __init__(self) -> None:
        self.last: int | None = None


class Tracing:
    """Tells which delivery is of which message, and counts. Safe to use from any thread.

    Args:
        has_queue: Tells whether a queue exists. Of the default exchange, the firehose says that every message was
            routed to the queue that its routing key names, even where there is none.
    """

    def __init__(self, has_queue: Callable[[str], bool]) -> None:
        self._has_queue = has_queue
        self._changed = threading.Condition()
        self._messages: dict[int, TracedMessage] = {}
        self._total = 0
        self._expected: set[Boundary] = set()
        self._ready: dict[str, deque[_Copy]] = {}
        self._delivered: dict[str, deque[_Copy]] = {}
        self._doubtful: dict[str, deque[_Copy]] = {}
        self._gone: dict[str, deque[_Copy]] = {}
        self._into: Counter[tuple[str, str]] = Counter()
        self._out: Counter[tuple[str, str]] = Counter()

    @property
    def total(self) -> int:
        """Messages that were traced in all."""
        return self._total

    def expect(self, boundary: Boundary) -> None:
        """Says that a boundary is on its way among the reports. A gap in them that comes before it stands for it."""
        with self._changed:
            self._expected.add(boundary)

    def reach(self, boundary: Boundary) -> None:
        """Puts a boundary here: behind every message that was reported, before every one that will be."""
        with self._changed:
            self._expected.discard(boundary)
            # Only once: its marker may still come after somebody gave it up, and then it is too late.
            if boundary.last is None:
                boundary.last = self._total

    def published(self, headers: Mapping[str, Any], body: bytes) -> None:
        """Takes one ``publish.*`` report."""
        routed = self._routed(headers)
        with self._changed:
            self._total += 1
            message = TracedMessage(
                number=self._total,
                exchange=str(headers["exchange_name"]),
                routing_key=str(next(iter(headers["routing_keys"]), "")),
                body=body[:HEAD],
                size=len(body),
                connection=str(headers["connection"]),
                routed_queues=routed,
            )
            self._messages[message.number] = message
            self._messages.pop(message.number - REMEMBERED, None)
            persistent = headers["properties"].get("delivery_mode") == _PERSISTENT
            copy = _Copy(message.number, _fingerprint(headers, body), persistent)
            for queue in routed:
                self._ready.setdefault(queue, deque(maxlen=_COPIES)).append(copy)
                self._into["queue", queue] += 1
            self._into["exchange", message.exchange] += 1
            self._out["exchange", message.exchange] += len(routed)
            self._changed.notify_all()

    def delivered(self, queue: str, headers: Mapping[str, Any], body: bytes) -> None:
        """Takes one ``deliver.*`` report."""
        redelivered = bool(headers["redelivered"])
        channel = f"{headers['connection']} ({headers['channel']})"
        with self._changed:
            self._out["queue", queue] += not redelivered
            copy = self._find(queue, _fingerprint(headers, body), redelivered=redelivered)
            message = self._messages.get(copy.number) if copy else None
            if message is not None:
                delivery = TracedDelivery(queue, channel, redelivered)
                self._messages[message.number] = replace(message, deliveries=(*message.deliveries, delivery))
            self._changed.notify_all()

    def messages(self) -> Sequence[TracedMessage]:
        """The latest messages, oldest first."""
        with self._changed:
            return list(self._messages.values())

    def into(self, kind: str, name: str) -> int:
        """Messages that came into an exchange or a queue (``kind`` says which) since tracing began."""
        return self._into[kind, name]

    def out(self, kind: str, name: str) -> int:
        """Messages that left an exchange or a queue since tracing began."""
        return self._out[kind, name]

    def forget(self, keys: Collection[tuple[str, str]]) -> None:
        """Forgets the counts of exchanges and queues that are gone; what waited in these queues is lost with them."""
        with self._changed:
            for kind, name in keys:
                del self._into[kind, name]
                del self._out[kind, name]
                if kind == "queue":
                    self._lose(name)
                    self._delivered.pop(name, None)
            self._changed.notify_all()

    def wait_until_delivered(self, queues: Sequence[str], timeout: float) -> bool:
        """Waits until every remembered message has left these queues, ``timeout`` seconds at most."""
        with self._changed:
            return self._changed.wait_for(lambda: not any(self._waiting(queue) for queue in queues), timeout)

    def interrupt(self) -> None:
        """Says that the reports have a gap: what waits now may be delivered unseen, so nobody knows what becomes of it.

        ``resume`` may tell afterwards.
        """
        with self._changed:
            for boundary in self._expected:
                boundary.last = self._total
            self._expected.clear()
            for queue, copies in self._ready.items():
                self._end(queue, copies, Fate.UNKNOWN)
                self._doubtful.setdefault(queue, deque(maxlen=_COPIES)).extend(copies)
            self._ready.clear()
            self._delivered.clear()
            self._changed.notify_all()

    def doubtful(self) -> list[str]:
        """The queues in which messages waited when the gap began."""
        with self._changed:
            return list(self._doubtful)

    def resume(self, ready: Mapping[str, int | None], *, restarted: bool) -> None:
        """Says that the gap is over, and what there is now.

        Args:
            ready: How many messages wait in a queue, ``None`` if it is gone; a queue that is not among them could not
                be looked at.
            restarted: Whether RabbitMQ was restarted meanwhile.
        """
        with self._changed:
            doubtful, self._doubtful = self._doubtful, {}
            for queue, copies in doubtful.items():
                if queue in ready:
                    self._learn(queue, copies, ready[queue], restarted=restarted)
            self._changed.notify_all()

    def _learn(self, queue: str, copies: Collection[_Copy], ready: int | None, *, restarted: bool) -> None:
        """Concludes from the number of messages in a queue which of those that waited there still do."""
        persistent = [copy for copy in copies if copy.persistent]
        if ready is None:
            self._end(queue, copies, Fate.QUEUE_GONE)
        elif ready == len(copies):
            self._keep(queue, copies, Fate.SURVIVED if restarted else None)
        elif restarted and ready == len(persistent):
            self._end(queue, copies, Fate.LOST)
            self._keep(queue, persistent, Fate.SURVIVED)

    def _lose(self, queue: str) -> None:
        """Says that what waited in a queue is lost with it; a report may come later than the event of that."""
        lost = deque([*self._doubtful.pop(queue, ()), *self._ready.pop(queue, ())], maxlen=_COPIES)
        self._end(queue, lost, Fate.QUEUE_GONE)
        self._gone[queue] = lost
        if len(self._gone) > REMEMBERED:
            del self._gone[next(iter(self._gone))]

    def _keep(self, queue: str, copies: Collection[_Copy], fate: Fate | None) -> None:
        self._end(queue, copies, fate)
        self._ready[queue] = deque(copies, maxlen=_COPIES)

    def _end(self, queue: str, copies: Collection[_Copy], fate: Fate | None) -> None:
        """Notes what became of a queue's copies; ``None`` says that they wait."""
        for copy in copies:
            message = self._messages.get(copy.number)
            if message is not None:
                fates = {name: other for name, other in message.fates.items() if name != queue}
                self._messages[copy.number] = replace(message, fates=fates | ({queue: fate} if fate else {}))

    def _routed(self, headers: Mapping[str, Any]) -> tuple[str, ...]:
        routed = tuple(str(queue) for queue in headers["routed_queues"])
        if headers["exchange_name"]:
            return routed
        return tuple(queue for queue in routed if self._has_queue(queue))

    def _find(self, queue: str, fingerprint: int, *, redelivered: bool) -> _Copy | None:
        """The copy that was delivered: the oldest of its kind, since queues keep their order."""
        for places in (self._delivered,) if redelivered else (self._ready, self._gone):
            place = places.get(queue, deque())
            copy = next((copy for copy in place if copy.fingerprint == fingerprint), None)
            if copy is not None:
                if not redelivered:
                    place.remove(copy)
                    self._delivered.setdefault(queue, deque(maxlen=_COPIES)).append(copy)
                return copy
        return None

    def _waiting(self, queue: str) -> bool:
        return any(copy.number in self._messages for copy in self._ready.get(queue, ()))


def _fingerprint(headers: Mapping[str, Any], body: bytes) -> int:
    return hash((headers["exchange_name"], repr(headers["routing_keys"]), repr(headers["properties"]), body))
