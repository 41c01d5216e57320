from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from fanout_helpers.drawing import words
from fanout_helpers.model import Binding, Consumer
from fanout_helpers.picture import Fate, Picture, Producer, TracedDelivery
from tests.pictures import (
    HOSTILE,
    SERVER_NAMED,
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

SHARED = Picture(topology(), "logs", owners={"b": "screen", "a": "disk"}, producers=[Producer("c1", "lesson bindings")])


def headers(*bindings: Mapping[str, Any]) -> Picture:
    """A headers exchange and a queue, with the arguments of the bindings between them."""
    made = [Binding("match", "q", "queue", "", arguments) for arguments in bindings]
    return Picture(topology([exchange("match", "headers")], [queue("q")], made), "match")


def rejoined() -> Picture:
    """A subscriber that left and came again; its first queue is gone."""
    here = topology([exchange("logs")], [queue("here", exclusive=True)], [bind("logs", "here")])
    return Picture(here, "logs", owners={"gone": "screen", "here": "screen"})


class TestTopology:
    def test_tells_what_is_bound_to_each_exchange_and_who_consumes(self) -> None:
        assert words.topology(several()) == (
            "exchange logs (fanout)\n"
            "  -> queue screen (durable) -> no consumer\n"
            "  -> queue shared (durable) -> 3 consumers\n"
            "  -> exchange top\n"
            "exchange orders (direct)\n"
            "  -> queue shared (durable), binding keys 'new', 'paid' -> 3 consumers\n"
            "exchange top (topic)\n"
            "  -> queue errors (durable), binding key 'error.#' -> no consumer\n"
            "queue lonely (durable), bound only to the default exchange -> no consumer"
        )

    def test_calls_subscribers_queues_by_their_names_in_the_order_in_which_they_joined(self) -> None:
        assert words.topology(fanout(2)).splitlines()[1:] == [
            "  -> queue of s1 (amq.gen-0099…, exclusive) -> s1",
            "  -> queue of s2 (amq.gen-0098…, exclusive) -> s2",
        ]

    def test_a_subscriber_consumes_before_rabbitmq_reports_it(self) -> None:
        picture = Picture(
            topology([exchange("logs")], [queue(SERVER_NAMED, exclusive=True)], [bind("logs", SERVER_NAMED)]),
            "logs",
            owners={SERVER_NAMED: "screen"},
        )
        assert words.topology(picture).endswith("(amq.gen-JzTY…, exclusive) -> screen")

    def test_says_what_is_not_there(self) -> None:
        assert words.topology(Picture(topology(), "logs")) == (
            "exchange logs (not declared)\n  -> nothing: no queue is bound to it"
        )

    def test_of_the_default_exchange(self) -> None:
        picture = Picture(topology(queues=[queue("work")], consumers=[Consumer("work", "ctag1")]), "")
        assert words.topology(picture) == (
            "default exchange (direct), every queue is bound to it under its own name\n"
            "  -> queue work (durable) -> 1 consumer"
        )

    def test_of_an_empty_virtual_host(self) -> None:
        assert words.topology(Picture(topology(), "")) == (
            "default exchange (direct), every queue is bound to it under its own name\n  -> there is no queue yet"
        )

    def test_of_a_headers_exchange_tells_what_decides(self) -> None:
        assert words.topology(headers({"a": 1, "x-match": "all"})).splitlines()[1:] == [
            "  -> queue q (durable), binding arguments x-match=all, a=1 -> no consumer"
        ]
        several = headers({"x-match": "any", "kind": "1", "b": True}, {"x-match": "all", "a": 1}, {})
        assert "binding arguments (none), (x-match=all, a=1), (x-match=any, b=true, kind='1')" in words.topology(
            several
        )

    def test_keeps_a_headers_exchanges_arguments_short_and_in_their_line(self) -> None:
        for arguments in ({HOSTILE: HOSTILE * 1000}, {"a": {HOSTILE: [HOSTILE, None]}}, {"a": object()}):
            written = words.topology(headers(arguments))
            assert len(written.splitlines()) == 2
            assert len(written) < 350
            assert "\u202e" not in written

    def test_a_subscriber_that_left_has_no_line(self) -> None:
        assert words.topology(rejoined()).splitlines()[1:] == ["  -> queue of screen (here, exclusive) -> screen"]

    def test_stays_short(self) -> None:
        written = words.topology(fanout(30)).splitlines()
        assert len(written) == 1 + 12 + 1
        assert written[-1] == "  -> 18 more queues"
        picture = Picture(topology(queues=map(queue, map(str, range(14)))), "logs")
        assert words.topology(picture).splitlines()[-1] == "2 more queues, bound only to the default exchange"

    def test_never_counts_a_single_one(self) -> None:
        assert len(words.topology(fanout(13)).splitlines()) == 1 + 13
        assert "more" not in words.topology(fanout(13))

    def test_stays_short_with_a_thousand_binding_keys(self) -> None:
        keys = [bind("top", "q", f"key {number:04}") for number in range(1000)]
        picture = Picture(topology([exchange("top", "topic")], [queue("q")], keys), "top")
        assert "'key 0019', 980 more -> no consumer" in words.topology(picture)

    @pytest.mark.parametrize("picture", [several(), fanout(30), hostile()])
    def test_does_not_depend_on_the_order_in_which_rabbitmq_tells(self, picture: Picture) -> None:
        assert {words.topology(shuffled(picture, seed)) for seed in range(10)} == {words.topology(picture)}

    def test_tells_nothing_of_connections_or_tags_or_predeclared_exchanges(self) -> None:
        written = words.topology(fanout(3))
        assert not [word for word in ("ctag", "channel", "rabbitmq") if word in written]

    def test_shows_hostile_names_in_their_lines(self) -> None:
        written = words.topology(hostile())
        assert written.replace("\n", "").replace("\ud800", "").replace("\uffff", "").isprintable()
        assert written.splitlines()[0] == r"""exchange <script>alert('&"')</script>\u202e\n (direct)"""


class TestWay:
    def test_tells_where_it_went(self) -> None:
        message = traced("logs", "a", "b", "c", deliveries=[delivered("c"), delivered("a"), delivered("b")])
        assert words.way(message, SHARED) == (
            "message 1 'info: hello'\n"
            "  published to exchange logs with routing key '' by lesson bindings\n"
            "  routed to 3 queues: screen, disk, c\n"
            "  delivered to: screen, disk\n"
            "  delivered from queue: c"
        )

    def test_tells_what_came_again_and_what_has_not_come(self) -> None:
        again = delivered("b", redelivered=True)
        message = traced("", "a", "b", key="a", deliveries=[delivered("b"), again, again], connection="unknown")
        assert words.way(message, SHARED).splitlines()[1:] == [
            "  published to the default exchange with routing key 'a'",
            "  routed to 2 queues: screen, disk",
            "  delivered to: screen",
            "  redelivered to: screen",
            "  not delivered yet: disk",
        ]
        assert words.summary(message) == "2 queues · 1 delivered, 2 redelivered"

    def test_names_queues_that_are_nobodys_as_queues(self) -> None:
        copies = [delivered(name, redelivered=again) for again in (False, True) for name in ("work", "b", "jobs")]
        message = traced("logs", "work", "jobs", "a", "b", "c", deliveries=[*copies[1:], delivered("work")])
        assert words.way(message, SHARED).splitlines()[2:] == [
            "  routed to 5 queues: screen, disk, c, jobs, work",
            "  delivered to: screen",
            "  delivered from queues: jobs, work",
            "  redelivered to: screen",
            "  redelivered from queues: jobs, work",
            "  not delivered yet: disk, c",
        ]

    def test_tells_who_of_several_took_a_copy(self) -> None:
        made_up = f"ctag1.{32 * 'a'}"
        workers = [Consumer("jobs", "ann", "channel 1"), Consumer("jobs", made_up, "channel 2")]
        picture = Picture(topology([], [queue("jobs")], [], workers), "")
        for channel, told in (("channel 1", "jobs (to ann)"), ("channel 2", "jobs"), ("another", "jobs")):
            message = traced("", "jobs", key="jobs", deliveries=[delivered("jobs", channel)])
            assert words.way(message, picture).splitlines()[-1] == f"  delivered from queue: {told}"

    def test_calls_queues_that_are_gone_by_their_subscribers_names_once_for_each_copy(self) -> None:
        message = traced("logs", "gone", "here", deliveries=map(delivered, ("gone", "here", "here")))
        assert words.way(message, rejoined()).splitlines()[2:] == [
            "  routed to 2 queues: screen, screen",
            "  delivered to: screen, screen",
        ]

    def test_says_that_nobody_has_it(self) -> None:
        message = traced("logs")
        assert words.way(message, SHARED).splitlines()[2:] == ["  routed to 0 queues: nobody has it"]
        assert words.summary(message) == "0 queues"

    @pytest.mark.parametrize(
        ("queues", "deliveries", "summary"),
        [("a", "", "1 queue · 0 delivered"), ("abc", "abc", "3 queues · 3 delivered")],
    )
    def test_in_a_few_words(self, queues: str, deliveries: str, summary: str) -> None:
        assert words.summary(traced("logs", *queues, deliveries=map(delivered, deliveries))) == summary

    def test_says_the_size_of_what_is_cut(self) -> None:
        message = traced("logs", body=b"x" * 2000, size=2_000_000)
        assert words.way(message, SHARED).splitlines()[0] == f"message 1 '{'x' * 59}…' (2,000,000 bytes in all)"

    def test_names_twenty_queues_at_most(self) -> None:
        message = traced("logs", *(f"q{number:03}" for number in range(120)))
        assert words.way(message, SHARED).splitlines()[2].endswith(", q019, 100 more")

    def test_shortens_a_servers_name_in_a_routing_key(self) -> None:
        assert "routing key 'amq.gen-JzTY…'" in words.way(traced("", key=SERVER_NAMED), SHARED)

    def test_several(self) -> None:
        one = traced("logs")
        assert words.ways([one, one], SHARED) == f"{words.way(one, SHARED)}\n{words.way(one, SHARED)}"
        assert words.ways([], SHARED) == ""

    def test_shows_a_hostile_message_in_its_lines(self) -> None:
        picture = hostile()
        assert len(words.way(picture.messages[0], picture).splitlines()) == 4
        assert "\u202e" not in words.way(picture.messages[0], picture)


class TestText:
    @pytest.mark.parametrize("body", ["x" * 60, "漢" * 60, "🐇" * 60, ""])
    def test_just_fits(self, body: str) -> None:
        assert words.text(traced("logs", body=body.encode())) == body

    @pytest.mark.parametrize("character", ["x", "é", "漢", "🐇"])
    def test_is_cut_between_characters(self, character: str) -> None:
        body = (character * 2000).encode()
        assert words.text(traced("logs", body=body[:2000], size=len(body))) == character * 59 + "…"

    def test_that_was_cut_before_is_seen_to_be_cut(self) -> None:
        assert words.text(traced("logs", body="é".encode()[:1], size=3000)) == "…"

    def test_of_bytes_and_invisible_marks(self) -> None:
        assert words.text(traced("logs", body=b"\xff ok" + HOSTILE[-2:].encode())) == r"\xff ok\u202e\n"


def test_way_tells_what_became_of_copies_that_nobody_was_seen_to_take() -> None:
    queues = ("a", "b", "c", "d", "e")
    fates = dict(zip(queues, Fate, strict=False))
    message = replace(traced("logs", *queues), fates=fates)
    assert words.way(message, Picture(topology(), "logs")).splitlines()[3:] == [
        "  not delivered yet: e",
        "  survived, not delivered yet: a",
        "  lost (not persistent): b",
        "  lost with the queue: c",
        "  not known any more: d",
    ]
    assert words.summary(message) == (
        "5 queues · 0 delivered · 1 survived, 1 lost (not persistent), 1 lost with the queue, 1 not known any more"
    )
    taken = replace(message, deliveries=[TracedDelivery("a", "c", redelivered=False)])
    assert "survived" not in words.way(taken, Picture(topology(), "logs"))
