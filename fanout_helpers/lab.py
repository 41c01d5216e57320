"""The lab of one lesson: a broker, a virtual host of the lesson's own, subscribers, a publisher and boards."""

import contextlib
import threading

from fanout_helpers import listing
from fanout_helpers.address import BrokerAddress
from fanout_helpers.barrier import Barrier
from fanout_helpers.boards import Boards
from fanout_helpers.connection import YOURS, Parameters, State, parameters
from fanout_helpers.doctor import diagnosis
from fanout_helpers.drawing.printed import Description, Still, Trace
from fanout_helpers.errors import Closed
from fanout_helpers.exercises.check import Checks
from fanout_helpers.exercises.verdict import Verdict
from fanout_helpers.listing import Listing
from fanout_helpers.model import Binding, Exchange, Publication, Queue
from fanout_helpers.prediction import Judgement, Prediction, predict
from fanout_helpers.publisher import Publisher
from fanout_helpers.quizzes import course
from fanout_helpers.report import Report
from fanout_helpers.subscriber import Subscriber
from fanout_helpers.subscribers import Subscribers
from fanout_helpers.views import answers
from fanout_helpers.views.board import Board
from fanout_helpers.views.management_link import ManagementLink
from fanout_helpers.views.quiz import Quiz
from fanout_helpers.virtual_host import VirtualHost

PATIENCE = 5.0
"""Seconds that a report waits for messages that other programs published and that are still on their way."""

_open: dict[str, "Lab"] = {}


