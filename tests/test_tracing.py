import sys
import threading
from typing import Any

import pytest

from fanout_helpers.picture import Fate, TracedDelivery
from fanout_helpers.telemetry.tracing import HEAD, REMEMBERED, Tracing
from tests.live import PATIENCE

PRODUCER = "127.0.0.1:1 -> 127.0.0.1:5672"
CONSUMER = "127.0.0.1:2 -> 127.0.0.1:5672"


@pytest.fixture
def tracing() -> Tracing:
    return Tracing(has_queue={"a", "b", "c"}.__contains__)


def publish(
    tracing: Tracing, body: bytes, *queues: str, exchange: str = "logs", key: str = "", persistent: bool = False
) -> None:
    headers = {
        "exchange_name": exchange,
        "routing_keys": [key],
        "properties": {"delivery_mode": 2} if persistent else {},
        "connection": PRODUCER,
        "routed_queues": list(queues),
    }
    tracing.published(headers, body)


def deliver(tracing: Tracing, body: bytes, queue: str, **headers: Any) -> None:  # noqa: ANN401
    told = {"exchange_name": "logs", "routing_keys": [""], "properties": {}, "connection": CONSUMER, "channel": 1}
    tracing.delivered(queue, told | {"redelivered": 0} | headers, body)


def fates(tracing: Tracing) -> list[dict[str, Fate]]:
    return [dict(message.fates) for message in tracing.messages()]


def deliveries(tracing: Tracing) -> list[list[str]]:
    """The queues that delivered each message; a redelivery has an asterisk."""
    return [
        [delivery.queue + "*" * delivery.redelivered for delivery in message.deliveries]
        for message in tracing.messages()
    ]


def test_message_is_told_of_with_its_copies_and_deliveries(tracing: Tracing) -> None:
    publish(tracing, b"hello", "a", "b", key="key")
    deliver(tracing, b"hello", "b", routing_keys=["key"])
    deliver(tracing, b"hello", "a", routing_keys=["key"], channel=2)
    (message,) = tracing.messages()
    assert (message.number, message.exchange, message.routing_key) == (1, "logs", "key")
    assert (message.body, message.size, message.connection) == (b"hello", 5, PRODUCER)
    assert message.routed_queues == ("a", "b")
    assert message.deliveries == (
        TracedDelivery("b", f"{CONSUMER} (1)", redelivered=False),
        TracedDelivery("a", f"{CONSUMER} (2)", redelivered=False),
    )


def test_equal_messages_are_delivered_in_the_order_of_the_queue(tracing: Tracing) -> None:
    for _ in range(3):
        publish(tracing, b"same", "a", "b")
    deliver(tracing, b"same", "a")
    assert deliveries(tracing) == [["a"], [], []]
    deliver(tracing, b"same", "a")
    deliver(tracing, b"same", "b")
    assert deliveries(tracing) == [["a", "b"], ["a"], []]


def test_messages_are_told_apart_by_more_than_their_bodies(tracing: Tracing) -> None:
    publish(tracing, b"same", "a", key="one")
    publish(tracing, b"same", "a", key="two")
    publish(tracing, b"same", "a", exchange="other")
    deliver(tracing, b"same", "a", exchange_name="other")
    deliver(tracing, b"same", "a", routing_keys=["two"])
    assert deliveries(tracing) == [[], ["a"], ["a"]]


def test_long_messages_of_equal_beginnings_are_told_apart(tracing: Tracing) -> None:
    long = b"x" * 2 * HEAD
    publish(tracing, long + b"1", "a")
    publish(tracing, long + b"2", "a")
    deliver(tracing, long + b"2", "a")
    assert deliveries(tracing) == [[], ["a"]]


def test_several_consumers_of_one_queue_share_its_messages(tracing: Tracing) -> None:
    for _ in range(4):
        publish(tracing, b"work", "a")
    for channel in (1, 2, 1, 2):
        deliver(tracing, b"work", "a", channel=channel)
    assert [one.deliveries[0].channel[-2] for one in tracing.messages()] == ["1", "2", "1", "2"]


def test_redelivery_is_of_the_message_that_was_delivered_before(tracing: Tracing) -> None:
    publish(tracing, b"work", "a")
    publish(tracing, b"work", "a")
    deliver(tracing, b"work", "a")
    deliver(tracing, b"work", "a", redelivered=1)
    deliver(tracing, b"work", "a", redelivered=1)
    assert deliveries(tracing) == [["a", "a*", "a*"], []]
    assert tracing.out("queue", "a") == 1, "a message leaves a queue once"


