"""The quizzes of all lessons, by the names of their labs."""

from collections.abc import Mapping

from fanout_helpers.errors import FanoutError
from fanout_helpers.quizzes import (
    bindings,
    default_exchange,
    errors,
    exchanges,
    listing,
    publish_subscribe,
    start_here,
    temporary_queues,
    when_things_break,
)
from fanout_helpers.quizzes.question import Questions

QUIZZES: Mapping[str, Questions] = {
    "start_here": start_here.QUESTIONS,
    "exchanges": exchanges.QUESTIONS,
    "default_exchange": default_exchange.QUESTIONS,
    "temporary_queues": temporary_queues.QUESTIONS,
    "bindings": bindings.QUESTIONS,
    "publish_subscribe": publish_subscribe.QUESTIONS,
    "listing": listing.QUESTIONS,
    "errors": errors.QUESTIONS,
    "when_things_break": when_things_break.QUESTIONS,
}
"""In the order of the lessons."""


def questions(lesson: str) -> Questions:
    """Finds the quiz of a lesson.

    Raises:
        FanoutError: There is none.
    """
    if lesson not in QUIZZES:
        raise FanoutError(
            f"There is no quiz for the lab {lesson!r}.",
            cause=f"There are quizzes for: {', '.join(QUIZZES)}.",
            next_step=f'Make the lab of one of these lessons, as in Lab("{next(iter(QUIZZES))}").',
        )
    return QUIZZES[lesson]
