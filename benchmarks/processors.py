"""Processor time: of this process, as a kernel would have it, and of RabbitMQ."""

import time
from dataclasses import dataclass
from typing import Self

import psutil

from fanout_helpers.broker import private


@dataclass(frozen=True)
class Used:
    """Seconds of wall clock, and seconds of a core that this process and RabbitMQ used."""

    wall: float
    kernel: float
    broker: float

    @classmethod
    def until_now(cls) -> Self:
        """All of it, since some moment in the past: only differences mean something."""
        broker = psutil.Process(private.hold().pid).cpu_times()
        return cls(time.monotonic(), time.process_time(), broker.user + broker.system)

    def __sub__(self, earlier: "Used") -> "Used":
        return Used(self.wall - earlier.wall, self.kernel - earlier.kernel, self.broker - earlier.broker)

    @property
    def processor(self) -> float:
        """Seconds of a core, of both."""
        return self.kernel + self.broker
