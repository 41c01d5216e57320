from typing import Any

import pytest

from fanout_helpers.model import Delivery, Publication
from fanout_helpers.report import Received, Report, counted
from fanout_helpers.views.snapshot import line


def test_report_shows_each_subscriber_with_its_messages() -> None:
    report = Report([Received("screen", 1, (b"info: a",)), Received("disk", 0, ())], expected=None)
    assert repr(report) == "screen: 1 message\n    info: a\ndisk: 0 messages"


def test_report_without_subscribers_says_so() -> None:
    assert repr(Report([], expected=3)) == "no subscribers"
    assert Report([]).as_expected


def test_forgotten_messages_are_counted() -> None:
    assert str(Received("screen", 12, (b"k", b"l"))) == "screen: 12 messages\n    ... 10 before\n    k\n    l"


@pytest.mark.parametrize(("messages", "as_expected"), [(1, False), (2, True), (3, False)])
def test_too_few_and_too_many_are_both_told(messages: int, as_expected: bool) -> None:  # noqa: FBT001
    report = Report([Received("ok", 2, ()), Received("odd", messages, ())], expected=2)
    assert report.as_expected is as_expected
    assert ("expected: 2 messages for each subscriber" in repr(report)) is not as_expected


def test_expecting_none_is_an_expectation() -> None:
    assert not Report([Received("screen", 1, (b"a",))], expected=0).as_expected
    assert repr(Report([Received("screen", 1, (b"a",))], expected=0)).endswith(
        "expected: 0 messages for each subscriber"
    )


def test_subscriber_that_did_not_answer_is_never_as_expected() -> None:
    report = Report([Received("screen", 1, (b"a",), reached=False)], expected=1)
    assert not report.as_expected
    assert repr(report).startswith("screen: 1 message (not connected)")


def test_report_without_an_expectation_names_none() -> None:
    assert "expected" not in repr(Report([Received("screen", 1, (b"a",), reached=False)]))


def test_returned_messages_are_counted() -> None:
    assert repr(Report([], returned=1)) == "no subscribers\nreturned, because they matched no queue: 1 message"


@pytest.mark.parametrize("text", ["a\nb", "a\r\n\tb", "\x1b[2J", "\x00", "a\u2028b", "a\u202eb"])
def test_each_message_is_one_line_without_control_characters(text: str) -> None:
    shown = str(Received("screen", 1, (text.encode(),)))
    assert len(shown.splitlines()) == 2
    assert shown.replace("\n", "").isprintable()


def test_long_message_is_cut_and_its_length_told() -> None:
    line = str(Received("screen", 1, (b"x" * 1000,))).splitlines()[1]
    assert line.endswith("x… (1,000 bytes in all)")
    assert len(line) < 160


@pytest.mark.parametrize("text", ["你好 世界", "🐇", "naïve — “quoted”", "全角\u3000空格", "👩\u200d👩\u200d👧"])
def test_text_of_any_language_is_shown_as_it_is(text: str) -> None:
    assert str(Received("screen", 1, (text.encode(),))).endswith(f"    {text}")


def test_counted() -> None:
    assert [counted(number) for number in (0, 1, 2)] == ["0 messages", "1 message", "2 messages"]


class Watched(bytes):
    """A body that notes the largest part of it that anybody took."""

    largest = 0

    def __getitem__(self, key: Any) -> Any:  # noqa: ANN401
        part = super().__getitem__(key)
        Watched.largest = max(Watched.largest, len(part) if isinstance(part, bytes) else 1)
        return part

    def decode(self, *_: object, **__: object) -> str:
        raise AssertionError("the whole body was decoded")


@pytest.mark.parametrize("character", [b"\x00", b"\xff", b"x", "🐇".encode()])
def test_no_more_of_a_large_body_is_touched_than_is_shown(character: bytes) -> None:
    Watched.largest = 0
    body = Watched(character * 100_000)
    assert f"… ({len(body):,} bytes in all)" in str(Received("screen", 1, (body,)))
    assert "…" in repr(Publication("logs", "", body, routed=True))
    assert line(1, Delivery(1, "logs", "", body, redelivered=False, received_at=0.0))["note"]
    assert 0 < Watched.largest < 5_000
