"""The table of errors says of each error that its lesson makes what that lesson shows."""

import re
from typing import NamedTuple

import nbformat

from tests.comparison import NOTEBOOKS

SHOWN = re.compile(
    r"^(\w+)(?:: (?:ConnectionClosedByBroker: )?\((\d{3})(?:, |\) )(['\"])([A-Z_]+) - (.*)\3)?", re.MULTILINE
)
RAISED = re.compile(r"^(?:\w+Error|\w+ByBroker|gaierror)\b.*$", re.MULTILINE)
CLOSED = {
    "ChannelClosedByBroker": "closes the channel",
    "ConnectionClosedByBroker": "closes the connection",
    "ChannelWrongStateError": "was closed before",
    "ConnectionWrongStateError": "was closed before",
    "UnroutableError": "closes nothing",
    "NackError": "closes nothing",
    "ProbableAccessDeniedError": "never opened",
    "ProbableAuthenticationError": "never opened",
    "AMQPConnectionError": "never opened",
    "gaierror": "never opened",
}


class Row(NamedTuple):
    error: str
    closed: str
    done: str
    way_out: str


def rows() -> list[Row]:
    page = nbformat.read(NOTEBOOKS / "table_of_errors.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    lines = [line for line in page.cells[0].source.splitlines() if line.startswith("| ")]
    return [Row(*re.split(r"<br>→ |<br>| \| ", line.strip("| "))) for line in lines[1:]]


def shown() -> set[str]:
    """Return the errors that the lesson's cells have printed."""
    lesson = nbformat.read(NOTEBOOKS / "07_errors.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    outputs = [output for cell in lesson.cells for output in cell.get("outputs", [])]
    return {line for output in outputs for line in RAISED.findall(output.get("text", ""))}


def says(row: Row, error: str) -> bool:
    """Return whether a row is of an error: by its code and RabbitMQ's words, or by the name that pika gave it."""
    found = SHOWN.match(error)
    assert found is not None
    name, code, _, kind, text = found.groups()
    if code is None:
        return f"`{name}`" in row.error
    words = [re.escape(part).replace(r"\.\.\.", ".*") for part in re.findall(r"\*(.+?)\*", row.error)]
    opened = f"`{name}`" in row.error or not name.startswith("Probable")
    return opened and f"{code} {kind}" in row.error and (not words or any(re.search(part, text) for part in words))


def test_each_error_of_the_lesson_is_in_the_table_with_what_it_closed_and_a_way_out() -> None:
    errors = shown()
    assert {error.partition(":")[0] for error in errors} == set(CLOSED)
    for error in errors:
        closed = CLOSED[error.partition(":")[0]]
        assert [row for row in rows() if says(row, error) and row.closed.startswith(closed) and row.way_out], error
