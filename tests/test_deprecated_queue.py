"""The queue that newer RabbitMQs may be told to refuse: neither durable nor exclusive."""

from collections.abc import Iterator

import pika
import pytest

from fanout_helpers.broker import configuration, installation, private
from fanout_helpers.broker.node import Node
from fanout_helpers.connection import parameters
from tests.comparison import compare
from tests.installations import HOMES, chosen, label

LESSON = "03_temporary_queues.ipynb"
FORBIDDEN = "deprecated_features.permit.transient_nonexcl_queues = false\n"
OLDEST_THAT_CAN_FORBID = (3, 13)


def can_forbid(version: str) -> bool:
    """Whether a RabbitMQ has such a setting (https://www.rabbitmq.com/docs/deprecated-features); older ones abort."""
    return tuple(map(int, version.split(".")[:2])) >= OLDEST_THAT_CAN_FORBID


@pytest.fixture(scope="module", params=HOMES, ids=label)
def strict(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A node of the tests' own whose configuration forbids such queues, if its RabbitMQ can."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FANOUT_RUNTIME_DIR", str(tmp_path_factory.mktemp("strict") / "fanout"))
        for name, value in chosen(request.param).items():
            patch.setenv(name, value)
        if can_forbid(installation.find().version):
            patch.setattr(configuration, "_CONFIGURATION", configuration._CONFIGURATION + FORBIDDEN)
        yield private.hold()
        private.stop()


def test_it_is_refused_and_the_connection_closed_where_that_can_be(strict: Node) -> None:
    connection = pika.BlockingConnection(parameters(strict.address, "a test"))
    channel = connection.channel()
    if not can_forbid(strict.version):
        assert channel.queue_declare("").method.queue.startswith("amq.gen-")
        connection.close()
        return
    with pytest.raises(pika.exceptions.ConnectionClosedByBroker, match="transient_nonexcl_queues") as refused:
        channel.queue_declare("")
    assert refused.value.reply_code == 541
    assert not connection.is_open


@pytest.mark.parametrize("kind", [{"exclusive": True}, {"durable": True}])
def test_what_is_exclusive_or_durable_is_made_everywhere(strict: Node, kind: dict[str, bool]) -> None:
    with pika.BlockingConnection(parameters(strict.address, "a test")) as connection:
        assert connection.channel().queue_declare("", **kind).method.queue.startswith("amq.gen-")


def test_the_lesson_says_so_and_goes_on(strict: Node) -> None:
    """All but the one cell does there what it does where such queues are made."""
    code, output = compare(LESSON)
    if not can_forbid(strict.version):
        assert code == 0, output
        return
    assert "RabbitMQ refused it: 541" in output
    assert "1 failed" in output, output
