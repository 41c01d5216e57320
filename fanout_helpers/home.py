"""A home directory for JupyterLab, which keeps its settings there and does not start without one."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from fanout_helpers import ephemeral
from fanout_helpers.errors import FanoutError
from fanout_helpers.faults import Fault

_SETTING = "HOME"
_PREFIX = "fanout-home-"


@contextlib.contextmanager
def usable() -> Iterator[FanoutError | None]:
    """Make sure of a home directory that can be written: this person's, or one that goes when the context ends.

    Yields:
        What is wrong with this person's own; ``None`` if nothing is.
    """
    wrong = _problem()
    if wrong is None:
        yield None
        return
    before = os.environ.get(_SETTING)
    with ephemeral.directory(_PREFIX) as made:
        os.environ[_SETTING] = str(made)
        try:
            yield wrong
        finally:
            os.environ.pop(_SETTING)
            if before is not None:
                os.environ[_SETTING] = before


def _problem() -> FanoutError | None:
    try:
        own = Path.home()
        with tempfile.TemporaryFile(dir=own):
            return None
    except RuntimeError:
        cause = "HOME is not set, and this machine has no entry for the user that this runs as."
    except OSError as error:
        cause = f"{error.strerror}: {own}."
    return FanoutError(
        "There is no home directory that can be written; JupyterLab keeps its settings there.",
        cause=cause,
        next_step="Set HOME to a directory of yours. Until then, 'fanout lab' uses one that goes when it ends.",
        fault=Fault.NO_HOME,
    )
