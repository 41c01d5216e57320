"""The strict comparison of notebooks, run by itself."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
NOTEBOOKS = ROOT / "notebooks"
LESSONS = sorted(path.name for path in NOTEBOOKS.glob("*.ipynb"))

_PYTEST = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", "--override-ini=addopts=")
# Without the tests' conftest.py, which would give the run a node of its own.
_NBVAL = ("--nbval", "--nbval-current-env", "--nbval-sanitize-with=tests/nbval.cfg", "--confcutdir=notebooks")


def compare(*lessons: str, **environment: str) -> tuple[int, str]:
    """Runs one lesson after another, each from a fresh kernel; returns pytest's exit code and what it printed."""
    command = [*_PYTEST, *_NBVAL, "--keep-duplicates", *(f"notebooks/{lesson}" for lesson in lessons)]
    answer = subprocess.run(
        command, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, check=False
    )
    return answer.returncode, answer.stdout + answer.stderr
