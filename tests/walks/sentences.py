"""Finds the sentences of a lesson that tell its learner to do something."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.comparison import NOTEBOOKS

_WORDS = r"""
    add answer ask begin bet bind bring change check choose clear click close come commit compare connect copy count
    decide declare delete describe do don't draw drag emit end enter explain fill find fix follow forget fetch get give
    go guess hide hold install interrupt invent join keep leave let list listen look make mend move name never note
    notice open pick play point predict press publish put question read receive recall remember rename remove repair
    repeat restart return right-click run save say scroll see select send set shift show shut skip start state stop
    subscribe switch take tell test think tick try turn type unbind unset unsubscribe use wait watch work write
"""

_VERBS = "|".join(_WORDS.split())

# An order begins a clause: a sentence, what follows a colon or a comma, what follows "then" or "and then".
_LEAD = r"(?:(?:then|and|or|but|so|now|first|next|please|better|always|also|once more|again)[, ]+)*"
_ORDER = re.compile(rf"(?:^|[:;,(]\s|\bthen\s|\band\s)[*_(\"“]*{_LEAD}[*_]*(?:{_VERBS})\b", re.IGNORECASE)
_FENCE = re.compile(r"^ *```.*?^ *```[^\n]*$", re.MULTILINE | re.DOTALL)
_TAG = re.compile(r"</?(?:details|summary|br|p|kbd)\b[^>]*>")
_RULE = re.compile(r"^[\s|:-]+$")
_BULLET = re.compile(r"^ *(?:[-*>]|\d+\.) +")
# A mark that closes bold or a parenthesis belongs to the sentence.
_END = re.compile(r"(?<=[.!?])([*_)\"”]*)\s+(?=[A-Z*_`(\"“\[\d])")


@dataclass(frozen=True)
class Sentence:
    """A sentence of a lesson, as its Markdown has it, and the cell in which it stands."""

    cell: str
    text: str


def lesson_texts(lesson: str) -> dict[str, str]:
    """Return the Markdown of a lesson's text cells, by their ids."""
    cells = json.loads((NOTEBOOKS / f"{lesson}.ipynb").read_text(encoding="utf-8"))["cells"]
    return {cell["id"]: "".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"}


def plain(markdown: str) -> str:
    """Return a text with its white space made even: a sentence is the same wherever its lines break."""
    return " ".join(markdown.split())


def sentences(markdown: str) -> Iterator[str]:
    """Yield the sentences of a text: of its paragraphs, list items and cells of tables; headings and code are none."""
    for block in _blocks(_TAG.sub("\n\n", _FENCE.sub("\n\n", markdown))):
        ended = _END.sub(r"\1\n", plain(block))
        yield from (line.strip() for line in ended.split("\n") if line.strip())


def _blocks(markdown: str) -> Iterator[str]:
    paragraph: list[str] = []
    for line in [*markdown.splitlines(), ""]:
        starts_another = not line.strip() or line.startswith(("#", "|")) or _BULLET.match(line)
        if starts_another and paragraph:
            yield " ".join(paragraph)
            paragraph = []
        if line.startswith("|"):
            yield from (cell for cell in line.strip("| ").split("|") if not _RULE.match(cell))
        elif line.strip() and not line.startswith("#"):
            paragraph.append(_BULLET.sub("", line))


def orders(lesson: str) -> list[Sentence]:
    """Return the sentences of a lesson that tell its learner to do something, in the order of the text."""
    texts = lesson_texts(lesson)
    return [Sentence(cell, text) for cell, markdown in texts.items() for text in sentences(markdown) if is_order(text)]


def is_order(sentence: str) -> bool:
    """Return whether a sentence tells somebody to do something."""
    return _ORDER.search(sentence) is not None
