"""How long a burst takes, from its first message until every subscriber has the last."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import pika

from benchmarks.classroom import Watching, watched
from benchmarks.processors import Used
from benchmarks.publishing import Program, publish
from fanout_helpers import Lab

PATIENCE = 120.0
"""Seconds that a burst may take."""

Burst: TypeAlias = Callable[[Lab, Watching, int], Used]
Rounds: TypeAlias = Mapping[Watching, Sequence[Used]]


def by_program(lab: Lab, watching: Watching, messages: int) -> Used:
    """A burst that another process publishes."""
    with watched(lab, watching), Program(lab.address.amqp_url, messages) as program:
        return _measured(lab, program.publish, messages)


def by_cell(lab: Lab, watching: Watching, messages: int) -> Used:
    """A burst that the subscribers' own process publishes, as a lesson's cell does."""
    with pika.BlockingConnection(lab.parameters) as connection, watched(lab, watching):
        channel = connection.channel()
        return _measured(lab, lambda: publish(channel, messages), messages)


def interleaved(lab: Lab, burst: Burst, messages: int, rounds: int) -> Rounds:
    """Bursts watched in each way, side by side: a machine is not equally fast all the time."""
    used: defaultdict[Watching, list[Used]] = defaultdict(list)
    ways = tuple(Watching)
    for number in range(rounds):
        # Whoever comes first, or after a certain other one, may be at an advantage.
        first = number % len(ways)
        for watching in (*ways[first:], *ways[:first]):
            used[watching].append(burst(lab, watching, messages))
    return used


def throughput(rounds: Rounds, watching: Watching) -> list[float]:
    """The throughput of each round, as a share of the throughput without a board in the same round."""
    return [free.wall / used.wall for free, used in zip(rounds[Watching.NOT], rounds[watching], strict=True)]


def thrift(rounds: Rounds, watching: Watching) -> list[float]:
    """The same of messages for a second of a core: what throughput would be if nothing else ran on this machine."""
    return [free.processor / used.processor for free, used in zip(rounds[Watching.NOT], rounds[watching], strict=True)]


def _measured(lab: Lab, act: Callable[[], None], messages: int) -> Used:
    before = lab.received().received[0].messages
    began = Used.until_now()
    act()
    report = lab.received(before + messages, patience=PATIENCE)
    used = Used.until_now() - began
    if not report.as_expected:
        raise RuntimeError(f"Messages are missing, or there are too many:\n{report}")
    return used
