"""A quiz on the page, answered as a learner does."""

from playwright.sync_api import Locator, expect

from fanout_helpers.quizzes.question import Question


class QuizOnPage:
    """A quiz below a cell."""

    def __init__(self, output: Locator) -> None:
        self.root = output.get_by_test_id("quiz")

    def choose(self, number: int, letter: str) -> None:
        """Choose an answer of a question."""
        self.root.get_by_test_id(f"question-{number}").get_by_role("radio", name=f"{letter})").check()

    def check(self, number: int) -> None:
        """Press a question's *Check*."""
        self.root.get_by_role("button", name=f"Check question {number}").click()

    def verdict(self, number: int) -> Locator:
        """Return what is said of an answer."""
        return self.root.get_by_test_id(f"verdict-{number}")

    def answer(self, questions: tuple[Question, ...]) -> None:
        """Answer each question wrong and then right; each time it says why."""
        for number, question in enumerate(questions, 1):
            for letter, choice in sorted(question.lettered.items(), key=lambda pair: pair[1].right):
                self.choose(number, letter)
                self.check(number)
                expect(self.verdict(number)).to_contain_text(choice.why)
        expect(self.root.get_by_test_id("score")).to_have_text(f"{len(questions)} of {len(questions)} right")
