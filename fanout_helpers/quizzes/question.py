"""What a quiz is made of."""

from dataclasses import dataclass
from typing import TypeAlias

LETTERS = "abcd"
"""What choices are called, in their order; no question has more of them."""


@dataclass(frozen=True)
class Choice:
    """One choice, and a sentence or two on why it is right, or why it is wrong."""

    text: str
    why: str
    right: bool = False


@dataclass(frozen=True)
class Question:
    """A question and its choices, exactly one of them right, always in this order."""

    text: str
    choices: tuple[Choice, ...]

    @property
    def lettered(self) -> dict[str, Choice]:
        """The choices by their letters."""
        return dict(zip(LETTERS, self.choices, strict=False))


Questions: TypeAlias = tuple[Question, ...]
"""The quiz of one lesson."""
