"""The field for a message's text."""

from collections.abc import Callable
from typing import Any

import anywidget
import traitlets

from fanout_helpers.views import modules

SEVERITIES = ("info", "warning", "error")
"""What a message can be published as."""


class MessageField(anywidget.AnyWidget):
    """A one-line field that hands over its text together with the press of a button beside it.

    A kernel may handle the messages of two widgets in two threads, so that a press overtakes the text before it and
    an old text is published. So on the page the presses of the severity buttons are this field's: text and press are
    one message.

    Args:
        label: What the field is called, on the page and to a screen reader.
        on_press: Called with the severity and the text, in whichever thread handles the page's messages, when one of
            the buttons ``info``, ``warning`` and ``error`` beside the field is pressed, or Enter in it (``info``).
    """

    _esm = modules.esm("kernel", "message_field")
    _css = modules.css("message_field")

    value = traitlets.Unicode().tag(sync=True)
    label = traitlets.Unicode().tag(sync=True)

    def __init__(self, label: str, on_press: Callable[[str, str], None]) -> None:
        super().__init__(label=label)
        self._on_press = on_press
        self.on_msg(self._receive)

    def __repr__(self) -> str:
        return f"MessageField({self.value!r})"

    def _receive(self, _widget: object, content: dict[str, Any], _buffers: object) -> None:
        if "text" in content:
            self.value = str(content["text"])
        if content.get("press") in SEVERITIES:
            self._on_press(content["press"], self.value)
