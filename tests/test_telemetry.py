"""What a board learns of a real broker, while raw pika plays the programs that it does not know."""

import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from fanout_helpers.barrier import Barrier
from fanout_helpers.connection import State
from fanout_helpers.errors import BrokerUnreachable, ManagementError
from fanout_helpers.management import Management
from fanout_helpers.model import BOARD_QUEUE, Binding, Exchange, Queue
from fanout_helpers.picture import LIVE, STALE, Fate, Mode, Picture, Tally, TracedMessage
from fanout_helpers.publisher import Publisher
from fanout_helpers.subscriber import Subscriber
from fanout_helpers.telemetry import observer as observing
from fanout_helpers.telemetry import waiting
from fanout_helpers.telemetry.events import VIRTUAL_HOST as EVENT_VIRTUAL_HOST
from fanout_helpers.telemetry.firehose import EXCHANGE as TRACE_EXCHANGE
from fanout_helpers.telemetry.firehose import Firehose
from fanout_helpers.telemetry.observer import NO_QUEUE, POLLING, UNTRACED, Observer
from fanout_helpers.telemetry.producers import PRODUCERS
from fanout_helpers.topology import Topology
from tests.live import PATIENCE, Live, eventually

Observe = Callable[[], Observer]


@pytest.fixture
def observe(live: Live) -> Iterator[Observe]:
    """Opens observers, as so many kernels do."""
    opened: list[Observer] = []

    def one() -> Observer:
        opened.append(Observer(live.locate, lambda: live.management, Counter()).open())
        return opened[-1]

    yield one
    for observer in opened:
        observer.close()


@pytest.fixture
def observer(observe: Observe) -> Observer:
    return observe()


@pytest.fixture
def channel(live: Live) -> BlockingChannel:
    """The foreign program's channel."""
    return live.channel()


def picture(observer: Observer) -> Picture:
    return observer.picture("logs", {})


def own(topology: Topology) -> tuple[list[Exchange], list[Queue], list[Binding], set[tuple[str, str, str]]]:
    """A topology without what RabbitMQ made itself and what the events do not tell of."""
    return (
        [replace(one, arguments={}) for one in topology.exchanges if not one.name.startswith("amq.")],
        [replace(one, arguments={}, messages_ready=None, consumers=None) for one in topology.queues],
        sorted((one for one in topology.bindings), key=repr),
        {(one.queue, one.consumer_tag, one.channel) for one in topology.consumers},
    )


def follows(live: Live, observer: Observer) -> bool:
    """Whether the observer sees what the management API lists."""
    return own(observer.topology()) == own(live.management.topology(live.name).without_boards())


def message(observer: Observer, body: bytes) -> TracedMessage | None:
    return next((one for one in observer.messages() if one.body == body), None)


def traced(observer: Observer, body: bytes, deliveries: int = 0) -> TracedMessage:
    """The message of that body, once it was delivered so often."""

    def found() -> TracedMessage | None:
        one = message(observer, body)
        return one if one is not None and len(one.deliveries) >= deliveries else None

    found_one: TracedMessage = eventually(found)
    return found_one


def tally(observer: Observer, kind: str, name: str) -> tuple[int, int]:
    one = picture(observer).tallies.get((kind, name), Tally())
    return one.into, one.out


def boards_left(live: Live) -> list[str]:
    """The queues, bindings and connections of boards, here and where the events are."""
    left = [name for host in (live.name, EVENT_VIRTUAL_HOST) for name in _of_boards(live, host)]
    return left + live.connections("fanout board")


def _of_boards(live: Live, virtual_host: str) -> list[str]:
    # In "/" other tests' boards may be open: only those are left over whose connection is this test's.
    if virtual_host == EVENT_VIRTUAL_HOST:
        return []
    bound = [one.destination for one in live.management.bindings(virtual_host)]
    names = [*(queue.name for queue in live.management.queues(virtual_host)), *bound]
    return [name for name in names if name.startswith(BOARD_QUEUE)]


