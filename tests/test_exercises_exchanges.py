"""The exercises of the lesson on exchanges against a real broker: nothing done, wrong attempts, and the solution."""

import pytest
from pika.adapters.blocking_connection import BlockingChannel

from fanout_helpers import Lab
from tests.attempts import plainest


def _bind(channel: BlockingChannel, exchange: str, queue: str, key: str = "") -> None:
    channel.queue_declare(queue, durable=True)
    channel.queue_bind(queue, exchange, routing_key=key)


def test_the_weather_is_solved(lab: Lab, channel: BlockingChannel) -> None:
    channel.exchange_declare("weather", "topic")
    assert lab.check("weather").right == ["there is an exchange 'weather' of type topic"]
    _bind(channel, "weather", "storms", "*.storm")
    assert lab.check("weather").solved


@pytest.mark.parametrize("exercise", ["news", "weather"])
def test_who_has_nothing_yet_is_told_to_declare_and_not_to_delete(lab: Lab, exercise: str) -> None:
    hints = repr(plainest(lab, exercise))
    assert "exchange_declare" in hints
    assert "delete" not in hints
    assert "unbind" not in hints


def test_the_weather_of_another_type_is_told_how_to_get_rid_of_it(lab: Lab, channel: BlockingChannel) -> None:
    channel.exchange_declare("weather", "direct")
    _bind(channel, "weather", "storms", "*.storm")
    verdict = plainest(lab, "weather")
    assert list(verdict.missing) == ["there is an exchange 'weather' of type topic"]
    assert 'exchange_delete(exchange="weather")\nchannel.exchange_declare' in verdict.code


@pytest.mark.parametrize("keys", [("storm.*",), ("#",), ("*.storm", "#"), ("",)])
def test_storms_with_other_binding_keys_are_told_of_patterns(
    lab: Lab, channel: BlockingChannel, keys: tuple[str, ...]
) -> None:
    channel.exchange_declare("weather", "topic")
    for key in keys:
        _bind(channel, "weather", "storms", key)
    verdict = plainest(lab, "weather")
    assert list(verdict.missing) == ["its only binding key matches one word, a dot and 'storm'"]
    assert "* stands for one word" in repr(verdict)
    assert "queue_unbind" in repr(verdict)


def test_the_news_are_solved_and_reach_two_queues(lab: Lab, channel: BlockingChannel) -> None:
    channel.exchange_declare("news", "fanout")
    for queue in ("inbox", "archive"):
        _bind(channel, "news", queue)
    assert lab.check("news").solved
    assert lab.publish("news", "read all about it", "any").routed
    assert [channel.queue_declare(queue, passive=True).method.message_count for queue in ("inbox", "archive")] == [1, 1]


def test_news_for_the_inbox_only_miss_the_archive(lab: Lab, channel: BlockingChannel) -> None:
    channel.exchange_declare("news", "fanout")
    _bind(channel, "news", "inbox")
    channel.queue_declare("archive", durable=True)
    verdict = plainest(lab, "news")
    assert "the queues 'inbox' and 'archive' are bound to 'news'" in verdict.missing
    assert "queue_bind" in repr(verdict)


def test_news_for_a_third_queue_are_told_to_unbind_it(lab: Lab, channel: BlockingChannel) -> None:
    channel.exchange_declare("news", "fanout")
    for queue in ("inbox", "archive", "screen"):
        _bind(channel, "news", queue)
    verdict = plainest(lab, "news")
    assert list(verdict.missing) == ["'news' leads to two queues, and nowhere else"]
    assert "queue_unbind" in repr(verdict)


def test_news_through_another_exchange_are_not_exactly_two(lab: Lab, channel: BlockingChannel) -> None:
    channel.exchange_declare("news", "fanout")
    channel.exchange_declare("more", "fanout")
    for queue in ("inbox", "archive"):
        _bind(channel, "news", queue)
    channel.exchange_bind("more", "news")
    verdict = lab.check("news")
    assert list(verdict.missing) == ["'news' leads to two queues, and nowhere else"]
    assert "unbind any other" in repr(verdict)


def test_news_of_another_type_are_told_how_to_get_rid_of_it(lab: Lab, channel: BlockingChannel) -> None:
    channel.exchange_declare("news", "topic")
    for queue in ("inbox", "archive"):
        _bind(channel, "news", queue, "#")
    verdict = plainest(lab, "news")
    assert list(verdict.missing) == ["there is an exchange 'news' of type fanout"]
    assert 'exchange_delete(exchange="news")\nchannel.exchange_declare' in verdict.code
