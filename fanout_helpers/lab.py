"""The lab of one lesson: a broker, a virtual host of the lesson's own, subscribers, a publisher and boards."""

import contextlib
import secrets
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from fanout_helpers import exercises, listing, report
from fanout_helpers.address import BrokerAddress
from fanout_helpers.connection import Parameters, parameters
from fanout_helpers.errors import BrokerError, Closed, ExchangeNotFound, FanoutError, ManagementError, NotConfirmed
from fanout_helpers.exercises import Verdict
from fanout_helpers.listing import Listing
from fanout_helpers.model import Binding, Exchange, Publication, Queue
from fanout_helpers.publisher import Publisher
from fanout_helpers.report import Received, Report
from fanout_helpers.subscriber import MARKER_HEADER, Subscriber
from fanout_helpers.topology import Topology
from fanout_helpers.views.board import Board
from fanout_helpers.virtual_host import VirtualHost

PATIENCE = 5.0
"""Seconds that a report waits for messages that other programs published and that are still on their way."""

_open: dict[str, "Lab"] = {}


class Lab:
    """What a lesson's first cell makes: it starts or joins this person's RabbitMQ.

    Made again for the same lesson, it closes the earlier one first, so that a cell may be run twice.

    Args:
        lesson: The lesson's name, which is also the name of its virtual host: letters, digits, ``.``, ``_``, ``-``.

    Raises:
        FanoutError: The name cannot be used.
        BrokerNotInstalled: There is no RabbitMQ on this machine.
        BrokerStartFailed: It did not start.
        BrokerUnreachable: The broker that FANOUT_BROKER_URL names does not answer.
    """

    def __init__(self, lesson: str) -> None:
        self._host = VirtualHost(lesson)
        if lesson in _open:
            _open[lesson].close()
        self.lesson = lesson
        self._host.open(print)
        self._host.reset()
        self._publisher = Publisher(self._host.locate, f"fanout publisher of {lesson}")
        self._subscribers: dict[str, Subscriber] = {}
        self._boards: list[Board] = []
        self._misses: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._returned = 0
        self._counting = threading.Lock()
        self._closed = False
        self._finished = False
        _open[lesson] = self

    @property
    def virtual_host(self) -> str:
        """The name of the virtual host that this lab works in."""
        self._check_open()
        return self._host.name

    @property
    def address(self) -> BrokerAddress:
        """The broker's address and this lab's virtual host."""
        self._check_open()
        return self._host.locate()

    @property
    def parameters(self) -> Parameters:
        """Parameters for a connection of the lesson's own: ``pika.BlockingConnection(lab.parameters)``.

        Without heartbeats: between two cells nobody answers them, and the broker would close the connection while
        its owner reads on (https://www.rabbitmq.com/docs/heartbeats).
        """
        return parameters(self.address, f"lesson {self.lesson}", heartbeat=0)

    def exchanges(self) -> Listing[Exchange]:
        """The exchanges of this lab's virtual host, as the management API lists them now."""
        self._check_open()
        return listing.exchanges(self._host.exchanges())

    def queues(self) -> Listing[Queue]:
        """The queues of this lab's virtual host, as the management API lists them now."""
        self._check_open()
        return listing.queues(self._host.queues(), self._owners())

    def bindings(self) -> Listing[Binding]:
        """The bindings of this lab's virtual host, the default exchange's implicit ones included."""
        self._check_open()
        return listing.bindings(self._host.bindings(), self._owners())

    def subscribe(self, exchange: str, *names: str) -> tuple[Subscriber, ...]:
        """Starts a background subscriber for each name; each has its own queue, bound to the exchange.

        A name that is already in use gets a fresh subscriber: the one before it is closed.

        Raises:
            ExchangeNotFound: There is no such exchange in this lab's virtual host.
            NotSubscribed: The broker refused.
        """
        self._check_open()
        if not names or len(set(names)) < len(names):
            raise FanoutError(
                "Each subscriber needs a name of its own.",
                next_step=f'Name them, as in lab.subscribe("{exchange}", "screen", "disk").',
            )
        found = self._exchange(exchange)
        self._drop(names)
        try:
            for name in names:
                self._subscribers[name] = Subscriber(self._host.locate, found, name)
                self._subscribers[name].open()
        except BaseException:
            # Refused, or interrupted: a subscriber that nobody knows of would live on.
            self._drop(names)
            raise
        finally:
            self._show()
        return tuple(self._subscribers[name] for name in names)

    def unsubscribe(self, *names: str) -> None:
        """Closes subscribers; their queues and bindings end with their connections."""
        self._check_open()
        unknown = [name for name in names if name not in self._subscribers]
        if unknown:
            raise FanoutError(
                f"There is no subscriber called {', '.join(unknown)}.",
                cause=f"There are: {', '.join(self._subscribers) or 'none'}.",
            )
        self._drop(names)
        self._show()

    def publish(self, exchange: str, body: bytes | str, routing_key: str = "") -> Publication:
        """Publishes one message and says what became of it: confirmed, or returned because no queue was bound.

        Safe from any thread.

        Raises:
            ExchangeNotFound: There is no such exchange (404).
            NotConfirmed: The broker refused the message, or was lost before it answered.
            BrokerUnreachable: There is no connection to the broker.
        """
        self._check_open()
        publication = self._publisher.publish(exchange, body, routing_key)
        with self._counting:
            self._returned += not publication.routed
        return publication

    def received(self, messages: int | None = None, *, patience: float = PATIENCE) -> Report:
        """Reports who received what, once all that was published before has arrived.

        A marker straight to each subscriber's queue proves what has come and what has not: queues keep their order.

        Args:
            messages: How many each subscriber should have; ``None`` for no expectation.
            patience: Seconds to wait for that many, for messages from other programs.
        """
        self._check_open()
        subscribers = list(self._subscribers.values())
        reached = [self._has_all(subscriber, patience) for subscriber in subscribers]
        deadline = time.monotonic() + patience
        for subscriber in subscribers:
            subscriber.log.wait_for(messages or 0, max(0.0, deadline - time.monotonic()))
        rows = [_received(subscriber, reached=ok) for subscriber, ok in zip(subscribers, reached, strict=True)]
        return Report(rows, messages, self._returned)

    def board(self, exchange: str | None = None) -> Board:
        """A board with publish buttons and a live pane for each subscriber, those that join later included.

        Args:
            exchange: Where its buttons publish; by default the exchange of the first subscriber.
        """
        self._check_open()
        if exchange is None and not self._subscribers:
            raise FanoutError(
                "A board needs to know where to publish.",
                cause="This lab has no subscribers yet, and no exchange was named.",
                next_step='Subscribe first, or name the exchange: lab.board("logs").',
            )
        target = next(iter(self._subscribers.values())).exchange.name if exchange is None else exchange
        board = Board(lambda text: self.publish(target, text), list(self._subscribers.values()), exchange=target)
        self._boards.append(board)
        return board

    def check(self, exercise: str) -> Verdict:
        """Asks the broker whether an exercise is solved; what is missing again gets one hint more.

        Raises:
            FanoutError: There is no such exercise.
        """
        self._check_open()
        topology = Topology(self._host.exchanges(), self._host.queues(), self._host.bindings())
        return exercises.check(exercise, topology, self._misses[exercise])

    def reset(self) -> None:
        """Closes the subscribers and deletes the exchanges and queues of this lab that nobody is using."""
        self._check_open()
        self._drop(tuple(self._subscribers))
        self._show()
        self._returned = 0
        self._host.reset()

    def close(self) -> None:
        """Closes everything that this lab opened and leaves its virtual host empty.

        Closing twice is fine; after an interrupt, the second time does what is left.

        Boards stay on the page with what they showed last; their panes say that the subscribers are closed.
        """
        if self._finished:
            return
        self._closed = True
        self._drop(tuple(self._subscribers))
        self._publisher.close()
        with contextlib.suppress(BrokerError, ManagementError):
            self._host.reset()
        self._host.close()
        self._finished = True
        _open.pop(self.lesson, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Lab {self.lesson}: {'closed' if self._closed else 'open'}>"

    def _exchange(self, name: str) -> Exchange:
        if name == "":
            raise ExchangeNotFound(
                "Nobody can subscribe to the default exchange.",
                cause="It cannot be bound (403): every queue is on it already, under its own name.",
                next_step='Name another exchange, as in lab.subscribe("logs", "screen").',
            )
        for exchange in self._host.exchanges():
            if exchange.name == name:
                return exchange
        raise ExchangeNotFound(
            f"There is no exchange {name!r} in the virtual host {self.virtual_host!r}.",
            cause="It was not declared yet, or it was declared in another virtual host.",
            next_step="Run the cell that declares it (channel.exchange_declare), then this one again.",
        )

    def _has_all(self, subscriber: Subscriber, patience: float) -> bool:
        """Whether a subscriber has logged everything that was in its queue before now."""
        queue = subscriber.queue
        if queue is None:
            return False
        marker = secrets.token_hex(8)
        subscriber.expect_marker(marker)
        try:
            routed = self._publisher.publish("", b"", queue, headers={MARKER_HEADER: marker}).routed
        except (BrokerError, NotConfirmed):
            routed = False
        return subscriber.saw_marker(marker, patience if routed else 0.0)

    def _owners(self) -> dict[str, str]:
        return {one.queue: one.name for one in self._subscribers.values() if one.queue}

    def _drop(self, names: Iterable[str]) -> None:
        for name in names:
            if name in self._subscribers:
                self._subscribers[name].close()
                del self._subscribers[name]

    def _show(self) -> None:
        for board in self._boards:
            board.show(list(self._subscribers.values()))

    def _check_open(self) -> None:
        if self._closed:
            raise Closed(f"The lab {self.lesson!r} is closed.", next_step="Run the cell that makes the Lab again.")


def _received(subscriber: Subscriber, *, reached: bool) -> Received:
    total, latest = subscriber.log.latest(report.SHOWN)
    return Received(subscriber.name, total, tuple(delivery.text for delivery in latest), reached)
