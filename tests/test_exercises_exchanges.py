"""The exercises of the lesson on exchanges against a real broker: nothing done, wrong attempts, and the solution."""

from collections.abc import Iterator
from typing import Any

import pika
import pytest

from fanout_helpers import Lab
from fanout_helpers.broker.node import Node


@pytest.fixture
def lab(broker: Node) -> Iterator[Lab]:
    with Lab("exercises-exchanges") as made:
        assert made.address.port == broker.address.port
        yield made


@pytest.fixture
def channel(lab: Lab) -> Iterator[Any]:
    with pika.BlockingConnection(lab.parameters) as connection:
        yield connection.channel()


def _bind(channel: Any, exchange: str, queue: str, key: str = "") -> None:  # noqa: ANN401
    channel.queue_declare(queue, durable=True)
    channel.queue_bind(queue, exchange, routing_key=key)


@pytest.mark.parametrize("exercise", ["weather", "news"])
def test_nothing_done_is_not_solved_and_each_try_hints_more(lab: Lab, exercise: str) -> None:
    first, second = lab.check(exercise), lab.check(exercise)
    assert not first.solved
    assert not first.right
    assert all(len(hints) == 1 for hints in first.missing.values())
    assert all(len(hints) == 2 for hints in second.missing.values())
    assert repr(second).endswith("Not yet: change it and check again.")


def test_the_weather_is_solved(lab: Lab, channel: Any) -> None:  # noqa: ANN401
    channel.exchange_declare("weather", "topic")
    assert lab.check("weather").right == ["there is an exchange 'weather' of type topic"]
    _bind(channel, "weather", "storms", "*.storm")
    assert lab.check("weather").solved


def test_the_weather_of_another_type_is_told_how_to_get_rid_of_it(lab: Lab, channel: Any) -> None:  # noqa: ANN401
    channel.exchange_declare("weather", "direct")
    _bind(channel, "weather", "storms", "*.storm")
    lab.check("weather")
    verdict = lab.check("weather")
    assert list(verdict.missing) == ["there is an exchange 'weather' of type topic"]
    assert "exchange_delete" in repr(verdict)


@pytest.mark.parametrize("keys", [("storm.*",), ("#",), ("*.storm", "#"), ("",)])
def test_storms_with_other_binding_keys_are_told_of_patterns(lab: Lab, channel: Any, keys: tuple[str, ...]) -> None:  # noqa: ANN401
    channel.exchange_declare("weather", "topic")
    for key in keys:
        _bind(channel, "weather", "storms", key)
    lab.check("weather")
    verdict = lab.check("weather")
    assert list(verdict.missing) == ["its only binding key matches one word, a dot and 'storm'"]
    assert "* stands for one word" in repr(verdict)
    assert "queue_unbind" in repr(verdict)


def test_the_news_are_solved_and_reach_two_queues(lab: Lab, channel: Any) -> None:  # noqa: ANN401
    channel.exchange_declare("news", "fanout")
    for queue in ("inbox", "archive"):
        _bind(channel, "news", queue)
    assert lab.check("news").solved
    assert lab.publish("news", "read all about it", "any").routed
    assert [channel.queue_declare(queue, passive=True).method.message_count for queue in ("inbox", "archive")] == [1, 1]


def test_news_for_the_inbox_only_miss_the_archive(lab: Lab, channel: Any) -> None:  # noqa: ANN401
    channel.exchange_declare("news", "fanout")
    _bind(channel, "news", "inbox")
    channel.queue_declare("archive", durable=True)
    lab.check("news")
    verdict = lab.check("news")
    assert "the queues 'inbox' and 'archive' are bound to 'news'" in verdict.missing
    assert "queue_bind" in repr(verdict)


def test_news_for_a_third_queue_are_told_to_unbind_it(lab: Lab, channel: Any) -> None:  # noqa: ANN401
    channel.exchange_declare("news", "fanout")
    for queue in ("inbox", "archive", "screen"):
        _bind(channel, "news", queue)
    lab.check("news")
    verdict = lab.check("news")
    assert list(verdict.missing) == ["'news' leads to two queues, and nowhere else"]
    assert "queue_unbind" in repr(verdict)


def test_news_through_another_exchange_are_not_exactly_two(lab: Lab, channel: Any) -> None:  # noqa: ANN401
    channel.exchange_declare("news", "fanout")
    channel.exchange_declare("more", "fanout")
    for queue in ("inbox", "archive"):
        _bind(channel, "news", queue)
    channel.exchange_bind("more", "news")
    assert list(lab.check("news").missing) == ["'news' leads to two queues, and nowhere else"]


def test_news_of_another_type_are_told_how_to_get_rid_of_it(lab: Lab, channel: Any) -> None:  # noqa: ANN401
    channel.exchange_declare("news", "topic")
    for queue in ("inbox", "archive"):
        _bind(channel, "news", queue, "#")
    lab.check("news")
    verdict = lab.check("news")
    assert list(verdict.missing) == ["there is an exchange 'news' of type fanout"]
    assert "exchange_delete" in repr(verdict)
