"""What programs publish and take goes wrong: pika's channel does something else, for cells and helpers alike."""

import threading
from collections import defaultdict
from typing import Any

from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import ChannelClosedByBroker, UnroutableError

from tests.sabotage.client import Given, Real, is_own
from tests.sabotage.declaration import in_kernel
from tests.sabotage.mark import bite
from tests.sabotage.mutation import mutates


@in_kernel("exchanges", "default_exchange", "temporary_queues", "bindings", "publish_subscribe", "listing")
def the_routing_key_is_altered() -> None:
    """basic_publish publishes with another routing key than the one that it is given."""

    @mutates(BlockingChannel, "basic_publish")
    def publish_elsewhere(real: Real, given: Given) -> Any:  # noqa: ANN401
        if not is_own(given):
            return real(**given)
        bite()
        return real(**given | {"routing_key": f"{given['routing_key']}.altered"})


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
def every_other_message_is_dropped() -> None:
    """basic_publish sends only the second message, the fourth and so on."""
    published: list[bytes] = []

    @mutates(BlockingChannel, "basic_publish")
    def publish_every_other(real: Real, given: Given) -> Any:  # noqa: ANN401
        if is_own(given):
            published.append(given["body"])
            if len(published) % 2:
                return bite()
        return real(**given)


@in_kernel(
    "start_here", "exchanges", "default_exchange", "temporary_queues", "bindings", "publish_subscribe", "listing"
)
def messages_are_published_twice() -> None:
    """basic_publish sends each message twice."""

    @mutates(BlockingChannel, "basic_publish")
    def publish_twice(real: Real, given: Given) -> Any:  # noqa: ANN401
        if is_own(given):
            bite()
            real(**given)
        return real(**given)


@in_kernel("exchanges", "default_exchange", "temporary_queues", "bindings", "errors")
def unroutable_messages_are_confirmed() -> None:
    """basic_publish says nothing of a message that was returned."""

    @mutates(BlockingChannel, "basic_publish")
    def publish_silently(real: Real, given: Given) -> Any:  # noqa: ANN401
        try:
            return real(**given)
        except UnroutableError:
            bite()


@in_kernel("exchanges", "temporary_queues", "bindings", "publish_subscribe")
def who_comes_late_gets_old_messages() -> None:
    """An exchange keeps messages: a queue gets all of them when it is bound."""
    kept: defaultdict[str, list[Given]] = defaultdict(list)
    publish = BlockingChannel.basic_publish

    @mutates(BlockingChannel, "basic_publish")
    def keep(real: Real, given: Given) -> Any:  # noqa: ANN401
        kept[given["exchange"]].append(given)
        return real(**given)

    @mutates(BlockingChannel, "queue_bind")
    def hand_over(real: Real, given: Given) -> Any:  # noqa: ANN401
        bound = real(**given)
        for message in kept[given["exchange"]]:
            bite()
            again = {"self": given["self"], "exchange": "", "routing_key": given["queue"], "mandatory": False}
            publish(**message | again)
        return bound


@in_kernel("exchanges")
def a_message_that_is_taken_stays() -> None:
    """basic_get leaves the message in the queue."""

    @mutates(BlockingChannel, "basic_get")
    def look(real: Real, given: Given) -> Any:  # noqa: ANN401
        def held() -> int:
            return int(given["self"].queue_declare(given["queue"], passive=True).method.message_count)

        before = held()
        method, properties, body = real(**given | {"auto_ack": False})
        if method is not None and given["auto_ack"]:
            bite()
            given["self"].basic_nack(method.delivery_tag, requeue=True)
            while held() < before:
                pass
        return method, properties, body


@in_kernel("default_exchange")
def a_queue_has_one_consumer() -> None:
    """basic_consume does nothing on a queue that somebody consumes already."""
    consumed: set[str] = set()

    @mutates(BlockingChannel, "basic_consume")
    def consume_once(real: Real, given: Given) -> Any:  # noqa: ANN401
        if given["queue"] in consumed:
            return bite()
        tag = real(**given)
        consumed.add(given["queue"])
        return tag


@in_kernel("errors")
def a_refused_publish_is_told_at_once() -> None:
    """basic_publish waits until RabbitMQ has told whether the exchange is there."""

    @mutates(BlockingChannel, "basic_publish")
    def publish_and_ask(real: Real, given: Given) -> Any:  # noqa: ANN401
        published = real(**given)
        if given["exchange"]:
            try:
                given["self"].exchange_declare(given["exchange"], passive=True)
            except ChannelClosedByBroker:
                bite()
                raise
        return published


@in_kernel("when_things_break")
def no_message_is_persistent() -> None:
    """basic_publish leaves the message's properties out, its delivery_mode among them."""

    @mutates(BlockingChannel, "basic_publish")
    def transient(real: Real, given: Given) -> Any:  # noqa: ANN401
        if given["properties"] is None or not is_own(given):
            return real(**given)
        bite()
        return real(**given | {"properties": None})


@in_kernel("when_things_break")
def auto_ack_is_ignored() -> None:
    """basic_consume leaves it to the consumer to acknowledge."""

    @mutates(BlockingChannel, "basic_consume")
    def keep(real: Real, given: Given) -> Any:  # noqa: ANN401
        if not given["auto_ack"]:
            return real(**given)
        bite()
        return real(**given | {"auto_ack": False})


@in_kernel("when_things_break")
def a_redelivery_is_not_told() -> None:
    """What consume hands over never says that it was delivered before."""

    @mutates(BlockingChannel, "consume")
    def as_if_new(real: Real, given: Given) -> Any:  # noqa: ANN401
        for method, properties, body in real(**given):
            if method is not None and method.redelivered:
                bite()
                method.redelivered = False
            yield method, properties, body


@in_kernel("exchanges", "errors", "when_things_break")
def nothing_is_confirmed() -> None:
    """confirm_delivery does nothing on a channel of the lesson's."""

    @mutates(BlockingChannel, "confirm_delivery")
    def go_on(real: Real, given: Given) -> Any:  # noqa: ANN401
        return bite() if threading.current_thread() is threading.main_thread() else real(**given)
