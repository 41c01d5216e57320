"""What people call those who publish and consume: on boards, in pictures and in words."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pika
import pytest

from fanout_helpers.connection import YOURS, parameters
from fanout_helpers.drawing import words
from fanout_helpers.drawing.layout import lay_out
from fanout_helpers.drawing.parts import Box
from fanout_helpers.drawing.printed import Still
from fanout_helpers.model import Consumer
from fanout_helpers.picture import Picture, Producer
from fanout_helpers.subscriber import CONNECTION
from fanout_helpers.telemetry.callers import Callers
from fanout_helpers.telemetry.live_topology import LiveTopology
from fanout_helpers.telemetry.observer import Observer
from fanout_helpers.topology import Topology
from tests.foreign import Foreign
from tests.live import Live, eventually
from tests.pictures import HOSTILE, SHOWN, bind, exchange, queue, topology, traced

MADE_UP = "ctag1.ec2680" + "0" * 26


@pytest.fixture
def live_topology() -> LiveTopology:
    made = LiveTopology("v")
    made.load(Topology([], [], [], []), {})
    return made


def opened(live_topology: LiveTopology, connection: str, name: str = "") -> None:
    live_topology.apply("connection.created", {"name": connection, "user_provided_name": name, "vhost": "v"})


class TestCallers:
    def test_are_called_what_they_call_themselves_and_numbered_where_that_does_not_tell(
        self, live_topology: LiveTopology
    ) -> None:
        called = [YOURS, "lab.publish", "receive_logs.py", "", f"{CONNECTION}screen", "receive_logs.py", "", YOURS]
        for number, name in enumerate(called):
            opened(live_topology, f"c{number}", name)
        names = Callers(live_topology).names(f"c{number}" for number in range(len(called)))
        assert list(names.values()) == [
            *("you", "lab.publish", "receive_logs.py", "program 1"),
            *("screen", "receive_logs.py 2", "program 2", "you 2"),
        ]

    def test_keep_their_names_while_they_are_open_or_asked_for(self, live_topology: LiveTopology) -> None:
        callers = Callers(live_topology)
        for connection in ("a", "b", "c"):
            opened(live_topology, connection, "emit_log.py")
            callers.names([connection])
        live_topology.apply("connection.closed", {"name": "a"})
        assert callers.names("bc") == {"b": "emit_log.py 2", "c": "emit_log.py 3"}
        opened(live_topology, "d", "emit_log.py")
        assert callers.names("cd") == {"c": "emit_log.py 3", "d": "emit_log.py"}
        live_topology.apply("connection.closed", {"name": "c"})
        assert callers.names("cd") == {"c": "emit_log.py 3", "d": "emit_log.py"}

    def test_one_of_which_nothing_is_known_yet_gets_its_name_later(self, live_topology: LiveTopology) -> None:
        callers = Callers(live_topology)
        assert callers.names(["a"]) == {}
        opened(live_topology, "a", YOURS)
        assert callers.names(["a"]) == {"a": "you"}

    def test_one_that_was_gone_before_anybody_asked_keeps_its_name(self, live_topology: LiveTopology) -> None:
        opened(live_topology, "a", "emit_log.py")
        live_topology.apply("connection.closed", {"name": "a"})
        assert Callers(live_topology).names(["a"]) == {"a": "emit_log.py"}

    def test_one_that_was_listed_only_after_its_end_gets_its_name(self, live_topology: LiveTopology) -> None:
        live_topology.apply("connection.closed", {"name": "a"})
        live_topology.add_late([], {"a": "emit_log.py"})
        live_topology.apply("connection.closed", {"name": "a"})
        assert not live_topology.has_connection("a")
        assert Callers(live_topology).names(["a"]) == {"a": "emit_log.py"}

    def test_stay_few_and_short(self, live_topology: LiveTopology) -> None:
        callers = Callers(live_topology)
        for number in range(500):
            opened(live_topology, f"c{number}", "x" * 10_000)
            assert len(callers.names([f"c{number}"])[f"c{number}"]) < 100
            live_topology.apply("connection.closed", {"name": f"c{number}"})
        assert len(callers._known) <= 1


def terminals() -> Picture:
    """The lesson on publish/subscribe with two receivers in terminals, and a consumer of the notebook's own."""
    by = {"c1": "you", "c2": "receive_logs.py", "c3": "receive_logs.py 2"}
    names = {one: f"amq.gen-{one}20BRgKO-HjmUJj0wLg" for one in by}
    return Picture(
        topology(
            [exchange("logs")],
            [queue(name, exclusive=True) for name in names.values()],
            [bind("logs", name) for name in names.values()],
            [Consumer(name, MADE_UP, f"{one} -> 127.0.0.1:5672 (1)") for one, name in names.items()],
        ),
        "logs",
        callers={f"{one} -> 127.0.0.1:5672": name for one, name in by.items()},
        producers=[Producer("c1 -> 127.0.0.1:5672", "you")],
        messages=[traced("logs", *names.values(), connection="c1 -> 127.0.0.1:5672")],
    )