@contextmanager
def user(live: Live, tag: str, **permissions: str) -> Iterator[Live]:
    """Another user, who may do everything in the test's virtual host, and nothing in any other."""
    name = f"{tag}-{live.name}-{secrets.token_hex(2)}"
    live.management._request("PUT", "users", name, body={"password": "x", "tags": tag})
    everything = {"configure": ".*", "write": ".*", "read": ".*"} | permissions
    live.management._request("PUT", "permissions", live.name, name, body=everything)
    address = replace(live.address, username=name, password="x")  # noqa: S106
    theirs = Live(address, Management(address))
    try:
        yield theirs
    finally:
        theirs.management.close()
        live.management._request("DELETE", "users", name)


@contextmanager
def observed(live: Live) -> Iterator[Observer]:
    observer = Observer(live.locate, lambda: live.management, Counter()).open()
    try:
        yield observer
    finally:
        observer.close()


def test_topology_is_that_of_before_and_follows_what_others_do(
    live: Live, channel: BlockingChannel, observe: Observe
) -> None:
    channel.exchange_declare("before", "topic", durable=True)
    channel.queue_declare("old", durable=True)
    channel.queue_bind("old", "before", "#")
    observer = observe()
    assert follows(live, observer)
    steps: list[Callable[[], Any]] = [
        lambda: channel.exchange_declare("logs", "fanout"),
        lambda: channel.exchange_declare("keys", "direct", auto_delete=True, internal=True),
        lambda: channel.queue_declare("mine", exclusive=True),
        lambda: channel.queue_declare("work", durable=True, arguments={"x-max-length": 7}),
        lambda: channel.queue_declare("many", durable=True, arguments={"x-queue-type": "quorum"}),
        lambda: channel.queue_bind("mine", "logs"),
        lambda: channel.queue_bind("work", "logs"),
        lambda: channel.queue_bind("work", "keys", "one"),
        lambda: channel.queue_bind("work", "keys", "two"),
        lambda: channel.exchange_bind("keys", "logs", "three"),
        lambda: channel.queue_unbind("work", "keys", "one"),
        lambda: channel.exchange_unbind("keys", "logs", "three"),
        lambda: channel.queue_delete("work"),
        lambda: channel.exchange_delete("logs"),
        lambda: channel.exchange_delete("before"),
    ]
    for step in steps:
        before = own(observer.topology())
        step()
        eventually(lambda before=before: own(observer.topology()) != before)  # type: ignore[misc]
        eventually(lambda: follows(live, observer))


def test_bindings_of_a_headers_exchange_keep_their_arguments(
    live: Live, channel: BlockingChannel, observer: Observer
) -> None:
    channel.exchange_declare("heads", "headers")
    channel.queue_declare("work", durable=True)
    arguments: list[dict[str, Any]] = [
        {"x-match": "all", "severity": "error", "code": 7},
        {"x-match": "any", "severity": "info"},
    ]
    for held in arguments:
        channel.queue_bind("work", "heads", arguments=held)

    def seen() -> list[Any]:
        return [one.arguments for one in observer.topology().bindings if one.source == "heads"]

    eventually(lambda: sorted(seen(), key=repr) == sorted(arguments, key=repr))
    channel.queue_unbind("work", "heads", arguments=arguments[0])
    eventually(lambda: seen() == [arguments[1]])
    assert follows(live, observer)


def test_consumer_comes_and_goes_at_once_with_its_channels_name(
    live: Live, channel: BlockingChannel, observer: Observer
) -> None:
    channel.queue_declare("work", durable=True)
    tag = channel.basic_consume("work", lambda *_: None)
    (consumer,) = eventually(lambda: observer.topology().consumers)
    assert (consumer.queue, consumer.consumer_tag) == ("work", tag)
    eventually(lambda: live.management.consumers(live.name))
    eventually(lambda: follows(live, observer))
    channel.basic_cancel(tag)
    eventually(lambda: not observer.topology().consumers)


