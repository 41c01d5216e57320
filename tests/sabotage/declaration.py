"""What a sabotage is, and the lessons that it must turn red."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from tests.live import Live


@dataclass(frozen=True)
class Sabotage:
    """Something that is wrong. It is applied in the lesson's kernel, or to its virtual host before the lesson begins.

    ``lessons`` are names as in ``01_exchanges.ipynb``: ``exchanges``.
    """

    apply: Callable[..., Any]
    lessons: tuple[str, ...]
    in_kernel: bool

    @property
    def name(self) -> str:
        return self.apply.__name__

    @property
    def path(self) -> str:
        """Where a kernel finds it."""
        return f"{self.apply.__module__}:{self.name}"

    @property
    def what(self) -> str:
        """What is wrong, in a sentence."""
        return (self.apply.__doc__ or "").partition("\n")[0]


def in_kernel(*lessons: str) -> Callable[[Callable[[], None]], Sabotage]:
    """Declares a function that breaks things in the process where it is called."""
    return lambda apply: Sabotage(apply, lessons, in_kernel=True)


def in_virtual_host(*lessons: str) -> Callable[[Callable[[Live], None]], Sabotage]:
    """Declares a function that leaves something in a virtual host."""
    return lambda apply: Sabotage(apply, lessons, in_kernel=False)


def declared_in(modules: Iterable[ModuleType]) -> list[Sabotage]:
    return [value for module in modules for value in vars(module).values() if isinstance(value, Sabotage)]
