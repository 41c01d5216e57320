"""Marks the course's notebooks as trusted: what JupyterLab does not trust, it shows as text after a reload."""

import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import nbformat
from jupyter_core.paths import jupyter_data_dir
from nbformat import NotebookNode
from nbformat.sign import NotebookNotary

from fanout_helpers import course

# JupyterLab shows an SVG as a picture, in which nothing runs, and a widget's view only while its kernel lives.
_INERT = {"text/plain", "image/svg+xml", "application/vnd.jupyter.widget-view+json"}

_OURS = re.compile(r'(?:[^<]|</?(?:table|thead|tbody|tr|td|th|div|pre)(?: (?:scope="col"|style="[a-z0-9:;-]*"))*>)*')
"""HTML in which there is nothing but our tables (``listing.py``) and verdicts: their styles can fetch nothing."""

_FAILED = (
    "The course's notebooks could not be marked as trusted: {error}.\n"
    "The lessons work; where the page is reloaded, run a board's cell again to see the board live."
)


def trust(folder: Path, say: Callable[[str], None]) -> None:
    """Signs the course's notebooks in a folder, as Jupyter does with what a person ran and saved.

    Only those that are to the byte as the course has them, and hold no output in which anything could run: what
    somebody changed, or put in the place of a lesson, is left for the person to judge.

    Args:
        folder: Where the course is.
        say: Called with a text if that cannot be done.
    """
    data = Path(jupyter_data_dir())
    try:
        data.mkdir(parents=True, exist_ok=True)
        notary = NotebookNotary(data_dir=str(data))  # type: ignore[no-untyped-call]
        for path in course.unchanged_notebooks(folder):
            notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
            if is_inert(notebook):
                notary.sign(notebook)  # type: ignore[no-untyped-call]
        notary.store.close()
    except (OSError, sqlite3.Error) as error:
        say(_FAILED.format(error=error))


def is_inert(notebook: NotebookNode) -> bool:
    """Whether nothing in what is stored of a notebook's outputs could run."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return all(_is_inert(kind, value) for output in outputs for kind, value in output.get("data", {}).items())


def _is_inert(kind: str, value: object) -> bool:
    return kind in _INERT or (kind == "text/html" and _OURS.fullmatch(str(value)) is not None)
