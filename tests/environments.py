"""The package as others get it: built, and installed into an environment that has nothing else."""

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from fanout_helpers.broker import installation

ROOT = Path(__file__).parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONSTRAINTS = ROOT / "constraints.txt"

_CELL_SECONDS = 300
_PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check")
# What would lead to the clone, or to the environment that the tests run in.
_OURS = ("PYTHONPATH", "XDG_CACHE_HOME", "PYTHONHOME", "VIRTUAL_ENV", "CONDA_PREFIX", "CONDA_EXE", "MAMBA_EXE")


def build_wheel(source: Path, directory: Path) -> Path:
    """Builds a wheel as pip does it, and returns it."""
    run(*_PIP, "wheel", "--quiet", "--no-deps", "--wheel-dir", str(directory), str(source))
    (wheel,) = directory.glob("*.whl")
    return wheel


class Environment:
    """An empty environment, with a home of its own in which nothing is either.

    Args:
        directory: Where it is made.
    """

    def __init__(self, directory: Path) -> None:
        self._place = directory / "environment"
        self.home = directory / "home"
        self.home.mkdir()
        run(sys.executable, "-m", "venv", "--without-pip", str(self._place))
        self.python = self._place / "bin" / "python"
        self.variables = {name: value for name, value in os.environ.items() if name not in _OURS}
        self.variables |= {"HOME": str(self.home), "PATH": f"{self._place / 'bin'}{os.pathsep}{os.defpath}"}

    @property
    def packages(self) -> Path:
        """The directory that its packages are in."""
        (packages,) = self._place.glob("lib/python*/site-packages")
        return packages

    def with_rabbitmq(self) -> dict[str, str]:
        """Its variables, and the RabbitMQ that the tests use: it would look for one in its own home."""
        return {**self.variables, installation.SETTING: str(installation.find().sbin)}

    def install(self, *requirements: str) -> None:
        """Installs packages with pip."""
        # What is imported is compiled then: a fraction of it all.
        self.pip("install", "--quiet", "--no-compile", *requirements)

    def pip(self, *arguments: str) -> str:
        """Runs pip on it, the tests' own: it has none unless that is installed."""
        return run(*_PIP, "--python", str(self.python), *arguments)

    def run(self, *arguments: str, cwd: Path | None = None) -> str:
        """Runs its Python and returns what that printed; fails with it if it does."""
        return run(str(self.python), *arguments, cwd=cwd or self.home, env=self.variables)

    def execute(self, notebook: Any, cwd: Path, variables: Mapping[str, str]) -> None:  # noqa: ANN401 - nbformat has no types
        """Runs a notebook's cells on a kernel of this environment; fails if one of them does."""
        specification = self.home / "kernels" / "installed" / "kernel.json"
        specification.parent.mkdir(parents=True, exist_ok=True)
        argv = [str(self.python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        specification.write_text(json.dumps({"argv": argv, "display_name": "installed", "language": "python"}))
        place = {"metadata": {"path": str(cwd)}}
        client = NotebookClient(notebook, kernel_name="installed", timeout=_CELL_SECONDS, resources=place)
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("JUPYTER_PATH", str(self.home))
            client.execute(env=dict(variables))


def notebook_of(*cells: str) -> Any:  # noqa: ANN401 - nbformat has no types
    """A notebook of code cells."""
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])  # type: ignore[no-untyped-call]


def printed(cell: Any) -> str:  # noqa: ANN401 - nbformat has no types
    """What a cell printed."""
    return "".join(output["text"] for output in cell.outputs if output.output_type == "stream")


def run(*command: str, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> str:
    """Runs a program and returns what it printed; fails with all of that if it does."""
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
    return done.stdout
