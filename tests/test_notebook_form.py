"""The form of the lessons: links that lead somewhere, short cells, one title each, named code and pictures."""

import re
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest
from nbconvert.exporters import ScriptExporter

from fanout_helpers.model import BOARD_QUEUE
from tests.comparison import LESSONS, NOTEBOOKS

LINK = re.compile(r"\[([^\]]+)\]\((?:\.\./notebooks/)?(\d\d_\w+\.ipynb)\)")
ANY_LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)")
FENCE = re.compile(r"^ *```(.*)$", re.MULTILINE)
IMAGE = re.compile(r"!\[[^\]]*\]\(|<img\b[^>]*>|<svg xmlns[^>]*>.{0,8}")
NAMED = re.compile(r"""!\[[^\]]+\]|\balt="[^"]+"|<title>""")
# A page, and perhaps a heading in it; /docs redirects what was moved, so no version is named.
DOCUMENTATION = re.compile(
    r"https://(www\.rabbitmq\.com/(docs|tutorials)/([a-z0-9-]+|man/[a-z-]+\.\d)|pika\.readthedocs\.io/en/stable/[\w/]+\.html)(#[a-z0-9-]+)?"
)
# What the instructor's guide says of one lesson: [title](file) (minutes), and then what it names in it.
PART = re.compile(
    r"^### \[[^\]]+\]\(\.\./notebooks/(\d\d_\w+\.ipynb)\) \((\d+)(?: \+ (\d+))? minutes\)\n(.*?)(?=^##)",
    re.MULTILINE | re.DOTALL,
)
SECTION = re.compile(r"section (\d, )?\*([^*]+)\*")
EXERCISE = re.compile(r"[Ee]xercise (\d), \*([^*]+)\*")
CONSUME = re.compile(r"\.(?:consume|start_consuming)\(.*")
BEGINNING = re.compile(r"that begins `([^`]+)`")
PREDICT = "**Predict:**"
FOLD = "<details><summary>Compare with your prediction</summary>\n\n"
# Those that ask for predictions and have been looked through for it.
FOLDED = LESSONS[1:]
ERRORS = "table_of_errors.ipynb"
LONGEST = 15
# JupyterLab shows the first line of a folded cell, and does not break it.
BAR = 32
MOST = 50
MINUTES = re.compile(r"^\*Takes (\d+) minutes(?:, the exercises (\d+) more)? ·", re.MULTILINE)


def sources(lesson: str, kind: str) -> list[str]:
    notebook = nbformat.read(NOTEBOOKS / lesson, as_version=4)  # type: ignore[no-untyped-call]
    return [str(cell.source) for cell in notebook.cells if cell.cell_type == kind]


def titles(lesson: str) -> list[str]:
    return [line[2:] for text in sources(lesson, "markdown") for line in text.splitlines() if line.startswith("# ")]


def test_lessons_are_numbered_without_a_gap() -> None:
    assert [lesson[:2] for lesson in LESSONS] == [f"{number:02}" for number in range(len(LESSONS))]


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_bar_of_a_folded_cell_is_not_wider_than_a_narrow_page(lesson: str) -> None:
    notebook = nbformat.read(NOTEBOOKS / lesson, as_version=4)  # type: ignore[no-untyped-call]
    folded = [cell for cell in notebook.cells if cell.metadata.get("jupyter", {}).get("source_hidden")]
    assert [cell.source for cell in folded if len(cell.source.splitlines()[0]) > BAR] == []


@pytest.mark.parametrize("lesson", LESSONS)
def test_each_has_one_title(lesson: str) -> None:
    assert len(titles(lesson)) == 1


@pytest.mark.parametrize("lesson", LESSONS)
def test_each_link_bears_the_title_of_the_lesson_that_it_leads_to(lesson: str) -> None:
    links = LINK.findall("\n".join(sources(lesson, "markdown")))
    assert links
    assert all([text] == titles(target) for text, target in links)


