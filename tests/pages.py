"""What goes wrong in a page, whether or not a test looks at it: its console, its errors, its unhandled rejections."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage

HANGS_MILLISECONDS = 60_000
"""What a page may take: a bound for hanging, not for slowness."""

KNOWN = (
    # Notebook 7.6.5 throws this whenever it opens a notebook, whatever is in that.
    r"error: TypeError: Cannot read properties of undefined \(reading 'schema'\)\n.*",
    # Lab asks for the debugger's state whenever a notebook's tab is shown; a kernel that ends then gives no answer.
    r"console: Could not restore the debugger state: Canceled future for debug_request message .*/jlab_core\..*",
)
"""What Jupyter itself says with no fault of ours, as patterns of the whole text, an error's stack included."""


@contextmanager
def clean_context(browser: Browser, known: Iterable[str] = (), **options: Any) -> Iterator[BrowserContext]:  # noqa: ANN401 - Playwright's
    """A browser context in whose pages nothing may fail.

    Args:
        browser: Where it is made.
        known: Patterns of whole texts that are no failures here.
        options: What Playwright's ``new_context`` takes.
    """
    failures: list[str] = []
    with browser.new_context(**options) as context:
        context.set_default_timeout(HANGS_MILLISECONDS)
        watch(context, failures)
        yield context
    patterns = [re.compile(pattern, re.DOTALL) for pattern in (*KNOWN, *known)]
    unknown = [text for text in failures if not any(pattern.fullmatch(text) for pattern in patterns)]
    assert unknown == [], "\n".join(unknown)


def watch(context: BrowserContext, failures: list[str]) -> None:
    """Notes what goes wrong in all pages; Chromium reports unhandled rejections as errors of the page."""

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            failures.append(f"console: {message.text} ({message.location['url']})")

    # Of the context, not of each page: a page that another one opens may fail before anybody has it.
    context.on("weberror", lambda error: failures.append(f"error: {error.error.stack or error.error}"))
    context.on("console", on_console)
