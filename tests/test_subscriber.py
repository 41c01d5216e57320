import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pika
import pytest

from fanout_helpers.address import BrokerAddress
from fanout_helpers.connection import MARKER_HEADER, State
from fanout_helpers.delivery_log import DeliveryLog
from fanout_helpers.errors import AddressError, BrokerUnreachable, Closed, NotSubscribed
from fanout_helpers.model import Exchange
from fanout_helpers.subscriber import Subscriber
from tests.live import PATIENCE, Live, eventually

Subscribe = Callable[..., Subscriber]


@pytest.fixture
def subscribe(live: Live) -> Iterator[Subscribe]:
    """Opens subscribers to the exchange ``logs``."""
    opened: list[Subscriber] = []
    exchange = live.fanout()

    def one(name: str, log: DeliveryLog | None = None) -> Subscriber:
        opened.append(Subscriber(live.locate, exchange, name, log).open())
        return opened[-1]

    yield one
    for subscriber in opened:
        subscriber.close()


def texts(subscriber: Subscriber, count: int) -> list[str]:
    """What a subscriber received, once it is so many."""
    assert subscriber.log.wait_for(count, PATIENCE)
    return [delivery.text for delivery in subscriber.log.latest(10**6)[1]]


def channel_id(subscriber: Subscriber) -> str:
    return f"fanout subscriber {subscriber.name}"


def test_each_gets_every_message_exactly_once_and_in_order(live: Live, subscribe: Subscribe) -> None:
    subscribers = [subscribe(name, DeliveryLog(capacity=10_000)) for name in ("screen", "disk", "sum")]
    channel = live.channel()
    sent = [str(number) for number in range(4000)]
    for text in sent:
        channel.basic_publish("logs", "", text)
    for subscriber in subscribers:
        assert texts(subscriber, 4000) == sent
        assert [delivery.number for delivery in subscriber.log.latest(4000)[1]] == list(range(1, 4001))
        assert not any(delivery.redelivered for delivery in subscriber.log.latest(4000)[1])


def test_nothing_stays_unacknowledged(live: Live, subscribe: Subscribe) -> None:
    subscriber = subscribe("screen")
    channel = live.channel()
    for _ in range(1234):
        channel.basic_publish("logs", "", b"x")
    texts(subscriber, 1234)

    def left() -> Any:  # noqa: ANN401
        row = live.management._request("GET", "queues", live.name, str(subscriber.queue))
        stats = row.get("message_stats", {})
        return stats.get("ack") == 1234 and row.get("messages_unacknowledged") == 0 and row.get("messages_ready") == 0

    eventually(left)


def test_delivery_holds_what_came(live: Live, subscribe: Subscribe) -> None:
    subscriber = subscribe("screen")
    live.channel().basic_publish("logs", "key", b"\xff\x00")
    texts(subscriber, 1)
    (delivery,) = subscriber.log.latest(1)[1]
    assert (delivery.exchange, delivery.routing_key, delivery.body) == ("logs", "key", b"\xff\x00")
    assert delivery.text == "\\xff\x00"


def test_queue_is_its_own_server_named_and_exclusive(live: Live, subscribe: Subscribe) -> None:
    screen, disk = subscribe("screen"), subscribe("disk")
    queues = {queue.name: queue for queue in live.management.queues(live.name)}
    assert set(queues) == {screen.queue, disk.queue}
    assert all(name.startswith("amq.gen-") and queue.exclusive for name, queue in queues.items())
    bound = {one.destination for one in live.management.bindings(live.name) if one.source == "logs"}
    assert bound == set(queues)


def test_closing_ends_the_queue_and_the_connection(live: Live, subscribe: Subscribe) -> None:
    subscriber = subscribe("screen")
    subscriber.close()
    subscriber.close()
    assert (subscriber.state, subscriber.queue) == (State.CLOSED, None)
    eventually(lambda: not live.connections(channel_id(subscriber)))
    assert repr(subscriber) == "<Subscriber screen: closed>"


def test_queue_and_binding_are_gone_when_close_returns(live: Live, subscribe: Subscribe) -> None:
    for _ in range(20):  # RabbitMQ 4.3 takes its time with an exclusive queue whose connection is closed
        subscribe("screen").close()
        assert live.queue_names() == []
        assert live.management.bindings(live.name) == []


