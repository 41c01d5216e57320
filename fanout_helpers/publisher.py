"""A thread that owns a connection and publishes on it, with confirms, what any other thread hands it."""

import contextlib
import queue
import threading
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass, field
from typing import Any

import pika
import pika.exceptions

from fanout_helpers.connection import LOST, Locate, State, broker_text, connect
from fanout_helpers.errors import Closed, ExchangeNotFound, FanoutError, NotConfirmed
from fanout_helpers.model import Publication

TIMEOUT = 40.0
"""Seconds to wait for a confirm: longer than a broker that is out of memory or disk may block a connection."""

_TICK = 0.5
_NOT_FOUND = 404


@dataclass(frozen=True)
class _Request:
    exchange: str
    routing_key: str
    body: bytes
    headers: dict[str, Any] | None
    outcome: "Future[Publication]" = field(default_factory=Future)


class Publisher:
    """Publishes from any thread through one connection that a thread of its own looks after.

    pika's connections belong to one thread, and a widget's button runs in whichever the front end likes; an idle
    connection needs somebody to answer its heartbeats. Each message is confirmed
    (https://www.rabbitmq.com/docs/confirms#publisher-confirms) and mandatory
    (https://www.rabbitmq.com/docs/publishers#unroutable), so what becomes of it is always known.

    Args:
        locate: Tells where the broker is.
        name: The connection's name in the management API.
    """

    def __init__(self, locate: Locate, name: str = "fanout publisher") -> None:
        self.name = name
        self._locate = locate
        self._state = State.CONNECTING
        self._requests: queue.SimpleQueue[_Request | None] = queue.SimpleQueue()
        self._connection: pika.BlockingConnection | None = None
        self._channel: Any = None
        self._closing = threading.Lock()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    @property
    def state(self) -> State:
        """What it is doing."""
        return self._state

    def publish(
        self,
        exchange: str,
        body: bytes | str,
        routing_key: str = "",
        *,
        headers: dict[str, Any] | None = None,
    ) -> Publication:
        """Publishes one message, and waits until the broker has confirmed or returned it.

        Args:
            exchange: The exchange's name; ``""`` is the default exchange.
            body: The message's body; text is sent as UTF-8.
            routing_key: What the exchange may route by; a fanout exchange ignores it.
            headers: The message's headers.

        Raises:
            ExchangeNotFound: There is no such exchange (404).
            NotConfirmed: The broker refused the message, or the connection was lost before it answered.
            BrokerUnreachable: There is no connection to the broker.
            Closed: This publisher was closed.
            TypeError: The body is neither bytes nor text.
        """
        if not isinstance(body, bytes | str):
            raise TypeError(f"A message's body is bytes or text, not {type(body).__name__}.")
        request = _Request(exchange, routing_key, body.encode() if isinstance(body, str) else body, headers)
        with self._closing:
            if self._state is State.CLOSED:
                raise Closed(f"The publisher {self.name!r} is closed.", next_step="Make the Lab again.")
            self._requests.put(request)
        try:
            return request.outcome.result(TIMEOUT)
        except FutureTimeoutError:
            # One that still waits for its turn must not be published later, when the person has been told.
            sent = not request.outcome.cancel()
            raise _unanswered(sent=sent, connected=self._state is State.READY) from None

    def close(self) -> None:
        """Publishes what is waiting, closes the connection and ends the thread. Closing twice is fine."""
        with self._closing:
            if self._state is State.CLOSED:
                return
            self._state = State.CLOSED
            self._requests.put(None)
        self._thread.join()

    def _run(self) -> None:
        while True:
            try:
                request = self._requests.get(timeout=_TICK)
            except queue.Empty:
                self._look_after_connection()
                continue
            if request is None:
                break
            self._fulfil(request)
        self._disconnect()

    def _look_after_connection(self) -> None:
        """Answers heartbeats; notices a broker that went away, and comes back to it."""
        try:
            self._connect()
        except Exception:  # noqa: BLE001 - who publishes next is told; this thread lives on
            self._lose_connection()

    def _fulfil(self, request: _Request) -> None:
        if not request.outcome.set_running_or_notify_cancel():
            return
        try:
            self._connect()
            request.outcome.set_result(self._publish(request))
        except (ExchangeNotFound, NotConfirmed) as error:
            request.outcome.set_exception(error)
        except LOST as error:
            self._lose_connection()
            request.outcome.set_exception(_lost(error))
        except Exception as error:  # noqa: BLE001 - whoever published is told; this thread lives on
            self._lose_connection()
            request.outcome.set_exception(error)

    def _publish(self, request: _Request) -> Publication:
        routed = True
        try:
            self._channel.basic_publish(
                exchange=request.exchange,
                routing_key=request.routing_key,
                body=request.body,
                properties=pika.BasicProperties(headers=request.headers),
                mandatory=True,
            )
        except pika.exceptions.UnroutableError:
            routed = False
        except pika.exceptions.NackError:
            raise NotConfirmed(
                "RabbitMQ refused the message (basic.nack).",
                cause="A queue refused it, is full, or is just being deleted. Another queue may have a copy.",
            ) from None
        except pika.exceptions.ChannelClosedByBroker as error:
            raise _refused(request.exchange, error) from error
        return Publication(request.exchange, request.routing_key, request.body, routed)

    def _connect(self) -> None:
        """Makes sure of a live connection with an open channel, as of now and not as of the last message."""
        if self._connection is not None:
            try:
                self._connection.process_data_events(0)
            except LOST:
                self._lose_connection()
        if self._connection is None or not self._connection.is_open:
            self._connection = connect(self._locate(), self.name)
            self._channel = None
        if self._channel is None or not self._channel.is_open:
            self._channel = self._connection.channel()
            self._channel.confirm_delivery()
        self._become(State.READY)

    def _lose_connection(self) -> None:
        self._disconnect()
        self._become(State.RECONNECTING)

    def _disconnect(self) -> None:
        connection, self._connection, self._channel = self._connection, None, None
        if connection is not None and connection.is_open:
            with contextlib.suppress(pika.exceptions.AMQPError, OSError):
                connection.close()

    def _become(self, state: State) -> None:
        with self._closing:
            if self._state is not State.CLOSED:
                self._state = state


def _unanswered(*, sent: bool, connected: bool) -> NotConfirmed:
    fate = "may have been sent" if sent else "was not sent"
    cause = (
        "RabbitMQ may be out of memory or disk space: then it takes no messages."
        if connected
        else "The connection was lost, and RabbitMQ does not answer where it was. This lab goes on trying to reach it."
    )
    return NotConfirmed(
        f"RabbitMQ has not confirmed the message after {TIMEOUT:.0f} seconds; it {fate}.",
        cause=cause,
        next_step="Run 'fanout doctor' to find out.",
    )


def _refused(exchange: str, error: pika.exceptions.ChannelClosedByBroker) -> FanoutError:
    if error.reply_code == _NOT_FOUND:
        return ExchangeNotFound(
            f"There is no exchange {exchange!r}: nothing was published.",
            cause=f"RabbitMQ says: {broker_text(error)}",
            next_step="Declare the exchange first (channel.exchange_declare), then publish again.",
        )
    return NotConfirmed("RabbitMQ refused the message.", cause=f"It says: {broker_text(error)}")


def _lost(error: Exception) -> NotConfirmed:
    return NotConfirmed(
        "The connection was lost before RabbitMQ confirmed the message: it may have it, or not.",
        cause=broker_text(error),
        next_step="Publish again when the broker is back; a subscriber may then get it twice.",
    )
