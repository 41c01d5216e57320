"""A thread that owns a connection and a queue, and logs every message that an exchange puts into that queue."""

import time
from collections.abc import Callable
from typing import Any

import pika

from fanout_helpers.connection import Locate, broker_text, permitting
from fanout_helpers.consuming import Consuming
from fanout_helpers.delivery_log import DeliveryLog
from fanout_helpers.errors import Closed, NotSubscribed
from fanout_helpers.model import Delivery, Exchange, short_name

CONNECTION = "fanout subscriber "
"""How the names of subscribers' connections begin; theirs follow."""

_ACCESS_REFUSED = 403
_PRECONDITION_FAILED = 406


class Subscriber(Consuming):
    """Receives its own copy of every message, from a server-named, exclusive queue bound to an exchange.

    It reconnects when the broker comes back, declares the exchange and a new queue again, and says in ``state`` what
    it is doing. Opening it raises ``NotSubscribed`` where the broker refuses the exchange or the queue.

    Args:
        locate: Tells where the broker is.
        exchange: The exchange to bind to, as it was declared.
        name: What people call this subscriber.
        log: Where deliveries go; a new log by default.
    """

    def __init__(self, locate: Locate, exchange: Exchange, name: str, log: DeliveryLog | None = None) -> None:
        super().__init__(locate, f"{CONNECTION}{name}")
        self.name = name
        self.exchange = exchange
        self.log = log or DeliveryLog()

    def watch(self, watcher: Callable[[], None]) -> Callable[[], None]:
        """Calls ``watcher`` after each delivery and each change of state; returns what ends that.

        A watcher must return at once and may not raise: it runs on the subscriber's own thread.
        """
        unwatch_log = self.log.watch(watcher)
        unwatch_state = super().watch(watcher)

        def unwatch() -> None:
            unwatch_log()
            unwatch_state()

        return unwatch

    def _declare(self, channel: Any) -> str:  # noqa: ANN401
        channel.exchange_declare(
            exchange=self.exchange.name,
            exchange_type=self.exchange.type,
            durable=self.exchange.durable,
            auto_delete=self.exchange.auto_delete,
            internal=self.exchange.internal,
            arguments=dict(self.exchange.arguments),
        )
        queue = str(channel.queue_declare("", exclusive=True).method.queue)
        channel.queue_bind(queue=queue, exchange=self.exchange.name, routing_key="")
        return queue

    def _take(self, method: Any, _properties: pika.BasicProperties, body: bytes) -> None:  # noqa: ANN401
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

    def _refused(self, error: Exception) -> NotSubscribed:
        return NotSubscribed(
            f"{self.name} could not subscribe to the exchange {self.exchange.name!r}.",
            cause=f"RabbitMQ says: {broker_text(error)}",
            next_step=self._way_out(error),
        )

    def _way_out(self, error: Exception) -> str:
        code = getattr(error, "reply_code", None)
        if "reserved prefix" in broker_text(error):
            return "Choose a name that does not begin with 'amq.': RabbitMQ keeps those for itself."
        if code == _ACCESS_REFUSED:
            return f"Have it allowed: {permitting(self._locate())}"
        if code == _PRECONDITION_FAILED:
            return "Delete the exchange (channel.exchange_delete) and declare it as it is meant to be, then subscribe."
        return "Run 'fanout doctor' to find out what is wrong."

    def _closed(self) -> Closed:
        return Closed(f"The subscriber {self.name!r} is closed.", next_step="Subscribe again: make another one.")

    def __repr__(self) -> str:
        queue = f" from {short_name(self._queue)}" if self._queue else ""
        return f"<Subscriber {self.name}: {self._state}{queue}>"
