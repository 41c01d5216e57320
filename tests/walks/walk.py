"""What a learner does in a lesson that is open in JupyterLab: reads, runs cells, presses, types, looks."""

import contextlib
from collections.abc import Iterator

from playwright.sync_api import Locator, expect

from tests.jupyter import NotebookPage
from tests.walks.board import BoardOnPage
from tests.walks.quiz import QuizOnPage
from tests.walks.sentences import lesson_texts, plain

_RUN_MILLISECONDS = 90_000

# A cell's own mark, by which it is found wherever it is scrolled; pages attach only cells that are in sight.
_NAME_CELLS = """() => {
    for (const cell of window.jupyterapp.shell.currentWidget.content.widgets)
        cell.node.dataset.cell = cell.model.id;
}"""
_INTO_SIGHT = """async (id) => {
    const notebook = window.jupyterapp.shell.currentWidget.content;
    await notebook.scrollToItem(notebook.widgets.findIndex((cell) => cell.model.id === id));
}"""
# A kernel that was restarted counts from 1: the number that a cell had may come again.
_FORGET_COUNT = """(id) => {
    const notebook = window.jupyterapp.shell.currentWidget.content;
    notebook.widgets.find((cell) => cell.model.id === id).model.executionCount = null;
}"""
_HAS_RUN = """(id) => {
    const notebook = window.jupyterapp.shell.currentWidget.content;
    return notebook.widgets.find((cell) => cell.model.id === id).model.executionCount !== null;
}"""
# Of the notebook and not of the page, which draws what it was told some time later.
_ERRORS = """(id) => {
    const notebook = window.jupyterapp.shell.currentWidget.content;
    const { outputs } = notebook.widgets.find((cell) => cell.model.id === id).model;
    return outputs.toJSON().filter((output) => output.output_type === "error").map(({ ename }) => ename);
}"""
_SOURCE = """(id) => {
    const notebook = window.jupyterapp.shell.currentWidget.content;
    return notebook.widgets.find((cell) => cell.model.id === id).model.sharedModel.getSource();
}"""
_CODE_CELLS = """() => window.jupyterapp.shell.currentWidget.content.widgets
    .filter((cell) => cell.model.type === "code").map((cell) => cell.model.id)"""


class Walk:
    """A learner's way through one lesson, which begins where the lesson does: nothing run, nothing filled in."""

    def __init__(self, notebook: NotebookPage, lesson: str) -> None:
        self.lesson = lesson
        self.notebook = notebook
        self.page = notebook.page
        self._texts = lesson_texts(lesson)
        self._ran: set[str] = set()
        self.page.evaluate(_NAME_CELLS)

    @contextlib.contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Take a step that the lesson's table names; a failure says in which one it was."""
        try:
            yield
        except Exception as error:
            error.add_note(f"in the step {name!r} of {self.lesson}")
            raise

    def finish(self) -> None:
        """Fail if a cell of code was never run."""
        assert [cell for cell in self.page.evaluate(_CODE_CELLS) if cell not in self._ran] == []

    def says(self, cell: str, text: str) -> str:
        """Return a part of the lesson's text, which must stand in that cell."""
        assert plain(text) in plain(self._texts[cell]), f"{cell} of {self.lesson} does not say: {text}"
        return text

    def text(self, cell: str) -> str:
        """Return the Markdown of a text cell."""
        return self._texts[cell]

    def cell(self, cell: str) -> Locator:
        """Scroll a cell into sight and return it."""
        self.page.evaluate(_INTO_SIGHT, cell)
        return self.page.locator(f'[data-cell="{cell}"]')

    def output(self, cell: str) -> Locator:
        """Return what stands below a cell of code."""
        return self.cell(cell).locator(".jp-Cell-outputWrapper")

    def expect_printed(self, cell: str, *texts: str) -> None:
        """Compare what a cell shows with what the text says."""
        for text in texts:
            expect(self.output(cell)).to_contain_text(text, use_inner_text=True)

    def run(self, cell: str) -> None:
        """Click a cell (the bar of a folded one) and press Shift+Enter; waits until it has run, whatever it raises."""
        self.start(cell)
        self.wait_until_run(cell)

    def start(self, cell: str) -> None:
        """Run a cell without waiting for its end."""
        self._focus(cell)
        self.page.evaluate(_FORGET_COUNT, cell)
        self.page.keyboard.press("Shift+Enter")
        self._ran.add(cell)

    def wait_until_run(self, cell: str) -> None:
        """Wait for the end of a cell that was started."""
        self.page.wait_for_function(_HAS_RUN, arg=cell, timeout=_RUN_MILLISECONDS)

    def run_quietly(self, *cells: str) -> None:
        """Run cells one after the other, none of which may raise an error."""
        for cell in cells:
            self.run(cell)
            assert (cell, self.page.evaluate(_ERRORS, cell)) == (cell, [])

    def write(self, cell: str, code: str) -> None:
        """Type into a cell, over what stood in it."""
        self._focus(cell)
        self.page.keyboard.press("ControlOrMeta+a")
        # Typed by keys, brackets would close themselves and lines indent themselves twice.
        self.page.keyboard.insert_text(code)

    def change(self, cell: str, old: str, new: str) -> None:
        """Change a part of a cell's code."""
        source = self.page.evaluate(_SOURCE, cell)
        assert old in source
        self.write(cell, source.replace(old, new))

    def board(self, cell: str) -> BoardOnPage:
        """Return the board that a cell shows."""
        return BoardOnPage(self.output(cell))

    def quiz(self, cell: str = "quiz") -> QuizOnPage:
        """Return the quiz that a cell shows."""
        return QuizOnPage(self.output(cell))

    def choose(self, *path: str) -> None:
        """Choose from JupyterLab's menu: ``choose("File", "New", "Terminal")``."""
        self.page.locator("#jp-MainMenu").get_by_text(path[0], exact=True).click()
        for part in path[1:-1]:
            self.page.locator(".lm-Menu-item").get_by_text(part, exact=True).hover()
        self.page.locator(".lm-Menu-item").get_by_text(path[-1], exact=True).click()

    def open_terminal(self) -> None:
        """Open a terminal as the lessons say: *File → New → Terminal*."""
        self.choose("File", "New", "Terminal")
        self.page.locator(".jp-Terminal .xterm-screen").last.wait_for()

    def back_to_lesson(self) -> None:
        """Go back from a terminal to the notebook."""
        self.page.get_by_role("tab", name=f"{self.lesson}.ipynb").click()
        self.page.evaluate(_NAME_CELLS)

    def reload(self) -> None:
        """Save, and reload the page; the kernel lives on."""
        self.notebook.reload()
        self.page.evaluate(_NAME_CELLS)

    def rename_file(self, old: str, new: str) -> None:
        """Rename a file in the list on the left, by the menu of a right click."""
        files = self.page.locator(".jp-DirListing-content")
        files.get_by_text(old, exact=True).click(button="right")
        self.page.locator(".lm-Menu-item").get_by_text("Rename", exact=True).click()
        editor = files.locator("input.jp-DirListing-editor")
        editor.fill(new)
        editor.press("Enter")
        files.get_by_text(new, exact=True).wait_for()

    def confirm(self) -> None:
        """Answer JupyterLab's question whether it shall do what was chosen."""
        self.page.locator(".jp-Dialog .jp-mod-accept").click()

    def select(self, cell: str) -> None:
        """Click into a cell without running it."""
        self._focus(cell)

    def _focus(self, cell: str) -> None:
        found = self.cell(cell)
        found.locator(".jp-Placeholder-content, .cm-content").first.click()
