from dataclasses import FrozenInstanceError

import pytest

from fanout_helpers.model import Delivery, Exchange, Publication, short_name, visible


def delivery(body: bytes) -> Delivery:
    return Delivery(1, "logs", "", body, redelivered=False, received_at=0.0)


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("amq.gen-JzTY20BRgKO-HjmUJj0wLg", "amq.gen-JzTY…"),
        ("amq.gen-JzTY", "amq.gen-JzTY"),
        ("amq.gen-", "amq.gen-"),
        ("amq.genuine-but-a-long-name-of-somebody", "amq.genuine-but-a-long-name-of-somebody"),
        ("archive-of-everything-that-ever-was", "archive-of-everything-that-ever-was"),
        ("", ""),
    ],
)
def test_only_names_that_the_server_gave_are_shortened(name: str, short: str) -> None:
    assert short_name(name) == short


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"", ""),
        ("info: 你好 🐇".encode(), "info: 你好 🐇"),
        (b"\xff\xfe", r"\xff\xfe"),
        (b"ok \xe4\xbd", r"ok \xe4\xbd"),
        (b"a\x00b\n", "a\x00b\n"),
    ],
)
def test_every_body_can_be_shown_as_text(body: bytes, text: str) -> None:
    assert delivery(body).text == text


def test_publication_says_whether_a_queue_has_it() -> None:
    assert repr(Publication("logs", "", b"hi", routed=True)) == "published 'hi' to logs: confirmed"
    returned = repr(Publication("logs", "", b"hi", routed=False))
    assert returned == "published 'hi' to logs: returned, it matched no queue (312 NO_ROUTE)"


def test_publication_of_anything_is_one_line() -> None:
    shown = repr(Publication("", "q", b"a\nb\xff", routed=True))
    assert shown == r"published 'a\nb\\xff' to the default exchange: confirmed"


def test_publication_of_a_long_text_is_cut_between_characters() -> None:
    shown = repr(Publication("logs", "", "課".encode() * 1000, routed=True))
    assert "課'… to logs" in shown
    assert "\\x" not in shown
    assert len(shown) < 300


@pytest.mark.parametrize("text", ["a\nb", "\x1b[2J", "\x00", "a\u2028b", "a\u202eb", "\ufeff"])
def test_what_cannot_be_seen_is_spelled_out(text: str) -> None:
    assert visible(text).isprintable()


@pytest.mark.parametrize("text", ["", "plain", "你好 世界", "全角\u3000空格", "👩\u200d👩\u200d👧", "naïve — “quoted”"])
def test_text_of_any_language_is_visible_as_it_is(text: str) -> None:
    assert visible(text) == text


def test_values_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        delivery(b"").body = b"other"  # type: ignore[misc]


def test_exchanges_do_not_share_their_arguments() -> None:
    assert Exchange("a", "fanout", durable=False).arguments is not Exchange("b", "fanout", durable=False).arguments
