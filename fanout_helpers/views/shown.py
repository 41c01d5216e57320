"""A text that a page shows only where it shows widgets; everywhere else, another text stays."""

import anywidget
import ipywidgets
import traitlets
from IPython.display import display

from fanout_helpers.views import modules


class Shown(anywidget.AnyWidget):
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
        # Two outputs, as a quiz has them: where the second one is alive, it hides the first.
        display({"text/plain": self.printed}, raw=True)  # type: ignore[no-untyped-call]
        bundle = ipywidgets.DOMWidget._repr_mimebundle_(self)
        display({kind: value for kind, value in bundle.items() if kind != "text/plain"}, raw=True)  # type: ignore[no-untyped-call]
