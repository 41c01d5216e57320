"""One person's way through a quiz: what they chose, and whether it was right."""

import textwrap
from dataclasses import dataclass

from fanout_helpers.errors import FanoutError
from fanout_helpers.quizzes.question import Questions

_WIDTH = 100
"""Characters of a printed line at most: what a page shows without scrolling sideways."""


@dataclass(frozen=True)
class Verdict:
    """Whether a choice is right, and why; ``score`` says how the quiz stands after it."""

    question: int
    letter: str
    right: bool
    why: str
    score: str

    def __repr__(self) -> str:
        head = f"Question {self.question}: {self.letter} is {'right' if self.right else 'not right'}."
        return "\n".join([head, _wrapped("", self.why), self.score])


class Attempt:
    """Takes answers. A wrong one may be followed by another; a question that was right once stays right.

    Args:
        questions: The quiz.
    """

    def __init__(self, questions: Questions) -> None:
        self.questions = questions
        self._answers: list[list[str]] = [[] for _ in questions]

    @property
    def score(self) -> str:
        """How many questions were answered right by now."""
        right = sum(
            any(question.lettered[letter].right for letter in letters)
            for question, letters in zip(self.questions, self._answers, strict=True)
        )
        return f"{right} of {len(self.questions)} right"

    def answers(self, question: int) -> tuple[str, ...]:
        """The letters that were chosen for a question (the first is 1), the latest one last."""
        return tuple(self._answers[question - 1])

    def answer(self, question: int, letter: str) -> Verdict:
        """Answers a question.

        Args:
            question: Its number; the first is 1.
            letter: The letter of the choice.

        Raises:
            FanoutError: There is no such question, or it has no such choice.
        """
        numbers = range(1, len(self.questions) + 1)
        if isinstance(question, bool) or not isinstance(question, int) or question not in numbers:
            raise FanoutError(
                f"There is no question {question!r}.", next_step=f"Give its number, 1 to {len(self.questions)}."
            )
        choices = self.questions[question - 1].lettered
        if letter not in list(choices):
            raise FanoutError(
                f"Question {question} has no choice {letter!r}.", next_step=f"Give one of {', '.join(choices)}."
            )
        self._answers[question - 1].append(letter)
        choice = choices[letter]
        return Verdict(question, letter, choice.right, choice.why, self.score)

    def __repr__(self) -> str:
        """The questions with their choices, as a page without a kernel shows them: no word of what is right."""
        return "\n\n".join(self._printed(number) for number in range(1, len(self.questions) + 1))

    def _printed(self, number: int) -> str:
        question = self.questions[number - 1]
        lines = [_wrapped(f"{number}. ", question.text)]
        lines += [_wrapped(f"   {letter}) ", choice.text) for letter, choice in question.lettered.items()]
        return "\n".join(lines)


def _wrapped(head: str, text: str) -> str:
    return textwrap.fill(text, _WIDTH, initial_indent=head, subsequent_indent=" " * len(head))
