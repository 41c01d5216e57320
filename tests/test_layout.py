import itertools
import json
import re
from collections.abc import Sequence
from dataclasses import replace

import pytest

from fanout_helpers.drawing.boxes import nobody as no_producer
from fanout_helpers.drawing.layout import lay_out
from fanout_helpers.drawing.lettering import DETAIL, KEY, LABEL, fit_end, fit_list, fit_middle, fit_names, width
from fanout_helpers.drawing.parts import Box, Drawing, Line
from fanout_helpers.model import Binding, Consumer, visible
from fanout_helpers.picture import Mode, Picture, Producer, Tally
from fanout_helpers.topology import Topology
from tests.pictures import (
    HOSTILE,
    SERVER_NAMED,
    SHOWN,
    bind,
    delivered,
    exchange,
    fanout,
    hostile,
    queue,
    several,
    shuffled,
    topology,
    traced,
)

EMPTY = Picture(topology(), "logs")


def shared_by(exchanges: int, queues: int, name: str = "") -> Picture:
    """Exchanges that are all bound to each other and to all queues."""
    sources = [f"exchange {number}{name}" for number in range(exchanges)]
    names = [f"queue {number:02}{name}" for number in range(queues)]
    return Picture(
        topology(
            [exchange(source, "topic") for source in sources],
            [queue(one) for one in names],
            [
                *(bind(source, one, f"key{name}") for source in sources for one in names),
                *(bind(source, other, f"key{name}", "exchange") for source in sources for other in sources),
            ],
            [Consumer(one, f"ctag {place}{name}") for number, one in enumerate(names) for place in range(number % 7)],
        ),
        sources[0],
        producers=[Producer(f"c{number}", f"{number}{name}") for number in range(5)],
        messages=[traced(source, *names, connection=f"c{place}") for place, source in enumerate(sources)],
        tallies={("queue", one): Tally(10**9, 10**9) for one in names},
    )


def work(consumers: int, **others: object) -> Picture:
    """A queue with several consumers, published to through the default exchange."""
    consuming = [Consumer("work", f"ctag{number}", f"channel {number}") for number in range(consumers)]
    picture = Picture(topology(queues=[queue("work"), queue("other")], consumers=consuming), "")
    return replace(picture, **others)  # type: ignore[arg-type]


def boxes(drawing: Drawing, kind: str) -> list[Box]:
    return [box for box in drawing["boxes"] if box["kind"] == kind]


def box(drawing: Drawing, testid: str) -> Box:
    (found,) = (box for box in drawing["boxes"] if box["testid"] == testid)
    return found


def lines(drawing: Drawing, kind: str) -> list[Line]:
    return [line for line in drawing["lines"] if line["kind"] == kind]


def ends(drawing: Drawing, kind: str) -> list[tuple[str, str]]:
    """What the lines of a kind connect, by the boxes' names for tests."""
    names = {box["key"]: box["testid"] for box in drawing["boxes"]}
    return [(names[line["source"]], names[line["target"]]) for line in lines(drawing, kind)]


def line(drawing: Drawing, source: str, target: str) -> Line:
    keys = box(drawing, source)["key"], box(drawing, target)["key"]
    (found,) = (line for line in drawing["lines"] if (line["source"], line["target"]) == keys)
    return found


def overlap(one: Box, other: Box) -> bool:
    return all(
        one[begin] < other[begin] + other[length] and other[begin] < one[begin] + one[length]  # type: ignore[literal-required]
        for begin, length in (("x", "width"), ("y", "height"))
    )


PICTURES = {
    "missing": EMPTY,
    "1": fanout(1),
    "3": fanout(3),
    "12": fanout(12),
    "30": fanout(30),
    "several": several(),
    "hostile": hostile(),
    "work": work(9),
    "shared": shared_by(4, 20),
    "long": shared_by(3, 5, "W" * 200),
    "wide": shared_by(2, 30, "漢" * 80),
}


