"""The board: a field and three buttons that publish, and the live panes under them."""

import contextlib
from collections.abc import Callable, Iterable, Sequence
from functools import partial

import ipywidgets
from IPython.display import display

from fanout_helpers.errors import FanoutError
from fanout_helpers.model import Publication, visible
from fanout_helpers.views.message_field import MessageField
from fanout_helpers.views.panes import Panes
from fanout_helpers.views.source import PaneSource

_STATUS_CHARACTERS = 80
"""Characters of a published text that the status line repeats."""


class Board(ipywidgets.VBox):  # type: ignore[misc] # ipywidgets has no types
    """Publishes what a person types, and shows who gets it.

    Its parts are attributes, so that code can do what a person does: ``board.text.value = "hello"``,
    ``board.info.click()``, ``board.pause.value = True``.

    Args:
        publish: Publishes one text and returns what became of it; called in the thread that handles a click.
        sources: Who is shown, one pane each.
        exchange: The name of the exchange that ``publish`` publishes to.
    """

    def __init__(self, publish: Callable[[str], Publication], sources: Sequence[PaneSource], *, exchange: str) -> None:
        self._publish = publish
        self.exchange = exchange
        self._names = [source.name for source in sources]
        self.panes = Panes(sources)
        self.text = MessageField("Message", on_enter=self._enter)
        self.info = self._severity("info", "Publish as info (Enter in the field does this too)")
        self.warning = self._severity("warning", "Publish as warning")
        self.error = self._severity("error", "Publish as error")
        self.pause = ipywidgets.ToggleButton(
            description="Pause", tooltip="Make the panes stand still; messages go on arriving"
        )
        self.pause.add_class("fanout-pause")
        self.pause.observe(self._pause, "value")
        self.clear = ipywidgets.Button(description="Clear", tooltip="Empty the panes; nothing changes in RabbitMQ")
        self.clear.add_class("fanout-clear")
        self.clear.on_click(lambda _button: self.panes.clear())
        controls = ipywidgets.Box([self.text, self.info, self.warning, self.error, self.pause, self.clear])
        controls.add_class("fanout-controls")
        super().__init__([controls, self.panes])
        self.add_class("fanout-board")

    def __repr__(self) -> str:
        return f"Board(exchange={self.exchange!r}, panes={self._names!r})"

    def _ipython_display_(self) -> None:
        # An output of its own: it is what remains to be read where the notebook has no kernel. The other one holds
        # nothing but the view: what names a widget is gone with the kernel, so it is neither stored nor compared.
        names = ", ".join(self._names) or "none"
        caption = f"Board: publishes to exchange {self.exchange}; panes: {names}"
        display({"text/plain": caption}, raw=True)  # type: ignore[no-untyped-call]
        view = {kind: value for kind, value in self._repr_mimebundle_().items() if kind != "text/plain"}
        display(view, raw=True)  # type: ignore[no-untyped-call]

    @property
    def status(self) -> str:
        """What the status line says."""
        return self.panes.notice

    def show(self, sources: Iterable[PaneSource]) -> None:
        """Shows exactly these sources from now on."""
        sources = list(sources)
        self._names = [source.name for source in sources]
        self.panes.show(sources)

    def describe(self) -> str:
        """What the panes show now, in words."""
        return self.panes.describe()

    def close(self) -> None:
        """Stops watching the sources and takes the board off the page."""
        # ipywidgets closes a widget again when it is garbage, even one that was never made whole.
        with contextlib.suppress(AttributeError):
            self.panes.close()
        super().close()

    def _enter(self) -> None:
        self.info.click()

    def _severity(self, severity: str, tooltip: str) -> ipywidgets.Button:
        button = ipywidgets.Button(description=severity.capitalize(), tooltip=tooltip)
        button.add_class(f"fanout-{severity}")
        button.on_click(partial(self._press, severity))
        return button

    def _press(self, severity: str, _button: ipywidgets.Button) -> None:
        text = self.text.value.strip()
        if not text:
            self.panes.say("quiet", "Nothing published: type a message first.")
            return
        body = f"{severity}: {text}"
        self.panes.say("busy", f"publishing {_quoted(body)} to {self.exchange} …")
        try:
            publication = self._publish(body)
        except FanoutError as error:
            self.panes.say("error", f"not published: {error}")
        except Exception as error:
            self.panes.say("error", f"not published: {type(error).__name__}: {error}")
            raise
        else:
            self.panes.say("good" if publication.routed else "lost", repr(publication))

    def _pause(self, _change: object) -> None:
        paused = self.pause.value
        self.pause.description = "Resume" if paused else "Pause"
        self.panes.pause(paused)


def _quoted(body: str) -> str:
    cut = body if len(body) <= _STATUS_CHARACTERS else f"{body[:_STATUS_CHARACTERS]}…"
    return f"'{visible(cut)}'"
