"""Puts a mutant in the place of a function or a method."""

import functools
import inspect
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.sabotage import mark

Mutant = Callable[[Callable[..., Any], dict[str, Any]], Any]
"""Gets the function as it was, and the arguments of the call by their names, defaults and ``self`` among them."""

_HERE = str(Path(__file__).parent)


def mutates(owner: Any, name: str) -> Callable[[Mutant], Mutant]:  # noqa: ANN401
    """Replaces a function of a module or a method of a class for the rest of this process."""
    real = getattr(owner, name)
    signature = inspect.signature(real)

    def replace(mutant: Mutant) -> Mutant:
        @functools.wraps(real)
        def mutated(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
            try:
                given = signature.bind(*args, **kwargs)
            except TypeError:
                # Lessons call some functions wrongly, on purpose: the error is to be the real one.
                return real(*args, **kwargs)
            given.apply_defaults()
            try:
                return mutant(real, dict(given.arguments))
            except Exception as error:
                _spoil_if_own(error)
                raise

        setattr(owner, name, mutated)
        return mutant

    return replace


def _spoil_if_own(error: Exception) -> None:
    """An error that begins in a sabotage and not in what it calls is a mistake in the sabotage."""
    if traceback.extract_tb(error.__traceback__)[-1].filename.startswith(_HERE):
        mark.spoil(error)
