"""What the lesson on temporary queues says of exclusive queues, in each way that a connection may use one."""

from collections.abc import Callable
from typing import Any

import pika
import pytest

from fanout_helpers import Lab
from fanout_helpers.broker.node import Node

USES: dict[str, Callable[[Any, str], object]] = {
    "take a message": lambda channel, queue: channel.basic_get(queue),
    "consume": lambda channel, queue: channel.basic_consume(queue, print),
    "ask": lambda channel, queue: channel.queue_declare(queue, passive=True),
    "bind": lambda channel, queue: channel.queue_bind(queue, "amq.fanout", routing_key=""),
    "empty": lambda channel, queue: channel.queue_purge(queue),
    "delete": lambda channel, queue: channel.queue_delete(queue),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES.keys())
def test_no_other_connection_may_use_an_exclusive_queue(broker: Node, use: Callable[[Any, str], object]) -> None:
    with (
        Lab("exclusive_queues") as lab,
        pika.BlockingConnection(lab.parameters) as owner,
        pika.BlockingConnection(lab.parameters) as other,
    ):
        assert lab.address.port == broker.address.port
        queue = owner.channel().queue_declare("", exclusive=True).method.queue
        with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="RESOURCE_LOCKED") as refused:
            use(other.channel(), queue)
        assert refused.value.reply_code == 405
        use(owner.channel(), queue)
