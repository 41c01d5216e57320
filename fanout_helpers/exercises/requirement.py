"""What an exercise asks for: things that must be so in the broker."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from fanout_helpers.topology import Topology


@dataclass(frozen=True)
class Requirement:
    """One thing that must be so: in words, as a test, and hints from vague to plain."""

    text: str
    holds: Callable[[Topology], bool]
    hints: tuple[str, ...]


Exercises: TypeAlias = Mapping[str, tuple[Requirement, ...]]
"""A lesson's exercises by name, each with all that it requires."""