@pytest.mark.parametrize("lesson", LESSONS)
def test_each_leads_to_its_neighbours_at_its_top_and_at_its_end(lesson: str) -> None:
    place = LESSONS.index(lesson)
    neighbours = LESSONS[max(0, place - 1) : place] + LESSONS[place + 1 : place + 2]
    texts = sources(lesson, "markdown")
    assert [target for _, target in LINK.findall(texts[0])] == neighbours
    assert [target for _, target in LINK.findall(texts[-1])][-len(neighbours) :] == neighbours or place == 0


@pytest.mark.parametrize("lesson", LESSONS)
def test_each_other_link_leads_to_a_file_or_to_a_page_of_the_documentation(lesson: str) -> None:
    for target in ANY_LINK.findall("\n".join(sources(lesson, "markdown"))):
        assert DOCUMENTATION.fullmatch(target) or (NOTEBOOKS / target).is_file(), target


@pytest.mark.parametrize("lesson", LESSONS[1:])
def test_each_says_where_to_read_on(lesson: str) -> None:
    assert DOCUMENTATION.search("\n".join(sources(lesson, "markdown")))


@pytest.mark.parametrize("lesson", LESSONS)
def test_code_in_a_text_names_its_language(lesson: str) -> None:
    for text in sources(lesson, "markdown"):
        fences = [fence.strip() for fence in FENCE.findall(text)]
        assert all(fences[::2]), text
        assert not any(fences[1::2]), text


@pytest.mark.parametrize("lesson", LESSONS)
def test_each_picture_has_a_text_in_its_place(lesson: str) -> None:
    for picture in IMAGE.findall("\n".join(sources(lesson, "markdown") + pictures(lesson))):
        assert NAMED.search(picture), picture


def pictures(lesson: str) -> list[str]:
    """What is stored of pictures that cells drew."""
    notebook = nbformat.read(NOTEBOOKS / lesson, as_version=4)  # type: ignore[no-untyped-call]
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [data for output in outputs for kind, data in output.get("data", {}).items() if kind != "text/plain"]


@pytest.mark.parametrize("lesson", LESSONS)
def test_each_can_be_done_in_one_sitting(lesson: str) -> None:
    assert len(sources(lesson, "markdown") + sources(lesson, "code")) <= MOST


@pytest.mark.parametrize("lesson", LESSONS)
def test_no_cell_of_code_is_too_long_to_be_read_at_once(lesson: str) -> None:
    cells = sources(lesson, "code")
    assert cells
    assert all(len(cell.splitlines()) <= LONGEST for cell in cells)


@pytest.mark.parametrize("lesson", LESSONS)
def test_no_cell_waits_for_ever_for_a_message(lesson: str) -> None:
    """A cell that is run twice finds no message the second time."""
    calls = [call for cell in sources(lesson, "code") for call in CONSUME.findall(cell)]
    assert [call for call in calls if "inactivity_timeout=" not in call] == []


@pytest.mark.parametrize("lesson", LESSONS)
def test_outputs_can_be_cleared_before_the_first_cell_is_run(lesson: str) -> None:
    before = "".join(sources(lesson, "markdown")[: 2 if lesson == LESSONS[0] else 1])
    assert "*Edit → Clear Outputs of All Cells*" in before


@pytest.mark.parametrize("lesson", FOLDED)
def test_what_answers_a_prediction_is_folded(lesson: str) -> None:
    """The answer would stand right below the cell that is yet to be run."""
    cells = nbformat.read(NOTEBOOKS / lesson, as_version=4).cells  # type: ignore[no-untyped-call]
    asked = False
    for before, cell in pairwise(cells):
        asked = asked or PREDICT in before.source
        if asked and before.cell_type == "code" and cell.cell_type == "markdown":
            assert cell.source.startswith(FOLD), cell.id
            assert PREDICT not in cell.source.partition("</details>")[0], cell.id
            asked = False
    assert not asked


