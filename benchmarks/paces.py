"""What it costs to draw messages that come at a steady pace, and how late they are drawn."""

import threading
import time
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import Any

import psutil

from benchmarks.classroom import Watching, watched
from benchmarks.publishing import Program
from fanout_helpers import Lab
from fanout_helpers.broker import private

SETTLED = 1.0
"""Seconds after which a board that has just been opened does no more than it has to."""


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
class Cost:
    """What watching a pace took: ``kernel`` and ``broker`` are shares of a core, ``lags`` seconds."""

    pace: float
    kernel: float
    broker: float
    published: int
    lags: tuple[float, ...] = ()

    @property
    def lag(self) -> float:
        """The median lag, in seconds."""
        return median(self.lags)

    @property
    def late(self) -> float:
        """The lag that 5 % of the messages exceed, in seconds."""
        return quantiles(self.lags, n=20)[-1]

    @property
    def drawn(self) -> float:
        """The share of messages that were ever drawn."""
        return len(self.lags) / self.published


def cost(lab: Lab, watching: Watching, pace: float, seconds: float) -> Cost:
    """Has messages published at a steady pace by another process, and measures what that takes."""
    messages = int(pace * seconds)
    drawn = Drawn()
    with watched(lab, watching) as board, Program(lab.address.amqp_url, messages, pace) as program:
        if board is not None:
            board.diagram.observe(drawn.see, "drawing")
        time.sleep(SETTLED)
        began, kernel, broker = time.monotonic(), time.process_time(), _broker_time()
        program.publish()
        elapsed = time.monotonic() - began
        shares = [(time.process_time() - kernel) / elapsed, (_broker_time() - broker) / elapsed]
        lab.received()
        time.sleep(0.3)
    return Cost(pace, *shares, messages, tuple(drawn.lags.values()))


def _broker_time() -> float:
    times = psutil.Process(private.hold().pid).cpu_times()
    return times.user + times.system
