"""A thread that owns a connection and consumes one queue, and comes back when the broker does."""

import contextlib
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import Any, Self

import pika
import pika.exceptions

from fanout_helpers.connection import MARKER_HEADER, Locate, State, connect, pauses
from fanout_helpers.errors import Closed, FanoutError
from fanout_helpers.model import short_name

PREFETCH = 500
"""Messages on their way to a consumer at most (https://www.rabbitmq.com/docs/consumer-prefetch)."""

_PATIENCE = 1.0


class Consuming(ABC):
    """Consumes a queue on a thread of its own, and reconnects: then everything is declared again.

    What comes is acknowledged, many messages at a time.

    Args:
        locate: Tells where the broker is.
        name: The connection's name in the management API, and the thread's.
    """

    def __init__(self, locate: Locate, name: str) -> None:
        self._locate = locate
        self._connection_name = name
        self._queue: str | None = None
        self._state = State.CONNECTING
        self._failure: Exception | None = None
        self._connection: pika.BlockingConnection | None = None
        self._channel: Any = None
        self._unacknowledged = 0
        self._closing = threading.Event()
        self._changed = threading.Condition()
        self._markers: dict[str, bool] = {}
        self._at_markers: dict[str, Callable[[], None]] = {}
        self._watchers: list[Callable[[], None]] = []
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @property
    def queue(self) -> str | None:
        """The name of its queue; ``None`` while there is none."""
        return self._queue

    @property
    def state(self) -> State:
        """What it is doing."""
        return self._state

    @abstractmethod
    def _declare(self, channel: Any) -> str:  # noqa: ANN401
        """Declares and binds everything that a new connection needs; returns the queue's name."""

    @abstractmethod
    def _take(self, method: Any, properties: pika.BasicProperties, body: bytes) -> None:  # noqa: ANN401
        """Takes one message; called on the consuming thread."""

    @abstractmethod
    def _refused(self, error: Exception) -> FanoutError:
        """The error for what RabbitMQ refused while this was opened."""

    def _finish(self) -> None:  # noqa: B027 - most have nothing to undo
        """Undoes, on the consuming thread, what was done to the broker beside the queue; nothing by default."""

    def _closed(self) -> Closed:
        return Closed(f"{self!r} is closed.", next_step="Make another one.")

    def open(self) -> Self:
        """Connects, once, and returns when the queue is consumed from: what is published from now on arrives.

        Raises:
            BrokerUnreachable: There is no connection to the broker. (If it is lost later, it is made again.)
            FanoutError: The broker refused.
            Closed: This was closed.
        """
        if self._closing.is_set():
            raise self._closed()
        if self._thread.ident is None:
            self._thread.start()
        with self._changed:
            self._changed.wait_for(lambda: self._state is not State.CONNECTING)
        if self._failure is not None:
            raise self._failure
        return self

    def close(self) -> None:
        """Closes the connection, and with it an exclusive queue ends. Closing twice is fine."""
        self._closing.set()
        self._call(lambda: None)
        if self._thread.is_alive():
            self._thread.join()
        self._become(State.CLOSED)

    def wait_for(self, *states: State, timeout: float) -> bool:
        """Waits until it is in one of these states, ``timeout`` seconds at most; returns whether it is."""
        with self._changed:
            return self._changed.wait_for(lambda: self._state in states, timeout)

    def watch(self, watcher: Callable[[], None]) -> Callable[[], None]:
        """Calls ``watcher`` after each change of state; returns what ends that.

        A watcher must return at once and may not raise: it runs on this thread.
        """
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher) if watcher in self._watchers else None

    def expect_marker(self, marker: str) -> None:
        """Says that a marker is about to be published straight to the queue."""
        with self._changed:
            self._markers[marker] = False

    def saw_marker(self, marker: str, timeout: float) -> bool:
        """Waits for a marker, ``timeout`` seconds at most. A queue keeps its order: what came before it was taken."""
        with self._changed:
            seen = self._changed.wait_for(lambda: self._markers[marker], timeout)
            del self._markers[marker]
            return seen

    def call_at_marker(self, marker: str, callback: Callable[[], None]) -> None:
        """Calls ``callback`` on the consuming thread when this marker comes, and before anything that comes later."""
        with self._changed:
            self._at_markers[marker] = callback

    def _call(self, callback: Callable[[], None]) -> None:
        """Has the consuming thread call something, if it has a connection. Returns at once; any thread may call it."""
        connection = self._connection
        if connection is not None:
            with contextlib.suppress(pika.exceptions.AMQPError, OSError):
                connection.add_callback_threadsafe(callback)

    def _run(self) -> None:
        try:
            self._keep_consuming()
        except Exception as error:
            opening = self._state is State.CONNECTING
            self._fail(error)
            if not opening:
                raise

    def _keep_consuming(self) -> None:
        waiting = pauses()
        while not self._closing.is_set():
            try:
                self._connect()
                waiting = pauses()
                self._consume()
            except (pika.exceptions.AMQPError, OSError, FanoutError):
                if self._state is State.CONNECTING:
                    raise
            if not self._closing.is_set():
                self._lose_connection()
                self._closing.wait(next(waiting))
        self._finish()
        self._disconnect()

    def _connect(self) -> None:
        """Does everything that a new connection has to do again."""
        self._disconnect()
        self._connection = connect(self._locate(), self._connection_name)
        self._channel = self._connection.channel()
        queue = self._declare(self._channel)
        self._channel.basic_qos(prefetch_count=PREFETCH)
        self._channel.basic_consume(queue=queue, on_message_callback=self._receive)
        self._queue = queue
        self._become(State.CONSUMING)

    def _consume(self) -> None:
        """Takes what comes and acknowledges it all at once, until closed or until the queue is gone."""
        channel = self._channel
        while not self._closing.is_set() and channel.is_open and channel.consumer_tags:
            self._unacknowledged = 0
            channel.connection.process_data_events(_PATIENCE)
            if self._unacknowledged:
                channel.basic_ack(self._unacknowledged, multiple=True)

    def _receive(self, _channel: Any, method: Any, properties: pika.BasicProperties, body: bytes) -> None:  # noqa: ANN401
        self._unacknowledged = method.delivery_tag
        if not self._takes_as_marker(properties):
            self._take(method, properties, body)

    def _takes_as_marker(self, properties: pika.BasicProperties) -> bool:
        """Whether this is a marker that is waited for; anybody else's message with that header is just a message."""
        marker = (properties.headers or {}).get(MARKER_HEADER)
        if not isinstance(marker, str):
            return False
        with self._changed:
            callback = self._at_markers.pop(marker, None)
        if callback is not None:
            callback()
            return True
        return self._sees(marker)

    def _sees(self, marker: str) -> bool:
        """Tells who waits for a marker that it is here; returns whether anybody does."""
        with self._changed:
            if marker not in self._markers:
                return False
            self._markers[marker] = True
            self._changed.notify_all()
            return True

    def _fail(self, error: Exception) -> None:
        self._finish()
        self._disconnect()
        refused = isinstance(error, pika.exceptions.AMQPError | OSError)
        self._failure = self._refused(error) if refused else error
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
        self._tell()

    def _tell(self) -> None:
        for watcher in tuple(self._watchers):
            watcher()

    def __repr__(self) -> str:
        queue = f" from {short_name(self._queue)}" if self._queue else ""
        return f"<{self._connection_name}: {self._state}{queue}>"


def wait_for(consuming: Iterable[Consuming], state: State, patience: float) -> None:
    """Waits until each of them is in a state, or closed for good, ``patience`` seconds at most."""
    deadline = time.monotonic() + patience
    for one in consuming:
        one.wait_for(state, State.CLOSED, timeout=max(0.0, deadline - time.monotonic()))
