"""The GitHub workflow, which cannot run here: what it calls is there, and it cannot hang for hours."""

import re
from typing import Any

import pytest
import yaml

from tests.supported import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
JOBS: dict[str, dict[str, Any]] = {
    f"{path.stem}-{name}": job
    for path in WORKFLOWS
    for name, job in yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"].items()
}
MATRIX_VALUE = re.compile(r"\$\{\{ matrix\.(\w+) \}\}")


def commands(job: dict[str, Any]) -> str:
    return "\n".join(step["run"] for step in job["steps"] if "run" in step)


def test_there_is_a_workflow() -> None:
    assert JOBS


def test_every_target_that_is_made_is_in_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    made = {target for job in JOBS.values() for target in re.findall(r"^make ([a-z]+)", commands(job), re.MULTILINE)}
    assert made
    assert made <= set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))


def test_every_file_that_is_named_is_in_the_repository() -> None:
    named = {word for job in JOBS.values() for word in re.findall(r"[\w/.-]+\.(?:ipynb|txt)\b", commands(job))}
    named |= {step["with"][key] for job in JOBS.values() for step in job["steps"] for key in files(step)}
    assert named
    assert {name for name in named if not (ROOT / name).is_file()} == set()


def files(step: dict[str, Any]) -> set[str]:
    return {"cache-dependency-path", "environment-file"} & set(step.get("with", {}))


@pytest.mark.parametrize("name", JOBS)
def test_a_job_is_stopped_before_long(name: str) -> None:
    assert JOBS[name]["timeout-minutes"] <= 60


@pytest.mark.parametrize("name", JOBS)
def test_a_job_uses_only_what_each_entry_of_its_matrix_has(name: str) -> None:
    job = JOBS[name]
    used = set(MATRIX_VALUE.findall(yaml.safe_dump(job)))
    for entry in job.get("strategy", {}).get("matrix", {}).get("include", [{}]):
        assert used <= set(entry)


@pytest.mark.parametrize("name", JOBS)
def test_an_action_is_taken_at_a_major_version(name: str) -> None:
    actions = [step["uses"] for step in JOBS[name]["steps"] if "uses" in step]
    assert actions
    assert [action for action in actions if not re.fullmatch(r"[\w-]+/[\w-]+@v\d+", action)] == []