def test_what_came_before_it_was_closed_can_still_be_read(live: Live, subscribe: Subscribe) -> None:
    subscriber = subscribe("screen")
    live.channel().basic_publish("logs", "", b"hello")
    texts(subscriber, 1)
    subscriber.close()
    assert texts(subscriber, 1) == ["hello"]


def test_late_joiner_gets_nothing_from_before(live: Live, subscribe: Subscribe) -> None:
    early = subscribe("early")
    channel = live.channel()
    channel.basic_publish("logs", "", b"one")
    texts(early, 1)
    late = subscribe("late")
    channel.basic_publish("logs", "", b"two")
    assert texts(early, 2) == ["one", "two"]
    assert texts(late, 1) == ["two"]


def test_open_returns_when_messages_arrive(live: Live, subscribe: Subscribe) -> None:
    channel = live.channel()
    for number in range(10):
        subscriber = subscribe(f"s{number}")
        channel.basic_publish("logs", "", str(number))
        assert texts(subscriber, 1) == [str(number)]


def test_lost_connection_is_made_again_with_a_new_queue_and_watchers_are_told(live: Live, subscribe: Subscribe) -> None:
    subscriber = subscribe("screen")
    states: list[State] = []
    subscriber.watch(lambda: states.append(subscriber.state))
    first = subscriber.queue
    live.kill_connections(channel_id(subscriber))
    eventually(lambda: State.RECONNECTING in states and subscriber.state is State.CONSUMING)
    assert states == [State.RECONNECTING, State.CONSUMING]
    assert subscriber.queue not in {first, None}
    eventually(lambda: live.queue_names() == [subscriber.queue])
    live.channel().basic_publish("logs", "", b"again")
    assert texts(subscriber, 1) == ["again"]


def test_exchange_that_went_with_the_connection_is_declared_again_as_it_was(live: Live) -> None:
    live.channel().exchange_declare("logs", "topic", auto_delete=True, arguments={"alternate-exchange": "amq.fanout"})
    exchange = live.exchange("logs")
    subscriber = Subscriber(live.locate, exchange, "screen").open()
    live.management.delete_exchange(live.name, "logs")
    live.kill_connections(channel_id(subscriber))
    eventually(lambda: live.exchange_names() == ["logs"])
    assert live.exchange("logs") == exchange
    eventually(lambda: subscriber.state is State.CONSUMING)
    live.channel().basic_publish("logs", "", b"again")
    assert texts(subscriber, 1) == ["again"]
    subscriber.close()


def test_queue_that_was_deleted_is_declared_again(live: Live, subscribe: Subscribe) -> None:
    subscriber = subscribe("screen")
    states: list[State] = []
    subscriber.watch(lambda: states.append(subscriber.state))
    subscriber._connection.add_callback_threadsafe(  # type: ignore[union-attr]
        lambda: subscriber._channel.queue_delete(subscriber.queue)
    )
    eventually(lambda: states[-2:] == [State.RECONNECTING, State.CONSUMING])
    live.channel().basic_publish("logs", "", b"again")
    assert texts(subscriber, 1) == ["again"]


def test_exchange_that_came_back_as_another_type_is_waited_for(live: Live, subscribe: Subscribe) -> None:
    subscriber = subscribe("screen")
    live.management.delete_exchange(live.name, "logs")
    live.channel().exchange_declare("logs", "direct")
    live.kill_connections(channel_id(subscriber))
    eventually(lambda: subscriber.state is State.RECONNECTING)
    live.management.delete_exchange(live.name, "logs")
    eventually(lambda: subscriber.state is State.CONSUMING)
    assert live.exchange("logs").type == "fanout"


@pytest.mark.parametrize("marker", ["somebody's", 7, None, b"\xff"])
def test_foreign_message_that_carries_the_markers_header_is_logged(
    live: Live, subscribe: Subscribe, marker: object
) -> None:
    subscriber = subscribe("screen")
    subscriber.expect_marker("ours")
    properties = pika.BasicProperties(headers={MARKER_HEADER: marker})
    live.channel().basic_publish("logs", "", b"hello", properties)
    assert texts(subscriber, 1) == ["hello"]
    assert not subscriber.saw_marker("ours", 0)