def labels(picture: Picture, kind: str, room: float = 0) -> list[str]:
    return [box["label"] for box in drawn(picture, kind, room)]


def drawn(picture: Picture, kind: str, room: float = 0) -> list[Box]:
    return [box for box in lay_out(picture, room=room)["boxes"] if box["kind"] == kind]


class TestDrawing:
    def test_terminals_and_the_notebook_are_told_apart(self) -> None:
        picture = terminals()
        assert labels(picture, "producer") == ["you"]
        assert labels(picture, "consumer") == ["you", "receive_logs.py", "receive_logs.py 2"]
        assert labels(picture, "queue") == ["queue of you", "of receive_logs.py", "of receive_logs… 2"]

    @pytest.mark.parametrize("room", [300, 599, 600, 700, 960])
    def test_they_are_told_apart_where_there_is_little_room(self, room: int) -> None:
        for kind in ("queue", "consumer"):
            assert len(set(labels(terminals(), kind, room))) == 3

    def test_the_whole_names_are_in_the_captions(self) -> None:
        second = drawn(terminals(), "consumer")[1]
        assert second["full"] == (f"consumer {MADE_UP} of queue amq.gen-c220BRgKO-HjmUJj0wLg, receive_logs.py, from c2")
        (you,) = drawn(terminals(), "producer")
        assert you["full"] == "producer you, the connection that cells of this notebook made, from c1"
        assert drawn(terminals(), "queue")[1]["full"].startswith("queue amq.gen-c220BRgKO-HjmUJj0wLg, exclusive")

    def test_are_named_in_words_too(self) -> None:
        assert words.topology(terminals()).splitlines()[1:] == [
            "  -> queue amq.gen-c120… (exclusive) -> you",
            "  -> queue amq.gen-c220… (exclusive) -> receive_logs.py",
            "  -> queue amq.gen-c320… (exclusive) -> receive_logs.py 2",
        ]
        assert "by you" in lay_out(terminals())["messages"][0]["way"]

    def test_what_is_printed_does_not_depend_on_who_was_heard_of_first(self) -> None:
        still = Still(terminals())
        unknown = Still(replace(terminals(), callers={}))
        assert (repr(still), still.svg()) == (repr(unknown), unknown.svg())
        assert "receive_logs" not in still.svg() + repr(still)

    def test_a_tag_that_its_program_chose_is_the_name_of_its_consumer(self) -> None:
        consuming = [Consumer("office", name, f"c1 ({place})") for place, name in enumerate(("ann", "bob"), start=1)]
        picture = Picture(topology(queues=[queue("office")], consumers=consuming), "", callers={"c1": "you"})
        assert [(box["label"], box["detail"]) for box in drawn(picture, "consumer")] == [("ann", "you"), ("bob", "you")]

    def test_consumers_of_one_connection_are_told_apart_by_their_channels(self) -> None:
        consuming = [Consumer("jobs", MADE_UP, f"c1 ({number})") for number in (1, 2)]
        picture = Picture(topology(queues=[queue("jobs")], consumers=consuming), "", callers={"c1": "program 1"})
        told = [(box["label"], box["detail"]) for box in drawn(picture, "consumer")]
        assert told == [("program 1", "channel 1"), ("program 1", "channel 2")]

    @pytest.mark.parametrize("tag", [MADE_UP, "amq.ctag-HMYI_x"])
    def test_a_made_up_tag_is_no_label(self, tag: str) -> None:
        picture = Picture(topology(queues=[queue("jobs")], consumers=[Consumer("jobs", tag)]), "")
        assert [(box["label"], box["detail"]) for box in drawn(picture, "consumer")] == [("consumer", "")]
        assert tag in drawn(picture, "consumer")[0]["full"]

    def test_two_queues_of_one_program_keep_their_own_names(self) -> None:
        picture = replace(terminals(), callers=dict.fromkeys(terminals().callers, "you"))
        assert labels(picture, "queue") == ["amq.gen-c120…", "amq.gen-c220…", "amq.gen-c320…"]

    def test_a_hostile_name_stays_text(self) -> None:
        picture = replace(terminals(), callers={"c1 -> 127.0.0.1:5672": HOSTILE}, producers=[Producer("c1", HOSTILE)])
        assert SHOWN in drawn(picture, "consumer")[0]["full"]
        assert all(text.isprintable() for box in lay_out(picture)["boxes"] for text in (box["full"], box["label"]))


