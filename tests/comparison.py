"""The strict comparison of notebooks, run by itself."""

import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NOTEBOOKS = ROOT / "notebooks"
LESSONS = sorted(path.name for path in NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))

_PYTEST = ("-p", "no:cacheprovider", "-p", "no:xdist", "--override-ini=addopts=")
# Without the tests' conftest.py, which would give the run a node of its own.
_NBVAL = ("--nbval", "--nbval-current-env", "--nbval-sanitize-with=tests/nbval.cfg", "--confcutdir=notebooks")


def compare(*lessons: str, **environment: str) -> tuple[int, str]:
    """Runs one lesson after another, each from a fresh kernel; returns pytest's exit code and what it printed."""
    command = [sys.executable, "-m", "pytest", *_arguments(lessons)]
    answer = subprocess.run(
        command, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, check=False
    )
    return answer.returncode, answer.stdout + answer.stderr


def warm_pool(workers: int) -> ProcessPoolExecutor:
    """Processes for ``compare_here``, each for one notebook: they are forked from one that has imported a lot already.

    To import nbformat alone takes more than a second, in which it compiles a grammar.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["pytest", "nbformat", "jupyter_client"])
    return ProcessPoolExecutor(workers, context, max_tasks_per_child=1)


def compare_here(lesson: str, options: Sequence[str], environment: Mapping[str, str]) -> tuple[int, str]:
    """The same as ``compare`` for one lesson, in this process, which prints nothing more after that."""
    os.environ.update(environment)
    os.chdir(ROOT)
    with tempfile.TemporaryFile("w+", encoding="utf-8") as printed:
        os.dup2(printed.fileno(), sys.stdout.fileno())
        os.dup2(printed.fileno(), sys.stderr.fileno())
        code = pytest.main([*options, *_arguments([lesson])])
        sys.stdout.flush()
        printed.seek(0)
        return int(code), printed.read()


def _arguments(lessons: Sequence[str]) -> list[str]:
    # A lesson named twice is to be run twice.
    return [*_PYTEST, *_NBVAL, "--keep-duplicates", *(f"notebooks/{lesson}" for lesson in lessons)]
