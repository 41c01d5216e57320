"""The board: a field and buttons that publish, RabbitMQ as it is now, predictions, and a live pane a subscriber."""

import contextlib
import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace

import ipywidgets

from fanout_helpers.drawing import printed
from fanout_helpers.drawing.layout import lay_out
from fanout_helpers.drawing.parts import Drawing
from fanout_helpers.drawing.words import counted
from fanout_helpers.errors import FanoutError
from fanout_helpers.model import visible
from fanout_helpers.picture import CLOSED, Mode, Picture
from fanout_helpers.prediction import Judgement, Prediction
from fanout_helpers.presenting import presenting
from fanout_helpers.views import beside
from fanout_helpers.views.diagram import Diagram
from fanout_helpers.views.message_field import MessageField
from fanout_helpers.views.panes import Panes
from fanout_helpers.views.prediction_form import PredictionForm
from fanout_helpers.views.saying import Saying
from fanout_helpers.views.source import PaneSource, Scene

_STATUS_CHARACTERS = 80
"""Characters of a published text that the status line repeats."""


class _Standstill:
    """The picture of a paused board, and how many messages were published since; ``None`` if nobody can count them."""

    def __init__(self, picture: Picture) -> None:
        self.picture = picture
        self._arrived: int | None = 0

    def describe(self, present: Picture) -> str:
        """What the board says of it, now that ``present`` is what there is to see."""
        if not self.picture.mode is present.mode is Mode.MESSAGES:
            self._arrived = None
        if self._arrived is not None:
            self._arrived = max(self._arrived, _last(present) - _last(self.picture))
        many = "Messages may have" if self._arrived is None else counted(self._arrived, "message")
        return f"Paused: picture, list and panes stand still. {many} arrived meanwhile. Press Resume to see them."


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
        self._standstill: _Standstill | None = None
        self._cleared = 0
        self._opened_by_a_cell = False
        self._judging = threading.Lock()
        self._judgement: tuple[Judgement, bool] | None = None
        self._talking = threading.Lock()
        self._saying: Saying | None = None
        self.panes = Panes(sources)
        self.form = PredictionForm(scene.predict)
        self.text = MessageField("Message", on_press=self._publish, on_commit=self.form.commit_choices)
        self.info = self._severity("info", "Publish as info (Enter in the field does this too)")
        self.warning = self._severity("warning", "Publish as warning")
        self.error = self._severity("error", "Publish as error")
        self.pause = _toggle("Pause", "pause", "Make the whole board stand still; messages go on arriving")
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
        self.diagram = Diagram(self._draw)
        # Until all of it is in the page, which the page sees to (live.css).
        hidden = ipywidgets.Layout(visibility="hidden")
        super().__init__([self._controls, self.diagram, self.panes], layout=hidden)
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
        return self.text.said

    def show(self, sources: Iterable[PaneSource]) -> None:
        """Shows exactly these sources from now on."""
        sources = list(sources)
        self._names = [source.name for source in sources]
        self.panes.show(sources)
        self.refresh()

    def refresh(self) -> None:
        """Has the diagram drawn anew."""
        self.diagram.mark()

    def predicted(self, prediction: Prediction, replaced: Prediction | None = None) -> None:
        """Shows a prediction, whoever made it, until a message judges it.

        Args:
            prediction: The prediction.
            replaced: The one made on a board that a cell's replaces, if it does.
        """
        owners = self._scene.picture().owners
        with self._judging:
            self._judgement = None
            self.form.committed(prediction.describe(owners), replaced.describe(owners) if replaced else None)
        self._opened_by_a_cell |= not self.predict.value
        self.predict.value = True

    def describe(self) -> str:
        """What the panes show now, in words."""
        return self.panes.describe()

    def freeze(self) -> None:
        """Stops following the broker; what was shown last stays, and says so."""
        self._unwatch()
        self.pause.value = False
        last = self._scene.picture()
        for control in (*self._buttons, self.form.commit_button):
            control.disabled = True
        self._frozen = replace(last, standing=CLOSED)
        self.diagram.flush()

    def close(self) -> None:
        """Stops watching, and takes the board off the page."""
        # ipywidgets closes a widget again when it is garbage, even one that was never made whole.
        with contextlib.suppress(AttributeError):
            self._unwatch()
            self.diagram.close()
            self.panes.close()
            self.text.close()
            self._scene.closed()
        super().close()

    def _draw(self, room: int) -> Drawing:
        """The drawing of this moment for a room; a judgement comes with it, and what arrives while paused."""
        standstill, present = self._standstill, self._look()
        picture = standstill.picture if standstill else present
        self.form.offer(_receivers(picture))
        self._judge(present)
        self.text.stand_still(standstill.describe(present) if standstill else "")
        shown = [message for message in picture.messages if message.number > self._cleared]
        return lay_out(replace(picture, messages=shown), presenter=self.present.value, room=room)

    def _look(self) -> Picture:
        """What there is now, which may end what the status line says."""
        # What is said meanwhile is not ended by what there was before.
        with self._talking:
            present = self._frozen or self._scene.picture()
            if self._saying is not None and self._saying.is_past(present):
                self._saying = None
                self.text.age()
        return present

    def _judge(self, present: Picture) -> None:
        # Not between the commit of the next prediction and what is said of it.
        with self._judging:
            judgement = self._scene.judgement(present)
            if judgement is None:
                return
            past = _last(present) > judgement.number
            if (judgement, past) != self._judgement:
                self._judgement = judgement, past
                self.form.judged(judgement, past=past)

    def _show_form(self, _change: object) -> None:
        form = [self.form] if self.predict.value else []
        self._opened_by_a_cell &= self.predict.value
        # Who watches the drawing while cells run goes on seeing it.
        above, below = ([], form) if self._opened_by_a_cell else (form, [])
        self.children = [self._controls, *above, self.diagram, *below, self.panes]

    def _present(self, _change: object) -> None:
        (self.add_class if self.present.value else self.remove_class)("fanout-large")
        self.diagram.presenter = self.present.value
        self.refresh()

    def _severity(self, severity: str, tooltip: str) -> ipywidgets.Button:
        button = ipywidgets.Button(description=severity.capitalize(), tooltip=tooltip)
        button.add_class(f"fanout-{severity}")
        button.on_click(lambda _button: self.text.press(severity))
        return button

    def _publish(self, severity: str, text: str) -> None:
        body = f"{severity}: {text}"
        before = self._scene.picture()
        self._say("busy", f"publishing {_quoted(body)} to {self.exchange} …")
        try:
            publication = self._scene.publish(body)
        except FanoutError as error:
            self._say("error", f"not published: {error}", before)
        except Exception as error:
            self._say("error", f"not published: {type(error).__name__}: {error}", before)
            raise
        else:
            self._say("good" if publication.routed else "lost", repr(publication), before, publication.body)

    def _say(self, kind: str, text: str, before: Picture | None = None, body: bytes = b"") -> None:
        """Says something in the status line.

        Args:
            kind: One of those of ``Notice``.
            text: What it says.
            before: What there was before that of which it says something; ``None`` if it holds until the next one.
            body: The message that it is about, if one was published.
        """
        with self._talking:
            refused = kind == "error"
            self._saying = Saying(before, self._scene.picture(), body, refused=refused) if before else None
            self.text.say(kind, text)
        self.refresh()

    def _pause(self, _change: object) -> None:
        paused = self.pause.value
        self.pause.description = "Resume" if paused else "Pause"
        (self.add_class if paused else self.remove_class)("fanout-standing")
        self._standstill = _Standstill(self._scene.picture()) if paused else None
        self.panes.pause(paused)
        self.refresh()

    def _clear(self) -> None:
        # What waits while paused was not seen yet, so it stays.
        shown = self._standstill.picture if self._standstill else self._scene.picture()
        self._cleared = max(self._cleared, _last(shown))
        self.panes.clear()
        said = "Cleared: the panes and the list of messages. Nothing changed in RabbitMQ."
        self._say("quiet", said, self._scene.picture())


def _toggle(description: str, name: str, tooltip: str) -> ipywidgets.ToggleButton:
    button = ipywidgets.ToggleButton(description=description, tooltip=tooltip)
    button.add_class(f"fanout-{name}")
    return button


def _receivers(picture: Picture) -> list[str]:
    """Who may get a message: subscribers as they joined, then queues that are nobody's."""
    present = [queue.name for queue in picture.topology.queues]
    subscribers = [name for queue, name in picture.owners.items() if queue in present]
    return [*subscribers, *(queue for queue in present if queue not in picture.owners)]


def _last(picture: Picture) -> int:
    """The number of the latest message."""
    return max((message.number for message in picture.messages), default=0)


def _quoted(body: str) -> str:
    cut = body if len(body) <= _STATUS_CHARACTERS else f"{body[:_STATUS_CHARACTERS]}…"
    return f"'{visible(cut)}'"
