"""The built wheel, installed into an empty environment: the helpers, the page's parts and the course come with it."""

import json
import shutil
import sys
from pathlib import Path
from urllib.request import urlopen
from zipfile import ZipFile

import nbformat
import pytest

from fanout_helpers.broker.node import Node
from tests.comparison import NOTEBOOKS
from tests.environments import CONSTRAINTS, PROJECT, ROOT, Environment, build_wheel, run
from tests.jupyter import JupyterServer

COURSE = {
    *(path.name for path in NOTEBOOKS.glob("*.ipynb")),
    "programs/emit_log.py",
    "programs/receive_logs.py",
}
LESSON = "00_start_here.ipynb"


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The clone, with what a learner and their tools leave in it."""
    clone = tmp_path_factory.mktemp("clone")
    left = shutil.ignore_patterns(".git", ".venv", ".*_cache", "__pycache__", "artifacts", "dist")
    shutil.copytree(ROOT, clone, ignore=left, dirs_exist_ok=True)
    (clone / "notebooks" / "logs.txt").write_text("what a receiver wrote")
    (clone / "notebooks" / ".ipynb_checkpoints").mkdir(exist_ok=True)
    (clone / "notebooks" / ".ipynb_checkpoints" / "00_start_here-checkpoint.ipynb").write_text("{}")
    return clone


@pytest.fixture(scope="module")
def wheel(clone: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(clone, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment that has the wheel and what it depends on, and nothing of the clone."""
    environment = Environment(tmp_path_factory.mktemp("installed"))
    environment.install("--constraint", str(CONSTRAINTS), str(wheel))
    return environment


def contents(wheel: Path) -> dict[str, bytes]:
    with ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_wheel_has_the_package_and_the_course_and_nothing_else(wheel: Path) -> None:
    tracked = [path for path in (ROOT / "fanout_helpers").rglob("*") if path.is_file() and path.suffix != ".pyc"]
    expected = {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in tracked}
    expected |= {f"fanout_helpers/notebooks/{name}": (NOTEBOOKS / name).read_bytes() for name in COURSE}
    # Beside them are the wheel's own description and what goes elsewhere: fanout_helpers-VERSION.dist-info and .data.
    found = {name: text for name, text in contents(wheel).items() if not name.startswith("fanout_helpers-")}
    assert found == expected
    assert {Path(name).suffix for name in found} >= {".js", ".css", ".erl", ".ipynb"}


def test_source_distribution_builds_the_same_wheel(wheel: Path, clone: Path, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet")
    run(*pip, "--target", str(tools), *PROJECT["build-system"]["requires"])
    build = (sys.executable, "-m", "hatchling", "build", "--directory", str(tmp_path / "built"), "--target")
    run(*build, "sdist", cwd=clone, env={"PYTHONPATH": str(tools)})
    (archive,) = tmp_path.glob("built/*.tar.gz")
    # Python 3.11 before 3.11.4 cannot be told how far to trust an archive.
    run("tar", "--extract", "--file", str(archive), "--directory", str(tmp_path))
    run(*build, "wheel", cwd=tmp_path / archive.name.removesuffix(".tar.gz"), env={"PYTHONPATH": str(tools)})
    (again,) = tmp_path.glob("built/*.whl")
    assert again.name == wheel.name
    assert contents(again) == contents(wheel)


def test_what_is_used_is_what_was_installed(installed: Environment) -> None:
    installed.pip("check")
    program = "import fanout_helpers, fanout_helpers.lab; print(fanout_helpers.__file__)"
    assert Path(installed.run("-c", program).strip()).is_relative_to(installed.packages)
    assert "--present" in run(str(installed.python.with_name("fanout")), "lab", "--help", env=installed.variables)


def get(server: JupyterServer, path: str) -> bytes:
    with urlopen(f"{server.url}{path}?token={server.token}") as answer:  # noqa: S310 - the server's own address
        return bytes(answer.read())


@pytest.mark.usefixtures("broker")
def test_fanout_lab_serves_the_course_from_the_learners_folder(installed: Environment, tmp_path: Path) -> None:
    scratch = tmp_path / "jupyter"
    scratch.mkdir()
    with pytest.MonkeyPatch.context() as environment:
        for name, value in installed.with_rabbitmq().items():
            environment.setenv(name, value)
        environment.delenv("PYTHONPATH", raising=False)
        command = ("-m", "fanout_helpers", "lab", "my course")
        with JupyterServer(tmp_path, scratch, command, program=(str(installed.python),)) as server:
            config = get(server, f"lab/tree/{LESSON}").decode()
            shown = json.loads(get(server, f"api/contents/{LESSON}"))["content"]
            listed = {entry["name"] for entry in json.loads(get(server, "api/contents/"))["content"]}
    assert "jupyter-config-data" in config
    assert f"/lab/tree/{LESSON}" in server.log.read_text()
    assert f"Copied into {tmp_path / 'my course'}: {LESSON}, " in server.log.read_text()
    assert [cell["source"] for cell in shown["cells"]] == [cell.source for cell in read(NOTEBOOKS / LESSON).cells]
    assert listed == {name.partition("/")[0] for name in COURSE}


def test_lesson_runs_on_the_installed_package(broker: Node, installed: Environment) -> None:
    folder = installed.home / "course"
    installed.run("-m", "fanout_helpers", "course", str(folder))
    notebook = read(folder / LESSON)
    where = "import fanout_helpers, os; print(fanout_helpers.__file__, lab.address.port, os.getcwd())"
    lab = next(place for place, cell in enumerate(notebook.cells) if cell.source.endswith('Lab("start_here")'))
    notebook.cells.insert(lab + 1, nbformat.v4.new_code_cell(where))  # type: ignore[no-untyped-call]
    installed.execute(notebook, folder, installed.with_rabbitmq())
    package, port, cwd = notebook.cells[lab + 1].outputs[0]["text"].split()
    assert Path(package).is_relative_to(installed.packages)
    assert int(port) == broker.address.port
    assert Path(cwd) == folder
    shown = [output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", [])]
    assert any("application/vnd.jupyter.widget-view+json" in data for data in shown)


def test_nothing_of_it_was_left_in_the_package(installed: Environment) -> None:
    """What is installed may be read-only: lessons and boards write elsewhere."""
    delivered = installed.packages / "fanout_helpers" / "notebooks"
    found = {path.relative_to(delivered).as_posix() for path in delivered.rglob("*") if path.is_file()}
    assert {name for name in found if not name.endswith(".pyc")} == COURSE


def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call,no-any-return]
