"""Whether this is shown on a projector, in front of a class."""

import os

SETTING = "FANOUT_PRESENT"
"""The environment variable that says so; ``fanout lab --present`` sets it for its kernels."""


def presenting() -> bool:
    """Whether boards open in presenter size."""
    return bool(os.environ.get(SETTING))
