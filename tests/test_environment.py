"""``environment.yml`` and ``pyproject.toml`` name the same packages with the same bounds."""

import tomllib
from pathlib import Path
from typing import Any

import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from fanout_helpers.broker import supported

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
ENVIRONMENT: dict[str, Any] = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))

# Neither is a package for pip; and pip itself, which installs the one that conda-forge has not: ours.
ONLY_CONDA = {"python", "pip", "rabbitmq-server"}


def conda_packages() -> dict[str, str]:
    """The packages of environment.yml, each with its bound: ``>=4.2``, or ``=4.3`` for a series, or nothing."""
    bounds = {}
    for dependency in ENVIRONMENT["dependencies"]:
        name = dependency.rstrip("0123456789.").rstrip("<>=")
        bounds[name] = dependency.removeprefix(name)
    return bounds


def test_names_and_bounds_agree() -> None:
    required = [Requirement(each) for each in PROJECT["dependencies"]]
    bounds = {name: bound for name, bound in conda_packages().items() if name not in ONLY_CONDA}
    assert bounds == {each.name: str(each.specifier) for each in required}
    assert len(bounds) > 5


def test_everything_is_from_conda_forge_and_ours_is_left_to_pip() -> None:
    assert ENVIRONMENT["channels"] == ["conda-forge"]
    assert conda_packages().keys() >= ONLY_CONDA
    assert PROJECT["name"] not in conda_packages()


def test_python_is_one_series_that_the_package_supports() -> None:
    series = conda_packages()["python"].removeprefix("=")
    assert f"Programming Language :: Python :: {series}" in PROJECT["classifiers"]
    assert f"{series}.0" in SpecifierSet(PROJECT["requires-python"])


def test_rabbitmq_is_the_newest_series_that_the_lessons_are_run_on() -> None:
    assert conda_packages()["rabbitmq-server"] == f"={supported.TESTED[-1]}"
