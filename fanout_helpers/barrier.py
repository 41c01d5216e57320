"""Proof that a consumer has taken everything that was in its queue: no sleep, and absence is proved too."""

import secrets
import threading
from collections import Counter
from collections.abc import Callable

from fanout_helpers.connection import MARKER_HEADER
from fanout_helpers.consuming import Consuming
from fanout_helpers.errors import BrokerError, NotConfirmed
from fanout_helpers.publisher import Publisher


class Barrier:
    """Publishes a marker straight to a consumer's queue, and waits until it has come: queues keep their order.

    Args:
        publisher: What publishes the markers.
    """

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self.markers: Counter[str] = Counter()
        """How many markers were published to each queue: statistics count them as messages."""
        self._counting = threading.Lock()

    def passed(self, consumer: Consuming, patience: float) -> bool:
        """Whether the consumer has taken all that was in its queue before now.

        Args:
            consumer: Who is asked.
            patience: Seconds to wait for the answer.
        """
        queue = consumer.queue
        if queue is None:
            return False
        marker = secrets.token_hex(8)
        consumer.expect_marker(marker)
        routed = self._publish(queue, marker)
        return consumer.saw_marker(marker, patience if routed else 0.0)

    def place(self, consumer: Consuming, callback: Callable[[], None]) -> bool:
        """Puts a marker into the consumer's queue and does not wait until it arrives; returns whether RabbitMQ has it.

        Args:
            consumer: Whose queue it is.
            callback: Called on the consumer's thread when the marker comes: what is published from now on comes later.
        """
        queue = consumer.queue
        if queue is None:
            return False
        marker = secrets.token_hex(8)
        consumer.call_at_marker(marker, callback)
        return self._publish(queue, marker)

    def _publish(self, queue: str, marker: str) -> bool:
        with self._counting:
            self.markers[queue] += 1
        try:
            return self._publisher.publish("", b"", queue, headers={MARKER_HEADER: marker}).routed
        except (BrokerError, NotConfirmed):
            return False
