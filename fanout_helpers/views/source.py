"""What a pane needs to know about whoever receives messages."""

from collections.abc import Callable
from typing import Protocol

from fanout_helpers.delivery_log import DeliveryLog


class PaneSource(Protocol):
    """Something with a queue and a log of what came from it, such as a subscriber."""

    @property
    def name(self) -> str:
        """What people call it."""

    @property
    def queue(self) -> str | None:
        """The whole name of its queue; ``None`` while it has none."""

    @property
    def state(self) -> str:
        """``connecting``, ``consuming``, ``reconnecting`` or ``closed``."""

    @property
    def log(self) -> DeliveryLog:
        """What it received."""

    def watch(self, watcher: Callable[[], None]) -> Callable[[], None]:
        """Calls ``watcher``, in any thread, after each delivery or change of state; returns what ends it."""
