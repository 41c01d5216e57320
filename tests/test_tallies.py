from collections import Counter

import pytest

from fanout_helpers.picture import Tally
from fanout_helpers.telemetry.tallies import Tallies
from fanout_helpers.telemetry.tracing import Tracing

LOGS, DEFAULT, WORK = ("exchange", "logs"), ("exchange", ""), ("queue", "work")


class Case:
    """Tallies with their two sources: what is published and delivered here is traced."""

    def __init__(self) -> None:
        self.markers: Counter[str] = Counter()
        self.tracing = Tracing(lambda _name: True)
        self.tallies = Tallies(self.tracing, self.markers)

    def publish(self, times: int = 1, *, exchange: str = "logs") -> None:
        for _ in range(times):
            self.tracing.published(self._headers(exchange) | {"routed_queues": ["work"]}, b"x")

    def deliver(self, times: int = 1) -> None:
        for _ in range(times):
            self.tracing.delivered("work", self._headers("logs") | {"channel": 1, "redelivered": 0}, b"x")

    def counts(self, key: tuple[str, str]) -> tuple[int, int]:
        tally = self.tallies.tallies([key], rates=False)[key]
        assert (tally.into_rate, tally.out_rate) == (0, 0)
        return tally.into, tally.out

    def rates(self, key: tuple[str, str]) -> tuple[float, float]:
        tally = self.tallies.tallies([key], rates=True)[key]
        return tally.into_rate, tally.out_rate

    @staticmethod
    def _headers(exchange: str) -> dict[str, object]:
        return {"exchange_name": exchange, "routing_keys": [""], "properties": {}, "connection": "c"}


@pytest.fixture
def case() -> Case:
    return Case()


def test_what_was_never_used_is_at_0(case: Case) -> None:
    case.tallies.start({})
    assert case.tallies.tallies([LOGS, WORK], rates=True) == {LOGS: Tally(), WORK: Tally()}
    assert case.tallies.tallies([], rates=True) == {}
    assert case.tallies.pace() == 0


def test_traced_messages_count_at_once_and_those_before_do_not(case: Case) -> None:
    case.tallies.start({LOGS: (10, 20), WORK: (10, 8)})
    case.publish(3)
    case.deliver(2)
    assert (case.counts(LOGS), case.counts(WORK)) == ((3, 3), (3, 2))


def test_late_statistics_never_add_to_what_was_traced(case: Case) -> None:
    case.tallies.start({})
    case.publish(3)
    for known in range(4):
        case.tallies.poll({LOGS: (known, known), WORK: (known, 0)}, now=known)
        assert (case.counts(LOGS), case.counts(WORK)) == ((3, 3), (3, 0))
    case.tallies.interrupt()
    assert (case.counts(LOGS), case.counts(WORK)) == ((3, 3), (3, 0))


def test_statistics_that_were_late_at_the_start_add_nothing(case: Case) -> None:
    case.tallies.start({LOGS: (4, 4)})  # in truth there were 10
    case.publish(1)
    case.tallies.poll({LOGS: (11, 11)}, now=1)
    assert case.counts(LOGS) == (1, 1)
    case.tallies.settle()
    assert case.counts(LOGS) == (1, 1)
    case.tallies.interrupt()
    assert case.counts(LOGS) == (1, 1)
    case.tallies.poll({LOGS: (3011, 3011)}, now=2)
    assert case.counts(LOGS) == (3001, 3001)


def test_what_the_statistics_told_while_nothing_was_traced_was_before(case: Case) -> None:
    case.tallies.start({LOGS: (0, 0)})
    for now, known in enumerate((0, 4, 4)):
        case.tallies.poll({LOGS: (known, known)}, now=now)
    case.tallies.interrupt()
    case.tallies.poll({LOGS: (3004, 3004)}, now=3)
    assert case.counts(LOGS) == (3000, 3000)


