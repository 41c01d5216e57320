"""Sabotages that prove nothing, each in its own way: the table must show every one of them as a hole."""

from collections.abc import Callable
from typing import Any

from pika.adapters.blocking_connection import BlockingChannel

from fanout_helpers import report
from tests.live import Live
from tests.sabotage.declaration import in_kernel, in_virtual_host
from tests.sabotage.mark import bite
from tests.sabotage.mutation import mutates

Real = Callable[..., Any]
Given = dict[str, Any]


@in_kernel("start_here")
def changes_nothing() -> None:
    """basic_publish does what it always does."""

    @mutates(BlockingChannel, "basic_publish")
    def publish(real: Real, given: Given) -> Any:  # noqa: ANN401
        bite()
        return real(**given)


@in_kernel("start_here")
def never_bites() -> None:
    """A method is replaced that nobody calls."""

    @mutates(BlockingChannel, "tx_rollback")
    def keep(_real: Real, _given: Given) -> Any:  # noqa: ANN401
        bite()


@in_kernel("start_here")
def leaves_no_mark() -> None:
    """The lesson is red, and nobody can tell whether it is for what the sabotage does."""

    @mutates(report, "counted")
    def count_none(_real: Real, _given: Given) -> str:
        return "no messages"


@in_kernel("start_here")
def has_a_mistake() -> None:
    """The lesson is red because the sabotage does not work."""

    @mutates(BlockingChannel, "basic_publish")
    def stumble(real: Real, given: Given) -> Any:  # noqa: ANN401
        bite()
        return real(**given, routing_key=given["key"])


@in_kernel("start_here")
def cannot_be_applied() -> None:
    """What is to be replaced is not there."""
    mutates(BlockingChannel, "queue_explode")


@in_virtual_host("start_here")
def leaves_nothing(_live: Live) -> None:
    """The virtual host is as it was."""
