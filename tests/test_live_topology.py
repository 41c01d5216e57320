from typing import Any

import pytest

from fanout_helpers.model import BOARD_QUEUE, Binding, Consumer, Exchange, Queue
from fanout_helpers.telemetry.live_topology import EVENTS, LiveTopology
from fanout_helpers.topology import Topology

EMPTY = Topology([], [], [], [])
CONNECTION = "127.0.0.1:34028 -> 127.0.0.1:5672"
CHANNEL = f"{CONNECTION} (1)"

HEADERS: dict[str, dict[str, Any]] = {
    "exchange": {"name": "logs", "type": "fanout", "durable": True, "auto_delete": False, "internal": False},
    "queue": {"name": "work", "durable": True, "exclusive": False, "auto_delete": False, "type": "rabbit_quorum_queue"},
    "binding": {
        "source_name": "logs",
        "source_kind": "exchange",
        "destination_name": "work",
        "destination_kind": "queue",
        "routing_key": "key",
        "arguments": [],
    },
    "consumer": {"queue": "work", "consumer_tag": "ctag1", "channel": "<pid.1>"},
    "channel": {"pid": "<pid.1>", "name": CHANNEL},
    "connection": {"name": CONNECTION, "user_provided_name": "worker"},
}

LOGS = Exchange("logs", "fanout", durable=True)
WORK = Queue("work", durable=True, exclusive=False, auto_delete=False, type="quorum")
IMPLICIT = Binding("", "work", "queue", "work")
BOUND = Binding("logs", "work", "queue", "key")
WORKER = Consumer("work", "ctag1", CHANNEL)


@pytest.fixture
def live_topology() -> LiveTopology:
    made = LiveTopology("v")
    made.load(EMPTY, {})
    return made


def tell(live_topology: LiveTopology, kind: str, **headers: Any) -> None:  # noqa: ANN401
    """Applies an event as RabbitMQ sends it, which is of this virtual host."""
    told = HEADERS[kind.partition(".")[0]] | headers
    if kind not in {"channel.closed", "connection.closed"}:
        told.setdefault("vhost", "v")
    assert live_topology.apply(kind, told)


def everything(live_topology: LiveTopology) -> None:
    for kind in ("connection", "channel", "exchange", "queue", "binding", "consumer"):
        tell(live_topology, f"{kind}.created")


def test_what_was_created_is_there(live_topology: LiveTopology) -> None:
    everything(live_topology)
    assert live_topology.topology() == Topology([LOGS], [WORK], [IMPLICIT, BOUND], [WORKER])
    assert live_topology.has_queue("work")
    assert live_topology.connection_name(CONNECTION) == "worker"
    assert not live_topology.has_closed(CONNECTION)


@pytest.mark.parametrize("kind", EVENTS)
def test_each_event_that_comes_twice_changes_nothing_the_second_time(live_topology: LiveTopology, kind: str) -> None:
    everything(live_topology)
    tell(live_topology, kind)
    once = live_topology.topology()
    tell(live_topology, kind)
    assert live_topology.topology() == once


@pytest.mark.parametrize("kind", [kind for kind in EVENTS if kind.endswith(("deleted", "closed"))])
def test_end_of_what_is_not_there_changes_nothing(live_topology: LiveTopology, kind: str) -> None:
    tell(live_topology, kind)
    assert live_topology.topology() == EMPTY


@pytest.mark.parametrize("kind", [kind for kind in EVENTS if not kind.startswith(("channel.c", "connection.c"))])
def test_event_of_another_virtual_host_changes_nothing(live_topology: LiveTopology, kind: str) -> None:
    everything(live_topology)
    before = live_topology.topology()
    assert not live_topology.apply(kind, HEADERS[kind.partition(".")[0]] | {"vhost": "other", "name": "other"})
    assert not live_topology.apply(kind, HEADERS[kind.partition(".")[0]] | {"vhost": "other"})
    assert live_topology.topology() == before


@pytest.mark.parametrize("kind", ["user.created", "policy.set", "", "queue.stats", "queue"])
def test_other_kinds_of_events_are_of_no_interest(live_topology: LiveTopology, kind: str) -> None:
    assert not live_topology.apply(kind, {"vhost": "v", "name": "x"})
    assert live_topology.topology() == EMPTY


def test_deleted_exchange_takes_the_bindings_from_and_to_it_along(live_topology: LiveTopology) -> None:
    everything(live_topology)
    tell(live_topology, "exchange.created", name="other")
    tell(live_topology, "binding.created", destination_name="other", destination_kind="exchange")
    tell(live_topology, "binding.created", source_name="other", destination_name="logs", destination_kind="exchange")
    tell(live_topology, "exchange.deleted")
    topology = live_topology.topology()
    assert [exchange.name for exchange in topology.exchanges] == ["other"]
    assert topology.bindings == [IMPLICIT]
    assert topology.consumers == [WORKER]


