"""The field for a message's text."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

_STATIC = Path(__file__).parent / "static"


class MessageField(anywidget.AnyWidget):
    """A one-line field that hands over its text before a button that is pressed after it acts.

    The text field of ipywidgets holds changes back while the kernel is busy, and lets the press of a button,
    or of Enter, overtake them: an old text would be published. This one sends each text as a message of its
    own, in order.

    Args:
        label: What the field is called, on the page and to a screen reader.
        on_enter: Called, in whichever thread handles the page's messages, when Enter is pressed in the field.
    """

    _esm = _STATIC / "message_field.js"
    _css = _STATIC / "message_field.css"

    value = traitlets.Unicode().tag(sync=True)
    label = traitlets.Unicode().tag(sync=True)

    def __init__(self, label: str, on_enter: Callable[[], None]) -> None:
        super().__init__(label=label)
        self._on_enter = on_enter
        self.on_msg(self._receive)

    def __repr__(self) -> str:
        return f"MessageField({self.value!r})"

    def _receive(self, _widget: object, content: dict[str, Any], _buffers: object) -> None:
        if "text" in content:
            self.value = str(content["text"])
        if content.get("enter"):
            self._on_enter()