def test_delivery_of_an_unknown_message_is_ignored(tracing: Tracing) -> None:
    publish(tracing, b"known", "a")
    deliver(tracing, b"unknown", "a")
    deliver(tracing, b"known", "b")
    deliver(tracing, b"known", "a", redelivered=1)
    assert deliveries(tracing) == [[]]
    assert not tracing.wait_until_delivered(["a"], 0)


def test_after_a_gap_nobody_knows_of_what_waited_and_the_next_one_is_known(tracing: Tracing) -> None:
    publish(tracing, b"delivered", "a")
    deliver(tracing, b"delivered", "a")
    publish(tracing, b"waits", "a")
    publish(tracing, b"nobody has it")
    tracing.interrupt()
    assert fates(tracing) == [{}, {"a": Fate.UNKNOWN}, {}]
    tracing.resume({}, restarted=False)
    assert tracing.wait_until_delivered(["a"], 0)
    deliver(tracing, b"waits", "a")
    publish(tracing, b"next", "a")
    deliver(tracing, b"next", "a")
    assert deliveries(tracing) == [["a"], [], [], ["a"]]
    assert fates(tracing) == [{}, {"a": Fate.UNKNOWN}, {}, {}]


@pytest.mark.parametrize(
    ("ready", "restarted", "persistent", "transient"),
    [
        ({"a": 2}, False, None, None),
        ({"a": 2}, True, Fate.SURVIVED, Fate.SURVIVED),
        ({"a": 1}, True, Fate.SURVIVED, Fate.LOST),
        ({"a": 1}, False, Fate.UNKNOWN, Fate.UNKNOWN),
        ({"a": 0}, True, Fate.UNKNOWN, Fate.UNKNOWN),
        ({"a": 3}, True, Fate.UNKNOWN, Fate.UNKNOWN),
        ({"a": None}, True, Fate.QUEUE_GONE, Fate.QUEUE_GONE),
        ({}, True, Fate.UNKNOWN, Fate.UNKNOWN),
    ],
)
def test_what_is_in_the_queue_after_a_gap_tells_what_became_of_what_waited(
    tracing: Tracing,
    ready: dict[str, int | None],
    restarted: bool,  # noqa: FBT001
    persistent: Fate | None,
    transient: Fate | None,
) -> None:
    publish(tracing, b"persistent", "a", persistent=True)
    publish(tracing, b"transient", "a")
    tracing.interrupt()
    assert tracing.doubtful() == ["a"]
    tracing.resume(ready, restarted=restarted)
    assert [message.waiting() for message in tracing.messages()] == [{"a": persistent}, {"a": transient}]
    assert tracing.doubtful() == []
    deliver(tracing, b"persistent", "a", properties={"delivery_mode": 2})
    assert deliveries(tracing)[0] == ["a"] * (persistent in {None, Fate.SURVIVED}), "only what is there is delivered"


def test_report_of_a_delivery_that_comes_after_the_event_of_its_queues_end_counts(tracing: Tracing) -> None:
    publish(tracing, b"hello", "a", "b")
    tracing.forget([("queue", "a")])
    assert tracing.messages()[0].waiting() == {"a": Fate.QUEUE_GONE, "b": None}
    deliver(tracing, b"hello", "a")
    assert tracing.messages()[0].waiting() == {"b": None}


def test_default_exchange_routes_only_to_a_queue_that_exists(tracing: Tracing) -> None:
    publish(tracing, b"to a", "a", exchange="", key="a")
    publish(tracing, b"to nobody", "nobody", exchange="", key="nobody")
    assert [message.routed_queues for message in tracing.messages()] == [("a",), ()]
    assert tracing.out("exchange", "") == 1
    assert tracing.into("queue", "nobody") == 0
    assert tracing.wait_until_delivered(["nobody"], 0)


def test_other_exchanges_are_believed(tracing: Tracing) -> None:
    publish(tracing, b"new", "just declared")
    assert tracing.messages()[0].routed_queues == ("just declared",)


def test_only_the_latest_messages_are_remembered(tracing: Tracing) -> None:
    for number in range(3 * REMEMBERED):
        publish(tracing, str(number).encode(), "a")
    assert [message.number for message in tracing.messages()] == list(range(2 * REMEMBERED + 1, 3 * REMEMBERED + 1))
    assert tracing.total == 3 * REMEMBERED
    for number in range(3 * REMEMBERED):
        deliver(tracing, str(number).encode(), "a")
    assert deliveries(tracing) == [["a"]] * REMEMBERED
    assert tracing.out("queue", "a") == 3 * REMEMBERED


