"""``make notebooks``: runs every notebook on a fresh kernel and stores what it shows, clean and stable.

A notebook whose outputs differ only in what truly varies from run to run (``tests/nbval.cfg``) is left as it was
stored, so that running this twice changes nothing.
"""

import configparser
import copy
import json
import re
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from fanout_helpers.broker import private

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
_WIDGET = "application/vnd.jupyter.widget-view+json"


def main() -> None:
    private.hold(print)
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        print(f"{path.name} ...", flush=True)
        store(path)


def store(path: Path) -> None:
    stored = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    fresh = copy.deepcopy(stored)
    place = {"metadata": {"path": str(path.parent)}}
    # Stored widgets would show panes that claim to be consuming, on a page that has no kernel.
    NotebookClient(
        fresh, timeout=60, record_timing=False, store_widget_state=False, coalesce_streams=True, resources=place
    ).execute()
    outputs = [_clean(cell.get("outputs", [])) for cell in fresh.cells]
    # All of one run: a queue has the same name wherever it is shown.
    if _comparable(outputs) == _comparable([cell.get("outputs", []) for cell in stored.cells]):
        outputs = [cell.get("outputs", []) for cell in stored.cells]
    for cell, shown in zip(fresh.cells, outputs, strict=True):
        if cell.cell_type == "code":
            cell.outputs = shown
    fresh.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        # What converts a notebook to a script goes by this; versions would differ from machine to machine.
        "language_info": {
            "codemirror_mode": {"name": "ipython", "version": 3},
            "file_extension": ".py",
            "mimetype": "text/x-python",
            "name": "python",
            "nbconvert_exporter": "python",
            "pygments_lexer": "ipython3",
        },
    }
    nbformat.validate(fresh)
    nbformat.write(fresh, path)  # type: ignore[no-untyped-call]


def _clean(outputs: list[Any]) -> list[Any]:
    """Without widget views: their models are gone with the kernel, and a page would say so in red."""
    return [output for output in outputs if _WIDGET not in output.get("data", {})]


def _comparable(outputs: list[list[Any]]) -> str:
    text = json.dumps(outputs, sort_keys=True, ensure_ascii=False)
    for pattern, replacement in _sanitisers():
        text = pattern.sub(replacement, text)
    return text


def _sanitisers() -> list[tuple[re.Pattern[str], str]]:
    parser = configparser.RawConfigParser()
    parser.read(Path(__file__).with_name("nbval.cfg"), encoding="utf-8")
    return [(re.compile(parser.get(name, "regex")), parser.get(name, "replace")) for name in parser.sections()]


if __name__ == "__main__":
    main()