def numbers_in(path: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?[\d.]+", path)]


def points(path: str) -> list[tuple[float, float]]:
    """Points close to each other along a path, which goes straight from corner to corner."""
    x = y = 0.0
    corners = []
    for command, numbers in re.findall(r"([MHVQC])([^MHVQC]*)", path):
        *rest, last = numbers_in(numbers)
        x, y = (last, y) if command == "H" else (x, last) if command == "V" else (rest[-1], last)
        corners.append((x, y))
    between = [number / 200 for number in range(201)]
    return [(a + (c - a) * at, b + (d - b) * at) for (a, b), (c, d) in itertools.pairwise(corners) for at in between]


def is_in(one: Box, x: float, y: float) -> bool:
    return one["x"] <= x <= one["x"] + one["width"] and one["y"] <= y <= one["y"] + one["height"]


@pytest.mark.parametrize("picture", PICTURES.values(), ids=PICTURES.keys())
@pytest.mark.parametrize("presenter", [False, True])
class TestEveryRoom:
    @pytest.mark.parametrize("room", [1, 300, 599, 600, 700, 959, 2000])
    def test_holds_all_of_it_and_nothing_overlaps(self, picture: Picture, presenter: bool, room: int) -> None:  # noqa: FBT001
        drawing = lay_out(picture, presenter=presenter, room=room)
        assert drawing["width"] <= max(room, 660 if presenter and room >= 600 else 300)
        assert not [pair for pair in itertools.combinations(drawing["boxes"], 2) if overlap(*pair)]
        for one in drawing["boxes"]:
            assert 0 <= one["x"] < one["x"] + one["width"] <= drawing["width"]
            assert 0 <= one["y"] < one["y"] + one["height"] <= drawing["height"]
            assert width(one["label"], LABEL) < one["width"]
        for one_line in drawing["lines"]:
            half = width(one_line["label"], KEY) / 2
            assert 0 <= one_line["x"] - half <= one_line["x"] + half <= drawing["width"]

    def test_shows_the_same(self, picture: Picture, presenter: bool) -> None:  # noqa: FBT001
        wide, narrow = (lay_out(picture, presenter=presenter, room=room) for room in (0, 400))
        for kind in ("boxes", "lines"):
            assert {one["key"] for one in wide[kind]} == {one["key"] for one in narrow[kind]}
        assert (wide["words"], wide["messages"]) == (narrow["words"], narrow["messages"])


class TestUpright:
    """Where there is little room, queues stand below their exchange."""

    def test_queues_stand_below_their_exchange_and_their_consumers_beside_them(self) -> None:
        drawing = lay_out(fanout(3), room=400)
        assert [box(drawing, f"queue-s{number}")["y"] for number in (1, 2, 3)] == [78, 136, 194]
        assert box(drawing, "exchange-logs")["y"] + 40 < 78
        assert box(drawing, "consumer-s2")["y"] == box(drawing, "queue-s2")["y"]

    def test_a_binding_key_stands_above_its_queue(self) -> None:
        drawing = lay_out(several(), room=400)
        key, below = line(drawing, "exchange-top", "queue-errors"), box(drawing, "queue-errors")
        assert key["label"] == "error.#"
        assert below["y"] - 12 < key["y"] < below["y"]

    def test_lines_stay_inside(self) -> None:
        drawing = lay_out(shared_by(6, 20), room=300)
        for one in lines(drawing, "binding"):
            assert min(numbers_in(one["path"])) > 0

    @pytest.mark.parametrize("room", [300, 400, 599])
    def test_lines_of_producers_go_behind_no_box(self, room: int) -> None:
        picture = shared_by(4, 20)
        producers = [Producer(f"c{number}", f"p{number}") for number in range(3)]
        sent = [traced(f"exchange {to}", connection=by.connection) for by in producers for to in range(4)]
        drawing = lay_out(replace(picture, producers=producers, messages=sent), room=room)
        published = lines(drawing, "publish")
        assert len(published) == 3 * 4
        self._go_behind_no_box(drawing, published)

    @pytest.mark.parametrize("target", ["logs", "top"])
    def test_lines_between_exchanges_go_behind_no_box(self, target: str) -> None:
        drawing = lay_out(replace(several(), target=target), room=400)
        between = [one for one in lines(drawing, "binding") if one["target"].startswith("exchange")]
        assert [one["source"] for one in between] == ["exchange:logs"]
        self._go_behind_no_box(drawing, between)

    @staticmethod
    def _go_behind_no_box(drawing: Drawing, drawn: Sequence[Line]) -> None:
        for one in drawn:
            others = [other for other in drawing["boxes"] if other["key"] not in {one["source"], one["target"]}]
            crossed = [other["key"] for other in others if any(is_in(other, *point) for point in points(one["path"]))]
            assert crossed == []

    def test_a_rate_stands_where_the_binding_key_was(self) -> None:
        tallies = {("queue", "errors"): Tally(into_rate=3.0)}
        drawing = lay_out(replace(several(), tallies=tallies, mode=Mode.FLOWS), room=400)
        assert (
            line(drawing, "exchange-top", "queue-errors")["label"],
            line(drawing, "exchange-top", "queue-errors")["rate"],
        ) == ("", 3.0)


@pytest.mark.parametrize("room", [600, 640, 700])
def test_a_key_of_the_usual_length_is_whole_where_there_is_little_room(room: int) -> None:
    drawing = lay_out(several(), room=room)
    assert line(drawing, "exchange-top", "queue-errors")["label"] == "error.#"


@pytest.mark.parametrize("picture", PICTURES.values(), ids=PICTURES.keys())
@pytest.mark.parametrize("presenter", [False, True])
class TestEveryDrawing:
    def test_boxes_lie_beside_each_other_and_inside(self, picture: Picture, presenter: bool) -> None:  # noqa: FBT001
        drawing = lay_out(picture, presenter=presenter)
        assert not [pair for pair in itertools.combinations(drawing["boxes"], 2) if overlap(*pair)]
        for one in drawing["boxes"]:
            assert 0 <= one["x"] < one["x"] + one["width"] <= drawing["width"]
            assert 0 <= one["y"] < one["y"] + one["height"] <= drawing["height"]
        assert drawing["width"] == (660 if presenter else 960)

    def test_texts_fit(self, picture: Picture, presenter: bool) -> None:  # noqa: FBT001
        for one in lay_out(picture, presenter=presenter)["boxes"]:
            assert width(one["label"], LABEL) < one["width"]
            assert width(one["detail"], DETAIL) < one["width"]

    def test_lines_go_from_box_to_box(self, picture: Picture, presenter: bool) -> None:  # noqa: FBT001
        drawing = lay_out(picture, presenter=presenter)
        keys = {one["key"] for one in drawing["boxes"]}
        assert all({one["source"], one["target"]} <= keys for one in drawing["lines"])
        drawn = [one["key"] for one in [*drawing["boxes"], *drawing["lines"]]]
        assert len(set(drawn)) == len(drawn)
        assert len({(one["source"], one["target"]) for one in drawing["lines"]}) == len(drawing["lines"])

    def test_messages_go_along_lines(self, picture: Picture, presenter: bool) -> None:  # noqa: FBT001
        drawing = lay_out(picture, presenter=presenter)
        drawn = {one["key"]: one for one in drawing["lines"]}
        for message in drawing["messages"]:
            for chain in message["routed"]:
                at = message["exchange"]
                for key in chain:
                    assert drawn[key]["source"] == at
                    at = drawn[key]["target"]
            assert {delivery["line"] for delivery in message["deliveries"]} <= {*drawn, ""}

    def test_equal_pictures_have_equal_drawings(self, picture: Picture, presenter: bool) -> None:  # noqa: FBT001
        other = shuffled(picture, 1)
        assert json.dumps(lay_out(picture, presenter=presenter)) == json.dumps(lay_out(other, presenter=presenter))

    def test_holds_no_unused_predeclared_exchange_and_no_invisible_mark(
        self,
        picture: Picture,
        presenter: bool,  # noqa: FBT001
    ) -> None:
        drawing = lay_out(picture, presenter=presenter)
        shown = [value for one in drawing["boxes"] for name, value in one.items() if name != "key"]
        shown += [value for one in drawing["lines"] for value in (one["label"], one["full"])]
        shown += [value for one in drawing["messages"] for value in (one["text"], one["summary"])]
        assert not [text for text in shown if "rabbitmq" in str(text)]
        assert not [text for text in shown if str(text) != visible(str(text))]


class TestExchanges:
    def test_the_target_is_drawn_though_it_is_not_declared(self) -> None:
        drawing = lay_out(EMPTY)
        logs = box(drawing, "exchange-logs")
        assert (logs["state"], logs["detail"], logs["full"]) == (
            "missing",
            "not declared",
            "exchange logs, not declared",
        )
        assert ends(drawing, "publish") == [("producer-", "exchange-logs")]
        nobody = box(drawing, "producer-")
        assert (nobody["key"], nobody["label"], nobody["detail"]) == ("producer:", "producer", "nobody yet")
        assert (nobody["state"], nobody["full"]) == ("gone", "producer: nobody has published yet")

    @pytest.mark.parametrize(
        ("known", "detail"),
        [
            (EMPTY, "nobody yet"),
            (replace(EMPTY, tallies={("exchange", "logs"): Tally(0, 5), ("queue", "work"): Tally(5)}), "nobody yet"),
            (replace(EMPTY, tallies={("exchange", "logs"): Tally(), ("exchange", ""): Tally(1)}), "not known"),
            (replace(EMPTY, mode=Mode.FLOWS), "not known"),
            (replace(EMPTY, mode=Mode.UNTRACED), "not known"),
        ],
    )
    def test_no_producer_is_known_says_more_than_that_nobody_published(self, known: Picture, detail: str) -> None:
        nobody = no_producer(known)
        assert (nobody["key"], nobody["testid"], nobody["label"]) == ("producer:", "producer-", "producer")
        assert (nobody["detail"], nobody["state"]) == (detail, "gone")
        assert (nobody["full"] == "producer: not known") == (detail == "not known")

    def test_says_what_they_are(self) -> None:
        drawing = lay_out(several())
        assert box(drawing, "exchange-logs")["full"] == "exchange logs, type fanout, bound to 2 queues and 1 exchange"
        assert box(drawing, "exchange-top")["full"] == "exchange top, type topic, bound to 1 queue"
        assert box(lay_out(work(0)), "exchange-")["label"] == "default exchange"

    def test_the_target_comes_first_and_the_default_exchange_last(self) -> None:
        picture = replace(several(), target="top", messages=[traced(name) for name in ("amq.topic", "")])
        drawn = [one["testid"] for one in boxes(lay_out(picture), "exchange")]
        assert drawn == [f"exchange-{name}" for name in ("top", "logs", "orders", "amq.topic", "")]

    @pytest.mark.parametrize("name", ["amq.topic", "amq.direct"])
    def test_a_predeclared_one_is_drawn_where_it_is_used(self, name: str) -> None:
        assert [one["testid"] for one in boxes(lay_out(several()), "exchange")] == [
            "exchange-logs",
            "exchange-orders",
            "exchange-top",
        ]
        bound = Picture(topology(queues=[queue("q")], bindings=[bind(name, "q", "k")]), "logs")
        assert box(lay_out(bound), f"exchange-{name}")["state"] == ""
        assert box(lay_out(replace(EMPTY, messages=[traced(name)])), f"exchange-{name}")["state"] == ""

    def test_stand_in_the_middle_of_their_queues(self) -> None:
        drawing = lay_out(fanout(4))
        places = [one["y"] for one in boxes(drawing, "queue")]
        assert box(drawing, "exchange-logs")["y"] == (places[0] + places[-1]) / 2

    def test_the_default_exchange_has_lines_only_where_it_is_drawn(self) -> None:
        assert ("exchange-", "queue-work") in ends(lay_out(work(0)), "binding")
        away = replace(work(0), target="logs")
        assert ends(lay_out(away), "binding") == []
        implicit = line(lay_out(work(0)), "exchange-", "queue-work")
        assert (implicit["label"], implicit["kind"]) == ("work", "binding")
        told = "every queue is bound to the default exchange under its own name"
        assert implicit["full"] == f"{told}: binding key 'work'"
        many = Picture(topology(queues=[queue(f"q{number:02}") for number in range(20)]), "")
        folded = line(lay_out(many), "exchange-", "more-")
        assert (folded["full"], folded["label"][:10]) == (told, "q12, q13, ")
        beside = replace(work(0), target="logs", messages=[traced("", "work", key="work")])
        assert line(lay_out(beside), "exchange-", "queue-work")["label"] == ""

    def test_a_binding_of_what_is_gone_is_left_out(self) -> None:
        stale = [bind("gone", "q"), bind("logs", "gone"), bind("logs", "gone", "", "exchange")]
        picture = Picture(topology([exchange("logs")], [queue("q")], stale), "logs")
        assert ends(lay_out(picture), "binding") == []


class TestQueues:
    def test_are_in_the_order_in_which_their_subscribers_joined(self) -> None:
        drawn = boxes(lay_out(fanout(3)), "queue")
        assert [one["testid"] for one in drawn] == ["queue-s1", "queue-s2", "queue-s3"]
        assert [one["y"] for one in drawn] == sorted(one["y"] for one in drawn)

    def test_say_what_they_are(self) -> None:
        picture = Picture(
            topology([], [queue(SERVER_NAMED, exclusive=True)], consumers=[Consumer(SERVER_NAMED, "ctag")]),
            "logs",
            owners={SERVER_NAMED: "screen"},
        )
        drawn = box(lay_out(picture), "queue-screen")
        assert (drawn["label"], drawn["detail"]) == ("queue of screen", "exclusive")
        assert drawn["full"] == f"queue {SERVER_NAMED} of subscriber screen, exclusive, 1 consumer"
        assert box(lay_out(several()), "queue-errors")["full"] == "queue errors, durable, no consumer"

    @pytest.mark.parametrize("room", [0, 599, 600, 700, 900])
    @pytest.mark.parametrize("presenter", [False, True])
    def test_a_server_given_name_ends_where_people_can_tell_it(self, presenter: bool, room: int) -> None:  # noqa: FBT001
        nobodys = replace(fanout(1), owners={})
        assert boxes(lay_out(nobodys, presenter=presenter, room=room), "queue")[0]["label"] == "amq.gen-0099…"

    def test_one_that_is_bound_twice_is_drawn_once(self) -> None:
        drawing = lay_out(several())
        assert {("exchange-logs", "queue-shared"), ("exchange-orders", "queue-shared")} < set(ends(drawing, "binding"))
        box(drawing, "queue-shared")

    def test_one_that_is_bound_to_nothing_comes_last(self) -> None:
        drawing = lay_out(several())
        assert boxes(drawing, "queue")[-1]["testid"] == "queue-lonely"
        assert "queue-lonely" not in {target for _, target in ends(drawing, "binding")}

    def test_twelve_of_an_exchange_are_drawn_and_the_others_counted(self) -> None:
        assert boxes(lay_out(fanout(12)), "more") == []
        drawing = lay_out(fanout(30))
        assert len(boxes(drawing, "queue")) == 12
        more = box(drawing, "more-logs")
        assert (more["label"], more["detail"]) == ("+ 18 more", "queues")
        assert line(drawing, "exchange-logs", "more-logs")["full"] == "18 more queues are bound to exchange logs"

    def test_those_that_are_bound_to_nothing_are_counted_too(self) -> None:
        picture = Picture(topology(queues=[queue(f"q{number:03}") for number in range(100)]), "logs")
        full = box(lay_out(picture), "more-unbound")["full"]
        assert full.startswith("88 more queues: q012, q013, ")
        assert full.endswith("q061, 38 more")

    def test_another_exchange_may_be_bound_to_one_that_is_only_counted(self) -> None:
        drawing = lay_out(shared_by(2, 14))
        assert ends(drawing, "binding").count(("exchange-exchange 1", "more-exchange 0")) == 1


def test_no_box_stands_for_one() -> None:
    for room in (0.0, 400.0):
        for picture in (
            fanout(13),
            work(5),
            replace(EMPTY, producers=[Producer(f"c{number}", f"p{number}") for number in range(4)]),
            Picture(topology(queues=[queue(f"q{number}") for number in range(13)]), "logs"),
        ):
            assert boxes(lay_out(picture, room=room), "more") == []


class TestConsumers:
    def test_a_subscriber_consumes_before_rabbitmq_reports_it_and_keeps_its_place(self) -> None:
        picture = fanout(1)
        told = picture.topology
        early = replace(picture, topology=Topology(told.exchanges, told.queues, told.bindings))
        before, after = (box(lay_out(each), "consumer-s1") for each in (early, picture))
        assert before == after
        assert (after["label"], after["detail"]) == ("s1", "subscriber")
        assert ends(lay_out(early), "consume") == [("queue-s1", "consumer-s1")]

    def test_a_subscriber_that_left_has_none(self) -> None:
        picture = fanout(2)
        left = {"gone": "s1", **picture.owners, "gone too": "s3"}
        assert [one["testid"] for one in boxes(lay_out(replace(picture, owners=left)), "consumer")] == [
            "consumer-s1",
            "consumer-s2",
        ]

    def test_of_one_queue_are_stacked_beside_it(self) -> None:
        drawing = lay_out(work(3))
        drawn = boxes(drawing, "consumer")
        assert [one["testid"] for one in drawn] == ["consumer-ctag0", "consumer-ctag1", "consumer-ctag2"]
        assert [one["label"] for one in drawn] == ["ctag0", "ctag1", "ctag2"]
        assert box(drawing, "queue-work")["y"] == drawn[1]["y"]

    def test_four_are_drawn_and_the_others_counted(self) -> None:
        drawing = lay_out(work(9))
        assert len(boxes(drawing, "consumer")) == 4
        more = box(drawing, "more-consumers-work")
        assert (more["label"], more["full"]) == ("+ 5 more", "5 more consumers: ctag4, ctag5, ctag6, ctag7, ctag8")
        assert len(lines(drawing, "consume")) == 5

    def test_on_other_channels_may_have_the_same_tag(self) -> None:
        consumers = [Consumer("q", "ctag1", f"channel {number}") for number in range(2)]
        drawing = lay_out(Picture(topology(queues=[queue("q")], consumers=consumers), "logs"))
        assert len({one["key"] for one in boxes(drawing, "consumer")}) == 2


class TestProducers:
    def test_the_latest_three_are_drawn_and_the_others_counted(self) -> None:
        producers = [Producer(f"c{number}", f"p{number}", open=number != 4) for number in range(5)]
        messages = [traced("logs", connection="c0"), traced("logs", connection="c4")]
        drawing = lay_out(replace(EMPTY, producers=producers, messages=messages))
        assert [one["testid"] for one in boxes(drawing, "producer")] == ["producer-p2", "producer-p3", "producer-p4"]
        assert box(drawing, "more-producers")["full"] == "2 more producers: p0, p1"
        assert box(drawing, "producer-p4")["state"] == "gone"
        assert drawing["messages"][0]["publish"] == line(drawing, "more-producers", "exchange-logs")["key"]

    def test_one_that_will_not_publish_again_hides_none_that_may_nor_the_latest(self) -> None:
        producers = [Producer(f"c{number}", f"p{number}", open=number in {0, 1}) for number in range(5)]
        drawing = lay_out(replace(EMPTY, producers=producers, messages=[traced("logs", connection="c2")]))
        assert [one["testid"] for one in boxes(drawing, "producer")] == ["producer-p0", "producer-p1", "producer-p2"]
        assert box(drawing, "more-producers")["full"] == "2 more producers: p3, p4"

    def test_have_lines_to_where_they_published_or_else_to_the_target(self) -> None:
        producers = [Producer("c1", "one"), Producer("c2", "two")]
        messages = [traced("orders"), traced("top"), traced("orders")]
        drawing = lay_out(replace(several(), producers=producers, messages=messages))
        assert ends(drawing, "publish") == [
            ("producer-one", "exchange-orders"),
            ("producer-one", "exchange-top"),
            ("producer-two", "exchange-logs"),
        ]


class TestLines:
    def test_one_line_has_all_binding_keys(self) -> None:
        drawing = lay_out(several())
        orders = line(drawing, "exchange-orders", "queue-shared")
        assert (orders["label"], orders["full"]) == (
            "new, paid",
            "queue shared is bound to exchange orders with binding keys 'new', 'paid'",
        )

    def test_a_fanout_exchange_ignores_binding_keys(self) -> None:
        picture = Picture(topology([exchange("logs")], [queue("q")], [bind("logs", "q", "key")]), "logs")
        assert line(lay_out(picture), "exchange-logs", "queue-q")["label"] == ""

    def test_the_empty_binding_key_is_seen(self) -> None:
        picture = Picture(topology([exchange("x", "direct")], [queue("q")], [bind("x", "q")]), "x")
        assert line(lay_out(picture), "exchange-x", "queue-q")["label"] == '""'

    def test_of_a_headers_exchange_have_what_decides(self) -> None:
        arguments = {"x-match": "all", "format": "pdf", "a rather long header": 1}
        binding = Binding("x", "q", "queue", "", arguments)
        picture = Picture(topology([exchange("x", "headers")], [queue("q")], [binding]), "x")
        drawn = line(lay_out(picture), "exchange-x", "queue-q")
        assert drawn["label"].startswith("x-match=all, ")
        assert drawn["label"].endswith("…")
        assert drawn["full"] == (
            "queue q is bound to exchange x with binding arguments x-match=all, a rather long header=1, format='pdf'"
        )

    def test_between_exchanges_go_around_them(self) -> None:
        picture = Picture(
            topology(
                [exchange("a", "direct"), exchange("b", "direct")],
                [],
                [bind("a", "b", "down", "exchange"), bind("b", "a", "up", "exchange")],
            ),
            "a",
        )
        drawing = lay_out(picture)
        a, b = boxes(drawing, "exchange")
        down, up = line(drawing, "exchange-a", "exchange-b"), line(drawing, "exchange-b", "exchange-a")
        assert down["path"].startswith(f"M{a['x']:g} ")
        assert up["path"].startswith(f"M{a['x'] + a['width']:g} ")
        for one in (down, up):
            assert a["y"] + a["height"] < one["y"] < b["y"]

    def test_labels_end_before_the_box(self) -> None:
        for presenter in (False, True):
            drawing = lay_out(shared_by(1, 3, "x" * 90), presenter=presenter)
            for one in lines(drawing, "binding"):
                target = next(box for box in drawing["boxes"] if box["key"] == one["target"])
                if target["kind"] == "queue":
                    assert one["label"].endswith("…")
                    assert one["x"] + width(one["label"], DETAIL) / 2 < target["x"]


class TestCounts:
    def test_of_exchanges_and_queues(self) -> None:
        tallies = {("exchange", "logs"): Tally(1234567), ("queue", "shared"): Tally(5, 5)}
        drawing = lay_out(replace(several(), tallies=tallies, waiting={"shared": 1200, "screen": 0}))
        numbers = {one["testid"]: one["number"] for one in drawing["boxes"] if one["number"]}
        assert numbers == {"exchange-logs": "1,234,567 in", "queue-shared": "1,200 waiting"}

    def test_rates_stand_on_the_lines_where_they_are_known(self) -> None:
        picture = several()
        tallies = {
            ("exchange", "logs"): Tally(into_rate=10.0),
            **{("queue", name): Tally(into_rate=8.0, out_rate=6.0) for name in ("screen", "shared")},
        }
        known = replace(picture, tallies=tallies, producers=picture.producers[:1], messages=[], mode=Mode.FLOWS)
        drawing = lay_out(known)
        assert drawing["mode"] == "flows"
        assert line(drawing, "producer-lesson", "exchange-logs")["rate"] == 10.0
        assert line(drawing, "exchange-logs", "queue-screen")["rate"] == 8.0
        assert line(drawing, "exchange-logs", "queue-shared")["rate"] == 0.0
        assert [one["rate"] for one in lines(drawing, "consume")] == [2.0, 2.0, 2.0]
        two = lay_out(replace(known, producers=picture.producers))
        assert [one["rate"] for one in lines(two, "publish")] == [0.0, 0.0]

    def test_rates_of_what_is_only_counted_are_added(self) -> None:
        picture = fanout(30)
        tallies = {("queue", name): Tally(into_rate=1.0) for name in picture.owners}
        assert line(lay_out(replace(picture, tallies=tallies)), "exchange-logs", "more-logs")["rate"] == 18.0
        consumed = lay_out(work(8, tallies={("queue", "work"): Tally(out_rate=16.0)}))
        assert [one["rate"] for one in lines(consumed, "consume")] == [2.0, 2.0, 2.0, 2.0, 8.0]


class TestMessages:
    def test_go_only_along_bindings_that_match_and_else_where_they_went_once(self) -> None:
        exchanges = [exchange("news", "direct"), exchange("logs")]
        bound = [bind("news", "disk", "disk"), bind("news", "logs", "weather", "exchange"), bind("logs", "disk")]
        picture = Picture(topology(exchanges, [queue("disk")], bound), "news")
        straight = [("exchange-news", "queue-disk")]
        around = [("exchange-news", "exchange-logs"), ("exchange-logs", "queue-disk")]
        for key, expected in (("disk", straight), ("weather", around), ("an old one", straight)):
            drawing = lay_out(replace(picture, messages=[traced("news", "disk", key=key)]))
            ((*chain,),) = drawing["messages"][0]["routed"]
            assert chain == [line(drawing, *pair)["key"] for pair in expected], key

    def test_go_through_exchanges_that_are_bound_to_exchanges(self) -> None:
        drawing = lay_out(several())
        (message,) = drawing["messages"]
        assert message["publish"] == line(drawing, "producer-notebook", "exchange-logs")["key"]
        assert message["exchange"] == box(drawing, "exchange-logs")["key"]
        assert message["routed"] == [
            [line(drawing, "exchange-logs", "queue-screen")["key"]],
            [line(drawing, "exchange-logs", "queue-shared")["key"]],
            [
                line(drawing, "exchange-logs", "exchange-top")["key"],
                line(drawing, "exchange-top", "queue-errors")["key"],
            ],
        ]
        assert (message["copies"], message["summary"]) == (3, "3 queues · 0 delivered")
        assert message["way"].startswith("message 1 'info: hello'\n")

    def test_a_copy_in_a_queue_that_is_not_drawn_is_counted_only(self) -> None:
        drawing = lay_out(
            replace(several(), messages=[traced("logs", "gone", "lonely", deliveries=[delivered("gone")])])
        )
        (message,) = drawing["messages"]
        assert (message["routed"], message["deliveries"], message["copies"]) == ([], [], 2)

    def test_copies_in_queues_that_are_only_counted_go_to_their_box(self) -> None:
        drawing = lay_out(fanout(30))
        (message,) = drawing["messages"]
        more = line(drawing, "exchange-logs", "more-logs")["key"]
        assert message["routed"].count([more]) == 18
        assert len(message["routed"]) == message["copies"] == 30
        folded = [one for one in message["deliveries"] if one["queue"] == box(drawing, "more-logs")["key"]]
        assert [one["line"] for one in folded] == [""] * 18

    def test_draws_no_more_copies_in_a_box_than_can_be_seen(self) -> None:
        drawing = lay_out(fanout(2000))
        (message,) = drawing["messages"]
        assert (len(message["routed"]), len(message["deliveries"]), message["copies"]) == (32, 32, 2000)
        assert message["summary"] == "2,000 queues · 2,000 delivered"

    def test_of_an_unknown_connection_have_no_producer(self) -> None:
        drawing = lay_out(replace(several(), messages=[traced("logs", connection="elsewhere")]))
        assert drawing["messages"][0]["publish"] == ""

    def test_a_delivery_is_matched_by_its_channel(self) -> None:
        deliveries = [delivered("work", "channel 1"), delivered("work", "channel 8", redelivered=True)]
        drawing = lay_out(work(9, messages=[traced("", "work", key="work", deliveries=deliveries)]))
        queue_key = box(drawing, "queue-work")["key"]
        to = [line(drawing, "queue-work", name)["key"] for name in ("consumer-ctag1", "more-consumers-work")]
        assert drawing["messages"][0]["deliveries"] == [
            {"queue": queue_key, "line": to[0], "redelivered": False},
            {"queue": queue_key, "line": to[1], "redelivered": True},
        ]

    @pytest.mark.parametrize(("channels", "matched"), [(["a", ""], "consumer-ctag1"), (["a", "b"], ""), ([], "")])
    def test_a_delivery_on_an_unknown_channel_goes_to_nobody_who_is_known_to_have_another(
        self, channels: list[str], matched: str
    ) -> None:
        consumers = [Consumer("q", f"ctag{number}", channel) for number, channel in enumerate(channels)]
        message = traced("", "q", key="q", deliveries=[delivered("q", "unknown")])
        picture = Picture(topology(queues=[queue("q")], consumers=consumers), "", messages=[message])
        drawing = lay_out(picture)
        expected = line(drawing, "queue-q", matched)["key"] if matched else ""
        assert drawing["messages"][0]["deliveries"][0]["line"] == expected

    @pytest.mark.parametrize(
        ("body", "severity"),
        [("info: a", "info"), ("warning: a", "warning"), ("error: a", "error"), ("errors: a", "none"), ("", "none")],
    )
    def test_have_the_severity_that_their_text_says(self, body: str, severity: str) -> None:
        drawing = lay_out(replace(EMPTY, messages=[traced("logs", body=body.encode())]))
        assert drawing["messages"][0]["severity"] == severity


class TestHostileNames:
    def test_are_spelled_out(self) -> None:
        drawing = lay_out(hostile())
        assert box(drawing, f"exchange-{SHOWN}")["full"].startswith(f"exchange {SHOWN}, type direct")
        assert drawing["notes"] == [SHOWN]
        assert drawing["messages"][0]["publish"] != ""

    def test_travel_as_json(self) -> None:
        assert json.loads(json.dumps(lay_out(hostile()))) == lay_out(hostile())

    def test_stay_bounded(self) -> None:
        names = [f"{number}{HOSTILE * 6}"[:255] for number in range(2000)]
        bindings = [bind("logs", name, name) for name in names]
        picture = Picture(topology([exchange("logs", "topic")], map(queue, names), bindings), "logs")
        drawing = lay_out(replace(picture, messages=[traced("logs", *names[:20])]))
        assert len(json.dumps(drawing)) < 200_000


class TestLettering:
    def test_what_fits_is_left_alone(self) -> None:
        assert fit_middle("screen", 100, LABEL) == fit_end("screen", 100, LABEL) == "screen"

    def test_a_name_is_shortened_at_its_end(self) -> None:
        assert fit_names(["orders.europe.west.archive", "x"], 110, LABEL) == ["orders.euro…", "x"]

    def test_names_that_begin_alike_keep_what_tells_them_apart(self) -> None:
        names = [f"orders.europe.west.{name}" for name in ("archive", "live", "live")]
        assert fit_names(names, 110, LABEL) == ["…archive", "…live", "…live"]
        long = [f"{'x' * 40}{number}" for number in (1, 2)]
        assert len({*fit_names(long, 110, LABEL)}) == 2

    def test_the_number_of_a_namesake_stays(self) -> None:
        names = ["receive_logs.py", "receive_logs.py 2", "receive_logs.py 10"]
        assert fit_names(names, 110, LABEL) == ["receive_log…", "receive_l… 2", "receive_… 10"]

    def test_words_of_ours_go_first(self) -> None:
        assert fit_names(["queue of receive_logs.py", "queue of me"], 150, LABEL) == [
            "of receive_logs.py",
            "queue of me",
        ]
        assert fit_names(["default exchange"], 90, LABEL) == ["default"]

    def test_of_words_with_commas_as_many_as_fit(self) -> None:
        assert fit_list("exclusive, auto-delete", 110, DETAIL) == "exclusive"
        assert fit_list("exclusive, auto-delete", 200, DETAIL) == "exclusive, auto-delete"

    @pytest.mark.parametrize("character", ["x", "W", "漢", "🐇"])
    @pytest.mark.parametrize("room", [30.0, 75.0, 100.0])
    def test_never_takes_more_than_its_room(self, character: str, room: float) -> None:
        for fitted in (
            *fit_names([character * 200, f"{character * 200}1", f"{character * 9} 123456"], room, LABEL),
            fit_middle(character * 200, room, LABEL),
            fit_end(character * 200, room, LABEL),
            fit_list(f"{character * 200}, {character}", room, LABEL),
        ):
            assert width(fitted, LABEL) <= room


def test_the_caption_of_a_box_says_what_its_number_counts() -> None:
    drawing = lay_out(replace(fanout(1), tallies={("exchange", "logs"): Tally(4, 12)}))
    assert box(drawing, "exchange-logs")["full"].endswith("; 4 messages published to it, 12 copies went to queues")
    (name,) = (one.name for one in fanout(1).topology.queues)
    counted = replace(fanout(1), tallies={("queue", name): Tally(1, 0)})
    came_in = "; 1 message routed to it, 0 of them delivered"
    for waiting, left in (
        ({name: 1}, "1 waiting now"),
        ({name: 0}, "0 waiting now"),
        ({}, "how many wait now is not known yet"),
    ):
        (queue,) = boxes(lay_out(replace(counted, waiting=waiting)), "queue")
        assert queue["full"].endswith(f"{came_in}; {left}")
