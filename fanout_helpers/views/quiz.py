"""The quiz: questions with choices to tick, and after each press of Check whether that was right, and why."""

import threading
from typing import Any, TypedDict

import traitlets

from fanout_helpers.quizzes.attempt import Attempt, Verdict
from fanout_helpers.quizzes.question import Questions
from fanout_helpers.views import beside, modules
from fanout_helpers.views.live import LiveWidget

_TO_ANSWER = "Run this cell, and you can answer here."
"""Above what is stored of a quiz, which looks as if it could be answered."""


class ShownChoice(TypedDict):
    """One choice; ``mark`` is ``right`` or ``wrong`` once it was chosen, and empty before."""

    letter: str
    text: str
    mark: str


class ShownQuestion(TypedDict):
    """One question; ``chosen`` is the letter of the latest answer, ``why`` what there is to say of it."""

    text: str
    choices: list[ShownChoice]
    chosen: str
    why: str


class Quiz(LiveWidget):
    """Shows a quiz and takes its answers.

    The page gets to know what is right, and why, only of a choice that was made: until then it is in the kernel alone.
    Code can do what a person does: ``quiz.answer(1, "b")``.

    Args:
        questions: What it asks.
    """

    _esm = modules.esm("kernel", "twin", "quiz")
    _css = modules.css("theme", "quiz")

    printed = traitlets.Unicode().tag(sync=True)
    score = traitlets.Unicode().tag(sync=True)
    # In quotes: traitlets before 5.10, which Colab has, cannot be subscripted.
    questions: "traitlets.List[ShownQuestion]" = traitlets.List().tag(sync=True)

    def __init__(self, questions: Questions) -> None:
        self._attempt = Attempt(questions)
        # Answers come from cells and from the page, perhaps in two threads: an older state must not follow a newer one.
        self._lock = threading.Lock()
        super().__init__(printed=f"{_TO_ANSWER}\n\n{self._attempt!r}", **self._state())
        self.on_msg(self._receive)

    def answer(self, question: int, letter: str) -> Verdict:
        """Answers a question, as Check does; after a wrong answer there may be another.

        Args:
            question: Its number; the first is 1.
            letter: The letter of the choice, such as ``"a"``.

        Raises:
            FanoutError: There is no such question, or it has no such choice.
        """
        with self._lock:
            verdict = self._attempt.answer(question, letter)
            with self.hold_sync():
                for name, value in self._state().items():
                    self.set_trait(name, value)
        return verdict

    def __repr__(self) -> str:
        return self.printed

    def _ipython_display_(self) -> None:
        beside.show(self, {"text/plain": self.printed})

    def _receive(self, _widget: object, content: dict[str, Any], _buffers: object) -> None:
        self.answer(content["question"], content["letter"])

    def _state(self) -> dict[str, Any]:
        numbers = range(1, len(self._attempt.questions) + 1)
        return {"questions": [self._shown(number) for number in numbers], "score": self._attempt.score}

    def _shown(self, number: int) -> ShownQuestion:
        question, answers = self._attempt.questions[number - 1], self._attempt.answers(number)
        marks = {letter: "right" if question.lettered[letter].right else "wrong" for letter in answers}
        return ShownQuestion(
            text=question.text,
            choices=[
                ShownChoice(letter=letter, text=choice.text, mark=marks.get(letter, ""))
                for letter, choice in question.lettered.items()
            ],
            chosen=answers[-1] if answers else "",
            why=question.lettered[answers[-1]].why if answers else "",
        )
