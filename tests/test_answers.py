"""What a cell shows that ends in one of pika's calls."""

import re
from typing import Any

import pika
import pytest
from IPython.core.interactiveshell import InteractiveShell

from fanout_helpers.views import answers
from tests.live import Live


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Any:  # noqa: ANN401
    """What a notebook shows of a value."""
    shell: Any = InteractiveShell()  # type: ignore[no-untyped-call]
    monkeypatch.setattr(answers, "get_ipython", lambda: shell)
    answers.show_in_words()
    return lambda value: shell.display_formatter.format(value)[0]["text/plain"]


def test_pikas_answers_are_shown_in_words_without_addresses_of_memory(live: Live, shown: Any) -> None:  # noqa: ANN401
    channel = live.channel()
    declared = channel.queue_declare("hello\x1b[31m", exclusive=True)
    assert shown(declared) == (
        r"RabbitMQ answered: Queue.DeclareOk(queue='hello\x1b[31m', message_count=0, consumer_count=0)"
    )
    assert shown(channel.exchange_declare("logs", "fanout")) == "RabbitMQ answered: Exchange.DeclareOk()"
    channel.basic_publish("", declared.method.queue, b"hi", pika.BasicProperties(delivery_mode=2))
    got = shown(channel.basic_get(declared.method.queue, auto_ack=True))
    assert "Basic.GetOk(delivery_tag=1" in got
    assert "BasicProperties(delivery_mode=2)" in got
    assert shown(channel) == "channel 1 of a connection to RabbitMQ: open"
    assert shown(channel.connection) == "a connection to RabbitMQ: open"
    channel.close()
    assert shown(channel) == "channel 1 of a connection to RabbitMQ: closed"
    for value in (declared, channel, channel.connection):
        assert not re.search(r"0x[0-9a-f]{6}|METHOD", shown(value))


def test_outside_a_notebook_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "get_ipython", lambda: None)
    answers.show_in_words()
