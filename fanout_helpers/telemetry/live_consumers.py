"""The consumers of a virtual host, put together from two sources that name them differently.

Events tell of a consumer at once, and name its channel by a process id. The management API lists it late, for a while
after it ended too, and names the channel by its connection; of a channel that it does not know yet, it tells nothing.
A consumer is its queue, its tag and its channel. One whose channel a source leaves out is *the same* as one that is
known already, as long as there is such a one. What is known from events counts; a listing may

- add a consumer that nothing known explains, whose queue is there, and that is not known to have ended,
- take away one that only an earlier listing told of,
- give a channel its name.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from fanout_helpers.model import Consumer

K = TypeVar("K")
V = TypeVar("V")

_REMEMBERED = 1000
"""Channels, ends of channels and ends of consumers that are remembered: listings have them for some seconds more."""


@dataclass(frozen=True)
class _Known:
    """A consumer, and the process id of its channel: empty if only a listing told of it."""

    consumer: Consumer
    pid: str = ""

    def named(self, channel: str) -> "_Known":
        """The same one, whose channel's name is known now."""
        return self if self.consumer.channel else replace(self, consumer=replace(self.consumer, channel=channel))


class LiveConsumers:
    """Applies events and listings. Not safe to use from several threads."""

    def __init__(self) -> None:
        self._known: list[_Known] = []
        self._channels: dict[str, str] = {}
        self._closed: dict[str, None] = {}
        self._ended: dict[Consumer, None] = {}

    def present(self) -> list[Consumer]:
        """Those that are there now."""
        return [one.consumer for one in self._known]

    def load(self, listed: Iterable[Consumer]) -> None:
        """Starts from a listing, after events were missed."""
        # A new one may be on a channel that nobody knows: of such ones it is not known any more which have ended.
        self._ended = {one: None for one in self._ended if one.channel}
        self._known = [_Known(row) for row in _distinct(listed) if not self._has_ended(row)]

    def add_late(self, listed: Iterable[Consumer], queues: Collection[str]) -> None:
        """Takes a listing that is late.

        Args:
            listed: What the management API lists.
            queues: The names of the queues that are there.
        """
        left, found = self._known, []
        for row in sorted(_distinct(listed), key=lambda row: not row.channel):
            same = _same(row, left)
            if same is not None:
                left = [one for one in left if one is not same]
                found.append(same.named(row.channel))
            elif row.queue in queues and not self._has_ended(row):
                found.append(_Known(row))
        # An event will tell of their end. Of the others, a later listing may have what this one left out.
        self._known = [*found, *(one for one in left if one.pid)]

    def created(self, queue: str, tag: str, pid: str) -> None:
        """Takes the event of a new consumer; ``pid`` is its channel's process id, empty if it is not told."""
        consumer = Consumer(queue, tag, self._channels.get(pid, ""))
        if pid in self._closed or self._find(consumer, pid):
            return
        same = _same(consumer, [one for one in self._known if not one.pid])
        self._known = [one for one in self._known if one is not same]
        self._known.append(replace((same or _Known(consumer)).named(consumer.channel), pid=pid))

    def deleted(self, queue: str, tag: str, pid: str) -> None:
        """Takes the event of a consumer's end."""
        consumer = Consumer(queue, tag, self._channels.get(pid, ""))
        one = self._find(consumer, pid) or _same(consumer, [one for one in self._known if not one.pid])
        self._end([one] if one else [])
        _remember(self._ended, consumer if one is None else one.consumer, None)

    def channel_created(self, pid: str, name: str) -> None:
        """Takes the event of a new channel."""
        _remember(self._channels, pid, name)

    def channel_closed(self, pid: str) -> None:
        """Ends the consumers of a channel: of one that was cut off, RabbitMQ 4 does not tell that they ended too."""
        name = self._channels.get(pid)
        for ended in filter(None, (pid, name)):
            _remember(self._closed, ended, None)
        self._end([one for one in self._known if pid == one.pid or one.consumer.channel == name])

    def connection_created(self, name: str) -> None:
        """Takes the event of a new connection: another one may have had its name before."""
        self._closed.pop(name, None)

    def connection_closed(self, name: str) -> None:
        """Ends the consumers of a connection."""
        _remember(self._closed, name, None)
        self._end([one for one in self._known if _connection(one.consumer) == name])

    def queue_deleted(self, name: str) -> None:
        """Ends the consumers of a queue."""
        self._end([one for one in self._known if one.consumer.queue == name])

    def _find(self, consumer: Consumer, pid: str) -> _Known | None:
        """The one that an event told of, on the same channel."""
        same = [one for one in self._known if pid and one.pid == pid]
        return next((one for one in same if _is_called(one.consumer, consumer)), None)

    def _end(self, ended: Sequence[_Known]) -> None:
        for one in ended:
            _remember(self._ended, one.consumer, None)
        self._known = [one for one in self._known if one not in ended]

    def _has_ended(self, row: Consumer) -> bool:
        """Whether a listed one, which nothing known explains, is one that has ended."""
        ended = [one for one in self._ended if _is_called(one, row)]
        return (
            any(one.channel in {row.channel, ""} or not row.channel for one in ended)
            or row.channel in self._closed
            or _connection(row) in self._closed
        )


def _same(consumer: Consumer, among: Sequence[_Known]) -> _Known | None:
    """The one that a consumer is: on the same channel, or else where one of the two channels is not known."""
    likely = [
        one
        for one in among
        if _is_called(one.consumer, consumer)
        and (one.consumer.channel in {consumer.channel, ""} or not consumer.channel)
    ]
    # Else what an event told of comes first: a listing takes away what it does not explain, if no event told of it.
    return min(likely, key=lambda one: (not _is_on(one, consumer.channel), not one.pid), default=None)


def _is_on(one: _Known, channel: str) -> bool:
    return bool(channel) and one.consumer.channel == channel


def _is_called(one: Consumer, other: Consumer) -> bool:
    return (one.queue, one.consumer_tag) == (other.queue, other.consumer_tag)


def _distinct(listed: Iterable[Consumer]) -> list[Consumer]:
    """Without those that are listed twice; of two without a channel's name nobody can tell."""
    rows = list(listed)
    return [*dict.fromkeys(row for row in rows if row.channel), *(row for row in rows if not row.channel)]


def _connection(consumer: Consumer) -> str:
    return consumer.channel.rpartition(" (")[0]


def _remember(memory: dict[K, V], key: K, value: V) -> None:
    """Puts something into a memory that forgets what is oldest."""
    memory.pop(key, None)
    memory[key] = value
    if len(memory) > _REMEMBERED:
        del memory[next(iter(memory))]
