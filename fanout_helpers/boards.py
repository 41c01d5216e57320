"""The boards of a lab, and what they have in common: one observer of the broker, and one prediction."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from fanout_helpers.barrier import Barrier
from fanout_helpers.connection import State
from fanout_helpers.drawing.printed import Trace
from fanout_helpers.errors import FanoutError
from fanout_helpers.model import Publication
from fanout_helpers.picture import LIVE, SHARED, Mode, Picture
from fanout_helpers.prediction import Judgement, Prediction, judge
from fanout_helpers.subscribers import Subscribers
from fanout_helpers.telemetry.observer import Observer
from fanout_helpers.telemetry.tracing import Boundary
from fanout_helpers.views.board import Board
from fanout_helpers.virtual_host import VirtualHost, is_predeclared

Publish: TypeAlias = Callable[[str, str], Publication]
"""Publishes a text to an exchange."""

PATIENCE = 5.0
"""Seconds to wait for what RabbitMQ reports."""


@dataclass
class _Commitment:
    """A prediction, where among the traced messages it was committed, and how it was judged so far."""

    prediction: Prediction
    boundary: Boundary
    on_board: bool
    judgement: Judgement | None = None
    judged: bool = False
    """Whether no later event can change the judgement."""
    told: bool = False


class Boards:
    """Opens the observer with the first board, and closes it with the last. Safe to use from any thread.

    Args:
        host: The virtual host that the boards show.
        barrier: Proves that what was published has been heard of.
        publish: What the boards' buttons do.
        subscribers: Who has a pane.
    """

    def __init__(self, host: VirtualHost, barrier: Barrier, publish: Publish, subscribers: Subscribers) -> None:
        self._host = host
        self._barrier = barrier
        self._publish = publish
        self._lock = threading.RLock()
        self._open: dict[_Scene, Board] = {}
        self._subscribers = subscribers
        self._observer: Observer | None = None
        self._commitment: _Commitment | None = None
        self._committing = threading.Lock()

    def open(self, exchange: str | None) -> Board:
        """Opens a board that publishes to an exchange; ``None`` for the first subscriber's.

        Raises:
            FanoutError: There is no subscriber yet, and no exchange was named.
            BrokerUnreachable: There is no connection to the broker.
            ManagementError: The management API refuses this user.
        """
        target = exchange if exchange is not None else self._subscribers.main_exchange()
        if target is None:
            raise FanoutError(
                "A board needs to know where to publish.",
                cause="This lab has no subscribers yet, and no exchange was named.",
                next_step='Subscribe first, or name the exchange: lab.board("logs").',
            )
        with self._lock:
            try:
                scene = _Scene(self, self._observe(), target, self._publish)
                self._open[scene] = Board(scene, list(self._subscribers))
            except BaseException:
                # Refused, or interrupted: nobody would ever close what watches for no board.
                if not self._open:
                    self._stop_observing()
                raise
            return self._open[scene]

    def show(self) -> None:
        """Shows the subscribers of this moment."""
        with self._lock:
            for board in self._open.values():
                board.show(list(self._subscribers))

    def close(self) -> None:
        """Stops watching the broker. The boards stay on the page and show the last picture."""
        with self._lock:
            for board in self._open.values():
                board.freeze()
            self._open.clear()
            self._stop_observing()

    def wait_for(self, state: State, patience: float) -> None:
        """Waits until the subscribers and what watches the broker are in a state, ``patience`` seconds each at most."""
        self._subscribers.wait_for(state, patience)
        if self._observer is not None:
            self._observer.wait_for(state, patience)

    def trace(self, messages: int, patience: float) -> Trace:
        """The way of the latest messages, once all that RabbitMQ had to report of them was heard.

        Raises:
            FanoutError: No board is open, or this is no number of messages.
        """
        if isinstance(messages, bool) or not isinstance(messages, int) or messages < 1:
            raise FanoutError(
                f"There are no latest {messages!r} messages.",
                next_step="Give a whole number, 1 or more: lab.trace(3).",
            )
        self._traced("lab.trace()")
        return Trace(self.settled("", patience), messages)

    def settled(self, exchange: str, patience: float = PATIENCE) -> Picture:
        """The picture of a board for ``exchange``, once all was heard of that was done or published before now."""
        observer = self._observing("The picture")
        observer.catch_up(patience)
        for subscriber in self._subscribers:
            self._barrier.passed(subscriber, patience)
        if observer.mode is Mode.MESSAGES:
            self._barrier.passed(observer.firehose, patience)
            observer.tracing.wait_until_delivered(self._subscribers.queues(), patience)
        return self.picture(observer, exchange)

    def present(self) -> Picture:
        """What there is now, from the management API, whether a board is open or not."""
        topology = self._host.topology()
        declared = (exchange.name for exchange in topology.exchanges if not is_predeclared(exchange.name))
        observer = self._observer
        if observer is not None:
            # The management API lists consumers late; a board hears of them at once.
            observer.catch_up(PATIENCE)
            topology = replace(topology, consumers=observer.topology().consumers)
        return Picture(
            topology=topology,
            target=self._subscribers.main_exchange() or next(declared, ""),
            owners=self._subscribers.owners(),
            # Nothing is traced for it: what passed before is not known here, which is not the same as nothing.
            mode=Mode.UNTRACED,
        )

    def picture(self, observer: Observer, exchange: str) -> Picture:
        """What a board for ``exchange`` shows now."""
        picture = observer.picture(exchange, self._subscribers.owners())
        shared = picture.standing == LIVE and self._host.is_taken
        return replace(picture, standing=SHARED) if shared else picture

    def predict(self, prediction: Prediction, *, on_board: bool = False) -> None:
        """Commits to a prediction of the next message: the first one that is published after this returns.

        Args:
            prediction: Who gets it.
            on_board: Whether it was made on a board, and not in a cell.

        Raises:
            FanoutError: No board is open.
        """
        observer = self._traced("lab.predict()")
        with self._committing:
            # A marker among the reports tells before from after: whatever is noted here is noted too early or too late.
            boundary = Boundary()
            observer.tracing.expect(boundary)
            if not self._barrier.place(observer.firehose, lambda: observer.tracing.reach(boundary)):
                observer.tracing.reach(boundary)
            boards = tuple(self._open.values())
            replaced, self._commitment = self._overruled(prediction, on_board=on_board), None
            # Said before anything can judge it: a judgement must be the last word.
            for board in boards:
                board.predicted(prediction, replaced)
            with self._lock:
                if self._observer is observer:
                    self._commitment = _Commitment(prediction, boundary, on_board)
        for board in boards:
            board.refresh()

    def judge(self, patience: float) -> Judgement:
        """Judges the prediction by the first message after it.

        Raises:
            FanoutError: Nothing was predicted, or no message was traced since.
        """
        commitment = self._commitment
        if commitment is None:
            raise FanoutError("There is no prediction to judge.", next_step='Make one first: lab.predict("screen").')
        picture = self.settled("", patience)
        # An event may come after the message that it explains; the management API is asked now.
        present = replace(self._host.topology(), consumers=picture.topology.consumers)
        judgement = self.judgement(replace(picture, topology=present), afresh=not commitment.told)
        commitment.told = judgement is not None
        if judgement is None:
            raise FanoutError(
                "There is no message yet to judge the prediction by.",
                cause="None was published since, or so many at once that RabbitMQ did not report each.",
                next_step='Publish one: lab.publish("logs", "info: hello").',
            )
        return judgement

    def judgement(self, picture: Picture, *, afresh: bool = False) -> Judgement | None:
        """The prediction's judgement, by the message after it, if there was one.

        Args:
            picture: What there is now.
            afresh: Whether it knows more than those before it.
        """
        commitment = self._commitment
        if commitment is None or commitment.boundary.last is None:
            return None
        number = commitment.boundary.last + 1
        message = next((message for message in picture.messages if message.number == number), None)
        if message is not None and (afresh or not commitment.judged):
            commitment.judgement = judge(commitment.prediction, message, picture)
            # What changes after its last copy was delivered is of another time.
            commitment.judged = set(message.routed_queues) <= {delivery.queue for delivery in message.deliveries}
        return commitment.judgement

    def _overruled(self, prediction: Prediction, *, on_board: bool) -> Prediction | None:
        """The prediction that somebody made on a board and that a cell replaces before any message judged it."""
        present = self._commitment
        if on_board or present is None or not present.on_board or present.judgement is not None:
            return None
        return present.prediction if present.prediction != prediction else None

    def _observing(self, what: str) -> Observer:
        observer = self._observer
        if observer is None:
            raise FanoutError(
                f"{what} needs an open board.",
                cause="RabbitMQ reports single messages only while a board is open: it costs the broker work.",
                next_step='Open one first: lab.board("logs").',
            )
        return observer

    def _traced(self, what: str) -> Observer:
        observer = self._observing(what)
        if observer.mode is Mode.UNTRACED:
            raise FanoutError(f"{what} does not work here.", cause=observer.untraced)
        return observer

    def closed(self, scene: "_Scene") -> None:
        """Stops watching the broker with the last board."""
        # A closed board hears of its end once more as garbage, in any thread: also in one that is waited for here.
        if scene not in self._open:
            return
        with self._lock:
            self._open.pop(scene, None)
            if not self._open:
                self._stop_observing()

    def _observe(self) -> Observer:
        if self._observer is None:
            observer = Observer(self._host.locate, lambda: self._host.management, self._barrier.markers)
            self._observer = observer.open()
        return self._observer

    def _stop_observing(self) -> None:
        # Forgotten only when it is closed: after an interrupt, the second time does what is left.
        if self._observer is not None:
            self._observer.close()
        # The next observer counts messages from 1.
        self._observer = self._commitment = None


class _Scene:
    """What one board shows and does: a ``Scene`` of its views."""

    def __init__(self, boards: Boards, observer: Observer, exchange: str, publish: Publish) -> None:
        self.exchange = exchange
        self._boards = boards
        self._observer = observer
        self._publish = publish

    def publish(self, text: str) -> Publication:
        return self._publish(self.exchange, text)

    def picture(self) -> Picture:
        return self._boards.picture(self._observer, self.exchange)

    def settled(self) -> Picture:
        return self._boards.settled(self.exchange)

    def watch(self, watcher: Callable[[], None]) -> Callable[[], None]:
        return self._observer.watch(watcher)

    def predict(self, prediction: Prediction) -> None:
        self._boards.predict(prediction, on_board=True)

    def judgement(self, picture: Picture) -> Judgement | None:
        return self._boards.judgement(picture)

    def closed(self) -> None:
        self._boards.closed(self)