def test_deleted_queue_takes_its_bindings_and_consumers_along_and_no_others(live_topology: LiveTopology) -> None:
    everything(live_topology)
    tell(live_topology, "queue.created", name="other")
    tell(live_topology, "binding.created", destination_name="other")
    tell(live_topology, "consumer.created", queue="other")
    # An exchange of the queue's name is something else.
    tell(live_topology, "exchange.created", name="work")
    tell(live_topology, "binding.created", destination_kind="exchange")
    tell(live_topology, "queue.deleted")
    topology = live_topology.topology()
    assert not live_topology.has_queue("work")
    assert [queue.name for queue in topology.queues] == ["other"]
    assert topology.bindings == [
        Binding("", "other", "queue", "other"),
        Binding("logs", "work", "exchange", "key"),
        Binding("logs", "other", "queue", "key"),
    ]
    assert topology.consumers == [Consumer("other", "ctag1", CHANNEL)]


def test_deleted_binding_leaves_those_with_other_keys(live_topology: LiveTopology) -> None:
    everything(live_topology)
    tell(live_topology, "binding.created", routing_key="other")
    tell(live_topology, "binding.deleted")
    assert live_topology.topology().bindings == [IMPLICIT, Binding("logs", "work", "queue", "other")]


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ("rabbit_classic_queue", "classic"),
        ("classic", "classic"),
        ("rabbit_quorum_queue", "quorum"),
        ("quorum", "quorum"),
        ("rabbit_stream_queue", "stream"),
    ],
)
def test_kind_of_a_queue_is_called_as_the_management_api_calls_it(
    live_topology: LiveTopology, told: str, kind: str
) -> None:
    tell(live_topology, "queue.created", type=told)
    assert live_topology.topology().queues[0].type == kind


def test_every_queue_is_bound_to_the_default_exchange_though_nobody_tells(live_topology: LiveTopology) -> None:
    tell(live_topology, "queue.created")
    assert live_topology.topology().bindings == [IMPLICIT]
    tell(live_topology, "queue.deleted")
    assert live_topology.topology().bindings == []


def test_consumer_on_a_channel_that_was_open_before_has_no_channels_name(live_topology: LiveTopology) -> None:
    tell(live_topology, "queue.created")
    tell(live_topology, "consumer.created")
    assert live_topology.topology().consumers == [Consumer("work", "ctag1", "")]
    tell(live_topology, "consumer.deleted")
    assert live_topology.topology().consumers == []


def test_consumer_on_a_channel_that_was_open_before_gets_the_channels_name_late(live_topology: LiveTopology) -> None:
    tell(live_topology, "queue.created")
    tell(live_topology, "consumer.created")
    live_topology.add_late([WORKER], {CONNECTION: "worker"})
    assert live_topology.topology().consumers == [WORKER]
    assert live_topology.connection_name(CONNECTION) == "worker"
    tell(live_topology, "consumer.deleted")
    assert live_topology.topology().consumers == []


def test_consumers_of_equal_tags_are_told_apart_by_their_channels(live_topology: LiveTopology) -> None:
    everything(live_topology)
    other = f"{CONNECTION} (2)"
    tell(live_topology, "channel.created", pid="<pid.2>", name=other)
    tell(live_topology, "consumer.created", channel="<pid.2>")
    assert live_topology.topology().consumers == [WORKER, Consumer("work", "ctag1", other)]
    tell(live_topology, "consumer.deleted", channel="<pid.2>")
    assert live_topology.topology().consumers == [WORKER]


def test_consumer_that_was_listed_and_ends_on_a_channel_without_a_name_is_gone() -> None:
    live_topology = LiveTopology("v")
    live_topology.load(Topology([LOGS], [WORK], [IMPLICIT], [WORKER]), {CONNECTION: "worker"})
    tell(live_topology, "consumer.deleted")
    assert live_topology.topology().consumers == []


def test_events_of_what_was_listed_already_change_nothing() -> None:
    live_topology = LiveTopology("v")
    listed = Topology([LOGS], [WORK], [IMPLICIT, BOUND], [])
    live_topology.load(listed, {})
    for kind in ("exchange", "queue", "binding"):
        tell(live_topology, f"{kind}.created")
    assert live_topology.topology() == listed


