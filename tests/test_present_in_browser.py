"""``fanout lab --present`` in a real JupyterLab, at the size of a projector, beside the ordinary one."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.jupyter import JupyterServer, NotebookPage, clean_page, write_notebook

ROOT = Path(__file__).resolve().parents[1]
ARTIFACTS = ROOT / "artifacts"
PROJECTOR = {"width": 1280, "height": 720}
LARGER = 1.3
THEMES = "@jupyterlab/apputils-extension/themes.jupyterlab-settings"


@dataclass(frozen=True)
class Look:
    """How large a lesson is, in CSS pixels, and what is beside it."""

    code: float
    text: float
    menu: float
    board_is_large: bool
    has_sidebar: bool
    theme: str | None


class Person:
    """Somebody with JupyterLab settings of their own, who opens the course now and again."""

    def __init__(self, home: Path, browser: Browser) -> None:
        self.home = home
        self._browser = browser
        self._visits = 0
        self.course = home / "course"
        shutil.copytree(ROOT / "notebooks", self.course / "notebooks")
        themes = home / "settings" / THEMES
        themes.parent.mkdir(parents=True)
        themes.write_text('{\n  // Theme\n  "theme": "JupyterLab Dark", "overrides": {"code-font-size": "12px"}\n}')
        for directory in ("workspaces", "tmp"):
            (home / directory).mkdir()

    @contextmanager
    def opens(self, *arguments: str, notebook: str = "") -> Iterator[NotebookPage]:
        """Runs ``fanout lab`` and opens what it opens, or a notebook."""
        self._visits += 1
        command = ("-m", "fanout_helpers", "lab", *arguments)
        with (
            JupyterServer(self.course, self.home / f"jupyter-{self._visits}", command) as server,
            clean_page(self._browser, PROJECTOR["width"], PROJECTOR["height"]) as page,
        ):
            opened = NotebookPage(page)
            opened.open(f"{server.url}{notebook and f'lab/tree/{notebook}'}?token={server.token}")
            yield opened

    def files(self) -> dict[str, bytes]:
        """What there is of this person's settings, workspaces and temporary files."""
        places = [self.home / name for name in ("settings", "workspaces", "tmp")]
        files = [file for place in places for file in place.rglob("*") if file.is_file()]
        return {str(file.relative_to(self.home)): file.read_bytes() for file in files}


@pytest.fixture
def person(tmp_path: Path, browser: Browser, classroom: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Person:
    made = Person(tmp_path, browser)
    places = {"JUPYTERLAB_SETTINGS_DIR": "settings", "JUPYTERLAB_WORKSPACES_DIR": "workspaces", "TMPDIR": "tmp"}
    for name, value in {**classroom, **{name: str(tmp_path / place) for name, place in places.items()}}.items():
        monkeypatch.setenv(name, value)
    return made


def size(locator: Locator) -> float:
    return float(locator.evaluate("(element) => parseFloat(getComputedStyle(element).fontSize)"))


def look(lesson: NotebookPage) -> Look:
    lesson.run_all()
    expect(lesson.cells.locator(".fanout-board")).to_be_visible()
    return Look(
        code=size(lesson.cells.locator(".jp-CodeCell .cm-content").first),
        text=size(lesson.cells.locator(".jp-RenderedMarkdown p").first),
        menu=size(lesson.page.get_by_role("menuitem", name="Kernel", exact=True)),
        board_is_large=lesson.cells.locator(".fanout-board.fanout-large").count() == 1,
        has_sidebar=lesson.page.locator("#jp-left-stack").is_visible(),
        theme=lesson.page.locator("body").get_attribute("data-jp-theme-name"),
    )


def test_everything_is_larger_and_nothing_is_left_of_it(person: Person) -> None:
    before = person.files()
    with person.opens("--present") as lesson:
        presented = look(lesson)
        lesson.command("docmanager:save")
        # What a person changes before a class, they do not change for the next time.
        lesson.enlarge_code()
        lesson.set_theme("light")
    assert person.files() == before
    with person.opens() as lesson:
        ordinary = look(lesson)
    assert presented.code >= LARGER * ordinary.code
    assert presented.text >= LARGER * ordinary.text
    assert presented.menu > ordinary.menu
    assert (presented.board_is_large, ordinary.board_is_large) == (True, False)
    assert (presented.has_sidebar, ordinary.has_sidebar) == (False, True)
    assert presented.theme == ordinary.theme == "JupyterLab Dark"
    assert ordinary.code == 12


def test_a_press_is_seen_in_the_picture_and_in_the_panes_at_once(person: Person) -> None:
    with person.opens("--present") as lesson:
        lesson.run_all()
        board = lesson.cells.locator(".fanout-board")
        for text in ("one", "two", "the disk is nearly full"):
            board.get_by_role("textbox", name="Message").fill(text)
            board.get_by_role("button", name="Warning", exact=True).click()
        newest = board.locator(".fanout-log").get_by_text("the disk is nearly full")
        expect(newest).to_have_count(3)
        board.evaluate("(board) => board.scrollIntoView({block: 'start'})")
        lesson.page.screenshot(path=ARTIFACTS / "present.png", animations="disabled")
        for part in (board.get_by_role("button", name="Present"), board.locator(".fanout-picture"), *newest.all()):
            expect(part).to_be_in_viewport(ratio=1)


def test_80_columns_of_code_fit_and_longer_lines_are_wrapped(person: Person) -> None:
    write_notebook(person.course / "notebooks" / "wide.ipynb", "#", "#" * 80, "# " * 80)
    with person.opens("--present", notebook="wide.ipynb") as lesson:
        lines = lesson.cells.locator(".cm-line")
        expect(lines).to_have_count(3)
        short, fitting, long = lines.evaluate_all("(lines) => lines.map((line) => line.offsetHeight)")
        assert short == fitting < long
        widths = "(all) => all.map((each) => each.scrollWidth - each.clientWidth)"
        assert lesson.cells.locator(".cm-scroller").evaluate_all(widths) == [0, 0, 0]
