"""What the board's own fonts do not have is drawn all the same: other scripts, and emoji."""

import re

import pytest
from playwright.sync_api import Browser

from fanout_helpers.views.modules import css
from tests.jupyter import clean_page

# As JupyterLab has it; none of these has Chinese.
PAGE = """<!doctype html><style>:root {{ --jp-code-font-family: 'DejaVu Sans Mono', monospace }} {css}</style>
<div class=fanout-board><div class=fanout-panes>
<div class=fanout-log><bdi class=fanout-text id=text>x</bdi></div></div></div>"""

# A sign as it is drawn in the pane's font, in black unless it brings its own colours; U+0378 is no character.
DRAWN = """(sign) => {
    const canvas = new OffscreenCanvas(64, 64);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    const { fontFamily } = getComputedStyle(document.querySelector("#text"));
    context.font = `32px ${fontFamily}`;
    context.fillText(sign, 8, 44);
    return [...context.getImageData(0, 0, 64, 64).data];
}"""
NO_CHARACTER = "\u0378"


@pytest.mark.parametrize("sign", ["日", "本", "語", "兔", "ж", "🐇", "→"])
def test_every_sign_of_a_message_is_drawn(browser: Browser, sign: str) -> None:
    with clean_page(browser, 400, 300) as page:
        page.set_content(PAGE.format(css=css("theme", "panes")))
        drawn, missing, blank = (page.evaluate(DRAWN, it) for it in (sign, NO_CHARACTER, " "))
        assert drawn not in (missing, blank), "No font has it. Run `python -m tests.chromium` to get fonts."


def test_an_emoji_has_its_colours(browser: Browser) -> None:
    with clean_page(browser, 400, 300) as page:
        page.set_content(PAGE.format(css=css("theme", "panes")))
        drawn = page.evaluate(DRAWN, "🐇")
        assert any(drawn[at] != drawn[at + 1] for at in range(0, len(drawn), 4))


@pytest.mark.parametrize(
    "name", ["diagnosis", "diagram", "management_link", "message_field", "panes", "prediction_form", "quiz"]
)
def test_every_stack_of_fonts_goes_on_to_other_scripts(name: str) -> None:
    stacks = re.findall(r"font-family:([^;]+);", css(name))
    assert [stack for stack in stacks if stack.strip() != "inherit" and "--fanout-scripts" not in stack] == []
