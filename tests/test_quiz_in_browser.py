"""The quiz in a real JupyterLab and in Notebook 7: answered by mouse, by keys and from a cell."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from fanout_helpers.broker.node import Node
from fanout_helpers.quizzes.attempt import Attempt
from fanout_helpers.quizzes.course import QUIZZES
from tests.jupyter import JupyterServer, NotebookPage, clean_page, write_notebook

ARTIFACTS = Path(__file__).parent.parent / "artifacts"
QUESTION = QUIZZES["bindings"][0]
RIGHT = next(letter for letter, choice in QUESTION.lettered.items() if choice.right)
WRONG = next(letter for letter, choice in QUESTION.lettered.items() if not choice.right)
CELLS = (
    'from fanout_helpers import Lab\nlab = Lab("bindings")\nquiz = lab.quiz()\nquiz',
    f'print(quiz.answer(2, "{WRONG}"))',
)
FROM_A_CELL = 1
START_MILLISECONDS = 60_000
# Of a stored widget whose kernel is gone: a page that is loaded again says so as soon as it has another kernel.
NO_MODEL = r"console: Error: widget model not found\n.*"


class QuizPage:
    """A notebook with the quiz of the lesson on bindings."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.notebook = NotebookPage(page)
        self.root = page.get_by_test_id("quiz")
        self.score = page.get_by_test_id("score")
        # JupyterLab's own names for what stands for the quiz, and not what is printed.
        self.printed = page.locator('.jp-Notebook .jp-RenderedText[data-mime-type="text/plain"]').first

    def choice(self, letter: str) -> Locator:
        """A choice of the first question."""
        group = self.root.get_by_role("group", name=QUESTION.text)
        return group.get_by_role("radio", name=f"{letter}) {QUESTION.lettered[letter].text}")

    def check(self) -> Locator:
        """What checks the first question."""
        return self.root.get_by_role("button", name="Check question 1")

    def verdict(self, number: int = 1) -> Locator:
        return self.page.get_by_test_id(f"verdict-{number}")

    def expect_live(self) -> None:
        """It is there, and its printed twin gives way to it."""
        expect(self.root.get_by_role("radio").first).to_be_visible()
        expect(self.printed).to_contain_text(f"a) {QUESTION.choices[0].text}")
        expect(self.printed).to_be_hidden()


