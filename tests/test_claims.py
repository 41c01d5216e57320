"""The map from each claim of the course to the cells that show it, and to what fails when it is false."""

import ast
import tomllib
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.comparison import NOTEBOOKS, ROOT
from tests.sabotage.matrix import FILES, SABOTAGES

MAP: dict[str, Any] = tomllib.loads(Path(__file__).with_name("claims.toml").read_text(encoding="utf-8"))
CLAIMS: dict[str, dict[str, Any]] = MAP["claims"]
MISCONCEPTIONS: dict[str, dict[str, Any]] = MAP["misconceptions"]
ALL = CLAIMS | MISCONCEPTIONS
HOW_MANY = 21


def outputs(lesson: str, cell: str) -> str:
    """The text that is stored under a cell, which each run of the lesson is compared with."""
    notebook = nbformat.read(NOTEBOOKS / FILES[lesson], as_version=4)  # type: ignore[no-untyped-call]
    found = next(one for one in notebook.cells if one.id == cell)
    assert found.execution_count is not None, "what was never run is compared with nothing"
    assert "nbval-ignore-output" not in found.metadata.get("tags", [])
    return "\n".join(output.get("text") or output.get("data", {}).get("text/plain", "") for output in found.outputs)


def functions(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_the_map_has_every_claim() -> None:
    assert list(CLAIMS) == [f"T{number}" for number in range(1, HOW_MANY + 1)]


@pytest.mark.parametrize("name", ALL)
def test_each_is_shown_by_cells_whose_output_is_compared(name: str) -> None:
    assert ALL[name]["says"].endswith(".")
    assert ALL[name]["shown"]
    for shown in ALL[name]["shown"]:
        printed = outputs(shown["lesson"], shown["cell"])
        assert all(part in printed for part in shown["prints"]), f"{shown}\n{printed}"
        assert shown["prints"]


@pytest.mark.parametrize("name", ALL)
def test_each_has_something_that_fails_when_it_is_false(name: str) -> None:
    lessons = {shown["lesson"] for shown in ALL[name]["shown"]}
    for sabotage in ALL[name].get("sabotages", []):
        declared = next(one for one in SABOTAGES if one.name == sabotage)
        assert lessons & set(declared.lessons), f"{sabotage} turns none of {lessons} red"
    for test in ALL[name].get("tests", []):
        path, _, function = test.partition("::")
        assert function in functions(path), test
    assert ALL[name].get("sabotages") or ALL[name].get("tests")