class Lab(contextlib.AbstractContextManager["Lab"]):
    """What a lesson's first cell makes: it starts or joins this person's RabbitMQ.

    Made again for the same lesson, it closes the earlier one first, so that a cell may be run twice.

    Args:
        lesson: The lesson's name, which is also the name of its virtual host: letters, digits, ``.``, ``_``, ``-``.
        own_broker: Whether to start a RabbitMQ on this machine that this lab alone has, and that ends with it: one
            that may be stopped and started.

    Raises:
        FanoutError: The name cannot be used.
        BrokerNotInstalled: There is no RabbitMQ on this machine.
        BrokerStartFailed: It did not start.
        BrokerUnreachable: The broker that FANOUT_BROKER_URL names does not answer.
    """

    def __init__(self, lesson: str, *, own_broker: bool = False) -> None:
        self._host = VirtualHost(lesson, own_broker=own_broker)
        if lesson in _open:
            _open[lesson].close()
        self.lesson = lesson
        self._host.open(print)
        self._host.take(print)
        answers.show_in_words()
        self._publisher = Publisher(self._host.locate, "lab.publish")
        self._barrier = Barrier(self._publisher)
        self._subscribers = Subscribers(self._host.locate)
        self._boards = Boards(self._host, self._barrier, self._publish, self._subscribers)
        self._checks = Checks()
        self._returned = 0
        self._counting = threading.Lock()
        self._closed = self._finished = False
        _open[lesson] = self

    @property
    def virtual_host(self) -> str:
        """The name of the virtual host that this lab works in."""
        return self._open_host.name

    @property
    def address(self) -> BrokerAddress:
        """The broker's address and this lab's virtual host."""
        return self._open_host.locate()

    @property
    def parameters(self) -> Parameters:
        """For a connection of the lesson's own: ``pika.BlockingConnection(lab.parameters)``.

        Without heartbeats: between two cells nobody answers them, and the broker would close the connection while
        its owner reads on (https://www.rabbitmq.com/docs/heartbeats).
        """
        return parameters(self.address, YOURS, heartbeat=0)

    def exchanges(self) -> Listing[Exchange]:
        """The exchanges of this lab's virtual host, as the management API lists them now."""
        return listing.exchanges(self._open_host.exchanges())

    def queues(self) -> Listing[Queue]:
        """The queues of this lab's virtual host, as the management API lists them now."""
        return listing.queues(self._open_host.topology().queues, self._subscribers.owners())

    def bindings(self) -> Listing[Binding]:
        """The bindings of this lab's virtual host, the default exchange's implicit ones included."""
        return listing.bindings(self._open_host.topology().bindings, self._subscribers.owners())

    def subscribe(self, exchange: str, *names: str) -> tuple[Subscriber, ...]:
        """Starts a background subscriber for each name, with its own queue, bound to the exchange.

        A name that is already in use gets a fresh one: the one before it is closed.

        Raises:
            ExchangeNotFound: There is no such exchange in this lab's virtual host.
            NotSubscribed: The broker refused.
        """
        self._check_open()
        try:
            return self._subscribers.open(self._host.exchange(exchange), names)
        finally:
            self._boards.show()

    def unsubscribe(self, *names: str) -> None:
        """Closes subscribers; their queues and bindings end with their connections."""
        self._check_open()
        self._subscribers.close(names)
        self._boards.show()

    def publish(self, exchange: str, body: bytes | str, routing_key: str = "") -> Publication:
        """Publishes one message and says what became of it: confirmed, or returned because it matched no queue.

        Safe from any thread.

        Raises:
            ExchangeNotFound: There is no such exchange (404).
            NotConfirmed: The broker refused the message, or was lost before it answered.
            BrokerUnreachable: There is no connection to the broker.
        """
        return self._publish(exchange, body, routing_key, in_cell=True)

    def _publish(self, exchange: str, body: bytes | str, key: str = "", *, in_cell: bool = False) -> Publication:
        self._check_open(in_cell=in_cell)
        publication = self._publisher.publish(exchange, body, key)
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
        rows = self._subscribers.received(self._barrier, messages or 0, patience)
        return Report(rows, messages, self._returned)

    def board(self, exchange: str | None = None) -> Board:
        """A board: publish buttons, RabbitMQ as it is now with messages on their way, a live pane for each subscriber.

        Args:
            exchange: Where its buttons publish; by default the exchange of the first subscriber.

        Raises:
            FanoutError: There is no subscriber yet, and no exchange was named.
            BrokerUnreachable: There is no connection to the broker.
        """
        self._check_open()
        return self._boards.open(exchange)

    def trace(self, messages: int = 1) -> Trace:
        """The way of the latest messages: where each was published, which queues got a copy, and who it went to.

        RabbitMQ reports it (https://www.rabbitmq.com/docs/firehose) while a board is open.

        Args:
            messages: How many of the latest messages to tell of; RabbitMQ's reports of the latest 50 are kept.

        Raises:
            FanoutError: No board is open, or this user may not trace messages, or this is no number of messages.
        """
        self._check_open()
        return self._boards.trace(messages, PATIENCE)

    def predict(self, *names: str, copies: int | None = None) -> Prediction:
        """Commits to a prediction of the next message; ``lab.judge()`` tells how it turned out.

        Args:
            names: Who gets it: subscribers, or queues.
            copies: How many copies there will be; 0 says that nobody gets it.

        Raises:
            FanoutError: No board is open, or what is said cannot be.
        """
        self._check_open()
        prediction = predict(*names, copies=copies)
        self._boards.predict(prediction)
        return prediction

    def judge(self) -> Judgement:
        """Sets the last prediction beside what RabbitMQ did with the first message after it: right or wrong, and why.

        Raises:
            FanoutError: Nothing was predicted, or nothing was published since.
        """
        self._check_open()
        return self._boards.judge(PATIENCE)

    def describe(self) -> Description:
        """What this lab's virtual host holds, in words: exchanges, what is bound to each, and who consumes."""
        self._check_open()
        return Description(self._boards.present())

    def picture(self) -> Still:
        """The same as a drawing, as of now, that needs no kernel to be seen."""
        self._check_open()
        return Still(self._boards.present())

    def check(self, exercise: str) -> Verdict:
        """Asks the broker whether an exercise is solved.

        What is missing still gets its code: after a change, or at the third check without one.

        Raises:
            FanoutError: There is no such exercise.
        """
        return self._checks.check(exercise, self._open_host.topology)

    def quiz(self) -> Quiz:
        """The quiz of this lab's lesson, from the beginning; for other labs, a FanoutError says which there are."""
        return Quiz(course.questions(self.lesson))

    def management_ui(self) -> ManagementLink:
        """A link to RabbitMQ's management UI: signed in, and on this lab's virtual host, if the broker is yours."""
        return ManagementLink(self.virtual_host, self._host.management_page)

    def doctor(self) -> diagnosis.Diagnosis:
        """What is wrong with this lab's broker, virtual host and front end: for each, why, and the one repair."""
        return diagnosis.of(self._open_host)

    def stop_broker(self) -> None:
        """Stops RabbitMQ as an administrator does; returns when the subscribers know that they lost it.

        Raises:
            BrokerError: This lab has no broker of its own, or it does not stop.
        """
        self._open_host.stop_broker(print)
        self._boards.wait_for(State.RECONNECTING, PATIENCE)

    def start_broker(self) -> None:
        """Starts RabbitMQ again; returns when the subscribers have come back by themselves, and the boards too.

        Raises:
            BrokerError: This lab has no broker of its own, or it does not start.
        """
        self._open_host.start_broker(print)
        self._boards.wait_for(State.CONSUMING, PATIENCE)

    def restart_broker(self) -> None:
        """Both, one after the other (https://www.rabbitmq.com/docs/man/rabbitmqctl.8#stop_app)."""
        self.stop_broker()
        self.start_broker()

    def reset(self) -> None:
        """Closes the subscribers and deletes the exchanges and queues of this lab that nobody is using."""
        self._check_open()
        self._subscribers.close_all()
        self._boards.show()
        self._returned = 0
        self._host.reset()

    def close(self) -> None:
        """Closes everything that this lab opened and leaves its virtual host empty.

        Closing twice is fine; after an interrupt, the second time does what is left. Boards stay on the page with what
        they showed last; their panes say that the subscribers are closed.
        """
        if self._finished:
            return
        self._closed = True
        self._boards.close()
        self._subscribers.close_all()
        self._publisher.close()
        self._host.end()
        self._finished = True
        _open.pop(self.lesson, None)

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Lab {self.lesson}: {'closed' if self._closed else 'open'}>"

    @property
    def _open_host(self) -> VirtualHost:
        self._check_open()
        return self._host

    def _check_open(self, *, in_cell: bool = True) -> None:
        if self._closed:
            raise Closed(f"The lab {self.lesson!r} is closed.", next_step="Run the cell that makes the Lab again.")
        if in_cell:
            self._host.tell_if_taken(print)
