"""What a doctor found: everything that is wrong, and what was looked at."""

import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fanout_helpers.doctor import finding
from fanout_helpers.doctor.finding import Finding, Severity
from fanout_helpers.errors import FanoutError
from fanout_helpers.model import visible

HEALTHY = "Nothing is wrong."


@dataclass(frozen=True)
class Examination:
    """The findings, and what was found to be there.

    Attributes:
        findings: What is wrong, in the order in which it was found.
        found: What was looked at: the names are stable, the values are texts, or texts by name.
    """

    findings: Sequence[Finding]
    found: Mapping[str, Any]

    @property
    def ok(self) -> bool:
        """Whether there is no problem; there may be warnings."""
        return all(one.severity is not Severity.PROBLEM for one in self.findings)

    def as_json(self) -> str:
        """All of it as JSON, in a shape that stays.

        ``ok``, ``findings`` (each with ``code``, ``severity``, ``what``, ``why``, ``repair``) and ``found``.
        """
        findings = [
            {"code": one.fault, "severity": one.severity, "what": one.what, "why": one.why, "repair": one.repair}
            for one in self.findings
        ]
        return json.dumps({"ok": self.ok, "findings": findings, "found": self.found}, indent=2)

    def __str__(self) -> str:
        width = max(map(len, self.found), default=0)
        rows = [f"{name.replace('_', ' ').ljust(width)}  {_text(value)}" for name, value in self.found.items()]
        return "\n".join([*rows, *([""] if rows else []), repr(self)])

    def __repr__(self) -> str:
        """What is wrong, and no more: on a machine where nothing is, the same everywhere."""
        return "\n".join(map(str, self.findings)) or HEALTHY


@dataclass
class Record:
    """What is written down during an examination."""

    findings: list[Finding] = field(default_factory=list)
    found: dict[str, Any] = field(default_factory=dict)

    def add(self, *error: FanoutError) -> None:
        """Writes down what errors tell of."""
        self.findings += map(finding.of, error)

    @contextlib.contextmanager
    def catching(self) -> Iterator[None]:
        """Writes down an error that ends what is looked at, and goes on after it."""
        try:
            yield
        except FanoutError as error:
            self.add(error)


def _text(value: Any) -> str:  # noqa: ANN401
    return visible(", ".join(f"{name} {one}" for name, one in value.items()) if isinstance(value, dict) else str(value))
