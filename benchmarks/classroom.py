"""A lesson as it is in a kernel: a RabbitMQ of its own, an exchange, three subscribers, and a board now and then."""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

import comm
import pika

from benchmarks.publishing import EXCHANGE
from fanout_helpers import Lab
from fanout_helpers.broker import attached, private
from fanout_helpers.telemetry import firehose
from fanout_helpers.views.board import Board

SUBSCRIBERS = ("screen", "disk", "printer")

_NEVER = 10**9
"""A limit that no benchmark reaches."""


class Watching(StrEnum):
    """How a lesson's messages are watched."""

    NOT = "no board"
    BOARD = "board"
    EACH = "each message"
    """A board that gives single messages up at no pace."""


class _Comm(comm.base_comm.BaseComm):
    """Does what a kernel does with what a widget sends, but for the sending: it writes it as JSON."""

    def publish_msg(self, msg_type: str, data: Any = None, *_: Any, **__: Any) -> None:  # noqa: ANN401
        json.dumps([msg_type, data])


@contextmanager
def classroom() -> Iterator[Lab]:
    """A lab on a node of its own, with subscribers."""
    comm.create_comm = _Comm
    with tempfile.TemporaryDirectory(prefix="fanout-bench-") as directory:
        os.environ["FANOUT_RUNTIME_DIR"] = directory
        for setting in (attached.BROKER_SETTING, attached.MANAGEMENT_SETTING):
            os.environ.pop(setting, None)
        try:
            yield from _lab()
        finally:
            private.stop()


@contextmanager
def watched(lab: Lab, watching: Watching) -> Iterator[Board | None]:
    """Watches a lab's messages in one way for a while."""
    if watching is Watching.NOT:
        yield None
        return
    limit = firehose.LIMIT
    firehose.LIMIT = _NEVER if watching is Watching.EACH else limit
    board = lab.board()
    try:
        yield board
    finally:
        board.close()
        firehose.LIMIT = limit


def _lab() -> Iterator[Lab]:
    with Lab("benchmark") as lab:
        connection = pika.BlockingConnection(lab.parameters)
        connection.channel().exchange_declare(EXCHANGE, "fanout")
        lab.subscribe(EXCHANGE, *SUBSCRIBERS)
        yield lab
        connection.close()