def test_what_the_latest_statistics_told_may_still_be_traced(case: Case) -> None:
    case.tallies.start({LOGS: (0, 0)})
    case.tallies.poll({LOGS: (0, 0)}, now=0)
    case.tallies.poll({LOGS: (2, 2)}, now=1)
    case.publish(2)
    case.tallies.poll({LOGS: (2, 2)}, now=2)
    case.tallies.interrupt()
    case.tallies.poll({LOGS: (9, 9)}, now=3)
    assert case.counts(LOGS) == (9, 9)


def test_gap_in_the_tracing_is_made_up_for_by_statistics(case: Case) -> None:
    case.tallies.start({LOGS: (7, 7)})
    case.publish(100)
    case.tracing.interrupt()
    case.tallies.interrupt()
    assert (case.counts(LOGS), case.counts(WORK)) == ((100, 100), (100, 0))
    case.tallies.poll({LOGS: (3007, 3007), WORK: (3000, 500)}, now=1)
    assert (case.counts(LOGS), case.counts(WORK)) == ((3000, 3000), (3000, 500))
    case.tallies.poll({LOGS: (5007, 5007), WORK: (5000, 5000)}, now=2)
    assert (case.counts(LOGS), case.counts(WORK)) == ((5000, 5000), (5000, 5000))


def test_after_a_gap_what_was_not_traced_is_not_taken_for_what_was_before(case: Case) -> None:
    case.tallies.start({LOGS: (7, 7)})
    case.tallies.interrupt()
    for now in range(2):
        case.tallies.poll({LOGS: (3007, 3007)}, now=now)
        case.tallies.settle()
        assert case.counts(LOGS) == (3000, 3000)


def test_what_is_declared_after_the_start_had_nothing_before(case: Case) -> None:
    case.tallies.start({LOGS: (0, 0)})
    for now in range(2):
        case.tallies.poll({LOGS: (5, 5), WORK: (5, 5)}, now=now)
    case.tallies.settle()
    case.tallies.interrupt()
    assert (case.counts(LOGS), case.counts(WORK)) == ((0, 0), (5, 5))


def test_counts_never_go_down(case: Case) -> None:
    case.tallies.start({})
    case.tallies.interrupt()
    case.tallies.poll({LOGS: (7, 9)}, now=0)
    case.tallies.poll({LOGS: (5, 9)}, now=1)
    assert case.counts(LOGS) == (7, 9)
    assert case.rates(LOGS) == (0, 0)
    case.tallies.poll({}, now=2)
    assert case.counts(LOGS) == (7, 9)
    case.markers["work"] += 100
    case.tallies.poll({LOGS: (7, 9), DEFAULT: (1, 1)}, now=3)
    assert (case.counts(LOGS), case.counts(DEFAULT)) == ((7, 9), (0, 0))


def test_markers_are_not_counted_in_their_queues_nor_in_the_default_exchange(case: Case) -> None:
    case.markers.update({"work": 3, "other": 2})
    case.tallies.start({LOGS: (7, 7), DEFAULT: (6, 6), WORK: (10, 9)})
    case.tallies.interrupt()
    assert (case.counts(LOGS), case.counts(DEFAULT), case.counts(WORK)) == ((0, 0), (0, 0), (0, 0))
    case.markers["work"] += 1
    case.tallies.poll({LOGS: (7, 7), DEFAULT: (7, 7), WORK: (11, 11)}, now=0)
    assert (case.counts(LOGS), case.counts(DEFAULT), case.counts(WORK)) == ((0, 0), (0, 0), (0, 1))


def test_exchange_called_like_a_queue_has_nothing_to_do_with_its_markers(case: Case) -> None:
    case.markers["work"] += 3
    case.tallies.start({})
    case.tallies.interrupt()
    case.tallies.poll({("exchange", "work"): (3, 3)}, now=0)
    assert case.counts(("exchange", "work")) == (3, 3)


def test_marker_that_the_statistics_do_not_know_yet_never_makes_a_count_negative(case: Case) -> None:
    case.markers["work"] += 3
    case.tallies.start({WORK: (2, 0), DEFAULT: (1, 1)})
    case.tallies.interrupt()
    case.tallies.poll({WORK: (2, 0), DEFAULT: (1, 1)}, now=0)
    assert (case.counts(WORK), case.counts(DEFAULT)) == ((0, 0), (0, 0))