class TestOnARealBroker:
    @pytest.fixture
    def observer(self, live: Live) -> Iterator[Observer]:
        with pika.BlockingConnection(parameters(live.locate(), YOURS)) as yours:
            channel = yours.channel()
            channel.exchange_declare("logs", "fanout", durable=True)
            name = channel.queue_declare("", exclusive=True).method.queue
            channel.queue_bind(name, "logs", "")
            channel.basic_consume(name, lambda *_: None, auto_ack=True)
            observer = Observer(live.locate, lambda: live.management, Counter()).open()
            yield observer
            observer.close()

    def test_they_are_told_apart_whenever_they_came(self, live: Live, observer: Observer) -> None:
        url = live.locate().amqp_url
        with (
            Foreign(url, "receive_logs.py") as one,
            Foreign(url, "receive_logs.py") as other,
            Foreign(url, "") as third,
        ):
            for program in (one, other, third):
                program.run("name = channel.queue_declare('', exclusive=True).method.queue")
                program.run("channel.queue_bind(name, 'logs', '')")
                program.run("tag = channel.basic_consume(name, lambda *_: None, auto_ack=True)")
            expected = ["program 1", "receive_logs.py", "receive_logs.py 2", "you"]
            eventually(lambda: sorted(labels(observer.picture("logs", {}), "consumer")) == expected)
            other.run("channel.basic_publish('logs', '', b'info: hello')")
            eventually(lambda: labels(observer.picture("logs", {}), "producer") == ["receive_logs.py 2"])

    def test_one_that_publishes_and_ends_is_known_by_its_file(self, live: Live, observer: Observer) -> None:
        for number in range(5):
            with pika.BlockingConnection(parameters(live.locate(), "emit_log.py")) as emitter:
                emitter.channel().basic_publish("logs", "", str(number).encode())
        eventually(lambda: len(observer.messages()) == 5)
        # Asked for the first time when all have ended; what RabbitMQ told of them may still be on its way.
        eventually(lambda: len(named(observer)) == 5)
        assert all(name.startswith("emit_log.py") for name in named(observer))


def named(observer: Observer) -> list[str]:
    return [one.name for one in observer.picture("logs", {}).producers if one.name]
