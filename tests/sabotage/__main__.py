"""``make sabotage``: each lesson under each sabotage that it must notice; ends with 1 where one did not.

Code cells are counted from 0, as nbval does. A dash: the lesson does nothing that the sabotage could change.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from fanout_helpers.broker import attached, private
from fanout_helpers.broker.node import Node
from tests.sabotage.matrix import FILES, SABOTAGES, Cell, cells, survey, table


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.sabotage", description=__doc__)
    parser.add_argument("lessons", nargs="*", help=f"some of: {', '.join(FILES)}; by default all")
    parser.add_argument(
        "--undeclared", action="store_true", help="also run what no sabotage declares, for a new lesson"
    )
    asked = parser.parse_args()
    for lesson in asked.lessons:
        if lesson not in FILES:
            parser.error(f"there is no lesson {lesson!r}; there are {', '.join(FILES)}")
    # A node of its own, and nobody else's broker.
    runtime = tempfile.mkdtemp(prefix="fanout-sabotage-")
    os.environ["FANOUT_RUNTIME_DIR"] = runtime
    for setting in (attached.BROKER_SETTING, attached.MANAGEMENT_SETTING):
        os.environ.pop(setting, None)
    try:
        node = private.hold(print)
        return report(cells(SABOTAGES, asked.lessons or list(FILES), undeclared=asked.undeclared), node)
    finally:
        private.stop()
        shutil.rmtree(Path(runtime), ignore_errors=True)


def report(wanted: Sequence[Cell], broker: Node) -> int:
    """Prints the table; returns the exit code: 1 if there is a hole."""
    began = time.monotonic()
    outcomes = survey(wanted, broker, lambda line: print(line, file=sys.stderr, flush=True))
    holes = {cell: outcome for cell, outcome in outcomes.items() if not outcome.good}
    for (sabotage, lesson), outcome in holes.items():
        what = sabotage.what if sabotage else "Nothing is sabotaged."
        print(f"\nHOLE in {lesson}: {outcome.told}. {what}\n{outcome.output}")
    print(f"\n{table(outcomes)}\n")
    print(f"{len(outcomes)} runs in {time.monotonic() - began:.0f} seconds, {len(holes)} holes")
    return 1 if holes else 0


if __name__ == "__main__":
    sys.exit(main())
