"""Who received what: the report that a lesson prints and CI compares."""

from collections.abc import Sequence
from dataclasses import dataclass

from fanout_helpers.model import beginning

SHOWN = 10
"""Messages of each subscriber that a report shows at most."""

_LONGEST = 120


@dataclass(frozen=True)
class Received:
    """What one subscriber had received when it was asked.

    ``messages`` counts all; ``latest`` holds the bodies of at most the latest ten, oldest first; ``reached`` says
    whether the subscriber answered at all.
    """

    subscriber: str
    messages: int
    latest: tuple[bytes, ...]
    reached: bool = True

    def __str__(self) -> str:
        head = f"{self.subscriber}: {counted(self.messages)}" + ("" if self.reached else " (not connected)")
        forgotten = [f"    ... {self.messages - len(self.latest)} before"] if self.messages > len(self.latest) else []
        return "\n".join([head, *forgotten, *(f"    {_short(body)}" for body in self.latest)])


@dataclass(frozen=True)
class Report:
    """Who received what, in the order in which the subscribers joined.

    ``expected`` is how many messages each should have had; ``returned`` how many found no queue.
    """

    received: Sequence[Received]
    expected: int | None = None
    returned: int = 0

    @property
    def as_expected(self) -> bool:
        """Whether every subscriber has exactly the expected number of messages."""
        return all(one.reached and self.expected in (None, one.messages) for one in self.received)

    def __repr__(self) -> str:
        lines = [str(one) for one in self.received] or ["no subscribers"]
        if self.returned:
            lines.append(f"returned, because they matched no queue: {counted(self.returned)}")
        if self.expected is not None and not self.as_expected:
            lines.append(f"expected: {counted(self.expected)} for each subscriber")
        return "\n".join(lines)


def counted(messages: int) -> str:
    """``1 message``, ``2 messages``."""
    return f"{messages} message{'' if messages == 1 else 's'}"


def _short(body: bytes) -> str:
    """One line for one message."""
    text, whole = beginning(body, _LONGEST)
    return text if whole else f"{text}… ({len(body):,} bytes in all)"
