import threading

import pytest

from fanout_helpers.delivery_log import CAPACITY, DeliveryLog
from fanout_helpers.model import Delivery


def delivery(number: int) -> Delivery:
    return Delivery(number, "logs", "", str(number).encode(), redelivered=False, received_at=0.0)


def filled(count: int, capacity: int = CAPACITY) -> DeliveryLog:
    log = DeliveryLog(capacity)
    for number in range(1, count + 1):
        log.append(delivery(number))
    return log


@pytest.mark.parametrize(
    ("count", "numbers"), [(0, []), (-1, []), (1, [5]), (2, [4, 5]), (3, [3, 4, 5]), (99, [3, 4, 5])]
)
def test_latest_are_the_last_ones_oldest_first(count: int, numbers: list[int]) -> None:
    total, latest = filled(5, capacity=3).latest(count)
    assert total == 5
    assert [one.number for one in latest] == numbers


def test_empty_log_has_nothing() -> None:
    assert DeliveryLog().latest(10) == (0, [])


def test_forgotten_deliveries_are_counted() -> None:
    log = filled(CAPACITY + 7)
    assert log.total == CAPACITY + 7
    assert len(log.latest(10**6)[1]) == CAPACITY


def test_waiting_ends_when_enough_came() -> None:
    log = DeliveryLog()

    def write() -> None:
        for number in range(100):
            log.append(delivery(number))

    writer = threading.Thread(target=write)
    writer.start()
    assert log.wait_for(100, timeout=30)
    writer.join()


def test_waiting_in_vain_says_so() -> None:
    assert not filled(2).wait_for(3, timeout=0.01)
    assert filled(2).wait_for(2, timeout=0)


def test_watcher_is_told_of_each_delivery_until_it_is_removed() -> None:
    log, told = DeliveryLog(), []
    unwatch = log.watch(lambda: told.append(log.total))
    log.append(delivery(1))
    log.append(delivery(2))
    unwatch()
    unwatch()
    log.append(delivery(3))
    assert told == [1, 2]


def test_watcher_may_remove_itself_and_read_the_log() -> None:
    log, told = DeliveryLog(), []

    def once() -> None:
        told.append(log.latest(1)[0])
        unwatch()

    unwatch = log.watch(once)
    other = log.watch(lambda: told.append(-1))
    log.append(delivery(1))
    log.append(delivery(2))
    other()
    assert told == [1, -1, -1]


def test_readers_see_a_total_that_fits_what_they_read() -> None:
    log, wrong, done = DeliveryLog(capacity=5), [], threading.Event()

    def read() -> None:
        while not done.is_set():
            total, latest = log.latest(5)
            if latest and latest[-1].number != total:
                wrong.append((total, latest))

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(1, 20_001):
        log.append(delivery(number))
    done.set()
    for reader in readers:
        reader.join()
    assert not wrong
    assert log.total == 20_000
