"""What a person looks at: the only place with ipywidgets and anywidget.

A view reads sources, holds no connection and starts no process; the threads that receive messages never
touch a widget.
"""

from fanout_helpers.views.board import Board
from fanout_helpers.views.panes import Panes
from fanout_helpers.views.source import PaneSource

__all__ = ["Board", "PaneSource", "Panes"]
