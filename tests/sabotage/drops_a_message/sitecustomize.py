"""A broken helper for tests/test_sabotage.py: every subscriber loses its second message."""

from fanout_helpers.delivery_log import DeliveryLog
from fanout_helpers.model import Delivery

_append = DeliveryLog.append
_lost: set[int] = set()


def _lose_the_second(log: DeliveryLog, delivery: Delivery) -> None:
    if log.total == 1 and id(log) not in _lost:
        _lost.add(id(log))
        return
    _append(log, delivery)


DeliveryLog.append = _lose_the_second
