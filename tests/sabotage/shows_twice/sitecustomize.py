"""A broken helper for tests/test_sabotage.py: every pane shows each message twice."""

from fanout_helpers.views import panes
from fanout_helpers.views.snapshot import PaneSnapshot

_snapshot = panes._Pane.snapshot


def _twice(pane: panes._Pane) -> PaneSnapshot:
    shown = _snapshot(pane)
    again = [{**line, "number": line["number"] + 1_000} for line in shown["lines"]]
    return {**shown, "lines": [*shown["lines"], *again]}


panes._Pane.snapshot = _twice
