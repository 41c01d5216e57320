"""The helpers tell something else than what is so in RabbitMQ."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from urllib3.response import BaseHTTPResponse

from fanout_helpers import boards, subscribers
from fanout_helpers.delivery_log import DeliveryLog
from fanout_helpers.exercises.check import EXERCISES, Checks
from fanout_helpers.exercises.verdict import Verdict
from fanout_helpers.publisher import Publisher
from fanout_helpers.telemetry.live_topology import LiveTopology
from fanout_helpers.telemetry.tracing import Tracing
from fanout_helpers.topology import Topology
from fanout_helpers.views import board, panes
from fanout_helpers.virtual_host import VirtualHost
from tests.sabotage.declaration import in_kernel
from tests.sabotage.mark import bite
from tests.sabotage.mutation import mutates

Real = Callable[..., Any]
Given = dict[str, Any]


@in_kernel("publish_subscribe")
def subscribers_lose_a_message() -> None:
    """Every subscriber loses its second message."""
    lost: set[int] = set()

    @mutates(DeliveryLog, "append")
    def lose_the_second(real: Real, given: Given) -> Any:  # noqa: ANN401
        log = given["self"]
        if log.total != 1 or id(log) in lost:
            return real(**given)
        bite()
        return lost.add(id(log))


@in_kernel("start_here", "publish_subscribe")
def a_subscriber_is_left_out() -> None:
    """lab.received() leaves out the last subscriber."""

    @mutates(subscribers.Subscribers, "received")
    def all_but_the_last(real: Real, given: Given) -> Any:  # noqa: ANN401
        bite()
        return real(**given)[:-1]


@in_kernel("publish_subscribe")
def panes_show_twice() -> None:
    """Every pane shows each message twice."""

    @mutates(panes._Pane, "snapshot")
    def twice(real: Real, given: Given) -> Any:  # noqa: ANN401
        shown = real(**given)
        if shown["lines"]:
            bite()
        again = [{**line, "number": line["number"] + 1_000} for line in shown["lines"]]
        return {**shown, "lines": [*shown["lines"], *again]}


@in_kernel("start_here", "publish_subscribe")
def buttons_say_another_severity() -> None:
    """Every button of a board publishes a debug message."""

    @mutates(board.Board, "_publish")
    def debug(real: Real, given: Given) -> Any:  # noqa: ANN401
        bite()
        return real(**given | {"severity": "debug"})


@in_kernel("start_here", "default_exchange", "publish_subscribe")
def confirmed_messages_look_returned() -> None:
    """lab.publish says of every message that it was returned."""

    @mutates(Publisher, "publish")
    def say_returned(real: Real, given: Given) -> Any:  # noqa: ANN401
        publication = real(**given)
        if given["headers"]:
            # A marker: with it unanswered, every lesson would wait.
            return publication
        bite()
        return replace(publication, routed=False)


@in_kernel("exchanges", "default_exchange", "temporary_queues", "bindings", "publish_subscribe", "listing", "errors")
def checks_always_say_right() -> None:
    """lab.check finds every exercise solved."""

    @mutates(Checks, "check")
    def praise(real: Real, given: Given) -> Any:  # noqa: ANN401
        verdict = real(**given)
        if verdict.missing:
            bite()
        return Verdict(right=[requirement.text for requirement in EXERCISES[given["name"]]], missing={})


def _judges(*, right: bool) -> None:
    @mutates(boards, "judge")
    def judge(real: Real, given: Given) -> Any:  # noqa: ANN401
        judgement = real(**given)
        if judgement.right is not right:
            bite()
        return replace(judgement, right=right)


@in_kernel("exchanges", "default_exchange", "temporary_queues", "bindings", "publish_subscribe")
def predictions_are_always_right() -> None:
    """lab.judge finds every prediction right."""
    _judges(right=True)


@in_kernel("default_exchange", "exchanges", "bindings")
def predictions_are_always_wrong() -> None:
    """lab.judge finds every prediction wrong."""
    _judges(right=False)


@in_kernel("exchanges", "default_exchange", "temporary_queues", "bindings", "publish_subscribe")
def a_queue_is_not_traced() -> None:
    """The trace leaves out the last queue that a message was routed to."""

    @mutates(Tracing, "published")
    def all_but_the_last(real: Real, given: Given) -> Any:  # noqa: ANN401
        queues = given["headers"]["routed_queues"]
        if queues:
            bite()
        return real(**given | {"headers": {**given["headers"], "routed_queues": queues[:-1]}})


@in_kernel("default_exchange", "temporary_queues", "publish_subscribe")
def boards_miss_new_queues() -> None:
    """A board that is open does not hear of new queues."""

    @mutates(LiveTopology, "apply")
    def miss(real: Real, given: Given) -> Any:  # noqa: ANN401
        if given["kind"] != "queue.created":
            return real(**given)
        bite()
        return False


@in_kernel("listing")
def the_api_leaves_out_the_default_exchange() -> None:
    """The management API's answers have neither the default exchange nor its bindings."""

    @mutates(BaseHTTPResponse, "json")
    def named(real: Real, given: Given) -> Any:  # noqa: ANN401
        told = real(**given)
        if not isinstance(told, list):
            return told
        bite()
        return [one for one in told if one.get("source", one.get("name")) != ""]


@in_kernel("when_things_break")
def restarts_do_nothing() -> None:
    """lab.stop_broker() leaves RabbitMQ up."""

    @mutates(VirtualHost, "stop_broker")
    def stay(_real: Real, _given: Given) -> Any:  # noqa: ANN401
        bite()


@in_kernel("default_exchange", "bindings", "publish_subscribe", "listing")
def implicit_bindings_are_not_listed() -> None:
    """lab.bindings() leaves out the default exchange's."""

    @mutates(VirtualHost, "topology")
    def explicit(real: Real, given: Given) -> Any:  # noqa: ANN401
        topology = real(**given)
        bite()
        return replace(topology, bindings=[binding for binding in topology.bindings if binding.source])


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
def what_boards_listen_through_is_listed() -> None:
    """The lists have the queues of boards in them."""

    @mutates(Topology, "without_boards")
    def with_boards(_real: Real, given: Given) -> Any:  # noqa: ANN401
        bite()
        return given["self"]