def test_consumer_from_before_is_known_though_rabbitmq_lists_it_late(
    channel: BlockingChannel, observe: Observe
) -> None:
    channel.queue_declare("work", durable=True)
    tag = channel.basic_consume("work", lambda *_: None)
    observer = observe()
    eventually(lambda: [one.consumer_tag for one in observer.topology().consumers] == [tag])
    channel.basic_cancel(tag)
    eventually(lambda: not observer.topology().consumers)


def test_killed_connections_take_their_consumers_and_exclusive_queues_along(
    live: Live, channel: BlockingChannel, observe: Observe
) -> None:
    channel.exchange_declare("logs", "fanout")
    channel.queue_declare("stays", durable=True)
    parameters = pika.URLParameters(live.address.amqp_url)
    parameters.client_properties = {"connection_name": "doomed"}
    before, observer, after = (
        pika.BlockingConnection(parameters).channel(),
        observe(),
        pika.BlockingConnection(parameters).channel(),
    )
    before.basic_consume("stays", lambda *_: None)
    after.queue_declare("mine", exclusive=True)
    after.queue_bind("mine", "logs")
    for queue in ("mine", "stays"):
        after.basic_consume(queue, lambda *_: None)
    after.basic_publish("logs", "", b"last words")
    traced(observer, b"last words")
    eventually(lambda: len(observer.topology().consumers) == 3)
    eventually(lambda: len(live.connections("doomed")) == 2)
    eventually(lambda: all(one.channel for one in observer.topology().consumers))
    live.kill_connections("doomed")
    eventually(lambda: not observer.topology().consumers)
    eventually(lambda: [one.name for one in observer.topology().queues] == ["stays"])
    eventually(lambda: not picture(observer).producers[0].open)
    assert follows(live, observer)
    for doomed in (before, after):
        with pytest.raises(pika.exceptions.AMQPError):
            doomed.queue_declare("stays", passive=True)


def test_message_to_three_queues_has_three_copies_and_three_deliveries(
    channel: BlockingChannel, observer: Observer
) -> None:
    channel.exchange_declare("logs", "fanout")
    queues = ["one", "three", "two"]
    for queue in queues:
        channel.queue_declare(queue, exclusive=True)
        channel.queue_bind(queue, "logs")
        channel.basic_consume(queue, lambda *_: None, auto_ack=True)
    channel.basic_publish("logs", "any", b"hello")
    one = traced(observer, b"hello", deliveries=3)
    assert (one.number, one.exchange, one.routing_key, one.size) == (1, "logs", "any", 5)
    assert sorted(one.routed_queues) == sorted(delivery.queue for delivery in one.deliveries) == queues
    assert not any(delivery.redelivered for delivery in one.deliveries)
    assert tally(observer, "exchange", "logs") == (1, 3)
    assert [tally(observer, "queue", queue) for queue in queues] == [(1, 1)] * 3
    consumers = {delivery.channel for delivery in one.deliveries}
    eventually(lambda: consumers == {consumer.channel for consumer in observer.topology().consumers})
    (producer,) = picture(observer).producers
    assert producer.connection == one.connection
    assert producer.open


