"""Every sentence of a lesson that tells a learner to do something has its place in the walk, and none is stale."""

import ast

import pytest

from tests.comparison import LESSONS
from tests.walks.sentences import is_order, lesson_texts, plain, sentences
from tests.walks.table import HERE, entries, steps_of_text, steps_of_walk, unmapped

STEMS = [lesson.removesuffix(".ipynb") for lesson in LESSONS]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Press *Check*.", True),
        ("**Press `Info`, `Warning` and `Error`**, then wait.", True),
        ("To predict honestly, choose *Edit → Clear Outputs of All Cells* first.", True),
        ("In a terminal: run `fanout doctor`.", True),
        ("(To keep it in view, right-click it.)", True),
        ("If it stays so, run the cells again.", True),
        ("Do not choose *Run All Cells*.", True),
        ("It falls off, and then press it again.", True),
        ("Each press publishes *one* message.", False),
        ("The list has the latest messages.", False),
        ("All three queues, both times.", False),
    ],
)
def test_an_order_is_told_from_what_is_none(text: str, *, found: bool) -> None:
    assert is_order(text) is found


def test_sentences_of_paragraphs_lists_and_tables() -> None:
    text = """# Press nothing here

**Press it.** Then look
at it.

- Choose one. (Or two.)
- None

| see | do |
|---|---|
| it | Run it. |

```python
Run = 1
```
<details><summary>Compare</summary>

Zero: it is lost.

</details>
"""
    expected = ["**Press it.**", "Then look at it.", "Choose one.", "(Or two.)", "None", "see", "do", "it", "Run it."]
    assert list(sentences(text)) == [*expected, "Compare", "Zero: it is lost."]


def test_each_lesson_has_a_table_and_a_walk_and_none_is_of_another() -> None:
    assert STEMS
    assert sorted(path.stem for path in HERE.glob("[0-9][0-9]_*.toml")) == STEMS
    assert sorted(path.stem.removeprefix("test_") for path in HERE.glob("test_[0-9][0-9]_*.py")) == STEMS


@pytest.mark.parametrize("lesson", STEMS)
def test_a_walk_has_run_every_cell_of_its_lesson_when_it_ends(lesson: str) -> None:
    walked = ast.parse((HERE / f"test_{lesson}.py").read_text(encoding="utf-8")).body
    tests = [one for one in walked if isinstance(one, ast.FunctionDef) and one.name.startswith("test_")]
    assert "walk.finish()" in [ast.unparse(test.body[-1]) for test in tests]


@pytest.mark.parametrize("lesson", STEMS)
def test_each_order_of_a_lesson_is_mapped(lesson: str) -> None:
    assert unmapped(lesson) == []


@pytest.mark.parametrize("lesson", STEMS)
def test_no_entry_is_stale(lesson: str) -> None:
    texts = lesson_texts(lesson)
    assert [entry for entry in entries(lesson) if plain(entry.text) not in plain(texts.get(entry.cell, ""))] == []


@pytest.mark.parametrize("lesson", STEMS)
def test_entries_stand_once_and_in_the_order_of_the_text(lesson: str) -> None:
    texts = {cell: plain(text) for cell, text in lesson_texts(lesson).items()}
    order = list(texts)
    places = [(order.index(entry.cell), texts[entry.cell].find(plain(entry.text))) for entry in entries(lesson)]
    assert places == sorted(places)
    assert len({entry.sentence for entry in entries(lesson)}) == len(places)


@pytest.mark.parametrize("lesson", STEMS)
def test_each_has_either_a_step_or_a_reason(lesson: str) -> None:
    assert [entry for entry in entries(lesson) if bool(entry.step) == bool(entry.reading)] == []


@pytest.mark.parametrize("lesson", STEMS)
def test_the_walk_has_the_steps_of_the_text_and_in_its_order(lesson: str) -> None:
    told, walked = steps_of_text(lesson), steps_of_walk(lesson)
    assert sorted(told) == sorted(walked)
    moved = {entry.step for entry in entries(lesson) if entry.moved}
    assert [step for step in told if step not in moved] == [step for step in walked if step not in moved]
