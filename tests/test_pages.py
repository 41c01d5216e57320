"""A browser test fails when anything goes wrong in a page, and no browser test can look away."""

import re

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.comparison import ROOT
from tests.pages import clean_context

FAILURES = {
    "an error": "throw new Error('it broke')",
    "a rejection": "Promise.reject(new Error('it broke'))",
    "a console error": "console.error('it broke')",
}
# The only modules that open pages by themselves: everybody else's are watched.
WATCHED = {"pages.py", "jupyter.py", "test_pages.py"}
OPENS = re.compile(r"browser\.new_(?:context|page)\(")


OPEN = "(page) => { const opened = open(); opened.document.write(page); opened.document.close(); }"


def fails(script: str) -> str:
    """A page in which something fails at once; its title says when that is over."""
    return f"<script type=module>setTimeout(() => document.title = 'over'); {script}</script>"


def show(context: BrowserContext, place: str, html: str) -> None:
    """Shows HTML in a page, in a frame in it, or in a page that it opens."""
    page = context.new_page()
    if place == "page":
        page.set_content(html)
    elif place == "frame":
        page.set_content(f'<iframe srcdoc="{html}"></iframe>')
    else:
        with context.expect_page():
            page.evaluate(OPEN, html)
    context.pages[-1].frames[-1].wait_for_function("document.title === 'over'")


@pytest.mark.parametrize("script", FAILURES.values(), ids=FAILURES)
@pytest.mark.parametrize("place", ["page", "frame", "opened page"])
def test_what_goes_wrong_in_a_page_fails_the_test(browser: Browser, script: str, place: str) -> None:
    with pytest.raises(AssertionError, match="it broke"), clean_context(browser) as context:
        show(context, place, fails(script))


def test_what_is_known_does_not_and_the_rest_still_does(browser: Browser) -> None:
    known = [r"error: Error: it .*"]
    with clean_context(browser, known) as context:
        show(context, "page", fails(FAILURES["an error"]))
    with pytest.raises(AssertionError, match="console: it broke"), clean_context(browser, known) as context:
        show(context, "page", fails(FAILURES["a console error"]))


def test_no_test_opens_a_page_that_is_not_watched() -> None:
    modules = {path for path in (ROOT / "tests").rglob("*.py") if path.name not in WATCHED}
    assert {path.name for path in modules if OPENS.search(path.read_text())} == set()
