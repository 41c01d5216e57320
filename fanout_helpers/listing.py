"""Lists of exchanges, queues and bindings as tables: HTML for a notebook, text for a terminal and for CI."""

import html
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Generic, TypeVar, overload

from fanout_helpers.model import Binding, Exchange, Queue, short_name, visible

T = TypeVar("T")

# JupyterLab puts the text of tables on the right, as is good for numbers.
_CELL = "text-align:left"


class Listing(Sequence[T], Generic[T]):
    """An immutable sequence of values that shows itself as a table.

    Args:
        values: The values, in the order to show.
        columns: What to show of each: the heads of the columns, and how to get a cell's text from a value.
        nothing: What to say when there is no value.
    """

    def __init__(self, values: Iterable[T], columns: Mapping[str, Callable[[T], str]], nothing: str) -> None:
        self._values = tuple(values)
        self._columns = dict(columns)
        self._nothing = nothing

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...
    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        return self._values[index]

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        if not self._values:
            return self._nothing
        rows = [list(self._columns), *self._rows()]
        widths = [max(len(row[column]) for row in rows) for column in range(len(self._columns))]
        padded = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
        return "\n".join(line.rstrip() for line in padded)

    def _repr_html_(self) -> str:
        if not self._values:
            return f"<p>{html.escape(self._nothing)}</p>"
        head = "".join(f'<th scope="col" style="{_CELL}">{html.escape(name)}</th>' for name in self._columns)
        body = "".join(f"<tr>{''.join(map(_html_cell, row))}</tr>" for row in self._rows())
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    def _rows(self) -> list[list[str]]:
        return [[visible(cell(value)) for cell in self._columns.values()] for value in self._values]


def exchanges(values: Iterable[Exchange]) -> Listing[Exchange]:
    """Exchanges by name, as ``rabbitmqctl list_exchanges name type durable`` lists them."""
    columns: dict[str, Callable[[Exchange], str]] = {
        "name": lambda exchange: _shown(exchange.name),
        "type": lambda exchange: exchange.type,
        "durable": lambda exchange: _yes_no(exchange.durable),
    }
    return Listing(sorted(values, key=lambda exchange: exchange.name), columns, "no exchanges")


def queues(values: Iterable[Queue], owners: Mapping[str, str]) -> Listing[Queue]:
    """Queues and their properties; ``owners`` maps queues to the subscribers whose they are.

    Statistics (``messages_ready``, ``consumers``) are not shown: RabbitMQ reports them late. The values have them.
    """
    columns: dict[str, Callable[[Queue], str]] = {
        "name": lambda queue: short_name(queue.name),
        "exclusive": lambda queue: _yes_no(queue.exclusive),
        "durable": lambda queue: _yes_no(queue.durable),
        "auto_delete": lambda queue: _yes_no(queue.auto_delete),
        "subscriber": lambda queue: owners.get(queue.name, ""),
    }
    ordered = sorted(values, key=lambda queue: _queue_order(queue.name, owners))
    return Listing(ordered, columns, "no queues")


def bindings(values: Iterable[Binding], owners: Mapping[str, str]) -> Listing[Binding]:
    """Bindings as ``rabbitmqctl list_bindings`` lists them; ``owners`` maps queues to their subscribers."""
    columns: dict[str, Callable[[Binding], str]] = {
        "source": lambda binding: _shown(binding.source),
        "destination": lambda binding: short_name(binding.destination),
        "routing_key": lambda binding: _shown(short_name(binding.routing_key)),
        "subscriber": lambda binding: owners.get(binding.destination, ""),
    }
    ordered = sorted(values, key=lambda binding: _binding_order(binding, owners))
    return Listing(ordered, columns, "no bindings")


def _binding_order(binding: Binding, owners: Mapping[str, str]) -> tuple[str, ...]:
    return binding.source, *_queue_order(binding.destination, owners), binding.destination_type, binding.routing_key


def _queue_order(name: str, owners: Mapping[str, str]) -> tuple[str, str]:
    """By the subscriber's name where there is one: a server-given name says nothing and is another each time."""
    return owners.get(name, name), name


def _shown(name: str) -> str:
    """An empty name is a name too: the default exchange's, or a binding key."""
    return name or '""'


def _yes_no(value: bool) -> str:  # noqa: FBT001
    return "yes" if value else "no"


def _html_cell(text: str) -> str:
    return f'<td style="{_CELL}">{html.escape(text)}</td>'
