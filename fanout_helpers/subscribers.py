"""The subscribers of a lab: opened by name, closed by name, and asked what they received."""

import time
from collections.abc import Iterable, Iterator, Sequence

from fanout_helpers import report
from fanout_helpers.barrier import Barrier
from fanout_helpers.connection import Locate, State
from fanout_helpers.consuming import wait_for
from fanout_helpers.errors import FanoutError
from fanout_helpers.model import Exchange
from fanout_helpers.report import Received
from fanout_helpers.subscriber import Subscriber


class Subscribers:
    """A lab's subscribers, in the order in which they joined.

    Args:
        locate: Tells where the broker is.
    """

    def __init__(self, locate: Locate) -> None:
        self._locate = locate
        self._open: dict[str, Subscriber] = {}
        self._owners: dict[str, str] = {}

    def __iter__(self) -> Iterator[Subscriber]:
        return iter(tuple(self._open.values()))

    def open(self, exchange: Exchange, names: Sequence[str]) -> tuple[Subscriber, ...]:
        """Opens a subscriber for each name; one that has the name already is closed.

        Raises:
            FanoutError: There are no names, or one twice.
            NotSubscribed: The broker refused.
        """
        if not names or len(set(names)) < len(names):
            raise FanoutError(
                "Each subscriber needs a name of its own.",
                next_step=f'Name them, as in lab.subscribe("{exchange.name}", "screen", "disk").',
            )
        self._drop(names)
        try:
            for name in names:
                self._open[name] = Subscriber(self._locate, exchange, name)
                self._open[name].open()
        except BaseException:
            # Refused, or interrupted: a subscriber that nobody knows of would live on.
            self._drop(names)
            raise
        self._remember()
        return tuple(self._open[name] for name in names)

    def wait_for(self, state: State, patience: float) -> None:
        """Waits until every subscriber is in a state, or closed, ``patience`` seconds at most."""
        wait_for(list(self), state, patience)

    def main_exchange(self) -> str | None:
        """The exchange that a lesson is about: its first subscriber's."""
        return next((subscriber.exchange.name for subscriber in self), None)

    def close(self, names: Sequence[str]) -> None:
        """Closes subscribers.

        Raises:
            FanoutError: Nobody has that name.
        """
        unknown = [name for name in names if name not in self._open]
        if unknown:
            raise FanoutError(
                f"There is no subscriber called {', '.join(unknown)}.",
                cause=f"There are: {', '.join(self._open) or 'none'}.",
            )
        self._drop(names)

    def close_all(self) -> None:
        """Closes all of them."""
        self.close(tuple(self._open))

    def owners(self) -> dict[str, str]:
        """The subscribers' queues, each with its subscriber's name.

        Those of subscribers that have left are among them: messages that they got are still told of.
        """
        self._remember()
        return dict(self._owners)

    def queues(self) -> list[str]:
        """The subscribers' queues of this moment."""
        return [one.queue for one in self if one.queue]

    def received(self, barrier: Barrier, messages: int, patience: float) -> list[Received]:
        """Who received what, once all that was published before has arrived.

        Args:
            barrier: Proves what has arrived.
            messages: How many to wait for; others may come later than the barrier, from other programs.
            patience: Seconds to wait for them.
        """
        reached = [barrier.passed(subscriber, patience) for subscriber in self]
        deadline = time.monotonic() + patience
        for subscriber in self:
            subscriber.log.wait_for(messages, max(0.0, deadline - time.monotonic()))
        return [_received(subscriber, reached=ok) for subscriber, ok in zip(self, reached, strict=True)]

    def _remember(self) -> None:
        # Replaced, not changed: a drawing may be reading it.
        self._owners = self._owners | {one.queue: one.name for one in self if one.queue}

    def _drop(self, names: Iterable[str]) -> None:
        self._remember()
        for name in names:
            if name in self._open:
                self._open[name].close()
                del self._open[name]


def _received(subscriber: Subscriber, *, reached: bool) -> Received:
    total, latest = subscriber.log.latest(report.SHOWN)
    return Received(subscriber.name, total, tuple(delivery.body for delivery in latest), reached)