def test_the_table_of_errors_is_a_page_of_its_own_which_its_lesson_leads_to_and_which_leads_back() -> None:
    page = nbformat.read(NOTEBOOKS / ERRORS, as_version=4)  # type: ignore[no-untyped-call]
    (cell,) = page.cells
    assert cell.cell_type == "markdown"
    assert LINK.findall(cell.source) == [(titles(lesson)[0], lesson) for lesson in LESSONS if "_errors" in lesson]
    for target in ANY_LINK.findall(cell.source):
        assert DOCUMENTATION.fullmatch(target) or target in LESSONS, target
    (title,) = [line[2:] for line in cell.source.splitlines() if line.startswith("# ")]
    linked = [lesson for lesson in LESSONS if f"[{title}]({ERRORS})" in "\n".join(sources(lesson, "markdown"))]
    assert linked == [lesson for lesson in LESSONS if "_errors" in lesson]


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_that_is_handed_in_as_a_script_is_one(lesson: str) -> None:
    _, resources = ScriptExporter().from_filename(str(NOTEBOOKS / lesson))  # type: ignore[no-untyped-call]
    assert resources["output_extension"] == ".py"


def test_the_readme_lists_every_lesson_by_its_title_and_tells_how_long_it_takes() -> None:
    readme = (Path(NOTEBOOKS).parent / "README.md").read_text(encoding="utf-8")
    for lesson in LESSONS:
        taught, exercised = MINUTES.findall(sources(lesson, "markdown")[0])[0]
        minutes = f"{taught} + {exercised}" if exercised else taught
        row = rf"\| \[{re.escape(titles(lesson)[0])}\]\(notebooks/{lesson}\) \|[^|]*\| {re.escape(minutes)} minutes \|"
        assert re.search(row, readme), row


GUIDE_PAGE = NOTEBOOKS.parent / "docs" / "instructor.md"
GUIDE = GUIDE_PAGE.read_text(encoding="utf-8")
PARTS = {lesson: (minutes, more, text) for lesson, minutes, more, text in PART.findall(GUIDE)}


def test_the_guide_has_every_lesson_by_its_title() -> None:
    assert list(PARTS) == LESSONS
    assert all([text] == titles(target) for text, target in LINK.findall(GUIDE))


def test_the_guide_permits_what_boards_listen_through() -> None:
    (permissions,) = re.findall(r"set_permissions -p / .*", GUIDE)
    assert permissions.count(BOARD_QUEUE) == 3


def test_the_guide_is_not_among_the_learners_files_and_its_links_lead_somewhere() -> None:
    """It has the answers."""
    assert list(NOTEBOOKS.glob("*.md")) == []
    targets = [target.partition("#")[0] for target in ANY_LINK.findall(GUIDE)]
    assert [target for target in targets if not (GUIDE_PAGE.parent / target).is_file()] == []


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_guide_gives_the_minutes_that_the_lesson_gives(lesson: str) -> None:
    assert MINUTES.findall(sources(lesson, "markdown")[0]) == [PARTS[lesson][:2]]


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_guide_names_sections_exercises_and_cells_that_are_in_the_lesson(lesson: str) -> None:
    _, _, part = PARTS[lesson]
    lines = "\n".join(sources(lesson, "markdown")).splitlines()
    sections = [f"## {number.replace(', ', '. ')}{name}" for number, name in SECTION.findall(part)]
    assert sections
    assert [section for section in sections if section not in lines] == []
    exercises = [f"**{number}. {name}.**" for number, name in EXERCISE.findall(part)]
    assert [exercise for exercise in exercises if not any(line.startswith(exercise) for line in lines)] == []
    cells = sources(lesson, "code")
    beginnings = BEGINNING.findall(part)
    assert beginnings
    assert [begin for begin in beginnings if not any(cell.startswith(begin) for cell in cells)] == []
