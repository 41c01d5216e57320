"""Which notebooks ``fanout lab`` marks as trusted."""

import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.sign import NotebookNotary

from fanout_helpers.course import START_PAGE, source
from fanout_helpers.trust import is_inert, trust
from tests.comparison import LESSONS

SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Jupyter's data directory, which nobody made yet."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A fresh copy of the course."""
    return Path(shutil.copytree(source(), tmp_path / "course"))


def read(path: Path) -> Any:  # noqa: ANN401 - nbformat has no types
    return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]


def is_trusted(path: Path, data: Path) -> bool:
    notary = NotebookNotary(data_dir=str(data))  # type: ignore[no-untyped-call]
    return bool(notary.check_signature(read(path)))  # type: ignore[no-untyped-call]


def displayed(kind: str, value: str) -> Any:  # noqa: ANN401 - nbformat has no types
    output = nbformat.v4.new_output("display_data", {kind: value})  # type: ignore[no-untyped-call]
    cell = nbformat.v4.new_code_cell("", outputs=[output])  # type: ignore[no-untyped-call]
    return nbformat.v4.new_notebook(cells=[cell])  # type: ignore[no-untyped-call]


def test_every_lesson_of_a_fresh_copy_is_trusted(folder: Path, data: Path) -> None:
    trust(folder, pytest.fail)
    assert all(is_trusted(folder / lesson, data) for lesson in LESSONS)


def test_what_somebody_changed_is_not(folder: Path, data: Path) -> None:
    changed, other = folder / START_PAGE, folder / "other.ipynb"
    notebook = read(changed)
    notebook.cells.append(displayed("text/plain", "harmless").cells[0])
    nbformat.write(notebook, changed)  # type: ignore[no-untyped-call]
    shutil.copy(changed, other)
    trust(folder, pytest.fail)
    assert not is_trusted(changed, data)
    assert not is_trusted(other, data)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("text/html", SCRIPT),
        ("text/html", "<table onclick=alert(1)><tr></tr></table>"),
        ("text/html", '<td style="text-align:left" onclick="alert(1)">'),
        ("text/html", "<table><a href='javascript:alert(1)'>x</a></table>"),
        ("text/html", '<pre style="background:url(//example.org)">x</pre>'),
        ("application/javascript", "alert(1)"),
        ("text/markdown", SCRIPT),
    ],
)
def test_no_output_in_which_something_could_run_is_trusted(kind: str, value: str) -> None:
    assert not is_inert(displayed(kind, value))


@pytest.mark.parametrize("kind", ["text/plain", "image/svg+xml"])
def test_text_and_pictures_are_inert(kind: str) -> None:
    assert is_inert(displayed(kind, SCRIPT))


def test_a_data_directory_that_cannot_be_had_is_told_and_stops_nothing(folder: Path, data: Path) -> None:
    data.write_text("a file")
    said: list[str] = []
    trust(folder, said.append)
    assert "could not be marked as trusted" in said[0]
    assert "run a board's cell again" in said[0]
