from itertools import count

import pytest

from fanout_helpers.model import Queue
from fanout_helpers.telemetry.tracing import Tracing
from fanout_helpers.telemetry.waiting import LATE, Waiting

HEADERS = {"exchange_name": "logs", "routing_keys": [""], "properties": {}, "connection": "c", "channel": 1}


class Case:
    """What waits in the queue ``work``; what is published and delivered here is traced."""

    def __init__(self) -> None:
        self.tracing = Tracing(lambda _name: True)
        self.waiting = Waiting(self.tracing)
        self._now = count()

    def publish(self, times: int = 1) -> None:
        for _ in range(times):
            self.tracing.published(HEADERS | {"routed_queues": ["work"]}, b"x")

    def deliver(self, times: int = 1, *, redelivered: bool = False) -> None:
        for _ in range(times):
            self.tracing.delivered("work", HEADERS | {"redelivered": redelivered}, b"x")

    def poll(self, ready: int | None, *, traced: bool = True) -> None:
        self.waiting.poll([work(ready)], next(self._now), traced=traced)

    def catch_up(self, ready: int | None) -> None:
        """As many looks, a second apart, as it takes for statistics to be believed."""
        for _ in range(int(LATE) + 2):
            self.poll(ready)

    @property
    def known(self) -> int | None:
        return self.waiting.waiting(["work"]).get("work")


def work(ready: int | None) -> Queue:
    return Queue("work", durable=True, exclusive=False, auto_delete=False, arguments={}, messages_ready=ready)


@pytest.fixture
def case() -> Case:
    return Case()


def test_in_a_queue_that_is_declared_later_nothing_waits_before_something_came(case: Case) -> None:
    case.waiting.start([])
    assert case.known == 0
    case.publish(3)
    assert case.known == 3
    case.deliver(2)
    assert case.known == 1


def test_what_waited_before_is_not_known_until_the_statistics_have_caught_up(case: Case) -> None:
    case.waiting.start([work(1)])
    case.poll(1)
    case.publish()
    assert case.known is None
    case.catch_up(5)
    assert case.known == 5
    case.deliver(5)
    assert case.known == 0


def test_statistics_that_are_late_never_undo_what_was_traced(case: Case) -> None:
    case.waiting.start([])
    case.catch_up(0)
    case.publish(3)
    for ready in (0, 0, 1, 1, 2, 3, 3):
        case.poll(ready)
        assert case.known == 3
    case.catch_up(3)
    assert case.known == 3


def test_statistics_that_are_ahead_of_the_firehose_are_not_counted_twice(case: Case) -> None:
    case.waiting.start([])
    case.catch_up(0)
    case.poll(1)
    case.publish()
    case.poll(1)
    assert case.known == 1


def test_what_was_purged_expired_or_put_back_is_known_when_the_statistics_tell(case: Case) -> None:
    case.waiting.start([])
    case.publish(3)
    case.catch_up(3)
    case.catch_up(0)
    assert case.known == 0
    case.catch_up(2)
    assert case.known == 2


def test_what_is_put_back_and_delivered_again_never_makes_it_negative(case: Case) -> None:
    case.waiting.start([])
    case.publish()
    case.deliver()
    case.catch_up(1)
    assert case.known == 1
    case.deliver(redelivered=True)
    case.catch_up(0)
    assert case.known == 0
    case.deliver(3)
    assert case.known == 0


def test_without_the_firehose_it_is_what_the_statistics_tell(case: Case) -> None:
    case.waiting.start([work(None)])
    case.poll(7, traced=False)
    assert case.known == 7
    case.poll(None, traced=False)
    assert case.known is None


def test_a_queue_that_is_declared_again_begins_with_nothing(case: Case) -> None:
    case.waiting.start([work(4)])
    case.catch_up(4)
    case.tracing.forget([("queue", "work")])
    case.waiting.forget(["work"])
    assert case.known == 0
    case.publish()
    assert case.known == 1


def test_says_whether_something_else_is_known_now(case: Case) -> None:
    case.waiting.start([])
    learnt = [case.waiting.poll([work(ready)], second, traced=True) for second, ready in enumerate([0] * 8 + [2] * 8)]
    assert learnt.count(True) == 2