def test_message_that_is_forgotten_is_not_waited_for(tracing: Tracing) -> None:
    publish(tracing, b"first", "a")
    for _ in range(REMEMBERED):
        publish(tracing, b"later", "b")
    assert tracing.wait_until_delivered(["a"], 0)
    assert not tracing.wait_until_delivered(["b"], 0)


def test_no_more_of_a_huge_message_is_kept_than_its_beginning(tracing: Tracing) -> None:
    huge = bytes(10 * 2**20)
    before = sys.getrefcount(huge)
    publish(tracing, huge, "a")
    (message,) = tracing.messages()
    assert (len(message.body), message.size) == (HEAD, len(huge))
    assert sys.getrefcount(huge) == before
    deliver(tracing, huge, "a")
    assert deliveries(tracing) == [["a"]]


def test_what_waits_in_a_queue_that_nobody_consumes_is_bounded(tracing: Tracing) -> None:
    for number in range(5000):
        publish(tracing, str(number).encode(), "a")
    assert sum(len(copies) for copies in tracing._ready.values()) <= 1000
    assert tracing.into("queue", "a") == 5000
    deliver(tracing, b"4999", "a")
    assert deliveries(tracing)[-1] == ["a"]


def test_counts_are_of_messages_in_and_copies_out(tracing: Tracing) -> None:
    publish(tracing, b"one", "a", "b")
    publish(tracing, b"two", "a")
    publish(tracing, b"three")
    deliver(tracing, b"one", "a")
    assert (tracing.into("exchange", "logs"), tracing.out("exchange", "logs")) == (3, 3)
    assert (tracing.into("queue", "a"), tracing.out("queue", "a")) == (2, 1)
    assert (tracing.into("queue", "b"), tracing.out("queue", "b")) == (1, 0)
    assert (tracing.into("queue", "c"), tracing.into("exchange", "c")) == (0, 0)


def test_queue_that_is_declared_again_has_nothing_of_the_one_before(tracing: Tracing) -> None:
    publish(tracing, b"same", "a", "b")
    tracing.forget([("queue", "a"), ("queue", "never there"), ("exchange", "a")])
    assert (tracing.into("queue", "a"), tracing.into("queue", "b")) == (0, 1)
    publish(tracing, b"same", "a")
    deliver(tracing, b"same", "a")
    assert deliveries(tracing) == [[], ["a"]]
    assert tracing.wait_until_delivered(["a"], 0), "the copy that went with the queue comes no more"


def test_waiting_ends_as_soon_as_everything_was_delivered(tracing: Tracing) -> None:
    publish(tracing, b"hello", "a", "b")
    assert tracing.wait_until_delivered([], 0)
    assert tracing.wait_until_delivered(["c"], 0)
    waited: list[bool] = []
    thread = threading.Thread(target=lambda: waited.append(tracing.wait_until_delivered(["a", "b"], PATIENCE)))
    thread.start()
    deliver(tracing, b"hello", "a")
    assert not tracing.wait_until_delivered(["a", "b"], 0)
    deliver(tracing, b"hello", "b")
    thread.join()
    assert waited == [True]


@pytest.mark.parametrize("ending", [lambda one: one.interrupt(), lambda one: one.forget([("queue", "a")])])
def test_waiting_ends_when_there_is_nothing_left_to_wait_for(tracing: Tracing, ending: Any) -> None:  # noqa: ANN401
    publish(tracing, b"hello", "a")
    waited: list[bool] = []
    thread = threading.Thread(target=lambda: waited.append(tracing.wait_until_delivered(["a"], PATIENCE)))
    thread.start()
    ending(tracing)
    thread.join()
    assert waited == [True]


def test_many_threads_may_report_and_look_at_once(tracing: Tracing) -> None:
    def report(queue: str) -> None:
        for number in range(500):
            publish(tracing, f"{queue} {number}".encode(), queue)
            deliver(tracing, f"{queue} {number}".encode(), queue)
            tracing.messages()

    threads = [threading.Thread(target=report, args=(queue,)) for queue in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert tracing.total == 1500
    assert [tracing.out("queue", queue) for queue in "abc"] == [500, 500, 500]
    assert tracing.wait_until_delivered(["a", "b", "c"], 0)
