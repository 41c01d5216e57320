"""A widget whose page cannot fall behind RabbitMQ, however slow that page is."""

import threading
from collections.abc import Collection
from functools import cached_property
from typing import Any

import anywidget
import ipywidgets
import traitlets

Keys = str | Collection[str] | None
"""One trait, several, or all of them."""


class LiveWidget(anywidget.AnyWidget):
    """An anywidget whose state travels in a plain model beside it.

    On the page, anywidget drops every update of a model whose module took more than two seconds to load, in silence,
    though its view is drawn: pages are slow on a busy machine. Nothing can happen to a plain model. So what a subclass
    tags with ``sync=True`` is sent as the state of such a one, and the anywidget has only the module that draws it
    (``kernel.js`` puts the two together). To code in the kernel there is one widget.
    """

    # What the page is told of it is its name.
    _mirror = traitlets.Instance(ipywidgets.Widget, allow_none=True).tag(sync=True, **ipywidgets.widget_serialization)

    def open(self) -> None:
        """Opens the state first: the anywidget names it from the start."""
        if self.comm is None:
            self._mirror = _Mirror(self)
        super().open()

    def close(self) -> None:
        """Takes the widget off the page."""
        # ipywidgets closes a widget again when it is garbage, even one that was never made whole.
        super().close()
        if self._mirror is not None:
            self._mirror.close()

    def get_state(self, key: Keys = None, drop_defaults: bool = False) -> dict[str, Any]:  # noqa: FBT001, FBT002 - ipywidgets' signature
        """What the anywidget's own model is sent: everything but the state."""
        state: dict[str, Any] = super().get_state(key, drop_defaults)
        return {name: value for name, value in state.items() if name not in self._mirrored}

    def send_state(self, key: Keys = None) -> None:
        """Sends what changed to whichever model it belongs to. Any thread may call this."""
        super().send_state(key)
        if self._mirror is not None:
            self._mirror.send_state(key)

    def state(self, key: Keys = None) -> dict[str, Any]:
        """What the plain model is sent."""
        asked = self._mirrored if key is None else {key} if isinstance(key, str) else set(key)
        return dict(super().get_state(self._mirrored & asked))

    @cached_property
    def _mirrored(self) -> set[str]:
        """What subclasses sync; anywidget's and ipywidgets' own traits are theirs, or begin with an underscore."""
        names = set(self.trait_names(sync=True)) - set(LiveWidget.class_trait_names())
        return {name for name in names if not name.startswith("_")}


class _Mirror(ipywidgets.Widget):  # type: ignore[misc] # ipywidgets has no types
    """The plain model: its state is the owner's, and whoever shows it may ask for all of it anew."""

    def __init__(self, owner: LiveWidget) -> None:
        self._owner = owner
        # What is read first is sent first: a thread that answers the page must not overtake the one that sends news.
        self._sending = threading.RLock()
        super().__init__()
        self.on_msg(self._answer)

    def get_state(self, key: Keys = None, drop_defaults: bool = False) -> dict[str, Any]:  # noqa: FBT001, FBT002 - ipywidgets' signature
        own = super().get_state(drop_defaults=drop_defaults) if key is None else {}
        return {**own, **self._owner.state(key)}

    def send_state(self, key: Keys = None) -> None:
        with self._sending:
            super().send_state(key)

    def _answer(self, *_message: object) -> None:
        self.send_state()
        self.send({"heard": True})
