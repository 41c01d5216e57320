"""What a lesson keeps folded until its learner has predicted."""

from playwright.sync_api import expect

from tests.walks.walk import Walk


def compare(walk: Walk, cell: str, *texts: str) -> None:
    """Open *Compare with …* in a text: until then the answer was out of sight; it must say ``texts``."""
    fold = walk.cell(cell).locator("details")
    answer = fold.locator("p, li").first
    expect(answer).to_be_hidden()
    fold.locator("summary").get_by_text("Compare with ").click()
    expect(answer).to_be_visible()
    for text in texts:
        expect(fold).to_contain_text(text, use_inner_text=True)
