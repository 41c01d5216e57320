"""``make bench``: what an open board costs, and up to which pace single messages are worth showing.

Ends with 1 if a board costs a burst 10 % of its throughput, or more.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from itertools import takewhile
from statistics import median

from benchmarks.bursts import Burst, Rounds, by_cell, by_program, interleaved, thrift, throughput
from benchmarks.classroom import SUBSCRIBERS, Watching, classroom
from benchmarks.paces import Shown, shown
from fanout_helpers import Lab
from fanout_helpers.telemetry.firehose import LIMIT, WINDOW

CLAIM = 0.90
"""The least throughput with a board, as a share of the throughput without one."""

SHARE = 0.25
"""The share of a core that showing each message may cost; beyond it, single messages are not worth it."""

LAG = 0.1
"""Seconds: what is drawn later than that after a click looks late."""

PACES = (10, 25, 50, 100, 200, 400, 800)

_BURSTS: dict[str, Burst] = {"another program": by_program, "a cell": by_cell}


def main() -> int:
    """Measures and prints; returns the exit code."""
    options = _options()
    with classroom() as lab:
        print(
            f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {len(SUBSCRIBERS)} subscribers; median (min-max)"
        )
        shares = [_burst(lab, name, options.messages, options.rounds) for name in _BURSTS]
        _sweep(lab, options.seconds, options.repetitions)
    holds = min(shares) >= CLAIM
    print(f"\nA board leaves a burst at least {CLAIM:.0%} of its throughput: {'yes' if holds else 'NO'}.")
    return 0 if holds else 1


def _burst(lab: Lab, name: str, messages: int, rounds: int) -> float:
    measured = interleaved(lab, _BURSTS[name], messages, rounds)
    print(f"\nA burst of {messages:,} messages, published by {name}, {rounds} times")
    print(f"{'':14}{'seconds':>20}{'throughput':>20}{'per core-second':>20}")
    for watching in Watching:
        print(_burst_row(measured, watching), flush=True)
    return median(throughput(measured, watching=Watching.BOARD))


def _burst_row(measured: Rounds, watching: Watching) -> str:
    wall = _spread([used.wall for used in measured[watching]])
    return (
        f"{watching:14}{wall:>20}{_spread(throughput(measured, watching)):>20}{_spread(thrift(measured, watching)):>20}"
    )


def _sweep(lab: Lab, seconds: float, repetitions: int) -> None:
    rows = {pace: [shown(lab, pace, seconds) for _ in range(repetitions)] for pace in PACES}
    print(
        f"\nEach message shown, at a steady pace for {seconds:g} s, {repetitions} times; cores beyond those of no board"
    )
    print(f"{'messages/s':>10}{'cores: kernel':>20}{'cores: broker':>20}{'ms late':>16}{'95 % within':>16}{'drawn':>7}")
    for pace, row in rows.items():
        print(_pace_row(pace, row))
    worth = list(takewhile(lambda pace: _is_worth_it(rows[pace]), PACES))
    print(f"Showing each costs under {SHARE} cores and {LAG * 1000:.0f} ms up to {max(worth, default=0)} a second.")
    print(f"A board gives single messages up above {LIMIT} in {WINDOW:g} s.")


def _pace_row(pace: int, row: Sequence[Shown]) -> str:
    kernel, broker = _spread([one.kernel for one in row]), _spread([one.broker for one in row])
    lag, late = (
        _spread([1000 * lag for lag in lags], 0) for lags in ([one.lag for one in row], [one.late for one in row])
    )
    return f"{pace:10}{kernel:>20}{broker:>20}{lag:>16}{late:>16}{median(one.drawn for one in row):7.0%}"


def _is_worth_it(row: Sequence[Shown]) -> bool:
    return median(one.share for one in row) <= SHARE and median(one.late for one in row) <= LAG


def _spread(values: Sequence[float], digits: int = 2) -> str:
    return f"{median(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.board", description=__doc__)
    parser.add_argument("--messages", type=int, default=20_000, help="messages in a burst")
    parser.add_argument("--rounds", type=int, default=7, help="bursts of each kind")
    parser.add_argument("--seconds", type=float, default=3.0, help="seconds of each pace")
    parser.add_argument("--repetitions", type=int, default=3, help="times that each pace is measured")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
