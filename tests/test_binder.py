"""What Binder makes of ``binder/``: read by its own repo2docker, which needs no container engine for that."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.comparison import ROOT
from tests.fake_installations import make_program
from tests.test_environment import conda_packages

BINDER = ROOT / "binder"


@pytest.fixture(scope="module")
def dockerfile() -> str:
    """The Dockerfile that repo2docker makes of this repository, as it prints it."""
    command = ["--no-build", "--debug", "--user-id", "1000", "--user-name", "jovyan", str(ROOT)]
    made = subprocess.run([sys.executable, "-m", "repo2docker", *command], capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    return made.stdout + made.stderr


def step(dockerfile: str, pattern: str) -> int:
    """Where a step is; one that is not there is an error, as is one that is there twice."""
    (found,) = re.finditer(pattern, dockerfile, re.MULTILINE)
    return found.start()


def test_the_environment_is_this_repositorys(dockerfile: str) -> None:
    assert (BINDER / "environment.yml").readlink() == Path("../environment.yml")
    assert (BINDER / "environment.yml").read_text() == (ROOT / "environment.yml").read_text()
    step(dockerfile, r"env update -p \$\{NB_PYTHON_PREFIX\} --file \"binder/environment\.yml\"")


def test_its_base_is_of_the_same_python(dockerfile: str) -> None:
    """With a bound instead of a series, repo2docker takes its own default, which may be too old."""
    major, minor = conda_packages()["python"].removeprefix("=").split(".")
    step(dockerfile, rf"^COPY .*environment-2epy-2d{major}-2e{minor}-2dlinux.* /tmp/env/environment\.lock$")


def test_environment_repository_post_build_and_start_follow_each_other(dockerfile: str) -> None:
    steps = [
        step(dockerfile, r"env update .*binder/environment\.yml"),
        step(dockerfile, r"^COPY --chown=1000:1000 src/ \$\{REPO_DIR\}/$"),
        step(dockerfile, r"^RUN \./binder/postBuild$"),
        step(dockerfile, r'^ENV R2D_ENTRYPOINT="\$\{REPO_DIR\}/binder/start"$'),
    ]
    assert steps == sorted(steps)
    *_, user = re.findall(r"^USER (.*)$", dockerfile[: steps[2]], re.MULTILINE)
    assert user == "${NB_USER}"


def test_start_hands_over_at_once_and_names_the_process_that_rabbitmq_goes_with(tmp_path: Path) -> None:
    told, alive = tmp_path / "told", tmp_path / "alive"
    alive.touch()
    fanout = make_program(tmp_path / "fanout")
    # It never gets RabbitMQ up.
    fanout.write_text(f'#!/bin/sh\necho "$@" > {told}\nwhile [ -e {alive} ]; do sleep 0.02; done\n')
    until = f"until [ -s {told} ]; do sleep 0.02; done; rm {alive}"
    jupyter = ("sh", "-c", f'{until}; echo "$$:$1:$2"', "jupyter", "lab", "a  b")
    path = os.pathsep.join([str(tmp_path), os.defpath])
    with subprocess.Popen(
        [BINDER / "start", *jupyter], env={"PATH": path}, stdout=subprocess.PIPE, text=True
    ) as started:
        try:
            printed, _ = started.communicate(timeout=30)
        finally:
            alive.unlink(missing_ok=True)
    assert printed == f"{started.pid}:lab:a  b\n"
    assert told.read_text() == f"broker start --while {started.pid}\n"
