import select
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import pytest

from fanout_helpers import publisher as publishing
from fanout_helpers.address import parse
from fanout_helpers.connection import State
from fanout_helpers.errors import AddressError, BrokerUnreachable, Closed, ExchangeNotFound, NotConfirmed
from fanout_helpers.publisher import Publisher
from tests.live import Live, eventually

NAME = "test publisher"


@pytest.fixture
def publisher(live: Live) -> Iterator[Publisher]:
    made = Publisher(live.locate, NAME)
    yield made
    made.close()


@pytest.fixture
def queue(live: Live) -> str:
    """A queue that is bound to the exchange ``logs``."""
    live.fanout()
    live.channel().queue_declare("archive", durable=True)
    live.opened[-1].channel().queue_bind("archive", "logs")
    return "archive"


def bodies(live: Live, queue: str) -> list[bytes]:
    """Takes everything out of a queue."""
    channel = live.channel()
    taken = []
    while (got := channel.basic_get(queue, auto_ack=True))[0] is not None:
        taken.append(got[2])
    return taken


@pytest.mark.parametrize("body", ["info: hello", "", "你好 🐇", "a\nb\x00"])
def test_text_is_published_as_utf8(live: Live, publisher: Publisher, queue: str, body: str) -> None:
    assert publisher.publish("logs", body).routed
    assert bodies(live, queue) == [body.encode()]


