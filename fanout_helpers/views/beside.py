"""Shows a widget beside what is printed of it."""

from collections.abc import Mapping

import ipywidgets
from IPython.display import display


def show(widget: ipywidgets.DOMWidget, printed: Mapping[str, str]) -> None:
    """Displays two outputs. The first is stored and compared, and is all that a page without a kernel shows.

    The second holds nothing but the view: what names a widget is gone with the kernel, so it is neither stored nor
    compared. Where it is alive, it may hide the first.

    Args:
        widget: The widget.
        printed: What stands for it, by media type.
    """
    display(dict(printed), raw=True)  # type: ignore[no-untyped-call]
    # As any widget, and not as anywidget does it, which adds what the versions do not agree on.
    bundle = ipywidgets.DOMWidget._repr_mimebundle_(widget)
    display({kind: value for kind, value in bundle.items() if kind != "text/plain"}, raw=True)  # type: ignore[no-untyped-call]
