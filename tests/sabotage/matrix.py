"""Runs lessons under sabotage, each in a virtual host of its own, and tells which noticed."""

import re
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from fanout_helpers.broker.node import Node
from tests.comparison import LESSONS, compare_here, warm_pool
from tests.live import Live, open_live, programs_of
from tests.sabotage import client, helpers, kernel, mark, messages, virtual_host
from tests.sabotage.declaration import Sabotage, declared_in

FILES = {file.removesuffix(".ipynb").partition("_")[2]: file for file in LESSONS}
"""The lessons by the names that sabotages declare."""

SABOTAGES = declared_in([client, messages, helpers, virtual_host])

NOTHING = "nothing"
"""The run without sabotage, which every lesson passes: else a red one would prove nothing."""

_AT_ONCE = 2
_OPTIONS = ("--maxfail=1", "--nbval-cell-timeout=60")
_FAILED = re.compile(r"^FAILED .*::(Cell \d+)", re.MULTILINE)
_NOTICED = ("Cell outputs differ", "Cell execution caused an exception")


@dataclass(frozen=True)
class Outcome:
    """What became of one run: whether it is as it must be, in a few words, and what pytest printed."""

    good: bool
    told: str
    output: str = ""


Cell = tuple[Sabotage | None, str]
"""A sabotage, or none, and a lesson."""


def run(sabotage: Sabotage | None, lesson: str, broker: Node, pool: Executor) -> Outcome:
    """Runs one lesson under one sabotage, up to the first cell that is red, in a process of the pool."""
    with open_live(broker.address) as live, tempfile.TemporaryDirectory(prefix="fanout-sabotage-") as scratch:
        marks = Path(scratch, "marks")
        bitten = _left_in(live, sabotage)
        in_kernel = sabotage.path if sabotage and sabotage.in_kernel else ""
        environment = {**live.environment, **programs_of(broker), **kernel.environment(in_kernel, marks)}
        code, output = pool.submit(compare_here, FILES[lesson], _OPTIONS, environment).result()
        if sabotage is None:
            return Outcome(code == 0, "green" if code == 0 else "red without sabotage", output)
        return _judged(code, output, mark.spoilt(marks), bitten=bitten or mark.bitten(marks))


def _left_in(live: Live, sabotage: Sabotage | None) -> bool:
    """Applies a sabotage of the virtual host, and says whether something is in there now."""
    if sabotage is None or sabotage.in_kernel:
        return False
    before = _definitions(live)
    sabotage.apply(live)
    return _definitions(live) != before


def _definitions(live: Live) -> list[object]:
    told = live.management._request("GET", "definitions", live.name)
    return [told[kind] for kind in ("exchanges", "queues", "bindings", "policies")]


def _judged(code: int, output: str, spoilt: str, *, bitten: bool) -> Outcome:
    """A sabotage is caught when the comparison noticed what it did; anything else is a hole."""
    failed = _FAILED.search(output)
    if spoilt:
        return Outcome(good=False, told=f"the sabotage is broken: {spoilt}", output=output)
    if not bitten:
        return Outcome(good=False, told=f"it never bit ({'green' if code == 0 else 'red'})", output=output)
    if code == 0:
        return Outcome(good=False, told="not caught", output=output)
    if failed is None or not any(reason in output for reason in _NOTICED):
        return Outcome(good=False, told="red for another reason", output=output)
    return Outcome(good=True, told=failed[1].lower(), output=output)


def survey(cells: Iterable[Cell], broker: Node, say: Callable[[str], None] = lambda _: None) -> dict[Cell, Outcome]:
    """Runs several cells of the table, two at once."""

    def told(cell: Cell) -> Outcome:
        sabotage, lesson = cell
        outcome = run(sabotage, lesson, broker, pool)
        say(f"{lesson}, {sabotage.name if sabotage else NOTHING}: {outcome.told}")
        return outcome

    cells = list(cells)
    with warm_pool(_AT_ONCE) as pool, ThreadPoolExecutor(_AT_ONCE) as workers:
        return dict(zip(cells, workers.map(told, cells), strict=True))


def cells(sabotages: Sequence[Sabotage], lessons: Sequence[str], *, undeclared: bool = False) -> list[Cell]:
    """Each lesson without sabotage, and then with each of those that declare it; or with all."""
    declared = [
        (sabotage, lesson) for sabotage in sabotages for lesson in lessons if undeclared or lesson in sabotage.lessons
    ]
    return [*((None, lesson) for lesson in lessons), *declared]


def table(outcomes: Mapping[Cell, Outcome]) -> str:
    """Which cell of which lesson caught which sabotage, in Markdown; a dash where no lesson is declared."""
    lessons = list(dict.fromkeys(lesson for _, lesson in outcomes))
    rows = [["sabotage", *lessons], ["---"] * (len(lessons) + 1)]
    for sabotage in dict.fromkeys(sabotage for sabotage, _ in outcomes):
        found = [outcomes.get((sabotage, lesson)) for lesson in lessons]
        rows.append([sabotage.name if sabotage else NOTHING, *map(_entry, found)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _entry(outcome: Outcome | None) -> str:
    if outcome is None:
        return "-"
    return outcome.told if outcome.good else f"**HOLE: {outcome.told}**"
