"""The field for a message's text, what is pressed beside it, and the lines that answer."""

import threading
from collections.abc import Callable
from typing import Any, TypedDict

import traitlets

from fanout_helpers.model import visible
from fanout_helpers.views import modules
from fanout_helpers.views.flusher import flusher
from fanout_helpers.views.live import LiveWidget

SEVERITIES = ("info", "warning", "error")
"""What a message can be published as."""


class Notice(TypedDict):
    """What the status line says, and of which kind it is.

    ``kind`` is ``quiet``, ``busy``, ``good``, ``lost``, ``error``, or ``past`` for what was true once. ``number``
    counts notices, so that the same text said twice is seen to be said twice.
    """

    number: int
    kind: str
    text: str


class MessageField(LiveWidget):
    """A one-line field that hands over its text together with what is pressed, and the lines that answer.

    A kernel may handle the messages of two widgets in two threads, so that a press overtakes the text before it and
    an old text is published, or a press overtakes the prediction before it. So on the page the presses of the severity
    buttons and of *Commit prediction* are this field's: texts, ticks and presses are one widget's messages, and are
    handled one after the other.

    Every press has a text. While the field is empty, its placeholder is the text of the next press: ``hello 1``,
    then ``hello 2``, and so on.

    Every press on the board is answered with its id. While no answer comes, the page says that it waits for the
    kernel: a cell may be running.

    Args:
        label: What the field is called, on the page and to a screen reader.
        on_press: Called with the severity and the text, in whichever thread handles the page's messages, when one of
            the buttons ``info``, ``warning`` and ``error`` beside the field is pressed, or Enter in it (``info``).
        on_commit: Called with the ticks and the choice of copies when *Commit prediction* is pressed.
    """

    _esm = modules.esm("kernel", "message_field")
    _css = modules.css("message_field")

    value = traitlets.Unicode().tag(sync=True)
    label = traitlets.Unicode().tag(sync=True)
    placeholder = traitlets.Unicode().tag(sync=True)
    answered = traitlets.Unicode().tag(sync=True)
    notice = traitlets.Dict().tag(sync=True)
    standstill = traitlets.Unicode().tag(sync=True)

    def __init__(
        self, label: str, on_press: Callable[[str, str], None], on_commit: Callable[[list[int], int], None]
    ) -> None:
        self._on_press = on_press
        self._on_commit = on_commit
        self._handling = threading.RLock()
        self._counting = threading.Lock()
        self._sending = threading.RLock()
        self._closed = False
        self._defaults = 1
        self._said = Notice(number=0, kind="quiet", text="")
        self._standstill = ""
        super().__init__(label=label, placeholder=_default(1), notice=dict(self._said))
        self.on_msg(self._receive)

    def __repr__(self) -> str:
        return f"MessageField({self.value!r})"

    @property
    def said(self) -> str:
        """What the status line says."""
        return self._said["text"]

    def say(self, kind: str, text: str) -> None:
        """Sets the status line, which may have several lines; any thread may call this.

        Args:
            kind: One of those of ``Notice``.
            text: What it says.
        """
        shown = "\n".join(visible(part) for part in text.split("\n"))
        with self._sending:
            self._said = Notice(number=self._said["number"] + 1, kind=kind, text=shown)
        flusher.mark(self)

    def age(self) -> None:
        """Marks what the status line says as past; what was only said in passing ends. Any thread may call this."""
        with self._sending:
            quiet = self._said["kind"] == "quiet"
            text = "" if quiet else f"Earlier: {self._said['text']}"
            self._said = {**self._said, "kind": "quiet" if quiet else "past", "text": text}
        flusher.mark(self)

    def stand_still(self, text: str) -> None:
        """Sets the line that says that the board stands still; an empty one says that it does not."""
        self._standstill = text
        flusher.mark(self)

    def press(self, severity: str) -> None:
        """Does what a press of a button beside the field does."""
        self._press(severity, self.value)

    def flush(self) -> None:
        """Sends the lines to the page, if they differ from what the page has."""
        with self._sending:
            if not self._closed:
                self.notice = dict(self._said)
                self.standstill = self._standstill

    def close(self) -> None:
        """Takes the field off the page."""
        with self._sending:
            self._closed = True
        super().close()

    def _receive(self, _widget: object, content: dict[str, Any], _buffers: object) -> None:
        # A kernel that changes the thread in which it handles a widget's messages must not change their order.
        with self._handling:
            self.answered = str(content.get("asked", self.answered))
            text = str(content.get("text", self.value))
            self.value = text
            if content.get("press") in SEVERITIES:
                self._press(content["press"], text)
            if "commit" in content:
                self._on_commit(content["commit"]["ticks"], content["commit"]["copies"])

    def _press(self, severity: str, text: str) -> None:
        self._on_press(severity, text.strip() or self._take_default())

    def _take_default(self) -> str:
        # Two presses in two threads must not publish the same default.
        with self._counting:
            taken = _default(self._defaults)
            self._defaults += 1
            self.placeholder = _default(self._defaults)
        return taken


def _default(number: int) -> str:
    return f"hello {number}"