def test_what_is_declared_again_begins_at_0(case: Case) -> None:
    case.tallies.start({LOGS: (5, 5), WORK: (5, 5)})
    case.publish(2)
    case.tallies.interrupt()
    case.tallies.poll({LOGS: (9, 9), WORK: (9, 9)}, now=0)
    case.tallies.forget([WORK, ("queue", "never there")])
    assert (case.counts(LOGS), case.counts(WORK)) == ((4, 4), (0, 0))
    case.publish(1)
    assert case.counts(WORK) == (1, 0)
    case.tallies.poll({WORK: (3, 0)}, now=1)
    assert case.counts(WORK) == (3, 0)
    assert case.rates(WORK) == (0, 0)


def test_rates_are_messages_a_second_over_three_polls_and_the_first_poll_tells_none(case: Case) -> None:
    case.tallies.start({LOGS: (100, 100)})
    case.tallies.poll({LOGS: (200, 200)}, now=50.0)
    assert case.rates(LOGS) == (0, 0)
    case.tallies.poll({LOGS: (300, 350)}, now=50.5)
    assert case.rates(LOGS) == (200, 300)
    case.tallies.poll({LOGS: (300, 360)}, now=52.0)
    assert case.rates(LOGS) == (50, 80)
    case.tallies.poll({LOGS: (300, 360)}, now=52.5)
    assert case.rates(LOGS) == (0, 5)


def test_equal_queues_have_about_the_same_rate_though_their_statistics_come_unequally(case: Case) -> None:
    case.tallies.start({})
    for now, (one, other) in enumerate([(0, 0), (2051, 1387), (3438, 3430)]):
        case.tallies.poll({WORK: (one, 0), LOGS: (other, 0)}, now=now)
    assert case.rates(WORK) == case.rates(LOGS) == (1700, 0)


@pytest.mark.parametrize(
    ("messages", "rate"), [(1, 0.1), (123, 12.0), (19_990, 2000.0), (13_870, 1400.0), (1_234_567, 120_000.0)]
)
def test_rates_have_two_significant_digits(case: Case, messages: int, rate: float) -> None:
    case.tallies.start({})
    case.tallies.poll({LOGS: (0, 0)}, now=0)
    case.tallies.poll({LOGS: (messages, 0)}, now=10)
    assert case.rates(LOGS) == (rate, 0)


def test_rate_after_a_pause_is_not_over_the_pause(case: Case) -> None:
    case.tallies.start({})
    case.tallies.poll({LOGS: (0, 0)}, now=0)
    case.tallies.settle()
    for now in (1000, 1001):
        case.tallies.poll({LOGS: (now, now)}, now=now)
    assert case.rates(LOGS) == (1, 1)


def test_two_polls_at_the_same_time_tell_no_rate(case: Case) -> None:
    case.tallies.start({})
    case.tallies.poll({LOGS: (1, 1)}, now=1)
    case.tallies.poll({LOGS: (9, 9)}, now=1)
    assert case.rates(LOGS) == (0, 0)


def test_pace_is_of_all_exchanges_and_of_no_queue(case: Case) -> None:
    case.tallies.start({})
    case.tallies.poll({LOGS: (0, 0), DEFAULT: (0, 0), WORK: (0, 0)}, now=0)
    case.tallies.poll({LOGS: (20, 0), DEFAULT: (30, 0), WORK: (1000, 1000)}, now=10)
    assert case.tallies.pace() == 5


def test_started_again_it_takes_nothing_over(case: Case) -> None:
    case.tallies.start({LOGS: (9, 9)})
    case.tallies.poll({LOGS: (9, 9)}, now=0)
    case.tallies.interrupt()
    case.tallies.start({LOGS: (2, 2)})
    case.tallies.poll({LOGS: (3, 3)}, now=1)
    assert case.counts(LOGS) == (0, 0)
    assert case.rates(LOGS) == (0, 0)
