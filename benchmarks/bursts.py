"""How long a burst takes, from its first message until every subscriber has the last."""

import time
from collections import defaultdict
from collections.abc import Callable
from typing import TypeAlias

import pika

from benchmarks.classroom import Watching, watched
from benchmarks.publishing import Program, publish
from fanout_helpers import Lab

PATIENCE = 120.0
"""Seconds that a burst may take."""

Burst: TypeAlias = Callable[[Lab, Watching, int], float]


def by_program(lab: Lab, watching: Watching, messages: int) -> float:
    """Seconds for a burst that another process publishes."""
    with watched(lab, watching), Program(lab.address.amqp_url, messages) as program:
        return _timed(lab, program.publish, messages)


def by_cell(lab: Lab, watching: Watching, messages: int) -> float:
    """Seconds for a burst that the subscribers' own process publishes, as a lesson's cell does."""
    with pika.BlockingConnection(lab.parameters) as connection, watched(lab, watching):
        channel = connection.channel()
        return _timed(lab, lambda: publish(channel, messages, 0), messages)


def interleaved(lab: Lab, burst: Burst, messages: int, rounds: int) -> dict[Watching, list[float]]:
    """Seconds of each round, watched in each way; side by side, because a machine is not as fast all the time."""
    seconds: defaultdict[Watching, list[float]] = defaultdict(list)
    for round_ in range(rounds):
        ways = list(Watching)
        # Whoever comes first, or after a certain other one, may be at an advantage.
        for watching in ways[round_ % len(ways) :] + ways[: round_ % len(ways)]:
            seconds[watching].append(burst(lab, watching, messages))
    return seconds


def _timed(lab: Lab, act: Callable[[], None], messages: int) -> float:
    before = lab.received().received[0].messages
    began = time.monotonic()
    act()
    report = lab.received(before + messages, patience=PATIENCE)
    elapsed = time.monotonic() - began
    if not report.as_expected:
        raise RuntimeError(f"Messages are missing, or there are too many:\n{report}")
    return elapsed
