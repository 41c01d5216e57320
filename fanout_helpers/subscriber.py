"""A thread that owns a connection and a queue, and logs every message that an exchange puts into that queue."""

import contextlib
import threading
import time
from collections.abc import Callable
from typing import Any

import pika
import pika.exceptions

from fanout_helpers.connection import Locate, State, broker_text, connect, pauses
from fanout_helpers.delivery_log import DeliveryLog
from fanout_helpers.errors import Closed, FanoutError, NotSubscribed
from fanout_helpers.model import Delivery, Exchange, short_name

MARKER_HEADER = "fanout-marker"
"""The header of a marker: a message that asks a subscriber whether it has seen all that came before."""

PREFETCH = 500
"""Messages on their way to a subscriber at most (https://www.rabbitmq.com/docs/consumer-prefetch)."""

_PATIENCE = 1.0


class Subscriber:
    """Receives its own copy of every message, from a server-named, exclusive queue bound to an exchange.

    It reconnects when the broker comes back, declares the exchange and a new queue again, and says in ``state`` what
    it is doing. Messages are acknowledged, many at a time.

    Args:
        locate: Tells where the broker is.
        exchange: The exchange to bind to, as it was declared.
        name: What people call this subscriber.
        log: Where deliveries go; a new log by default.
    """

    def __init__(self, locate: Locate, exchange: Exchange, name: str, log: DeliveryLog | None = None) -> None:
        self.name = name
        self.exchange = exchange
        self.log = log or DeliveryLog()
        self._locate = locate
        self._queue: str | None = None
        self._state = State.CONNECTING
        self._failure: Exception | None = None
        self._connection: pika.BlockingConnection | None = None
        self._channel: Any = None
        self._unacknowledged = 0
        self._closing = threading.Event()
        self._changed = threading.Condition()
        self._markers: dict[str, bool] = {}
        self._watchers: list[Callable[[], None]] = []
        self._thread = threading.Thread(target=self._run, name=f"fanout subscriber {name}", daemon=True)

    @property
    def queue(self) -> str | None:
        """The name that the server gave its queue; ``None`` while there is none."""
        return self._queue

    @property
    def state(self) -> State:
        """What it is doing."""
        return self._state

    def open(self) -> "Subscriber":
        """Connects, once, and returns when the queue is bound and consumed from: what is published from now on arrives.

        Raises:
            BrokerUnreachable: There is no connection to the broker. (If it is lost later, it is made again.)
            NotSubscribed: The broker refused the exchange or the queue.
            Closed: This subscriber was closed.
        """
        if self._closing.is_set():
            raise Closed(f"The subscriber {self.name!r} is closed.", next_step="Subscribe again: make another one.")
        if self._thread.ident is None:
            self._thread.start()
        with self._changed:
            self._changed.wait_for(lambda: self._state is not State.CONNECTING)
        if self._failure is not None:
            raise self._failure
        return self

    def close(self) -> None:
        """Closes the connection, and with it the queue ends. Closing twice is fine."""
        self._closing.set()
        connection = self._connection
        if connection is not None:
            with contextlib.suppress(pika.exceptions.AMQPError, OSError):
                connection.add_callback_threadsafe(lambda: None)
        if self._thread.is_alive():
            self._thread.join()
        self._become(State.CLOSED)

    def watch(self, watcher: Callable[[], None]) -> Callable[[], None]:
        """Calls ``watcher`` after each delivery and each change of state; returns what ends that.

        A watcher must return at once and may not raise: it runs on the subscriber's own thread.
        """
        unwatch_log = self.log.watch(watcher)
        self._watchers.append(watcher)

        def unwatch() -> None:
            unwatch_log()
            if watcher in self._watchers:
                self._watchers.remove(watcher)

        return unwatch

    def expect_marker(self, marker: str) -> None:
        """Tells the subscriber of a marker that is about to be published straight to its queue."""
        with self._changed:
            self._markers[marker] = False

    def saw_marker(self, marker: str, timeout: float) -> bool:
        """Waits for a marker, ``timeout`` seconds at most. A queue keeps its order: what came before it is logged."""
        with self._changed:
            seen = self._changed.wait_for(lambda: self._markers[marker], timeout)
            del self._markers[marker]
            return seen

    def _run(self) -> None:
        try:
            self._keep_subscribed()
        except Exception as error:
            opening = self._state is State.CONNECTING
            self._fail(error)
            if not opening:
                raise

    def _keep_subscribed(self) -> None:
        waiting = pauses()
        while not self._closing.is_set():
            try:
                self._subscribe()
                waiting = pauses()
                self._consume()
            except (pika.exceptions.AMQPError, OSError, FanoutError):
                if self._state is State.CONNECTING:
                    raise
            if not self._closing.is_set():
                self._lose_connection()
                self._closing.wait(next(waiting))
        self._disconnect()

    def _subscribe(self) -> None:
        """Declares, binds and consumes: everything a new connection has to do again."""
        self._disconnect()
        self._connection = connect(self._locate(), f"fanout subscriber {self.name}")
        self._channel = self._connection.channel()
        self._channel.exchange_declare(
            exchange=self.exchange.name,
            exchange_type=self.exchange.type,
            durable=self.exchange.durable,
            auto_delete=self.exchange.auto_delete,
            internal=self.exchange.internal,
            arguments=dict(self.exchange.arguments),
        )
        queue = self._channel.queue_declare("", exclusive=True).method.queue
        self._channel.queue_bind(queue=queue, exchange=self.exchange.name, routing_key="")
        self._channel.basic_qos(prefetch_count=PREFETCH)
        self._channel.basic_consume(queue=queue, on_message_callback=self._receive)
        self._queue = queue
        self._become(State.CONSUMING)

    def _consume(self) -> None:
        """Logs what comes and acknowledges it all at once, until closed or until the queue is gone."""
        channel = self._channel
        while not self._closing.is_set() and channel.is_open and channel.consumer_tags:
            self._unacknowledged = 0
            channel.connection.process_data_events(_PATIENCE)
            if self._unacknowledged:
                channel.basic_ack(self._unacknowledged, multiple=True)

    def _receive(self, _channel: Any, method: Any, properties: pika.BasicProperties, body: bytes) -> None:  # noqa: ANN401
        self._unacknowledged = method.delivery_tag
        if not self._takes_as_marker(properties):
            self.log.append(
                Delivery(
                    number=self.log.total + 1,
                    exchange=method.exchange,
                    routing_key=method.routing_key,
                    body=body,
                    redelivered=method.redelivered,
                    received_at=time.time(),
                )
            )

    def _takes_as_marker(self, properties: pika.BasicProperties) -> bool:
        """Whether this is a marker that is waited for; anybody else's message with that header is just a message."""
        marker = (properties.headers or {}).get(MARKER_HEADER)
        with self._changed:
            if not isinstance(marker, str) or marker not in self._markers:
                return False
            self._markers[marker] = True
            self._changed.notify_all()
            return True

    def _fail(self, error: Exception) -> None:
        self._disconnect()
        refused = isinstance(error, pika.exceptions.AMQPError | OSError)
        self._failure = _refused(self, error) if refused else error
        self._become(State.CLOSED)

    def _lose_connection(self) -> None:
        self._disconnect()
        self._become(State.RECONNECTING)

    def _disconnect(self) -> None:
        """Closes the connection, if there is one. The queue goes first: RabbitMQ 4.3 ends it only some time after."""
        connection, queue, self._connection, self._queue = self._connection, self._queue, None, None
        if connection is not None and connection.is_open:
            with contextlib.suppress(pika.exceptions.AMQPError, OSError):
                if queue is not None and self._channel.is_open:
                    self._channel.queue_delete(queue)
                connection.close()

    def _become(self, state: State) -> None:
        with self._changed:
            self._state = state
            self._changed.notify_all()
        for watcher in tuple(self._watchers):
            watcher()

    def __repr__(self) -> str:
        queue = f" from {short_name(self._queue)}" if self._queue else ""
        return f"<Subscriber {self.name}: {self._state}{queue}>"


def _refused(subscriber: Subscriber, error: Exception) -> NotSubscribed:
    return NotSubscribed(
        f"{subscriber.name} could not subscribe to the exchange {subscriber.exchange.name!r}.",
        cause=f"RabbitMQ says: {broker_text(error)}",
    )
