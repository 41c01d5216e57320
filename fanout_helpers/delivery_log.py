"""A bounded, locked log of deliveries: written by a subscriber's thread, read by views and reports."""

import threading
from collections import deque
from collections.abc import Callable

from fanout_helpers.model import Delivery

CAPACITY = 1000
"""Deliveries that a log remembers; older ones are counted but forgotten."""


class DeliveryLog:
    """The latest deliveries of one subscriber, and how many there were in all.

    Args:
        capacity: How many deliveries to remember.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._latest: deque[Delivery] = deque(maxlen=capacity)
        self._total = 0
        self._changed = threading.Condition()
        self._watchers: list[Callable[[], None]] = []

    @property
    def total(self) -> int:
        """Deliveries since the log began, the forgotten ones included."""
        return self._total

    def append(self, delivery: Delivery) -> None:
        """Adds a delivery and tells the watchers."""
        with self._changed:
            self._latest.append(delivery)
            self._total += 1
            self._changed.notify_all()
        for watcher in tuple(self._watchers):
            watcher()

    def latest(self, count: int) -> tuple[int, list[Delivery]]:
        """The total, and at most ``count`` of the latest deliveries, oldest first, as of one moment."""
        with self._changed:
            return self._total, list(self._latest)[-count:] if count > 0 else []

    def wait_for(self, total: int, timeout: float) -> bool:
        """Waits until there were ``total`` deliveries, ``timeout`` seconds at most; says whether there were."""
        with self._changed:
            return self._changed.wait_for(lambda: self._total >= total, timeout)

    def watch(self, watcher: Callable[[], None]) -> Callable[[], None]:
        """Calls ``watcher`` after each append, from the appending thread; returns what ends that.

        A watcher must return at once and may not raise: it runs on the subscriber's own thread.
        """
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher) if watcher in self._watchers else None
