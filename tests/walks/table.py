"""The map from a lesson's sentences to the steps of its walk."""

import ast
import tomllib
from dataclasses import dataclass
from pathlib import Path

from tests.walks.sentences import Sentence, orders

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Entry:
    """What becomes of a sentence: a step of the walk, or the reason why there is nothing to do on the page."""

    cell: str
    text: str
    step: str = ""
    reading: str = ""
    moved: str = ""
    """Why the step does not come in the order of the text."""

    @property
    def sentence(self) -> Sentence:
        return Sentence(self.cell, self.text)


def entries(lesson: str) -> list[Entry]:
    """Return a lesson's table; empty where there is no file yet."""
    path = HERE / f"{lesson}.toml"
    if not path.exists():
        return []
    return [Entry(**row) for row in tomllib.loads(path.read_text(encoding="utf-8"))["sentence"]]


def steps_of_text(lesson: str) -> list[str]:
    """Return the steps in the order in which the text first tells of them."""
    return list(dict.fromkeys(entry.step for entry in entries(lesson) if entry.step))


def steps_of_walk(lesson: str) -> list[str]:
    """Return the steps that a walk has, in its order."""
    tree = ast.parse((HERE / f"test_{lesson}.py").read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _is_step(node.func)]
    calls.sort(key=lambda call: call.lineno)
    return [str(ast.literal_eval(call.args[0])) for call in calls]


def _is_step(function: ast.expr) -> bool:
    return isinstance(function, ast.Attribute) and function.attr == "step"


def unmapped(lesson: str) -> list[Sentence]:
    """Return the orders of a lesson that its table does not have."""
    mapped = {entry.sentence for entry in entries(lesson)}
    return [sentence for sentence in orders(lesson) if sentence not in mapped]
