"""What programs ask RabbitMQ to make goes wrong: pika's channel does something else, for cells and helpers alike.

What a board listens through and the markers of ``lab.received()`` stay whole: with them broken, everything is red.
"""

from collections.abc import Callable
from typing import Any

from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import ChannelClosedByBroker

from fanout_helpers.connection import MARKER_HEADER
from fanout_helpers.model import BOARD_QUEUE
from tests.sabotage.declaration import in_kernel
from tests.sabotage.mark import bite
from tests.sabotage.mutation import mutates

Real = Callable[..., Any]
Given = dict[str, Any]


def is_own(given: Given) -> bool:
    """Whether a call is part of the lesson, and not of how a board or ``lab.received()`` works."""
    properties = given.get("properties")
    marked = properties is not None and MARKER_HEADER in (properties.headers or {})
    return not marked and not str(given.get("queue", "")).startswith(BOARD_QUEUE)


@in_kernel(
    "start_here",
    "exchanges",
    "default_exchange",
    "temporary_queues",
    "bindings",
    "publish_subscribe",
    "listing",
    "errors",
)
def a_binding_is_missing() -> None:
    """A program's first queue_bind does nothing."""
    skipped: list[str] = []

    @mutates(BlockingChannel, "queue_bind")
    def bind_but_the_first(real: Real, given: Given) -> Any:  # noqa: ANN401
        if skipped or not is_own(given):
            return real(**given)
        bite()
        return skipped.append(given["queue"])


@in_kernel("exchanges", "bindings", "publish_subscribe", "listing")
def the_binding_key_is_the_queues_name() -> None:
    """queue_bind binds with the queue's name, whatever key it is given."""

    @mutates(BlockingChannel, "queue_bind")
    def bind_by_name(real: Real, given: Given) -> Any:  # noqa: ANN401
        if not is_own(given):
            return real(**given)
        bite()
        return real(**given | {"routing_key": given["queue"]})


@in_kernel("default_exchange", "bindings")
def unbinding_does_nothing() -> None:
    """queue_unbind does nothing."""

    @mutates(BlockingChannel, "queue_unbind")
    def stay_bound(real: Real, given: Given) -> Any:  # noqa: ANN401
        return bite() if is_own(given) else real(**given)


@in_kernel("start_here", "exchanges", "temporary_queues", "bindings", "publish_subscribe", "listing", "errors")
def fanout_is_direct() -> None:
    """exchange_declare makes a direct exchange where a fanout exchange is asked for."""

    @mutates(BlockingChannel, "exchange_declare")
    def declare_direct(real: Real, given: Given) -> Any:  # noqa: ANN401
        if given["exchange_type"] != "fanout":
            return real(**given)
        bite()
        return real(**given | {"exchange_type": "direct"})


@in_kernel("default_exchange", "errors")
def deleting_an_exchange_does_nothing() -> None:
    """exchange_delete does nothing."""

    @mutates(BlockingChannel, "exchange_delete")
    def keep(_real: Real, _given: Given) -> Any:  # noqa: ANN401
        bite()


@in_kernel("start_here", "temporary_queues", "publish_subscribe", "listing", "errors")
def exclusive_queues_are_not() -> None:
    """queue_declare makes a durable queue for everybody where an exclusive one is asked for."""

    @mutates(BlockingChannel, "queue_declare")
    def declare_for_all(real: Real, given: Given) -> Any:  # noqa: ANN401
        if not given["exclusive"] or not is_own(given):
            return real(**given)
        bite()
        return real(**given | {"exclusive": False, "durable": True})


@in_kernel("exchanges", "default_exchange", "temporary_queues", "bindings", "publish_subscribe", "listing", "errors")
def durable_queues_are_exclusive() -> None:
    """queue_declare makes an exclusive queue where a durable one is asked for."""

    @mutates(BlockingChannel, "queue_declare")
    def declare_exclusive(real: Real, given: Given) -> Any:  # noqa: ANN401
        if not given["durable"] or not is_own(given):
            return real(**given)
        bite()
        return real(**given | {"durable": False, "exclusive": True})


@in_kernel("temporary_queues")
def auto_delete_is_ignored() -> None:
    """queue_declare makes a queue that stays where one is asked for that goes with its last consumer."""

    @mutates(BlockingChannel, "queue_declare")
    def declare_to_stay(real: Real, given: Given) -> Any:  # noqa: ANN401
        if not given["auto_delete"]:
            return real(**given)
        bite()
        return real(**given | {"auto_delete": False})


@in_kernel("temporary_queues", "errors")
def asking_for_a_queue_makes_it() -> None:
    """A passive queue_declare makes the queue that is not there."""

    @mutates(BlockingChannel, "queue_declare")
    def make_it(real: Real, given: Given) -> Any:  # noqa: ANN401
        if not given["passive"] or not given["self"].is_open:
            return real(**given)
        with given["self"].connection.channel() as asking:
            try:
                return real(**given | {"self": asking})
            except ChannelClosedByBroker as error:
                if not error.reply_text.startswith("NOT_FOUND"):
                    return real(**given)
        bite()
        # RabbitMQ keeps names that begin with amq. for itself.
        name = given["queue"].replace("amq.", "was-")
        return real(**given | {"queue": name, "passive": False, "durable": True})


@in_kernel("publish_subscribe", "listing")
def deleting_a_queue_does_nothing() -> None:
    """queue_delete does nothing."""

    @mutates(BlockingChannel, "queue_delete")
    def keep(real: Real, given: Given) -> Any:  # noqa: ANN401
        return bite() if is_own(given) else real(**given)


@in_kernel("exchanges", "default_exchange", "temporary_queues", "bindings", "errors")
def refusals_are_swallowed() -> None:
    """What RabbitMQ refuses is no error."""
    for method in ("exchange_declare", "exchange_delete", "queue_declare", "queue_bind", "queue_unbind", "basic_get"):

        @mutates(BlockingChannel, method)
        def swallow(real: Real, given: Given) -> Any:  # noqa: ANN401
            try:
                return real(**given)
            except ChannelClosedByBroker:
                bite()


@in_kernel("exchanges", "errors")
def closed_channels_look_open() -> None:
    """A channel says that it is open when it is closed."""
    real = BlockingChannel.is_open.fget

    def is_open(channel: BlockingChannel) -> bool:
        if not real(channel):
            bite()
        return True

    BlockingChannel.is_open = property(is_open)


@in_kernel("default_exchange", "temporary_queues", "when_things_break")
def nothing_is_durable() -> None:
    """What is declared as durable is not."""
    for declare in ("exchange_declare", "queue_declare"):

        @mutates(BlockingChannel, declare)
        def transient(real: Real, given: Given) -> Any:  # noqa: ANN401
            if given["durable"] and not given["passive"]:
                bite()
                return real(**given | {"durable": False})
            return real(**given)
