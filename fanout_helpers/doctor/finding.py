"""One thing that is wrong: what, why, and the one repair."""

from dataclasses import dataclass
from enum import StrEnum

from fanout_helpers.errors import FanoutError
from fanout_helpers.faults import Fault
from fanout_helpers.model import visible


class Severity(StrEnum):
    """How bad it is."""

    PROBLEM = "problem"
    """Lessons do not run, or not all of them."""

    WARNING = "warning"
    """Lessons run, and do not show all that they could."""


_WARNINGS = {Fault.NO_EVENT_EXCHANGE, Fault.DENIED_QUEUES, Fault.CONSUMERS_LEFT_BEHIND}


@dataclass(frozen=True)
class Finding:
    """What is wrong, under a name that stays; nothing of it holds a password."""

    fault: Fault
    what: str
    why: str
    repair: str

    @property
    def severity(self) -> Severity:
        """How bad it is; always the same for the same fault."""
        return Severity.WARNING if self.fault in _WARNINGS else Severity.PROBLEM

    def __str__(self) -> str:
        parts = ((f"{self.severity}: ", self.what), ("    Why: ", self.why), ("    Do:  ", self.repair))
        # Names in it are other people's: what cannot be seen in them must not reach a terminal.
        lines = [head + "\n         ".join(map(visible, text.split("\n"))) for head, text in parts if text]
        return "\n".join([f"{lines[0]} [{self.fault}]", *lines[1:]])


def of(error: FanoutError) -> Finding:
    """What an error tells of, in the same words."""
    return Finding(error.fault, error.happened, error.cause, error.next_step)
