import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from fanout_helpers.broker.node import Node
from fanout_helpers.errors import BrokerUnreachable, ManagementError, NotFound
from fanout_helpers.management import Management
from fanout_helpers.model import Binding, Consumer, Exchange, Queue
from tests.live import Live, eventually

HOSTILE = ["a/b", "a//b", "%2F", "%", "a b", "a?b#c", "a;b&c=d+e", "課程 🐇", "'\"<b>\\", "..%2F.."]


@contextmanager
def http_server(status: int, body: bytes) -> Iterator[str]:
    """Something at the other end that is not RabbitMQ: it answers everything alike."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            if status == 302:
                self.send_header("Location", "/login")
            self.end_headers()
            self.wfile.write(body)

        do_PUT = do_DELETE = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_predeclared_exchanges_are_there_by_name(live: Live) -> None:
    names = [exchange.name for exchange in live.management.exchanges(live.name)]
    assert names == sorted(names)
    assert {"", "amq.direct", "amq.fanout", "amq.headers", "amq.match", "amq.topic"} <= set(names)
    assert live.exchange("") == Exchange("", "direct", durable=True)


def test_exchange_is_read_as_it_was_declared(live: Live) -> None:
    live.channel().exchange_declare(
        "logs", "topic", durable=True, auto_delete=True, internal=True, arguments={"alternate-exchange": "amq.fanout"}
    )
    assert live.exchange("logs") == Exchange(
        "logs",
        "topic",
        durable=True,
        auto_delete=True,
        internal=True,
        arguments={"alternate-exchange": "amq.fanout"},
    )


def test_queue_is_read_as_it_was_declared(live: Live) -> None:
    channel = live.channel()
    channel.queue_declare("archive", durable=True, arguments={"x-max-length": 7})
    channel.queue_declare("mine", exclusive=True, auto_delete=True)
    archive, mine = (replace(queue, messages_ready=None, consumers=None) for queue in live.management.queues(live.name))
    assert archive == Queue("archive", durable=True, exclusive=False, auto_delete=False, arguments=archive.arguments)
    assert archive.arguments["x-max-length"] == 7
    assert (mine.name, mine.durable, mine.exclusive, mine.auto_delete) == ("mine", False, True, True)


def test_statistics_of_a_queue_come_late_but_come(live: Live) -> None:
    channel = live.channel()
    channel.queue_declare("archive", durable=True)
    channel.basic_publish("", "archive", b"one")
    eventually(lambda: live.management.queues(live.name)[0].messages_ready == 1)


def test_bindings_hold_the_default_exchanges_own(live: Live) -> None:
    channel = live.channel()
    live.fanout()
    channel.queue_declare("archive", durable=True)
    channel.queue_bind("archive", "logs", routing_key="key", arguments={"x": "y"})
    channel.exchange_declare("other", "fanout")
    channel.exchange_bind("other", "logs", routing_key="key")
    assert live.management.bindings(live.name) == [
        Binding("", "archive", "queue", "archive"),
        Binding("logs", "archive", "queue", "key", {"x": "y"}),
        Binding("logs", "other", "exchange", "key"),
    ]


def test_virtual_host_may_be_created_twice(live: Live) -> None:
    live.fanout()
    live.management.create_virtual_host(live.name)
    assert live.exchange_names() == ["logs"]


def test_virtual_host_that_was_deleted_is_not_found(live: Live) -> None:
    name = f"{live.name}-other"
    live.management.create_virtual_host(name)
    assert live.management.has_virtual_host(name)
    live.management.delete_virtual_host(name)
    assert not live.management.has_virtual_host(name)
    for ask in (live.management.delete_virtual_host, live.management.exchanges, live.management.queues):
        with pytest.raises(NotFound) as caught:
            ask(name)
        assert caught.value.status == 404


def test_nothing_to_delete_is_not_found(live: Live) -> None:
    for delete in (live.management.delete_exchange, live.management.delete_queue):
        with pytest.raises(NotFound):
            delete(live.name, "nope")


def test_predeclared_exchange_is_not_deleted_and_rabbitmq_says_why(live: Live) -> None:
    with pytest.raises(ManagementError, match=r"amq\.fanout"):
        live.management.delete_exchange(live.name, "amq.fanout")


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_survive_the_round_trip(live: Live, name: str) -> None:
    virtual_host = f"{live.name} {name}"
    live.management.create_virtual_host(virtual_host)
    other = Live(live.address.with_virtual_host(virtual_host), live.management)
    try:
        channel = other.channel()
        other.fanout(name)
        assert other.exchange_names() == [name]
        live.management.delete_exchange(virtual_host, name)
        assert other.exchange_names() == []
        channel.queue_declare(name, durable=True)
        assert other.queue_names() == [name]
        live.management.delete_queue(virtual_host, name)
        assert other.queue_names() == []
    finally:
        for connection in other.opened:
            connection.close()
        live.management.delete_virtual_host(virtual_host)
    assert not live.management.has_virtual_host(virtual_host)


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_name_that_would_change_the_path_asks_for_nothing_else(live: Live, name: str) -> None:
    live.fanout()
    for ask in (live.management.exchanges, live.management.delete_virtual_host):
        with pytest.raises(NotFound):
            ask(name)
    with pytest.raises(NotFound):
        live.management.delete_exchange(live.name, name)
    assert not live.management.has_virtual_host(name)
    assert live.exchange_names() == ["logs"]


def test_version_and_user_are_the_nodes_own(broker: Node) -> None:
    management = Management(broker.address)
    assert management.version() == broker.version
    assert management.whoami() == broker.address.username
    management.close()
    assert management.whoami() == broker.address.username
    management.close()


@pytest.mark.parametrize("login", [("guest", "guest"), ("nobody", "x"), ("пользователь", "密码"), ("", "")])
def test_wrong_login_is_refused(broker: Node, login: tuple[str, str]) -> None:
    management = Management(replace(broker.address, username=login[0], password=login[1]))
    with pytest.raises(ManagementError) as caught:
        management.whoami()
    management.close()
    assert caught.value.status == 401
    assert "user" in caught.value.next_step


def test_user_and_password_of_any_language_sign_in(live: Live) -> None:
    name, password = f"学生-{live.name}", "пароль:ü/@%"
    live.management._request("PUT", "users", name, body={"password": password, "tags": "management"})
    theirs = Management(replace(live.address, username=name, password=password))
    assert theirs.whoami() == name
    theirs.close()
    live.management._request("DELETE", "users", name)


def test_user_without_the_right_to_do_it_is_told_so(live: Live) -> None:
    name = f"student-{live.name}"
    live.management._request("PUT", "users", name, body={"password": "x", "tags": "management"})
    theirs = Management(replace(live.address, username=name, password="x"))  # noqa: S106
    with pytest.raises(ManagementError) as caught:
        theirs.create_virtual_host(f"{live.name}-other")
    theirs.close()
    live.management._request("DELETE", "users", name)
    assert caught.value.status == 401
    assert "may not do that" in caught.value.cause


def error_of(url: str, broker: Node) -> BrokerUnreachable:
    management = Management(replace(broker.address, management_url=url), timeout=5)
    for ask in (management.whoami, management.version, lambda: management.exchanges("v")):
        with pytest.raises(BrokerUnreachable) as caught:
            ask()
    management.close()
    assert url in caught.value.happened
    assert "FANOUT_MANAGEMENT_URL" in caught.value.next_step
    return caught.value


def test_nobody_there(broker: Node) -> None:
    assert "refused" in error_of("http://127.0.0.1:1", broker).cause


def test_no_such_host(broker: Node) -> None:
    assert "no-such-host.invalid" in error_of("http://no-such-host.invalid:1", broker).cause


def test_amqp_port_is_not_the_management_api(broker: Node) -> None:
    cause = error_of(f"http://127.0.0.1:{broker.address.port}", broker).cause
    assert "(" not in cause.partition("]")[0], "it is a sentence, not the repr of urllib3's exception"


def test_tls_where_there_is_none_tells_so(broker: Node) -> None:
    cause = error_of(broker.address.management_url.replace("http:", "https:"), broker).cause
    assert cause.startswith("[SSL: WRONG_VERSION_NUMBER]")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<html>hello</html>"),
        (200, b"{}"),
        (200, b"[]"),
        (200, b"null"),
        (200, b"7"),
        (200, b""),
        (200, b'[{"name": 1}]'),
        (200, b'{"exchanges": []}'),
        (404, b"<html>File not found</html>"),
        (502, b"Bad Gateway"),
        (302, b""),
    ],
)
def test_http_server_that_is_not_rabbitmq_is_not_taken_for_one(broker: Node, status: int, body: bytes) -> None:
    with http_server(status, body) as url:
        management = Management(replace(broker.address, management_url=url), timeout=5)
        for ask in (management.whoami, management.version):
            with pytest.raises(BrokerUnreachable, match=url):
                ask()
        if body != b"[]":
            with pytest.raises(BrokerUnreachable, match=url):
                management.exchanges("v")
        management.close()


def test_many_threads_may_ask_at_once(live: Live) -> None:
    answers: list[int] = []
    threads = [
        threading.Thread(target=lambda: answers.append(len(live.management.exchanges(live.name)))) for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 20
    assert len(set(answers)) == 1


def test_a_consumer_that_is_listed_in_part_is_no_consumer(broker: Node) -> None:
    # What RabbitMQ 4.3 may answer for a moment about consumers that have just ended.
    parts = b'[{"consumer_tag": "a"}, {"queue": {"name": "q"}}, {"consumer_tag": "b", "queue": {"name": "q"}}]'
    with http_server(200, parts) as url:
        management = Management(replace(broker.address, management_url=url), timeout=5)
        assert management.consumers("v") == [Consumer("q", "b")]
        management.close()
