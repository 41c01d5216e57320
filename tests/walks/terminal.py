"""A terminal in JupyterLab, read and typed into as a learner does."""

import re

from tests.walks.walk import Walk

# The lines that are on its screen or were scrolled off it; a line that is too long for it goes on in the next one.
_SHOWS = """text => {
    const terminal = window.jupyterapp.shell.currentWidget.content._term;
    if (!terminal) return false;
    let shown = "";
    for (let row = 0; row < terminal.buffer.active.length; row++) {
        const line = terminal.buffer.active.getLine(row);
        shown += (line.isWrapped ? "" : "\\n") + line.translateToString(true);
    }
    return shown.includes(text);
}"""

# The line that the cursor is at the end of: a prompt, or a prompt and what was typed.
_ENDS = """pattern => {
    const buffer = window.jupyterapp.shell.currentWidget.content._term?.buffer.active;
    if (!buffer) return false;
    let line = "";
    for (let row = buffer.baseY + buffer.cursorY; row >= 0; row--) {
        line = buffer.getLine(row).translateToString() + line;
        if (!buffer.getLine(row).isWrapped) break;
    }
    return new RegExp(pattern).test(line);
}"""
# Not by their names: many a shell gives its terminal a title, which the tab then has.
_TABS = '.lm-DockPanel-tabBar .lm-TabBar-tab:has([data-icon="ui-components:terminal"])'
_PROMPT = r"[$#%>]\s*$"


class Terminal:
    """The terminal that was opened as number so and so."""

    def __init__(self, walk: Walk, number: int) -> None:
        self._walk = walk
        self._number = number
        walk.open_terminal()

    def type(self, *lines: str) -> None:
        """Type lines, with Enter after each, as a person does: once the shell asks, and having read what was typed."""
        self._go()
        page = self._walk.page
        for line in lines:
            page.wait_for_function(_ENDS, arg=_PROMPT)
            page.locator(".jp-Terminal:visible .xterm-screen").click()
            page.keyboard.type(line)
            page.wait_for_function(_ENDS, arg=rf"{re.escape(line)}\s*$")
            page.keyboard.press("Enter")

    def interrupt(self) -> None:
        """Press Ctrl+C."""
        self._go()
        self._walk.page.locator(".jp-Terminal:visible .xterm-screen").click()
        self._walk.page.keyboard.press("Control+c")

    def expect(self, text: str) -> None:
        """Wait until the terminal shows a text."""
        self._go()
        self._walk.page.wait_for_function(_SHOWS, arg=f"\n{text}")

    def shows(self, text: str) -> bool:
        """Return whether a line of the terminal begins with a text now."""
        self._go()
        return bool(self._walk.page.evaluate(_SHOWS, f"\n{text}"))

    def _go(self) -> None:
        self._walk.page.locator(_TABS).nth(self._number - 1).click()
