"""The quiz as a widget, without a browser: what the page gets to know, and when."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from fanout_helpers import Lab
from fanout_helpers.broker.node import Node
from fanout_helpers.errors import FanoutError
from fanout_helpers.quizzes.attempt import Attempt
from fanout_helpers.quizzes.course import QUIZZES
from fanout_helpers.quizzes.question import Choice, Question
from fanout_helpers.views import beside
from fanout_helpers.views import quiz as quiz_module
from fanout_helpers.views.quiz import Quiz

STATIC = Path(quiz_module.__file__).parent / "static"
VIEW = "application/vnd.jupyter.widget-view+json"
QUESTIONS = (
    Question("Which?", (Choice("this", "Reason one."), Choice("that", "Reason two.", right=True))),
    Question("Who?", (Choice("she", "Reason three.", right=True), Choice("he", "Reason four."))),
)


@pytest.fixture
def quiz() -> Quiz:
    return Quiz(QUESTIONS)


@pytest.fixture
def lab(broker: Node) -> Iterator[Lab]:
    with Lab("bindings") as made:
        assert made.address.port == broker.address.port
        yield made


def on_page(quiz: Quiz) -> dict[str, Any]:
    state: dict[str, Any] = json.loads(json.dumps(quiz.state(["printed", "score", "questions"])))
    return state


def press(quiz: Quiz, content: dict[str, Any]) -> None:
    """What the page sends when Check is pressed."""
    quiz._handle_custom_msg(content, [])


def test_begins_with_nothing_answered_and_nothing_given_away(quiz: Quiz) -> None:
    page = on_page(quiz)
    assert page["score"] == "0 of 2 right"
    assert page["questions"][0] == {
        "text": "Which?",
        "choices": [{"letter": "a", "text": "this", "mark": ""}, {"letter": "b", "text": "that", "mark": ""}],
        "chosen": "",
        "why": "",
    }
    assert "Reason" not in json.dumps(page)


@pytest.mark.parametrize("lesson", QUIZZES)
def test_what_the_page_gets_is_the_same_wherever_the_right_choice_is(lesson: str) -> None:
    turned = tuple(
        Question(question.text, tuple(Choice(choice.text, "No.", right=not place) for place, choice in numbered))
        for question in QUIZZES[lesson]
        for numbered in [list(enumerate(question.choices))]
    )
    assert on_page(Quiz(QUIZZES[lesson])) == on_page(Quiz(turned))


def test_the_page_learns_of_the_choice_that_was_made_and_of_no_other(quiz: Quiz) -> None:
    press(quiz, {"question": 1, "letter": "a"})
    page = on_page(quiz)
    assert [choice["mark"] for choice in page["questions"][0]["choices"]] == ["wrong", ""]
    assert (page["questions"][0]["chosen"], page["questions"][0]["why"]) == ("a", "Reason one.")
    assert json.dumps(page).count("Reason") == 1
    press(quiz, {"question": 1, "letter": "b"})
    page = on_page(quiz)
    assert [choice["mark"] for choice in page["questions"][0]["choices"]] == ["wrong", "right"]
    assert (page["questions"][0]["chosen"], page["questions"][0]["why"]) == ("b", "Reason two.")
    assert page["score"] == "1 of 2 right"
    assert page["questions"][1]["chosen"] == ""


def test_a_cell_answers_as_the_page_does(quiz: Quiz) -> None:
    other = Quiz(QUESTIONS)
    press(other, {"question": 2, "letter": "a"})
    assert repr(quiz.answer(2, "a")) == "Question 2: a is right.\nReason three.\n1 of 2 right"
    assert on_page(quiz) == on_page(other)


def test_what_there_is_not_is_told_and_changes_nothing(quiz: Quiz) -> None:
    before = on_page(quiz)
    with pytest.raises(FanoutError, match="Give its number, 1 to 2"):
        quiz.answer(3, "a")
    assert on_page(quiz) == before


def test_answers_from_many_threads_all_count() -> None:
    quiz = Quiz(QUESTIONS * 20)
    with ThreadPoolExecutor(8) as pool:
        for number in range(1, 41):
            pool.submit(quiz.answer, number, "ab"[number % 2])
    assert on_page(quiz)["score"] == "40 of 40 right"
    assert all(question["why"] for question in on_page(quiz)["questions"])


def test_prints_the_same_questions_before_and_after_answers(quiz: Quiz) -> None:
    printed = repr(quiz)
    assert printed == on_page(quiz)["printed"] == f"Run this cell, and you can answer here.\n\n{Attempt(QUESTIONS)!r}"
    quiz.answer(1, "b")
    assert repr(quiz) == printed


def test_shows_the_printed_questions_first_and_then_nothing_but_the_view(
    quiz: Quiz, monkeypatch: pytest.MonkeyPatch
) -> None:
    displayed: list[dict[str, Any]] = []
    monkeypatch.setattr(beside, "display", lambda data, *, raw: displayed.append(data) if raw else None)
    quiz._ipython_display_()
    printed, view = displayed
    assert printed == {"text/plain": repr(quiz)}
    assert set(view) == {VIEW}


def test_the_page_makes_text_and_nothing_else() -> None:
    script = (STATIC / "quiz.js").read_text(encoding="utf-8")
    assert not [word for word in ("innerHTML", "insertAdjacentHTML", "outerHTML", "http") if word in script]


def test_a_lab_has_the_quiz_of_its_lesson_and_each_begins_anew(lab: Lab) -> None:
    first, second = lab.quiz(), lab.quiz()
    assert repr(first).endswith(repr(Attempt(QUIZZES["bindings"])))
    first.answer(1, "a")
    assert on_page(second)["questions"][0]["chosen"] == ""


def test_a_lab_of_another_name_says_which_quizzes_there_are(broker: Node) -> None:
    with Lab("homework") as lab:
        assert lab.address.port == broker.address.port
        with pytest.raises(FanoutError, match="bindings"):
            lab.quiz()
