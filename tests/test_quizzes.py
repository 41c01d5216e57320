"""The quizzes as data, and how answers are judged."""

import dataclasses
import re
from collections import Counter
from collections.abc import Callable

import nbformat
import pytest

from fanout_helpers.errors import FanoutError
from fanout_helpers.quizzes.attempt import Attempt
from fanout_helpers.quizzes.course import QUIZZES, questions
from fanout_helpers.quizzes.question import LETTERS, Choice, Question
from tests.comparison import LESSONS, NOTEBOOKS

ASKED = {
    f"{lesson}-{number}": question for lesson, quiz in QUIZZES.items() for number, question in enumerate(quiz, start=1)
}
CELL = "lab.quiz()"
MOST = 0.4
"""The share of questions whose right choice may be at the same place, or be the longest, or the shortest."""

QUIZ = (
    Question("Which?", (Choice("this", "It is not.", right=False), Choice("that", "It is.", right=True))),
    Question("Who?", (Choice("she", "She is.", right=True), Choice("he", "He is not."))),
)


@pytest.fixture(params=ASKED.values(), ids=list(ASKED))
def question(request: pytest.FixtureRequest) -> Question:
    return request.param  # type: ignore[no-any-return]


def right(question: Question) -> Choice:
    return next(choice for choice in question.choices if choice.right)


def names_of_labs(lesson: str) -> list[str]:
    return re.findall(r'^lab = Lab\("(\w+)"', code(lesson), re.MULTILINE)


def code(lesson: str) -> str:
    notebook = nbformat.read(NOTEBOOKS / lesson, as_version=4)  # type: ignore[no-untyped-call]
    return "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")


def share(is_so: Callable[[Question], bool]) -> float:
    return sum(map(is_so, ASKED.values())) / len(ASKED)


def test_each_lesson_asks_three() -> None:
    assert {len(quiz) for quiz in QUIZZES.values()} == {3}


def test_exactly_one_choice_is_right(question: Question) -> None:
    assert [choice.right for choice in question.choices].count(True) == 1
    assert 3 <= len(question.choices) <= len(LETTERS)


def test_every_choice_has_a_reason_of_its_own(question: Question) -> None:
    reasons = [choice.why for choice in question.choices]
    assert all(why.endswith((".", ".)")) for why in reasons)
    assert len({why.casefold() for why in reasons}) == len(reasons)
    assert len({choice.text.casefold() for choice in question.choices}) == len(question.choices)


def test_a_question_asks(question: Question) -> None:
    assert question.text.endswith("?")
    assert not [choice.text for choice in question.choices if choice.text.endswith(".")]


def test_texts_are_plain_and_on_one_line(question: Question) -> None:
    texts = [question.text, *(text for choice in question.choices for text in (choice.text, choice.why))]
    # Backticks, asterisks for emphasis and mark-up would show as they are. A topic's '*' and '#' stand in quotes.
    assert not [text for text in texts if re.search(r"[`<>\n]|\*\*|  ", text)]


def test_no_question_is_asked_twice() -> None:
    assert len({question.text for question in ASKED.values()}) == len(ASKED)


def test_the_place_of_the_right_choice_gives_nothing_away() -> None:
    letters = Counter(
        letter for question in ASKED.values() for letter, choice in question.lettered.items() if choice.right
    )
    assert set(letters) == set(LETTERS)
    assert max(letters.values()) <= MOST * len(ASKED)
    for quiz in QUIZZES.values():
        assert len({question.choices.index(right(question)) for question in quiz}) > 1


@pytest.mark.parametrize("extreme", [max, min])
def test_the_length_of_the_right_choice_gives_nothing_away(extreme: Callable[..., int]) -> None:
    def is_it(question: Question) -> bool:
        return len(right(question).text) == extreme(len(choice.text) for choice in question.choices)

    assert 0 < share(is_it) <= MOST


@pytest.mark.parametrize("lesson", LESSONS)
def test_each_lesson_has_a_quiz_under_the_name_of_its_lab(lesson: str) -> None:
    names = names_of_labs(lesson)
    assert len(names) == 1
    assert names[0] in QUIZZES


def test_each_quiz_has_a_lesson_and_the_order_is_the_lessons() -> None:
    assert list(QUIZZES) == [names_of_labs(lesson)[0] for lesson in LESSONS]


@pytest.mark.parametrize("lesson", LESSONS)
def test_each_lesson_shows_its_quiz_once(lesson: str) -> None:
    assert code(lesson).splitlines().count(CELL) == 1


def test_questions_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        QUIZ[0].text = "other"  # type: ignore[misc]


def test_a_lab_of_another_name_is_told_which_there_are() -> None:
    with pytest.raises(FanoutError, match="There is no quiz for the lab 'homework'") as told:
        questions("homework")
    assert all(name in str(told.value) for name in QUIZZES)


def test_an_answer_is_judged_with_its_reason_and_the_score() -> None:
    attempt = Attempt(QUIZ)
    assert repr(attempt.answer(1, "a")) == "Question 1: a is not right.\nIt is not.\n0 of 2 right"
    assert repr(attempt.answer(1, "b")) == "Question 1: b is right.\nIt is.\n1 of 2 right"
    assert attempt.answer(2, "a").score == "2 of 2 right"
    assert attempt.answers(1) == ("a", "b")


def test_what_was_right_once_stays_right_and_counts_once() -> None:
    attempt = Attempt(QUIZ)
    attempt.answer(1, "b")
    attempt.answer(1, "b")
    assert attempt.answer(1, "a").right is False
    assert attempt.score == "1 of 2 right"


@pytest.mark.parametrize("number", [0, 3, -1, True, "1", None, 1.0])
def test_a_question_that_there_is_not_is_told(number: object) -> None:
    attempt = Attempt(QUIZ)
    with pytest.raises(FanoutError, match="Give its number, 1 to 2"):
        attempt.answer(number, "a")  # type: ignore[arg-type]
    assert attempt.answers(1) == attempt.answers(2) == ()


@pytest.mark.parametrize("letter", ["c", "ab", "", "A", 1, None, ["a"]])
def test_a_choice_that_there_is_not_is_told(letter: object) -> None:
    attempt = Attempt(QUIZ)
    with pytest.raises(FanoutError, match="Give one of a, b"):
        attempt.answer(1, letter)  # type: ignore[arg-type]
    assert attempt.answers(1) == ()


def test_printed_are_questions_and_choices_and_no_reason() -> None:
    assert repr(Attempt(QUIZ)) == "1. Which?\n   a) this\n   b) that\n\n2. Who?\n   a) she\n   b) he"


@pytest.mark.parametrize("lesson", QUIZZES)
def test_printed_says_all_of_a_quiz_in_short_lines_whatever_was_answered(lesson: str) -> None:
    attempt = Attempt(QUIZZES[lesson])
    printed = repr(attempt)
    assert max(map(len, printed.splitlines())) <= 100
    in_one_line = " ".join(printed.split())
    for question in QUIZZES[lesson]:
        assert question.text in in_one_line
        assert all(f"{letter}) {choice.text}" in in_one_line for letter, choice in question.lettered.items())
        assert not [choice.why for choice in question.choices if choice.why in in_one_line]
    attempt.answer(1, "a")
    assert repr(attempt) == printed
