"""The tests can fail: where something is broken on purpose, each lesson's comparison and the browser both see it.

``make sabotage`` runs every lesson under every sabotage that it must notice; here each lesson runs under one.
"""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from fanout_helpers.broker.node import Node
from tests.comparison import warm_pool
from tests.jupyter import JupyterServer, NotebookPage, clean_page, write_notebook
from tests.sabotage import duds, helpers, kernel, mark
from tests.sabotage.__main__ import report
from tests.sabotage.declaration import Sabotage, declared_in
from tests.sabotage.matrix import FILES, SABOTAGES, run
from tests.test_board_in_browser import SET_UP, button, expect_in_all_panes, field

DECLARED = {lesson: [sabotage for sabotage in SABOTAGES if lesson in sabotage.lessons] for lesson in FILES}
FEWEST = 3


@pytest.fixture(scope="module")
def pool() -> Iterator[Executor]:
    with warm_pool(1) as pool:
        yield pool


@pytest.mark.parametrize("lesson", FILES)
def test_every_lesson_declares_sabotages(lesson: str) -> None:
    assert len(DECLARED[lesson]) >= FEWEST, (
        f"{lesson} must turn red under {FEWEST} sabotages at least: name it in tests/sabotage, where it applies; "
        f"python -m tests.sabotage --undeclared {lesson} tells what it catches"
    )


@pytest.mark.parametrize("sabotage", SABOTAGES, ids=lambda sabotage: sabotage.name)
def test_every_sabotage_is_for_lessons_that_are_there(sabotage: Sabotage) -> None:
    assert sabotage.lessons
    assert set(sabotage.lessons) <= set(FILES)
    assert len(set(sabotage.lessons)) == len(sabotage.lessons)
    assert sabotage.what.endswith(".")


@pytest.mark.parametrize("sabotage", SABOTAGES, ids=lambda sabotage: sabotage.name)
def test_a_kernel_finds_the_sabotage(sabotage: Sabotage) -> None:
    module, _, name = sabotage.path.partition(":")
    assert getattr(import_module(module), name) is sabotage


def test_no_two_sabotages_share_a_name() -> None:
    assert set(Counter(sabotage.name for sabotage in SABOTAGES).values()) == {1}


@pytest.mark.parametrize("lesson", FILES)
def test_a_lesson_notices_what_hardly_another_one_would(lesson: str, broker: Node, pool: Executor) -> None:
    rarest = min(DECLARED[lesson], key=lambda sabotage: len(sabotage.lessons))
    outcome = run(rarest, lesson, broker, pool)
    assert outcome.good, f"{outcome.told}\n{outcome.output}"


def test_a_table_without_holes_is_success(broker: Node, capsys: pytest.CaptureFixture[str]) -> None:
    assert report([(None, "start_here")], broker) == 0
    assert "| nothing | green |" in capsys.readouterr().out


def test_each_dud_is_a_hole(broker: Node, capsys: pytest.CaptureFixture[str]) -> None:
    assert report([(dud, "start_here") for dud in declared_in([duds])], broker) == 1
    printed = capsys.readouterr().out
    for row in (
        "| changes_nothing | **HOLE: not caught** |",
        "| never_bites | **HOLE: it never bit (green)** |",
        "| leaves_no_mark | **HOLE: it never bit (red)** |",
        "| has_a_mistake | **HOLE: the sabotage is broken: KeyError: 'key'** |",
        "| cannot_be_applied | **HOLE: the sabotage is broken: AttributeError: ",
        "| leaves_nothing | **HOLE: it never bit (green)** |",
    ):
        assert row in printed


@contextmanager
def board(browser: Browser, scratch: Path) -> Iterator[NotebookPage]:
    """A page on a notebook that shows a board."""
    (scratch / "root").mkdir()
    (scratch / "jupyter").mkdir()
    write_notebook(scratch / "root" / "board.ipynb", SET_UP.format(number=f"sabotage-{scratch.name}"))
    with JupyterServer(scratch / "root", scratch / "jupyter") as server, clean_page(browser, 1280, 720) as page:
        notebook = NotebookPage(page)
        notebook.open(server.address("board.ipynb"))
        notebook.run_cell(0)
        yield notebook


def press_all(notebook: NotebookPage) -> None:
    field(notebook).fill("hello")
    for severity in ("Info", "Warning", "Error"):
        button(notebook, severity).click()
    expect_in_all_panes(notebook, ["info: hello", "warning: hello", "error: hello"])


@pytest.mark.parametrize(
    "sabotage", [helpers.subscribers_lose_a_message, helpers.panes_show_twice], ids=lambda sabotage: sabotage.name
)
def test_the_browser_fails_a_broken_helper(
    sabotage: Sabotage, browser: Browser, broker: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for setting, value in kernel.environment(sabotage.path, tmp_path / "marks").items():
        monkeypatch.setenv(setting, value)
    with board(browser, tmp_path) as notebook, pytest.raises(AssertionError, match="hello"):
        press_all(notebook)
    assert mark.bitten(tmp_path / "marks")
    assert not mark.spoilt(tmp_path / "marks")
    assert broker.answers()
