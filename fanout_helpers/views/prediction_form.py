"""The form for a prediction: who gets the next message, how many copies, and what became of it."""

import contextlib
import threading
from collections.abc import Callable, Iterable
from typing import Literal

import ipywidgets
import traitlets

from fanout_helpers.errors import FanoutError
from fanout_helpers.model import visible
from fanout_helpers.prediction import Judgement, Prediction, predict
from fanout_helpers.views import modules
from fanout_helpers.views.flusher import flusher
from fanout_helpers.views.live import LiveWidget

UNSAID = "any number"
"""The choice of ``copies`` that leaves them out of the prediction."""

_MOST_COPIES = 20

# Typesetters of formulas look for these in the label of a checkbox, which is otherwise plain text.
_NO_FORMULAS = str.maketrans({"$": "\N{FULLWIDTH DOLLAR SIGN}", "\\": "\N{FULLWIDTH REVERSE SOLIDUS}"})

Kind = Literal["quiet", "waiting", "right", "wrong", "past", "error"]
"""What the form's line is about; each kind has a symbol of its own on the page."""


class PredictionForm(ipywidgets.VBox):  # type: ignore[misc] # ipywidgets has no types
    """Asks for a prediction and shows how it was judged.

    Its parts are attributes, so that code can do what a person does: ``form.names["screen"].value = True``,
    ``form.copies.value = 2``, ``form.commit_button.click()``.

    Args:
        commit: Takes a prediction and shows on the form what becomes of it; called in the thread that handles a press.
            What it raises is shown.
    """

    def __init__(self, commit: Callable[[Prediction], None]) -> None:
        self._commit = commit
        self.names: dict[str, ipywidgets.Checkbox] = {}
        self._offered: list[str] = []
        self.copies = ipywidgets.Dropdown(
            options=[
                (UNSAID, UNSAID),
                ("0: nobody gets it", 0),
                *((str(copies), copies) for copies in range(1, _MOST_COPIES + 1)),
            ],
            description="Copies",
            tooltip="How many copies there will be; 0 if nobody gets the message",
        )
        self.commit_button = ipywidgets.Button(
            description="Commit prediction", tooltip="Then publish: the next message shows whether you were right"
        )
        self.commit_button.add_class("fanout-commit")
        self.commit_button.on_click(self._press)
        self._line = PredictionLine()
        self._names = ipywidgets.Box()
        self._names.add_class("fanout-prediction-names")
        controls = ipywidgets.Box([self.copies, self.commit_button])
        controls.add_class("fanout-prediction-controls")
        question = ipywidgets.Label("Who gets the next message?")
        super().__init__([question, self._names, controls, self._line])
        self.add_class("fanout-prediction")

    def __repr__(self) -> str:
        return "PredictionForm()"

    @property
    def said(self) -> str:
        """What the line says."""
        return self._line.text

    def offer(self, names: Iterable[str]) -> None:
        """Offers exactly these names from now on; a name that stays keeps its tick."""
        names = list(dict.fromkeys(names))
        if names == list(self.names):
            return
        leaving = self.names
        self.names = {name: leaving.get(name) or self._checkbox(name) for name in names}
        self._names.children = list(self.names.values())
        for name in leaving.keys() - self.names.keys():
            leaving[name].close()

    def show(self, text: str, kind: Kind) -> None:
        """Sets the line, which may have several lines. Any thread may call this."""
        self._line.say(text, kind)

    def committed(self, prediction: str, replaced: str | None = None) -> None:
        """Shows what is predicted, until a message judges it. Any thread may call this.

        Args:
            prediction: The prediction in words.
            replaced: The one made here, if a cell's prediction replaces it.
        """
        said = [f"Committed: {prediction}. Waiting for the next message."]
        if replaced is not None:
            said.append(f"This prediction was made in a cell. It replaces the one made on the board: {replaced}.")
        self.show("\n".join(said), "waiting")

    def judged(self, judgement: Judgement, *, past: bool = False) -> None:
        """Shows how the committed prediction was judged. Any thread may call this.

        Args:
            judgement: How it was judged.
            past: Whether other messages came since.
        """
        verdict: Literal["right", "wrong"] = "right" if judgement.right else "wrong"
        said = f"our prediction was {verdict}. Message {judgement.number} decided it"
        head = f"Earlier: y{said}; others came since." if past else f"Y{said}."
        self.show(f"{head}\n{judgement}", "past" if past else verdict)

    def close(self) -> None:
        """Takes the form off the page."""
        # ipywidgets closes a widget again when it is garbage, even one that was never made whole.
        with contextlib.suppress(AttributeError):
            self._line.close()
        super().close()

    def commit_choices(self, ticks: Iterable[int], copies: int) -> None:
        """Commits what was chosen on the page when the button was pressed.

        Args:
            ticks: The numbers of the boxes that are ticked: each has a class of that number.
            copies: The place of the choice in the list of copies.
        """
        self._take([self._offered[number] for number in ticks], self.copies.options[copies][1])

    def _press(self, _button: ipywidgets.Button) -> None:
        self._take([name for name, box in self.names.items() if box.value], self.copies.value)

    def _take(self, ticked: list[str], chosen: str | int) -> None:
        copies = None if chosen == UNSAID else int(chosen)
        if not ticked and copies is None:
            self.show("Nothing committed: tick who gets the message, or choose how many copies.", "quiet")
            return
        try:
            prediction = predict(*ticked, copies=copies)
            self.show("Committing the prediction …", "quiet")
            self._commit(prediction)
        except FanoutError as error:
            self.show(f"not committed: {error}", "error")
        except Exception as error:
            self.show(f"not committed: {type(error).__name__}: {error}", "error")
            raise

    def _checkbox(self, name: str) -> ipywidgets.Checkbox:
        box = ipywidgets.Checkbox(description=visible(name).translate(_NO_FORMULAS), indent=False)
        # What the page shows of a name is not the name: it names the box by this number.
        box.add_class(f"fanout-tick-{len(self._offered)}")
        self._offered.append(name)
        return box


class PredictionLine(LiveWidget):
    """The line under the form. It is text only, whatever comes: no markup, and no formulas."""

    _esm = modules.esm("kernel", "prediction_form")
    _css = modules.css("prediction_form")

    notice = traitlets.Dict().tag(sync=True)

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._closed = False
        self._said: dict[str, str] = {"kind": "quiet", "text": "Nothing is predicted yet."}
        super().__init__(notice=self._said)

    def __repr__(self) -> str:
        return "PredictionLine()"

    @property
    def text(self) -> str:
        """What the line says."""
        return self._said["text"]

    def say(self, text: str, kind: Kind) -> None:
        """Sets the line. Any thread may call this: the flusher's sends it to the page."""
        shown = "\n".join(visible(part) for part in text.split("\n"))
        self._said = {"kind": kind, "text": shown}
        flusher.mark(self)

    def flush(self) -> None:
        """Sends the line to the page, if it differs from what the page has."""
        with self._lock:
            if not self._closed:
                self.notice = self._said

    def close(self) -> None:
        """Takes the line off the page."""
        with self._lock:
            self._closed = True
        super().close()
