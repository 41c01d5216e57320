"""What a check says: what is right, what is missing, and how to go on."""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fanout_helpers.exercises import code
from fanout_helpers.exercises.requirement import Hints
from fanout_helpers.model import visible

_HINT = "           hint: "

# JupyterLab breaks the lines of plain text inside words. Here between them, and what is long goes on below itself.
_LINE = "margin:0;white-space:pre-wrap;word-break:normal;overflow-wrap:break-word;padding-left:{0}ch;text-indent:-{0}ch"
_RIGHT_OR_MISSING = 9


@dataclass(frozen=True)
class Verdict:
    """What is right already, and what is missing with the hints that it has earned.

    The hints are a sentence, and then, where they are earned, the statements of code that do it. ``code_is_next``
    says that nothing has changed since the check before, and that the next one gives the code all the same.
    """

    right: Sequence[str]
    missing: Mapping[str, Hints]
    code_is_next: bool = False

    @property
    def solved(self) -> bool:
        """Whether everything is as it must be."""
        return not self.missing

    @property
    def code(self) -> str:
        """The code that the hints give, to be run as it stands; empty where none is earned."""
        return "\n".join(code.block(hints[1:] for hints in self.missing.values()))

    def __repr__(self) -> str:
        lines = [text for _, text in self._lines()]
        return "\n".join([*lines, "", self.code] if self.code else lines)

    def _repr_html_(self) -> str:
        lines = [
            f'<pre style="{_LINE.format(indent)}">{html.escape(visible(text))}</pre>' for indent, text in self._lines()
        ]
        block = f'<pre style="{_LINE.format(0)};margin:1em 0 0">{html.escape(self.code)}</pre>' if self.code else ""
        return f"<div>{''.join(lines)}{block}</div>"

    def _lines(self) -> list[tuple[int, str]]:
        """The lines of text, each with where it goes on if it is longer than the page is wide."""
        lines = [(_RIGHT_OR_MISSING, f"right    {text}") for text in self.right]
        for text, hints in self.missing.items():
            lines += [(_RIGHT_OR_MISSING, f"missing  {text}"), (len(_HINT), f"{_HINT}{hints[0]}")]
        return [*lines, (0, self._end())]

    def _end(self) -> str:
        if self.solved:
            return "Solved."
        if self.code:
            return "Not yet. Run this in a cell, then check again:"
        if self.code_is_next:
            return "Not yet. Nothing has changed in RabbitMQ since the last check. One more gives the code."
        return "Not yet: change it and check again."
