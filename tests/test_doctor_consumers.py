"""The doctor waits until RabbitMQ's lists agree on whose a consumer is: on a busy machine they come one by one."""

from collections.abc import Sequence
from typing import Any

import pytest

from fanout_helpers.connection import PROCESS, YOURS
from fanout_helpers.doctor import consumers
from fanout_helpers.doctor.examination import Record
from fanout_helpers.faults import Fault
from fanout_helpers.management import Management
from fanout_helpers.model import Consumer

NAME = "127.0.0.1:34028 -> 127.0.0.1:5672"
NAMELESS, NAMED = Consumer("red", "ctag1"), Consumer("red", "ctag1", f"{NAME} (1)")
BARE = {"name": NAME}
YOUR_OWN = {"name": NAME, "client_properties": {"connection_name": YOURS, "process": "another"}}
OTHERS = {"name": NAME, "client_properties": {"connection_name": "receive_logs.py"}}


class Answers(Management):
    """What a management API said, one look after the other; the last one again and again."""

    def __init__(self, *looks: tuple[list[Consumer], list[dict[str, Any]]]) -> None:
        self.looks = list(looks)

    def consumers(self, virtual_host: str) -> list[Consumer]:  # noqa: ARG002
        return self.looks[0][0]

    def get(self, *path: str) -> list[dict[str, Any]]:  # noqa: ARG002
        return (self.looks.pop(0) if len(self.looks) > 1 else self.looks[0])[1]


def found(answers: Answers, *, own: bool = False) -> Sequence[Fault]:
    record = Record()
    consumers.look(record, answers, "v", own=own)
    return [finding.fault for finding in record.findings]


@pytest.mark.parametrize("first", [([NAMELESS], []), ([NAMED], []), ([NAMED], [BARE]), ([NAMELESS], [YOUR_OWN])])
def test_lists_that_do_not_agree_yet_are_asked_again(first: tuple[list[Consumer], list[dict[str, Any]]]) -> None:
    assert found(Answers(first, ([NAMED], [YOUR_OWN]))) == [Fault.CONSUMERS_LEFT_BEHIND]


def test_what_is_of_another_process_is_not_this_ones() -> None:
    assert found(Answers(([NAMED], [YOUR_OWN])), own=True) == []
    mine = {"name": NAME, "client_properties": {"connection_name": YOURS, "process": PROCESS}}
    assert found(Answers(([NAMED], [mine])), own=True) == [Fault.CONSUMERS_LEFT_BEHIND]


def test_what_a_program_consumes_is_no_finding() -> None:
    assert found(Answers(([NAMELESS], []), ([NAMED], [OTHERS]))) == []


def test_lists_that_never_agree_hold_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers, "PATIENCE", 0.0)
    assert found(Answers(([NAMELESS], []))) == []
