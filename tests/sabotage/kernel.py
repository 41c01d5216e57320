"""Breaks the kernels that notebooks run in: what whoever starts them sets, and what they do when they start."""

import os
from importlib import import_module
from pathlib import Path

from tests.sabotage import mark

SETTING = "FANOUT_SABOTAGE"

# Not from tests.comparison: what every kernel imports is to be little.
_ROOT = Path(__file__).parents[2]
_STARTUP = Path(__file__).with_name("startup")


def environment(sabotage: str, marks: Path) -> dict[str, str]:
    """What makes every kernel apply a sabotage, and leave its marks in a file; an empty one changes nothing."""
    path = os.pathsep.join([str(_STARTUP), str(_ROOT)])
    return {"PYTHONPATH": path, SETTING: sabotage, mark.SETTING: str(marks)}


def apply() -> None:
    """Applies the sabotage that the environment names, if it names one."""
    module, _, name = os.environ[SETTING].partition(":")
    if not module:
        return
    try:
        getattr(import_module(module), name).apply()
    except Exception as error:
        # Python goes on without its sitecustomize: whoever runs the lesson has to be told.
        mark.spoil(error)
        raise
