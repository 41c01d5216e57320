"""Pictures that stay as they are: what a cell prints, CI compares, and a page without a kernel still shows."""

from dataclasses import dataclass, replace

from fanout_helpers.drawing import still, words
from fanout_helpers.drawing.layout import lay_out
from fanout_helpers.picture import Mode, Picture, Producer

NOTHING_TRACED = "no message was traced yet"
_ROOM = 640.0
"""How wide a drawing is, in CSS pixels: JupyterLab shows it as large as it is, on a laptop beside its side bar too."""

GAP = "Too many messages passed to tell them apart: RabbitMQ was not asked to report them one by one."


@dataclass(frozen=True)
class Description:
    """A topology in words: exchanges, what is bound to each, and who consumes."""

    picture: Picture

    def __repr__(self) -> str:
        return words.topology(_steady(self.picture))


@dataclass(frozen=True)
class Still:
    """A topology as a drawing that needs neither kernel nor script; in a terminal, its words."""

    picture: Picture

    def __repr__(self) -> str:
        return words.topology(_steady(self.picture))

    def svg(self) -> str:
        """The drawing; the same for two runs that did the same."""
        return still.svg(lay_out(_steady(self.picture), room=_ROOM))

    def _repr_svg_(self) -> str:
        return self.svg()


@dataclass(frozen=True)
class Trace:
    """The way of the latest messages, at most ``messages`` of them, as RabbitMQ reported it."""

    picture: Picture
    messages: int

    def __repr__(self) -> str:
        latest = list(self.picture.messages)[-self.messages :]
        told = words.ways(latest, _steady(self.picture)) or NOTHING_TRACED
        return told if self.picture.mode is Mode.MESSAGES else f"{told}\n{GAP}"


def _steady(picture: Picture) -> Picture:
    """Without what is another from moment to moment: statistics, and what is known of connections."""
    producers = [Producer("", "")] if picture.messages else []
    return replace(picture, tallies={}, waiting={}, producers=producers, callers={})
