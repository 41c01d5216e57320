"""What it costs to show messages that come at a steady pace, and how late they are drawn."""

import time
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import Any

from benchmarks.classroom import Watching, watched
from benchmarks.processors import Used
from benchmarks.publishing import Program
from fanout_helpers import Lab

_SETTLED = 0.5
"""Seconds after which a board that was just opened is idle, and the last message is drawn."""


@dataclass
class Drawn:
    """Which messages were drawn, and how long after they were published, in seconds."""

    lags: dict[int, float] = field(default_factory=dict)

    def see(self, change: Any) -> None:  # noqa: ANN401
        """Looks at a drawing that is on its way to the page."""
        now = time.monotonic()
        for message in change["new"]["messages"]:
            self.lags.setdefault(message["number"], now - float(message["text"]))


@dataclass(frozen=True)
class Shown:
    """What showing each message cost.

    ``kernel`` and ``broker`` are shares of a core, beyond what the same messages cost without a board. ``lags`` are
    seconds from publishing a message to its drawing; a message that was never drawn has none.
    """

    kernel: float
    broker: float
    published: int
    lags: tuple[float, ...]

    @property
    def share(self) -> float:
        """The share of a core, of both."""
        return self.kernel + self.broker

    @property
    def lag(self) -> float:
        """The median lag, in seconds."""
        return median(self.lags)

    @property
    def late(self) -> float:
        """The lag that one message in twenty exceeds, in seconds."""
        return quantiles(self.lags, n=20)[-1]

    @property
    def drawn(self) -> float:
        """The share of the messages that were drawn."""
        return len(self.lags) / self.published


def shown(lab: Lab, pace: float, seconds: float) -> Shown:
    """Measures a pace, in messages a second, without a board and with one that never gives single messages up."""
    messages, drawn = round(pace * seconds), Drawn()
    free = _used(lab, Watching.NOT, pace, messages, Drawn())
    used = _used(lab, Watching.EACH, pace, messages, drawn)
    kernel, broker = (
        used.kernel / used.wall - free.kernel / free.wall,
        used.broker / used.wall - free.broker / free.wall,
    )
    return Shown(kernel, broker, messages, tuple(drawn.lags.values()))


def _used(lab: Lab, watching: Watching, pace: float, messages: int, drawn: Drawn) -> Used:
    with watched(lab, watching) as board, Program(lab.address.amqp_url, messages, pace) as program:
        if board is not None:
            board.diagram.observe(drawn.see, "drawing")
        time.sleep(_SETTLED)
        began = Used.until_now()
        program.publish()
        used = Used.until_now() - began
        lab.received()
        time.sleep(_SETTLED)
    return used
