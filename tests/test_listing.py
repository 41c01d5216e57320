import html
import random

import pytest

from fanout_helpers import listing
from fanout_helpers.model import Binding, Exchange, Queue

HOSTILE = "<script>alert('&\"')</script>"
SCREEN, DISK = "amq.gen-zzzz1111111111", "amq.gen-aaaa2222222222"
OWNERS = {SCREEN: "screen", DISK: "disk"}


def queue(name: str) -> Queue:
    return Queue(name, durable=False, exclusive=True, auto_delete=False)


def binding(source: str, destination: str, key: str = "", kind: str = "queue") -> Binding:
    return Binding(source, destination, kind, key)


def test_exchanges_are_a_table_with_aligned_columns() -> None:
    shown = listing.exchanges([Exchange("logs", "fanout", durable=False), Exchange("", "direct", durable=True)])
    assert repr(shown) == 'name  type    durable\n""    direct  yes\nlogs  fanout  no'


def test_queues_are_in_the_order_of_their_subscribers_names() -> None:
    shown = listing.queues([queue(SCREEN), queue("archive"), queue(DISK)], OWNERS)
    assert [one.name for one in shown] == ["archive", DISK, SCREEN]
    assert repr(shown) == (
        "name           exclusive  durable  auto_delete  subscriber\n"
        "archive        yes        no       no\n"
        "amq.gen-aaaa…  yes        no       no           disk\n"
        "amq.gen-zzzz…  yes        no       no           screen"
    )


def test_bindings_show_the_default_exchange_and_shorten_every_name_that_the_server_gave() -> None:
    shown = listing.bindings([binding("logs", SCREEN), binding("", SCREEN, SCREEN)], OWNERS)
    assert repr(shown) == (
        "source  destination    routing_key    subscriber\n"
        '""      amq.gen-zzzz…  amq.gen-zzzz…  screen\n'
        'logs    amq.gen-zzzz…  ""             screen'
    )


def test_order_of_bindings_does_not_depend_on_the_order_in_which_they_came() -> None:
    keys = [binding("logs", "q", key) for key in "cab"]
    values = [
        *keys,
        binding("logs", SCREEN),
        binding("logs", DISK),
        binding("", "q", "q"),
        binding("logs", "q", "a", "exchange"),
    ]
    expected = repr(listing.bindings(values, OWNERS))
    for seed in range(20):
        random.Random(seed).shuffle(values)  # noqa: S311
        assert repr(listing.bindings(values, OWNERS)) == expected


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (listing.exchanges([]), "no exchanges"),
        (listing.queues([], {}), "no queues"),
        (listing.bindings([], {}), "no bindings"),
    ],
)
def test_empty_listing_says_so(shown: listing.Listing[object], text: str) -> None:
    assert (repr(shown), shown._repr_html_(), len(shown)) == (text, f"<p>{text}</p>", 0)


@pytest.mark.parametrize(
    "shown",
    [
        listing.exchanges([Exchange(HOSTILE, HOSTILE, durable=True)]),
        listing.queues([queue(HOSTILE)], {HOSTILE: HOSTILE}),
        listing.bindings([binding(HOSTILE, HOSTILE, HOSTILE)], {HOSTILE: HOSTILE}),
    ],
)
def test_html_escapes_hostile_names(shown: listing.Listing[object]) -> None:
    markup = shown._repr_html_()
    assert "<script" not in markup
    assert html.escape(HOSTILE) in markup


def test_html_has_a_row_for_each_value_and_a_head_for_each_column() -> None:
    markup = listing.queues([queue("a"), queue("b")], {})._repr_html_()
    assert (markup.count("<tr>"), markup.count('<th scope="col"'), markup.count("<td")) == (3, 5, 10)


@pytest.mark.parametrize("name", ["a\nb", "a\r\tb", "\x1b[31mred", "a\u2028b"])
def test_name_with_control_characters_stays_in_its_line(name: str) -> None:
    shown = repr(listing.exchanges([Exchange(name, "fanout", durable=False)]))
    assert len(shown.splitlines()) == 2
    assert shown.replace("\n", "").isprintable()


def test_listing_is_a_sequence_of_the_values() -> None:
    values = [Exchange(name, "fanout", durable=False) for name in ("a", "b", "c")]
    shown = listing.exchanges(reversed(values))
    assert list(shown) == values
    assert shown[0] == values[0]
    assert list(shown[1:]) == values[1:]
    assert values[2] in shown
