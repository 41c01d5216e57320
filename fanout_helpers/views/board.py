"""The board: a field and buttons that publish, RabbitMQ as it is now, predictions, and a live pane a subscriber."""

import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import replace

import ipywidgets

from fanout_helpers.drawing import printed
from fanout_helpers.drawing.layout import lay_out
from fanout_helpers.drawing.parts import Drawing
from fanout_helpers.errors import FanoutError
from fanout_helpers.model import visible
from fanout_helpers.picture import Picture
from fanout_helpers.prediction import Judgement, Prediction
from fanout_helpers.presenting import presenting
from fanout_helpers.views import beside
from fanout_helpers.views.diagram import Diagram
from fanout_helpers.views.message_field import MessageField
from fanout_helpers.views.panes import Panes
from fanout_helpers.views.prediction_form import PredictionForm
from fanout_helpers.views.source import PaneSource, Scene

CLOSED = "This board is closed: it is the last picture."

_STATUS_CHARACTERS = 80
"""Characters of a published text that the status line repeats."""


class Board(ipywidgets.VBox):  # type: ignore[misc] # ipywidgets has no types
    """Publishes what a person types, and shows where it goes and who gets it.

    Its parts are attributes, so that code can do what a person does: ``board.text.value = "hello"``,
    ``board.info.click()``, ``board.pause.value = True``.

    Args:
        scene: What it shows of the broker, and where it publishes.
        sources: Who has a pane.
    """

    def __init__(self, scene: Scene, sources: Sequence[PaneSource]) -> None:
        self._scene = scene
        self.exchange = scene.exchange
        self._names = [source.name for source in sources]
        self._frozen: Picture | None = None
        self._held: Picture | None = None
        self._cleared = 0
        self._judgement: Judgement | None = None
        self.panes = Panes(sources)
        self.text = MessageField("Message", on_press=self._publish)
        self.info = self._severity("info", "Publish as info (Enter in the field does this too)")
        self.warning = self._severity("warning", "Publish as warning")
        self.error = self._severity("error", "Publish as error")
        self.pause = _toggle("Pause", "pause", "Make the board stand still; messages go on arriving")
        self.pause.observe(self._pause, "value")
        self.clear = ipywidgets.Button(
            description="Clear", tooltip="Empty the panes and the list of messages; nothing changes in RabbitMQ"
        )
        self.clear.add_class("fanout-clear")
        self.clear.on_click(lambda _button: self._clear())
        self.predict = _toggle("Predict", "predict", "Say who will get the next message, before you publish it")
        self.predict.observe(self._show_form, "value")
        self.present = _toggle("Present", "present", "Large type, for a projector")
        self.present.observe(self._present, "value")
        self._buttons = [self.info, self.warning, self.error, self.predict, self.pause, self.clear]
        self._controls = ipywidgets.Box([self.text, *self._buttons, self.present])
        self._controls.add_class("fanout-controls")
        self.form = PredictionForm(scene.predict)
        self.diagram = Diagram(self._draw)
        super().__init__([self._controls, self.diagram, self.panes])
        self.add_class("fanout-board")
        self.present.value = presenting()
        self._unwatch = scene.watch(self.diagram.mark)

    def __repr__(self) -> str:
        return f"Board(exchange={self.exchange!r}, panes={self._names!r})"

    def _ipython_display_(self) -> None:
        names = ", ".join(self._names) or "none"
        still = printed.Still(self._frozen or self._scene.settled())
        target = f"exchange {visible(self.exchange)}" if self.exchange else "the default exchange"
        caption = f"Board: publishes to {target}; panes: {names}\n{still!r}"
        beside.show(self, {"text/plain": caption, "image/svg+xml": still.svg()})

    @property
    def status(self) -> str:
        """What the status line says."""
        return self.panes.notice

    def show(self, sources: Iterable[PaneSource]) -> None:
        """Shows exactly these sources from now on."""
        sources = list(sources)
        self._names = [source.name for source in sources]
        self.panes.show(sources)
        self.refresh()

    def refresh(self) -> None:
        """Has the diagram drawn anew."""
        self.diagram.mark()

    def predicted(self, prediction: Prediction) -> None:
        """Shows a prediction, whoever made it, until a message judges it."""
        self._judgement = None
        self.predict.value = True
        said = prediction.describe(self._scene.picture().owners)
        self.form.show(f"Committed: {said}. Waiting for the next message.", "waiting")

    def describe(self) -> str:
        """What the panes show now, in words."""
        return self.panes.describe()

    def freeze(self) -> None:
        """Stops following the broker; what was shown last stays, and says so."""
        self._unwatch()
        last = self._held or self._scene.picture()
        for control in (*self._buttons, self.form.commit_button):
            control.disabled = True
        self._frozen = replace(last, notes=(*last.notes, CLOSED))
        self.diagram.flush()

    def close(self) -> None:
        """Stops watching, and takes the board off the page."""
        # ipywidgets closes a widget again when it is garbage, even one that was never made whole.
        with contextlib.suppress(AttributeError):
            self._unwatch()
            self.diagram.close()
            self.panes.close()
            self._scene.closed()
        super().close()

    def _draw(self) -> Drawing:
        """The drawing of this moment; the prediction's judgement comes with it."""
        picture = self._frozen or self._held or self._scene.picture()
        self.form.offer(_receivers(picture))
        judgement = self._scene.judgement(picture)
        if judgement not in {None, self._judgement}:
            self._judgement = judgement
            self.form.judged(judgement)
        shown = [message for message in picture.messages if message.number > self._cleared]
        return lay_out(replace(picture, messages=shown), presenter=self.present.value)

    def _show_form(self, _change: object) -> None:
        form = [self.form] if self.predict.value else []
        self.children = [self._controls, *form, self.diagram, self.panes]

    def _present(self, _change: object) -> None:
        (self.add_class if self.present.value else self.remove_class)("fanout-large")
        self.diagram.presenter = self.present.value
        self.refresh()

    def _severity(self, severity: str, tooltip: str) -> ipywidgets.Button:
        button = ipywidgets.Button(description=severity.capitalize(), tooltip=tooltip)
        button.add_class(f"fanout-{severity}")
        button.on_click(lambda _button: self._publish(severity, self.text.value))
        return button

    def _publish(self, severity: str, text: str) -> None:
        text = text.strip()
        if not text:
            self.panes.say("quiet", "Nothing published: type a message first.")
            return
        body = f"{severity}: {text}"
        self.panes.say("busy", f"publishing {_quoted(body)} to {self.exchange} …")
        try:
            publication = self._scene.publish(body)
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
        self._held = self._scene.picture() if paused else None
        self.panes.pause(paused)
        self.refresh()

    def _clear(self) -> None:
        self._cleared = max((message.number for message in self._scene.picture().messages), default=self._cleared)
        self.panes.clear()
        self.refresh()


def _toggle(description: str, name: str, tooltip: str) -> ipywidgets.ToggleButton:
    button = ipywidgets.ToggleButton(description=description, tooltip=tooltip)
    button.add_class(f"fanout-{name}")
    return button


def _receivers(picture: Picture) -> list[str]:
    """Who may get a message: subscribers as they joined, then queues that are nobody's."""
    present = [queue.name for queue in picture.topology.queues]
    subscribers = [name for queue, name in picture.owners.items() if queue in present]
    return [*subscribers, *(queue for queue in present if queue not in picture.owners)]


def _quoted(body: str) -> str:
    cut = body if len(body) <= _STATUS_CHARACTERS else f"{body[:_STATUS_CHARACTERS]}…"
    return f"'{visible(cut)}'"
