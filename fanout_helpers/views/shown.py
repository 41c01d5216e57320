"""A text that a page shows only where it shows widgets; everywhere else, another text stays."""

import traitlets

from fanout_helpers.views import beside, modules
from fanout_helpers.views.live import LiveWidget


class Shown(LiveWidget):
    """Tells by being there that a front end shows widgets: a kernel cannot ask.

    Args:
        text: What to show where widgets are shown.
        printed: What stays where they are not.
    """

    _esm = modules.esm("kernel", "twin", "diagnosis")
    _css = modules.css("diagnosis")

    text = traitlets.Unicode().tag(sync=True)
    printed = traitlets.Unicode().tag(sync=True)

    def __init__(self, text: str, printed: str) -> None:
        super().__init__(text=text, printed=printed)

    def __repr__(self) -> str:
        return "Shown()"

    def _ipython_display_(self) -> None:
        beside.show(self, {"text/plain": self.printed})