@pytest.mark.parametrize("size", [0, 1, 10_000_000])
def test_bytes_are_published_as_they_are(live: Live, publisher: Publisher, queue: str, size: int) -> None:
    body = (b"\xff\x00\xfe" * (size // 3 + 1))[:size]
    assert publisher.publish("logs", body, "key").body == body
    assert bodies(live, queue) == [body]


def test_many_threads_publish_at_once_and_every_message_arrives_once(
    live: Live, publisher: Publisher, queue: str
) -> None:
    confirmed: list[bytes] = []

    def publish(who: int) -> None:
        confirmed.extend(publisher.publish("logs", f"{who} {number}").body for number in range(50))

    threads = [threading.Thread(target=publish, args=(who,)) for who in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    arrived = bodies(live, queue)
    assert len(confirmed) == 800
    assert Counter(arrived) == Counter(confirmed)
    for who in range(16):
        theirs = [body for body in arrived if body.startswith(b"%d " % who)]
        assert theirs == [b"%d %d" % (who, number) for number in range(50)]


def test_message_that_no_queue_gets_is_returned(live: Live, publisher: Publisher) -> None:
    live.fanout()
    publication = publisher.publish("logs", "nobody")
    assert not publication.routed
    assert (publication.exchange, publication.body) == ("logs", b"nobody")
    assert not publisher.publish("", "nobody", "no such queue").routed


def test_missing_exchange_is_told_with_rabbitmqs_words_and_the_publisher_works_on(
    live: Live, publisher: Publisher, queue: str
) -> None:
    publisher.publish("logs", "before")
    connection = eventually(lambda: live.connections(NAME))
    for _ in range(3):
        with pytest.raises(ExchangeNotFound) as caught:
            publisher.publish("nope", "lost")
        assert f"404 NOT_FOUND - no exchange 'nope' in vhost '{live.name}'" in caught.value.cause
    assert publisher.publish("logs", "after").routed
    assert bodies(live, queue) == [b"before", b"after"]
    assert live.connections(NAME) == connection, "only the channel died"


def test_internal_exchange_takes_no_messages_and_the_publisher_works_on(
    live: Live, publisher: Publisher, queue: str
) -> None:
    live.channel().exchange_declare("inner", "fanout", internal=True)
    with pytest.raises(NotConfirmed, match="403 ACCESS_REFUSED"):
        publisher.publish("inner", "lost")
    assert publisher.publish("logs", "after").routed
    assert bodies(live, queue) == [b"after"]


def test_full_queue_refuses_a_message(live: Live, publisher: Publisher) -> None:
    live.channel().queue_declare("full", durable=True, arguments={"x-max-length": 1, "x-overflow": "reject-publish"})

    def fill() -> None:
        for _ in range(100):
            publisher.publish("", "one", "full")

    with pytest.raises(NotConfirmed, match=r"basic\.nack(?s:.)*just being deleted"):
        fill()


@pytest.mark.parametrize("body", [42, None, ["text"], {"a": 1}, 1.5])
def test_body_that_is_no_text_is_refused_at_once(publisher: Publisher, body: object) -> None:
    with pytest.raises(TypeError, match=f"not {type(body).__name__}"):
        publisher.publish("logs", body)  # type: ignore[arg-type]


def test_what_pika_cannot_send_does_not_end_the_thread(live: Live, publisher: Publisher, queue: str) -> None:
    with pytest.raises(Exception, match="x" * 300):
        publisher.publish("x" * 300, "too long a name")
    with pytest.raises(Exception, match="object"):
        publisher.publish("logs", "odd header", headers={"odd": object()})
    assert publisher.publish("logs", "after").routed
    assert bodies(live, queue) == [b"after"]


def test_headers_and_routing_key_arrive(live: Live, publisher: Publisher, queue: str) -> None:
    publisher.publish("logs", "hi", "key", headers={"a": "b"})
    method, properties, _ = live.channel().basic_get(queue, auto_ack=True)
    assert (method.exchange, method.routing_key, properties.headers) == ("logs", "key", {"a": "b"})


def test_publisher_is_ready_before_anything_is_published(publisher: Publisher) -> None:
    eventually(lambda: publisher.state is State.READY)


def test_lost_connection_is_made_again_by_itself(live: Live, publisher: Publisher) -> None:
    first = eventually(lambda: live.connections(NAME))
    live.kill_connections(NAME)
    eventually(lambda: live.connections(NAME) not in ([], first))
    eventually(lambda: publisher.state is State.READY)


def test_next_publish_after_a_lost_connection_works(
    live: Live, publisher: Publisher, queue: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "_TICK", 600)  # it shall not notice the loss by itself
    publisher.publish("logs", "0")
    for number in range(1, 5):
        connection = eventually(lambda: live.connections(NAME))[0]
        live.management._request("DELETE", "connections", connection)
        its_socket = publisher._connection._impl._transport._sock  # type: ignore[union-attr]
        eventually(partial(_has_something_to_read, its_socket))
        assert publisher.publish("logs", str(number)).routed
        eventually(lambda: connection not in live.connections(NAME))  # noqa: B023 - it is called at once
    assert bodies(live, queue) == [b"0", b"1", b"2", b"3", b"4"]


def _has_something_to_read(its_socket: socket.socket) -> bool:
    return bool(select.select([its_socket], [], [], 0)[0])


def test_state_says_that_it_reconnects_while_the_broker_is_away(live: Live, publisher: Publisher) -> None:
    eventually(lambda: publisher.state is State.READY)
    where = live.address
    live.address = replace(where, port=1)
    live.management._request("DELETE", "connections", eventually(lambda: live.connections(NAME))[0])
    eventually(lambda: publisher.state is State.RECONNECTING)
    with pytest.raises(BrokerUnreachable):
        publisher.publish("logs", "away")
    live.address = where
    eventually(lambda: publisher.state is State.READY)
    assert not publisher.publish("amq.fanout", "back").routed


def test_broker_that_is_not_there_is_told(live: Live) -> None:
    nowhere = Publisher(lambda: replace(live.address, port=1), NAME)
    with pytest.raises(BrokerUnreachable, match=r"127\.0\.0\.1:1"):
        nowhere.publish("logs", "hi")
    assert nowhere.state is State.RECONNECTING
    nowhere.close()


def test_wrong_password_is_told_without_it(live: Live) -> None:
    stranger = Publisher(lambda: replace(live.address, password="hunter2"), NAME)  # noqa: S106
    with pytest.raises(BrokerUnreachable) as caught:
        stranger.publish("logs", "hi")
    stranger.close()
    assert "refused the user or the password" in caught.value.cause
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("query", ["nonsense=1", "heartbeat=often"])
def test_query_that_pika_cannot_use_is_told(live: Live, query: str) -> None:
    odd = Publisher(lambda: replace(live.address, query=query), NAME)
    with pytest.raises(AddressError, match="query"):
        odd.publish("logs", "hi")
    odd.close()


def test_closed_publisher_refuses_and_leaves_no_connection(live: Live, publisher: Publisher) -> None:
    eventually(lambda: live.connections(NAME))
    publisher.close()
    publisher.close()
    assert publisher.state is State.CLOSED
    with pytest.raises(Closed):
        publisher.publish("logs", "late")
    eventually(lambda: not live.connections(NAME))


def test_what_waits_when_it_is_closed_is_published(live: Live, publisher: Publisher, queue: str) -> None:
    outcomes: list[bytes] = []
    refused: list[Closed] = []

    def publish(number: int) -> None:
        try:
            outcomes.append(publisher.publish("logs", str(number)).body)
        except Closed as error:
            refused.append(error)

    threads = [threading.Thread(target=publish, args=(number,)) for number in range(100)]
    for thread in threads:
        thread.start()
    publisher.close()
    for thread in threads:
        thread.join()
    assert len(outcomes) + len(refused) == 100
    assert Counter(bodies(live, queue)) == Counter(outcomes)


def test_a_broker_that_accepts_and_says_nothing_is_unreachable() -> None:
    """What pika raises then is none of its AMQP errors: it used to end the thread."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = parse(f"amqp://127.0.0.1:{silent.getsockname()[1]}/?stack_timeout=0.3&socket_timeout=0.3")
        publisher = Publisher(lambda: address)
        for _ in range(2):
            with pytest.raises(BrokerUnreachable):
                publisher.publish("logs", "nobody takes this")
        publisher.close()