def test_marker_that_is_waited_for_is_seen_after_what_came_before_and_is_no_delivery(
    live: Live, subscribe: Subscribe
) -> None:
    subscriber = subscribe("screen")
    channel = live.channel()
    for number in range(2000):
        channel.basic_publish("logs", "", str(number))
    subscriber.expect_marker("ours")
    channel.basic_publish("", subscriber.queue, b"", pika.BasicProperties(headers={MARKER_HEADER: "ours"}))
    assert subscriber.saw_marker("ours", PATIENCE)
    assert subscriber.log.total == 2000


def test_exchange_of_another_type_is_refused_in_rabbitmqs_words(live: Live) -> None:
    live.channel().exchange_declare("logs", "direct")
    subscriber = Subscriber(live.locate, Exchange("logs", "fanout", durable=False), "screen")
    for _ in range(2):
        with pytest.raises(NotSubscribed) as caught:
            subscriber.open()
        assert "406 PRECONDITION_FAILED - inequivalent arg 'type' for exchange 'logs'" in caught.value.cause
        assert "exchange_delete" in caught.value.next_step
    assert subscriber.state is State.CLOSED
    eventually(lambda: not live.connections(channel_id(subscriber)))
    assert live.queue_names() == []


@pytest.mark.parametrize(("name", "next_step"), [("amq.nope", "Choose a name"), ("x" * 300, "fanout doctor")])
def test_exchange_that_cannot_be_declared_is_refused_and_not_waited_for(live: Live, name: str, next_step: str) -> None:
    with pytest.raises(NotSubscribed) as caught:
        Subscriber(live.locate, Exchange(name, "fanout", durable=False), "screen").open()
    assert next_step in caught.value.next_step


def test_who_may_not_bind_is_told_what_to_have_allowed(live: Live) -> None:
    exchange, name = live.fanout(), f"reader-{live.name}"
    live.management._request("PUT", "users", name, body={"password": "x", "tags": ""})
    allowed = {"configure": ".*", "write": "^$", "read": ".*"}
    live.management._request("PUT", "permissions", live.name, name, body=allowed)
    try:
        with pytest.raises(NotSubscribed) as caught:
            Subscriber(lambda: replace(live.address, username=name, password="x"), exchange, "screen").open()  # noqa: S106
        assert f"rabbitmqctl set_permissions -p {live.name} {name}" in caught.value.next_step
    finally:
        live.management._request("DELETE", "users", name)


def test_broker_that_is_not_there_is_told_at_open(live: Live) -> None:
    exchange = live.fanout()
    with pytest.raises(BrokerUnreachable):
        Subscriber(lambda: replace(live.address, port=1), exchange, "screen").open()
    with pytest.raises(BrokerUnreachable):
        Subscriber(lambda: live.address.with_virtual_host("nope"), exchange, "screen").open()
    with pytest.raises(AddressError):
        Subscriber(lambda: replace(live.address, query="nonsense=1"), exchange, "screen").open()


def test_error_that_nobody_foresaw_ends_open_instead_of_hanging_it(live: Live) -> None:
    def locate() -> BrokerAddress:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Subscriber(locate, live.fanout(), "screen").open()


def test_closing_while_it_reconnects_ends_it(live: Live, subscribe: Subscribe) -> None:
    subscriber = subscribe("screen")
    live.address, where = replace(live.address, port=1), live.address
    live.management._request("DELETE", "connections", eventually(lambda: live.connections(channel_id(subscriber)))[0])
    eventually(lambda: subscriber.state is State.RECONNECTING)
    subscriber.close()
    assert subscriber.state is State.CLOSED
    assert not subscriber._thread.is_alive()
    live.address = where


def test_closed_subscriber_cannot_be_opened(live: Live, subscribe: Subscribe) -> None:
    subscriber = subscribe("screen")
    subscriber.close()
    never = Subscriber(live.locate, live.exchange("logs"), "never")
    never.close()
    for one in (subscriber, never):
        with pytest.raises(Closed):
            one.open()


def test_opening_twice_is_opening_once(live: Live, subscribe: Subscribe) -> None:
    subscriber = subscribe("screen")
    assert subscriber.open() is subscriber
    assert live.queue_names() == [subscriber.queue]


def test_watcher_that_was_removed_is_told_nothing(live: Live, subscribe: Subscribe) -> None:
    subscriber, told, other = subscribe("screen"), [], threading.Event()
    unwatch = subscriber.watch(lambda: told.append(1))
    unwatch()
    unwatch()
    subscriber.watch(other.set)
    live.channel().basic_publish("logs", "", b"hello")
    assert other.wait(PATIENCE)
    assert not told