def test_consumer_on_an_old_channel_gets_its_channels_name_however_old_the_board_is(
    channel: BlockingChannel, observer: Observer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(observing, "LATE", float("-inf"))
    channel.queue_declare("work", exclusive=True)
    channel.basic_consume("work", lambda *_: None)
    (consumer,) = eventually(lambda: observer.topology().consumers)
    assert consumer.channel == ""
    eventually(lambda: observer.topology().consumers[0].channel)


def test_message_that_nothing_is_bound_for_goes_nowhere(channel: BlockingChannel, observer: Observer) -> None:
    channel.exchange_declare("logs", "fanout")
    channel.basic_publish("logs", "", b"hello")
    assert traced(observer, b"hello").routed_queues == ()
    assert tally(observer, "exchange", "logs") == (1, 0)


def test_message_through_two_exchanges_reaches_the_queue_behind(channel: BlockingChannel, observer: Observer) -> None:
    channel.exchange_declare("logs", "fanout")
    channel.exchange_declare("behind", "fanout")
    channel.exchange_bind("behind", "logs")
    channel.queue_declare("work", exclusive=True)
    channel.queue_bind("work", "behind")
    channel.basic_publish("logs", "", b"hello")
    assert traced(observer, b"hello").routed_queues == ("work",)


def test_default_exchange_reaches_the_queue_that_the_routing_key_names_only_if_there_is_one(
    channel: BlockingChannel,
    observer: Observer,
) -> None:
    channel.queue_declare("work", exclusive=True)
    channel.basic_publish("", "work", b"to work")
    channel.basic_publish("", "nobody", b"to nobody")
    assert traced(observer, b"to work").routed_queues == ("work",)
    assert traced(observer, b"to nobody").routed_queues == ()
    assert tally(observer, "exchange", "") == (2, 1)


def test_message_that_is_put_back_is_redelivered(channel: BlockingChannel, observer: Observer) -> None:
    channel.queue_declare("work", exclusive=True)
    channel.basic_publish("", "work", b"hello")
    got, _, _ = channel.basic_get("work")
    channel.basic_nack(got.delivery_tag, requeue=True)
    assert channel.basic_get("work")[0].redelivered
    one = traced(observer, b"hello", deliveries=2)
    assert [delivery.redelivered for delivery in one.deliveries] == [False, True]
    assert tally(observer, "queue", "work") == (1, 1)


@pytest.mark.parametrize(
    "body", [b"", b"\x00\xff\xfe\x80", bytes(10 * 2**20), "課程 🐇".encode()], ids=["empty", "binary", "10 MB", "UTF-8"]
)
def test_body_of_any_kind_is_followed(channel: BlockingChannel, observer: Observer, body: bytes) -> None:
    channel.exchange_declare("logs", "fanout")
    channel.queue_declare("work", exclusive=True)
    channel.queue_bind("work", "logs")
    channel.basic_publish("logs", "", body)
    channel.basic_get("work", auto_ack=True)
    one = traced(observer, body[:2000], deliveries=1)
    assert (one.size, one.routed_queues) == (len(body), ("work",))


def test_markers_are_never_seen_nor_counted(live: Live, channel: BlockingChannel) -> None:
    publisher = Publisher(live.locate, "markers")
    barrier = Barrier(publisher)
    observer = Observer(live.locate, lambda: live.management, barrier.markers).open()
    subscriber = Subscriber(live.locate, live.fanout(), "screen").open()
    for _ in range(5):
        assert barrier.passed(subscriber, PATIENCE)
        assert barrier.passed(observer.firehose, PATIENCE)
    channel.basic_publish("logs", "", b"hello")
    traced(observer, b"hello", deliveries=1)
    queue = str(subscriber.queue)

    def counted() -> tuple[int, int]:
        return live.management.throughput(live.name).get(("queue", queue), (0, 0))

    eventually(lambda: counted() == (6, 6))  # RabbitMQ counts markers too
    observer._tallies.interrupt()
    observer._look()
    assert [one.body for one in observer.messages()] == [b"hello"]
    assert tally(observer, "queue", queue) == (1, 1)
    assert tally(observer, "exchange", "") == (0, 0)
    for one in (observer, subscriber, publisher):
        one.close()


def test_late_joiner_is_in_no_earlier_message(channel: BlockingChannel, observer: Observer) -> None:
    channel.exchange_declare("logs", "fanout")
    for queue, body in (("early", b"one"), ("late", b"two")):
        channel.queue_declare(queue, exclusive=True)
        channel.queue_bind(queue, "logs")
        channel.basic_publish("logs", "", body)
    assert set(traced(observer, b"two").routed_queues) == {"early", "late"}
    assert traced(observer, b"one").routed_queues == ("early",)


def test_what_waits_is_known_as_soon_as_a_board_is_open(
    live: Live, channel: BlockingChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "LATE", float("inf"))
    channel.queue_declare("work", durable=True)
    channel.queue_declare("mine", exclusive=True)
    channel.basic_publish("", "work", b"before")
    with observed(live) as observer:
        eventually(lambda: picture(observer).waiting == {"work": 1})
        channel.basic_publish("", "work", b"since")
        eventually(lambda: picture(observer).waiting == {"work": 2})


def test_a_queue_that_refuses_has_no_more_than_it_takes(
    channel: BlockingChannel, observer: Observer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "LATE", float("inf"))
    channel.queue_declare("small", durable=True, arguments={"x-max-length": 1, "x-overflow": "reject-publish"})
    for _ in range(2):
        channel.basic_publish("", "small", b"one of two")
    eventually(lambda: observer.tracing.into("queue", "small") == 2)
    eventually(lambda: picture(observer).waiting["small"] == 1)


def test_what_waits_is_known_whatever_came_before_and_however_it_went(
    live: Live, channel: BlockingChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A private node makes its statistics twice a second.
    monkeypatch.setattr(waiting, "LATE", 2.0)
    channel.queue_declare("work", durable=True)
    channel.basic_publish("", "work", b"before")
    with observed(live) as observer:

        def waits(queue: str) -> int | None:
            return picture(observer).waiting.get(queue)

        eventually(lambda: waits("work") == 1)
        channel.queue_declare("new", durable=True)
        for queue in ("work", "new", "new"):
            channel.basic_publish("", queue, b"since")
        eventually(lambda: (waits("work"), waits("new")) == (2, 2))
        taken, _properties, _body = channel.basic_get("work")
        eventually(lambda: waits("work") == 1)
        channel.basic_nack(taken.delivery_tag, requeue=True)
        channel.queue_purge("new")
        eventually(lambda: (waits("work"), waits("new")) == (2, 0))


def test_queue_that_is_declared_again_counts_from_0_and_has_no_earlier_messages(
    channel: BlockingChannel,
    observer: Observer,
) -> None:
    channel.queue_declare("work", durable=True)
    for _ in range(3):
        channel.basic_publish("", "work", b"same")
    eventually(lambda: tally(observer, "queue", "work") == (3, 0))
    channel.queue_delete("work")
    eventually(lambda: not observer.topology().queues)
    channel.queue_declare("work", durable=True)
    channel.basic_publish("", "work", b"same")
    channel.basic_get("work", auto_ack=True)
    eventually(lambda: tally(observer, "queue", "work") == (1, 1))
    eventually(lambda: [len(one.deliveries) for one in observer.messages()] == [0, 0, 0, 1])


def test_burst_becomes_flows_without_the_firehose_and_single_messages_come_back(
    live: Live,
    channel: BlockingChannel,
    observer: Observer,
) -> None:
    channel.exchange_declare("logs", "fanout")
    for queue in ("one", "two"):
        channel.queue_declare(queue, exclusive=True)
        channel.queue_bind(queue, "logs")
    for _ in range(5000):
        channel.basic_publish("logs", "", b"flood")
    eventually(lambda: observer.mode is Mode.FLOWS)
    eventually(lambda: not live.management.is_traced(live.name))
    eventually(lambda: tally(observer, "exchange", "logs") == (5000, 10_000))
    eventually(lambda: tally(observer, "queue", "two") == (5000, 0))
    eventually(lambda: observer.mode is Mode.MESSAGES)
    assert live.management.is_traced(live.name)
    channel.basic_publish("logs", "", b"after")
    assert set(traced(observer, b"after").routed_queues) == {"one", "two"}
    eventually(lambda: tally(observer, "exchange", "logs") == (5001, 10_002))


def count(live: Live, kind: str, name: str) -> tuple[int, int]:
    """What RabbitMQ's statistics tell, from when it was declared."""
    return live.management.throughput(live.name).get((kind, name), (0, 0))


def test_counts_are_since_the_board_opened_however_late_the_statistics_are(
    live: Live, channel: BlockingChannel, observe: Observe
) -> None:
    channel.exchange_declare("logs", "fanout")
    channel.queue_declare("work", durable=True)
    channel.queue_bind("work", "logs")
    for _ in range(4):
        channel.basic_publish("logs", "", b"before")
    channel.queue_declare("work", passive=True)  # the broker has them all
    observer = observe()
    seen = []
    observer.watch(lambda: seen.append((tally(observer, "exchange", "logs"), tally(observer, "queue", "work"))))
    eventually(lambda: count(live, "exchange", "logs") == (4, 4) and count(live, "queue", "work") == (4, 0))
    eventually(observer._is_settled)
    assert set(seen) == {((0, 0), (0, 0))}
    channel.basic_publish("logs", "", b"after")
    eventually(lambda: tally(observer, "exchange", "logs") == (1, 1))
    for _ in range(3000):
        channel.basic_publish("logs", "", b"flood")
    eventually(lambda: observer.mode is Mode.FLOWS)
    eventually(lambda: count(live, "exchange", "logs") == (3005, 3005) and count(live, "queue", "work") == (3005, 0))
    eventually(lambda: tally(observer, "exchange", "logs") == (3001, 3001))
    eventually(lambda: tally(observer, "queue", "work") == (3001, 0))
    eventually(lambda: observer.mode is Mode.MESSAGES)
    assert max(seen) == seen[-1] == ((3001, 3001), (3001, 0))


def test_statistics_are_right_once_nothing_passes_though_something_passed_before_they_came(
    channel: BlockingChannel, observe: Observe
) -> None:
    channel.exchange_declare("logs", "fanout")
    for _ in range(4):
        channel.basic_publish("logs", "", b"before")
    channel.exchange_declare("logs", "fanout", passive=True)  # the broker has them all
    observer = observe()
    channel.basic_publish("logs", "", b"after")
    traced(observer, b"after")
    eventually(observer._is_settled)
    observer._tallies.interrupt()
    assert tally(observer, "exchange", "logs") == (1, 0)


def test_messages_while_somebody_had_the_firehose_switched_off_are_counted_in_the_end(
    live: Live, channel: BlockingChannel, observer: Observer
) -> None:
    channel.exchange_declare("logs", "fanout")
    live.management.trace(live.name, on=False)
    channel.basic_publish("logs", "", b"unseen")
    eventually(lambda: tally(observer, "exchange", "logs") == (1, 0))
    assert message(observer, b"unseen") is None


def test_what_waits_while_the_firehose_was_off_has_survived_no_restart(
    live: Live, channel: BlockingChannel, observer: Observer
) -> None:
    channel.queue_declare("kept", durable=True)
    channel.basic_publish("", "kept", b"waits")
    traced(observer, b"waits")
    live.management.trace(live.name, on=False)
    eventually(lambda: live.management.is_traced(live.name))
    channel.basic_publish("", "kept", b"after")
    traced(observer, b"after")
    assert traced(observer, b"waits").fates == {}


def test_producer_is_known_through_a_burst_and_until_its_connection_has_closed(
    live: Live, channel: BlockingChannel, observer: Observer
) -> None:
    other = live.channel()
    channel.exchange_declare("logs", "fanout")
    channel.queue_declare("work", durable=True)
    channel.queue_bind("work", "logs")
    other.basic_publish("logs", "", b"first")
    first = traced(observer, b"first").connection
    for _ in range(3000):
        channel.basic_publish("logs", "", b"flood")
    eventually(lambda: observer.mode is Mode.FLOWS)
    eventually(lambda: message(observer, b"first") is None)
    assert {one.fates["work"] for one in observer.messages()} == {Fate.UNKNOWN}, "what waited may be taken unseen"
    producers = picture(observer).producers
    assert producers[0].connection == first
    assert [one.open for one in producers] == [True, True]
    other.connection.close()
    eventually(lambda: [one.connection for one in picture(observer).producers] == [producers[1].connection])


def test_at_most_ten_producers_are_kept_and_the_latest_is_last(live: Live, observer: Observer) -> None:
    for number in range(PRODUCERS + 2):
        live.channel().basic_publish("", "nobody", str(number))
        traced(observer, str(number).encode())
    connections = [one.connection for one in observer.messages()]
    assert [one.connection for one in picture(observer).producers] == connections[-PRODUCERS:]


def test_closed_producer_stays_while_its_message_is_remembered(live: Live, observer: Observer) -> None:
    channel = live.channel()
    channel.basic_publish("", "nobody", b"hello")
    traced(observer, b"hello")
    channel.connection.close()
    eventually(lambda: [one.open for one in picture(observer).producers] == [False])


def test_killed_connections_come_back_and_it_goes_on(live: Live, channel: BlockingChannel, observer: Observer) -> None:
    channel.exchange_declare("logs", "fanout")
    queue = observer.firehose.queue
    live.kill_connections("fanout board: firehose")
    eventually(lambda: observer.firehose.state is State.CONSUMING and observer.firehose.queue not in {queue, None})
    assert picture(observer).standing == LIVE
    assert observer.mode is Mode.MESSAGES
    channel.basic_publish("logs", "", b"again")
    assert traced(observer, b"again").routed_queues == ()


def test_what_happened_while_the_events_were_away_is_made_up_for(
    live: Live,
    channel: BlockingChannel,
    observer: Observer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    events = observer._events
    eventually(lambda: observer._events.queue)
    monkeypatch.setattr(observing, "LATE", PATIENCE)
    locate, events._locate = events._locate, lambda: replace(live.address, port=1)
    connection = events._connection
    assert connection is not None
    connection.add_callback_threadsafe(connection.close)
    eventually(lambda: events.state is State.RECONNECTING)
    assert picture(observer).standing == STALE
    channel.queue_declare("work", durable=True)
    tag = channel.basic_consume("work", lambda *_: None)
    events._locate = locate
    eventually(lambda: events.state is State.CONSUMING)
    eventually(lambda: [one.consumer_tag for one in observer.topology().consumers] == [tag])
    eventually(lambda: picture(observer).standing == LIVE)


def test_user_without_the_events_polls_and_says_so(live: Live) -> None:
    with user(live, "administrator") as theirs:
        observer = Observer(theirs.locate, lambda: theirs.management, Counter()).open()
        assert picture(observer).notes == [POLLING]
        assert observer.mode is Mode.MESSAGES
        channel = live.channel()
        channel.queue_declare("work", durable=True)
        channel.basic_publish("", "work", b"hello")
        assert traced(observer, b"hello").routed_queues == ("work",)
        eventually(lambda: follows(live, observer))
        channel.queue_delete("work")
        eventually(lambda: follows(live, observer))
        channel.queue_declare("work", durable=True)
        eventually(lambda: observer.topology().queues)
        assert tally(observer, "queue", "work") == (0, 0)
        observer.close()
    assert not live.management.is_traced(live.name)


def test_user_who_may_not_trace_sees_counts_and_says_so(live: Live) -> None:
    with user(live, "management") as theirs:
        observer = Observer(theirs.locate, lambda: theirs.management, Counter()).open()
        assert picture(observer).notes == [POLLING, UNTRACED]
        assert observer.mode is Mode.UNTRACED
        channel = live.channel()
        channel.queue_declare("work", durable=True)
        for _ in range(3):
            channel.basic_publish("", "work", b"hello")
        eventually(lambda: tally(observer, "queue", "work") == (3, 0))
        assert observer.messages() == []
        assert _of_boards(live, live.name) == []
        observer.close()
    assert not live.management.is_traced(live.name)


def test_user_who_may_trace_but_not_have_the_boards_queue_is_told_so(live: Live) -> None:
    with user(live, "administrator", configure=r"^amq\.gen") as theirs:
        observer = Observer(theirs.locate, lambda: theirs.management, Counter()).open()
        (note,) = (note for note in picture(observer).notes if note != POLLING)
        assert note == observer.untraced
        assert note.startswith(NO_QUEUE)
        assert "403 ACCESS_REFUSED" in note
        assert UNTRACED not in note
        observer.close()
    assert not live.management.is_traced(live.name)


def test_user_of_no_virtual_host_is_told_and_nothing_is_left(live: Live) -> None:
    with user(live, "administrator") as theirs:
        live.management._request("DELETE", "permissions", live.name, theirs.address.username)
        with pytest.raises(BrokerUnreachable):
            Observer(theirs.locate, lambda: theirs.management, Counter()).open()
    assert not live.management.is_traced(live.name)
    eventually(lambda: not boards_left(live))


def test_nothing_is_left_when_the_counts_are_refused(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_management: Management, _virtual_host: str) -> dict[Any, Any]:
        raise ManagementError("no", status=401)

    monkeypatch.setattr(Management, "throughput", refuse)
    with pytest.raises(ManagementError):
        Observer(live.locate, lambda: live.management, Counter()).open()
    eventually(lambda: not boards_left(live))


def test_nothing_is_left_when_opening_is_interrupted(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = Firehose.open

    def interrupted(firehose: Firehose) -> None:
        opened(firehose)
        raise KeyboardInterrupt

    monkeypatch.setattr(Firehose, "open", interrupted)
    with pytest.raises(KeyboardInterrupt):
        Observer(live.locate, lambda: live.management, Counter()).open()
    assert not live.management.is_traced(live.name)
    eventually(lambda: not boards_left(live))


def test_nothing_is_left_when_it_is_closed(live: Live, observer: Observer) -> None:
    assert live.management.is_traced(live.name)
    events = observer._events.queue
    assert events in {queue.name for queue in live.management.queues(EVENT_VIRTUAL_HOST)}
    observer.close()
    observer.close()
    assert not live.management.is_traced(live.name)
    assert live.queue_names() == []
    assert TRACE_EXCHANGE not in {one.source for one in live.management.bindings(live.name)}
    in_events = live.management.topology(EVENT_VIRTUAL_HOST)
    assert events not in {queue.name for queue in in_events.queues}
    assert events not in {binding.destination for binding in in_events.bindings}
    eventually(lambda: not live.connections("fanout board"))


def test_closed_while_messages_pass_it_closes(live: Live, observe: Observe) -> None:
    live.fanout()
    channel = live.channel()
    for _ in range(3):
        observer = observe()

        def look(observer: Observer = observer) -> None:
            picture(observer)

        observer.watch(look)
        for _ in range(200):
            channel.basic_publish("logs", "", b"x")
        observer.close()
        assert not live.management.is_traced(live.name)
        assert live.queue_names() == []


def test_tracing_that_an_administrator_switched_on_stays_on(live: Live, observe: Observe) -> None:
    live.management.trace(live.name, on=True)
    first, second = observe(), observe()
    live.channel().basic_publish("", "nobody", b"hello")
    for one in (first, second):
        traced(one, b"hello")
        one.close()
        assert live.management.is_traced(live.name)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_two_kernels_the_last_one_switches_the_firehose_off(
    live: Live, observe: Observe, order: tuple[int, int]
) -> None:
    observers = [observe(), observe()]
    first, last = (observers[place] for place in order)
    first.close()
    assert live.management.is_traced(live.name)
    live.channel().basic_publish("", "nobody", b"hello")
    traced(last, b"hello")
    last.close()
    assert not live.management.is_traced(live.name)


def test_firehose_that_somebody_switched_off_is_on_again(live: Live, observer: Observer) -> None:
    live.management.trace(live.name, on=False)
    eventually(lambda: live.management.is_traced(live.name) and observer.mode is Mode.MESSAGES)
    live.channel().basic_publish("", "nobody", b"hello")
    traced(observer, b"hello")
    observer.close()
    assert not live.management.is_traced(live.name)


def test_virtual_host_of_the_events_can_be_observed_too(live: Live) -> None:
    home = Live(live.address.with_virtual_host(EVENT_VIRTUAL_HOST), live.management)
    was_on = home.management.is_traced(home.name)
    with observed(home) as observer:
        live_connection = home.channel()
        name = f"test-{secrets.token_hex(4)}"
        live_connection.queue_declare(name, exclusive=True)
        live_connection.basic_publish("", name, name)
        assert traced(observer, name.encode()).routed_queues == (name,)
        assert not any(queue.name.startswith(BOARD_QUEUE) for queue in observer.topology().queues)
        live_connection.connection.close()
    assert home.management.is_traced(home.name) == was_on
