"""What views need to know: a pane of whoever receives messages, a board of everything else."""

from collections.abc import Callable
from typing import Protocol

from fanout_helpers.delivery_log import DeliveryLog
from fanout_helpers.model import Publication
from fanout_helpers.picture import Picture
from fanout_helpers.prediction import Judgement, Prediction


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


class Scene(Protocol):
    """What a board shows and does, in any thread; only ``publish``, ``predict`` and ``settled`` may take a moment."""

    @property
    def exchange(self) -> str:
        """The exchange that it publishes to."""

    def publish(self, text: str) -> Publication:
        """Publishes a text and returns what became of it."""

    def picture(self) -> Picture:
        """What there is to see now."""

    def settled(self) -> Picture:
        """What there is to see once everything that was published before now has been heard of."""

    def watch(self, watcher: Callable[[], None]) -> Callable[[], None]:
        """Calls ``watcher``, in any thread, after each change; returns what ends it."""

    def predict(self, prediction: Prediction) -> None:
        """Commits to a prediction of the next message."""

    def judgement(self, picture: Picture) -> Judgement | None:
        """How the prediction turned out, if that is known."""

    def closed(self) -> None:
        """Hears that the board is closed."""