@pytest.fixture(scope="module", params=["jupyterlab", "notebook"])
def server(
    broker: Node,  # noqa: ARG001 - it must be up
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> Iterator[JupyterServer]:
    root, scratch = tmp_path_factory.mktemp("notebooks"), tmp_path_factory.mktemp("jupyter")
    with JupyterServer(root, scratch, command=("-m", request.param)) as server:
        yield server


in_lab_only = pytest.mark.parametrize("server", ["jupyterlab"], indirect=True)


@pytest.fixture
def quiz(server: JupyterServer, browser: Browser, request: pytest.FixtureRequest) -> Iterator[QuizPage]:
    name = f"{request.function.__name__}.ipynb"
    write_notebook(server.root / name, *CELLS)
    in_lab = "notebook" not in request.node.callspec.id
    known = [NO_MODEL] if "without_a_kernel" in name else []
    with clean_page(browser, 1000, 1100, known) as page:
        quiz = QuizPage(page)
        quiz.notebook.open(server.address(name) if in_lab else f"{server.url}notebooks/{name}?token={server.token}")
        quiz.notebook.run_cell(0)
        quiz.expect_live()
        yield quiz


def test_a_wrong_choice_says_why_and_may_be_followed_by_the_right_one(quiz: QuizPage) -> None:
    quiz.choice(WRONG).check()
    expect(quiz.verdict()).to_be_empty()
    assert QUESTION.lettered[WRONG].why not in quiz.page.content()
    quiz.check().click()
    expect(quiz.verdict()).to_have_text(f"✗ {WRONG} is not right. {QUESTION.lettered[WRONG].why}")
    expect(quiz.score).to_have_text("0 of 3 right")
    quiz.choice(RIGHT).check()
    quiz.check().click()
    expect(quiz.verdict()).to_have_text(f"✓ {RIGHT} is right. {QUESTION.lettered[RIGHT].why}")
    expect(quiz.score).to_have_text("1 of 3 right")
    expect(quiz.root).to_contain_text("✗ wrong")
    expect(quiz.root).to_contain_text("✓ right")


@in_lab_only
def test_the_keyboard_is_enough_and_choosing_alone_gives_nothing_away(quiz: QuizPage) -> None:
    letters = list(QUESTION.lettered)
    quiz.choice("a").focus()
    quiz.page.keyboard.press("Space")
    for letter in letters[1:]:
        quiz.page.keyboard.press("ArrowDown")
        expect(quiz.choice(letter)).to_be_focused()
        expect(quiz.choice(letter)).to_be_checked()
    expect(quiz.verdict()).to_be_empty()
    quiz.page.keyboard.press("Enter")
    expect(quiz.verdict()).to_contain_text(QUESTION.lettered[letters[-1]].why)
    for _ in range(letters.index(letters[-1]) - letters.index(RIGHT)):
        quiz.page.keyboard.press("ArrowUp")
    expect(quiz.choice(RIGHT)).to_be_checked()
    quiz.page.keyboard.press("Tab")
    expect(quiz.check()).to_be_focused()
    quiz.page.keyboard.press("Space")
    expect(quiz.verdict()).to_contain_text(f"✓ {RIGHT} is right.")
    expect(quiz.check()).to_be_focused()


@in_lab_only
def test_nothing_chosen_is_told(quiz: QuizPage) -> None:
    quiz.check().click()
    expect(quiz.verdict()).to_have_text("Choose an answer first.")
    expect(quiz.score).to_have_text("0 of 3 right")


@in_lab_only
def test_a_cells_answer_shows_on_the_page_and_leaves_other_ticks_alone(quiz: QuizPage) -> None:
    quiz.choice(WRONG).check()
    quiz.check().click()
    expect(quiz.verdict()).not_to_be_empty()
    quiz.choice(RIGHT).check()
    quiz.notebook.run_cell(FROM_A_CELL)
    expect(quiz.verdict(2)).to_contain_text(f"✗ {WRONG} is not right.")
    expect(quiz.page.get_by_test_id("question-2").get_by_role("radio", checked=True)).to_have_value(WRONG)
    expect(quiz.choice(RIGHT)).to_be_checked()
    expect(quiz.verdict()).to_contain_text(f"✗ {WRONG} is not right.")


def test_a_reloaded_page_shows_what_was_answered(quiz: QuizPage) -> None:
    quiz.choice(RIGHT).check()
    quiz.check().click()
    expect(quiz.score).to_have_text("1 of 3 right")
    quiz.notebook.reload()
    quiz.expect_live()
    expect(quiz.choice(RIGHT)).to_be_checked()
    expect(quiz.verdict()).to_contain_text(QUESTION.lettered[RIGHT].why)
    expect(quiz.score).to_have_text("1 of 3 right")


def test_without_a_kernel_there_are_the_questions_and_no_answer(quiz: QuizPage, server: JupyterServer) -> None:
    quiz.notebook.command("docmanager:save")
    quiz.notebook.shut_down_kernel()
    expect(quiz.page.get_by_test_id("quiz-disconnected")).to_contain_text("Disconnected from the kernel")
    expect(quiz.check()).to_be_disabled()
    quiz.page.reload()
    expect(quiz.printed).to_be_visible(timeout=START_MILLISECONDS)
    expect(quiz.printed).to_have_text(f"Run this cell, and you can answer here.\n\n{Attempt(QUIZZES['bindings'])!r}")
    stored = next(server.root.glob("*without_a_kernel*.ipynb")).read_text(encoding="utf-8")
    assert QUESTION.choices[0].text in stored
    assert not [choice.why for choice in QUESTION.choices if choice.why in stored]


@in_lab_only
def test_axe_finds_nothing(quiz: QuizPage) -> None:
    quiz.choice(WRONG).check()
    quiz.check().click()
    expect(quiz.verdict()).not_to_be_empty()
    quiz.choice(RIGHT).check()
    quiz.check().click()
    expect(quiz.verdict()).to_contain_text(f"✓ {RIGHT} is right.")
    quiz.notebook.run_cell(FROM_A_CELL)
    for theme in ("light", "dark"):
        quiz.notebook.set_theme(theme)
        quiz.page.wait_for_timeout(1500)  # colours fade from one theme to the other
        quiz.notebook.screenshot(ARTIFACTS / f"quiz-{theme}.png")
        results = Axe().run(quiz.page, ".fanout-quiz")
        assert results.response["passes"]
        assert results.violations_count == 0, results.generate_report()
