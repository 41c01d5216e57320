"""A board kept in view beside its notebook, as the lessons advise."""

from playwright.sync_api import Locator

from tests.walks.board import BoardOnPage
from tests.walks.walk import Walk


def keep_in_view(walk: Walk, cell: str) -> BoardOnPage:
    """Right-click a cell's board and choose *Create New View for Cell Output*; returns the board in the new view."""
    walk.board(cell).root.click(button="right", position={"x": 5, "y": 5})
    walk.page.locator(".lm-Menu-item").get_by_text("Create New View for Cell Output", exact=True).click()
    view = BoardOnPage(walk.page.locator(".jp-LinkedOutputView"))
    view.root.wait_for()
    walk.back_to_lesson()
    return view


def queues(board: BoardOnPage) -> Locator:
    """Return the queues that a board draws; one that is just leaving is none."""
    return board.root.get_by_test_id("diagram").locator('[data-testid^="queue-"]')
