"""Each place that names a supported version says what supported.toml says."""

import tomllib
from typing import Any

import pytest
import yaml

from fanout_helpers.broker import supported as rabbitmq
from tests import supported
from tests.supported import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PYTHONS = supported.versions("Python")
RABBITMQS = supported.versions("RabbitMQ")
FRONT_ENDS = ("JupyterLab", "Notebook", "Voilà")


def parsed(path: str) -> Any:  # noqa: ANN401 - as YAML has it
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


def in_workflow(product: str) -> set[str]:
    """The versions of it that the matrices of the GitHub workflow name."""
    jobs = parsed(".github/workflows/test.yml")["jobs"].values()
    matrices = [job["strategy"]["matrix"]["include"] for job in jobs if "strategy" in job]
    return {entry[product] for matrix in matrices for entry in matrix if product in entry}


def test_readme_has_the_table_that_is_made() -> None:
    readme = supported.README.read_text(encoding="utf-8")
    assert supported.updated(readme) == readme, "run `make readme`"


def test_a_readme_without_a_place_for_the_table_is_refused() -> None:
    with pytest.raises(ValueError, match="no place for the table"):
        supported.updated("# Fanout\n")


def test_what_nobody_has_tried_says_so() -> None:
    assert supported.Row("Lynx").how == "not tried"
    assert supported.Row("Lynx", note="text only").how == "not tried; text only"
    assert supported.Row("Lynx", by_hand="2026-11-24: one lesson").how == "by hand, 2026-11-24: one lesson"


def test_each_way_of_testing_is_explained_and_used() -> None:
    assert {way for row in supported.rows() for way in row.ways} == supported.ways().keys()


def test_every_supported_version_is_tested_somehow() -> None:
    untested = {row.name for row in supported.rows() if "not tried" in row.how}
    assert not untested & {f"Python {version}" for version in PYTHONS}
    assert not untested & {f"RabbitMQ {version}" for version in RABBITMQS}


def test_pyproject_names_these_pythons() -> None:
    classifier = "Programming Language :: Python :: "
    stated = [name.removeprefix(classifier) for name in PROJECT["project"]["classifiers"] if classifier in name]
    assert tuple(stated) == PYTHONS
    assert PROJECT["project"]["requires-python"] == f">={PYTHONS[0]}"


def test_the_oldest_python_is_what_is_linted_and_type_checked_for() -> None:
    assert PROJECT["tool"]["ruff"]["target-version"] == f"py{PYTHONS[0].replace('.', '')}"
    assert PROJECT["tool"]["mypy"]["python_version"] == PYTHONS[0]


def test_make_looks_for_these_pythons() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert f"sys.version_info < ({PYTHONS[0].replace('.', ', ')})" in makefile
    assert f"Fanout needs Python {PYTHONS[0]} or newer" in makefile
    names = makefile.partition("PYTHONS := ")[2].partition("\n")[0].split()
    assert {name for name in names if "." in name} == {f"python{version}" for version in PYTHONS}


def test_the_package_knows_these_rabbitmqs() -> None:
    assert RABBITMQS[0] == rabbitmq.OLDEST
    assert rabbitmq.TESTED == RABBITMQS


@pytest.mark.parametrize("product", ["Python", "RabbitMQ"])
def test_the_workflow_tests_what_is_said_to_be_tested_there(product: str) -> None:
    assert in_workflow(product.lower()) == set(supported.versions(product, "GitHub workflow"))


@pytest.mark.parametrize("front_end", FRONT_ENDS)
def test_the_pinned_front_ends_are_the_ones_that_are_named(front_end: str) -> None:
    [version] = supported.versions(front_end, "every change")
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert any(pin.startswith(f"{front_end.lower().replace('à', 'a')}=={version}.") for pin in pins)