def test_what_is_listed_late_but_has_ended_meanwhile_does_not_come_back(live_topology: LiveTopology) -> None:
    everything(live_topology)
    tell(live_topology, "consumer.deleted")
    tell(live_topology, "connection.closed")
    live_topology.add_late([WORKER], {CONNECTION: "worker"})
    assert live_topology.topology().consumers == []
    assert not live_topology.has_connection(CONNECTION)
    assert live_topology.has_closed(CONNECTION)


def test_consumer_of_a_queue_that_was_deleted_meanwhile_is_not_added_late(live_topology: LiveTopology) -> None:
    everything(live_topology)
    tell(live_topology, "queue.deleted")
    live_topology.add_late([WORKER], {})
    assert live_topology.topology().consumers == []


def test_consumer_that_ended_and_came_again_is_there(live_topology: LiveTopology) -> None:
    everything(live_topology)
    tell(live_topology, "consumer.deleted")
    tell(live_topology, "consumer.created")
    live_topology.add_late([WORKER], {})
    assert live_topology.topology().consumers == [WORKER]


def test_queues_of_boards_are_never_shown(live_topology: LiveTopology) -> None:
    board = f"{BOARD_QUEUE}a-12"
    live_topology.load(
        Topology(
            [],
            [Queue(board, durable=False, exclusive=True, auto_delete=False)],
            [Binding("amq.rabbitmq.trace", board, "queue", "#")],
            [Consumer(board, "ctag1")],
        ),
        {},
    )
    tell(live_topology, "queue.created", name=f"{board}3")
    tell(live_topology, "binding.created", source_name="amq.rabbitmq.trace", destination_name=f"{board}3")
    tell(live_topology, "consumer.created", queue=f"{board}3")
    live_topology.add_late([Consumer(board, "ctag2", CHANNEL)], {})
    assert live_topology.topology() == EMPTY


def test_bindings_that_are_taken_anew_replace_all() -> None:
    live_topology = LiveTopology("v")
    live_topology.load(Topology([LOGS], [WORK], [IMPLICIT, BOUND]), {})
    headers = [Binding("logs", "work", "queue", "", {"x-match": match}) for match in ("all", "any")]
    live_topology.load_bindings([IMPLICIT, *headers])
    assert live_topology.topology().bindings == [IMPLICIT, *headers]


def test_connection_without_a_name_of_its_own_has_none(live_topology: LiveTopology) -> None:
    tell(live_topology, "connection.created", user_provided_name=None)
    assert live_topology.connection_name(CONNECTION) == ""
    assert live_topology.connection_name("unknown") == ""


def test_event_that_lacks_what_it_should_tell_is_an_error_and_changes_nothing(live_topology: LiveTopology) -> None:
    with pytest.raises(KeyError):
        live_topology.apply("exchange.created", {"vhost": "v", "name": "logs"})
    assert live_topology.topology() == EMPTY


def test_closed_channel_takes_its_consumers_along_and_no_others(live_topology: LiveTopology) -> None:
    everything(live_topology)
    tell(live_topology, "channel.created", pid="<pid.2>", name=f"{CONNECTION} (2)")
    tell(live_topology, "consumer.created", consumer_tag="ctag2", channel="<pid.2>")
    tell(live_topology, "consumer.created", consumer_tag="ctag3", channel="<pid.3>")
    tell(live_topology, "channel.closed", pid="<pid.2>")
    tell(live_topology, "channel.closed", pid="<pid.4>")
    assert [one.consumer_tag for one in live_topology.topology().consumers] == ["ctag1", "ctag3"]


def test_what_is_listed_no_longer_has_ended_and_what_was_never_listed_has_not(live_topology: LiveTopology) -> None:
    everything(live_topology)
    live_topology.add_late([], {})
    assert live_topology.topology().consumers == [WORKER]
    assert not live_topology.has_closed(CONNECTION)
    live_topology.add_late([WORKER], {CONNECTION: "worker"})
    live_topology.add_late([], {})
    assert live_topology.topology().consumers == []
    assert live_topology.has_closed(CONNECTION)


def test_consumer_that_is_listed_before_its_channel_is_known_there_is_counted_once(live_topology: LiveTopology) -> None:
    """For some seconds RabbitMQ lists ``"channel_details": []``; a busy one does so longer."""
    everything(live_topology)
    live_topology.add_late([Consumer("work", "ctag1", "")], {})
    assert live_topology.topology().consumers == [WORKER]


def test_consumer_and_connection_that_ended_just_before_the_first_listing_go_with_the_next() -> None:
    live_topology = LiveTopology("v")
    live_topology.load(Topology([LOGS], [WORK], [IMPLICIT, BOUND], [WORKER]), {CONNECTION: "worker"})
    live_topology.add_late([], {})
    assert live_topology.topology().consumers == []
    assert live_topology.has_closed(CONNECTION)
