"""The layers of the package: imports go down only, and each kind of outside world has one place."""

import ast
from pathlib import Path

import pytest

import fanout_helpers

PACKAGE = Path(fanout_helpers.__file__).parent

# From the bottom up. A module may import what stands below its line, and modules of its own line.
LAYERS = (
    {"faults"},
    {"errors"},
    {"model", "address", "presenting", "course", "ephemeral"},
    {"login", "management_page", "topology", "home", "decoding"},
    {"picture"},
    {"routing"},
    {"prediction"},
    {"quizzes"},
    {"delivery_log", "management"},
    {"broker"},
    {"connection"},
    {"consuming"},
    {"publisher"},
    {"barrier"},
    {"subscriber"},
    {"telemetry"},
    {"listing", "report"},
    {"subscribers"},
    {"drawing"},
    {"views"},
    {"virtual_host"},
    {"exercises"},
    {"boards"},
    {"doctor"},
    {"lab"},
    {"__init__"},
    {"projector", "trust"},
    {"management_ui"},
    {"jupyter"},
    {"cli"},
    {"__main__"},
)

# What only these may import, and what that is for.
PLACES = {
    "pika": {"connection", "consuming", "publisher", "subscriber", "telemetry"},
    "urllib3": {"management"},
    "http": {"management", "management_ui"},
    "subprocess": {"broker"},
    "socket": {"broker"},
    "jupyter_client": {"doctor"},
    "jupyter_core": {"doctor", "trust"},
    "ipywidgets": {"views"},
    "anywidget": {"views"},
    "traitlets": {"views"},
    "IPython": {"views"},
    "nbformat": {"trust"},
    "sqlite3": {"trust"},
    "jupyterlab": {"jupyter"},
    "jupyter_server": {"management_ui"},
    "jupyter_server_proxy": {"management_ui"},
    "tornado": {"management_ui"},
    "jupyterlab_server": {"projector", "doctor"},
    "argparse": {"cli"},
    "hashlib": {"course", "broker"},
}

MODULES = sorted(PACKAGE.rglob("*.py"))


def part(module: Path) -> str:
    """The name by which ``LAYERS`` knows a module: a package counts as one."""
    return module.relative_to(PACKAGE).with_suffix("").parts[0]


def imported(module: Path) -> set[str]:
    """The dotted names of all that a module imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def parts_imported(module: Path) -> set[str]:
    """The parts of this package that a module imports."""
    dotted = [name.split(".") for name in imported(module)]
    return {
        names[1] if (PACKAGE / names[1]).is_dir() or (PACKAGE / f"{names[1]}.py").is_file() else "__init__"
        for names in dotted
        if names[0] == PACKAGE.name
    }


@pytest.fixture(params=MODULES, ids=lambda module: str(module.relative_to(PACKAGE)))
def module(request: pytest.FixtureRequest) -> Path:
    return Path(request.param)


def test_every_module_is_looked_at() -> None:
    assert {part(module) for module in MODULES} == set().union(*LAYERS)
    assert len(MODULES) > 20
    assert {"model", "errors", "views", "virtual_host"} <= parts_imported(PACKAGE / "lab.py")


def test_imports_go_down_only(module: Path) -> None:
    own = part(module)
    height = next(height for height, layer in enumerate(LAYERS) if own in layer)
    below = set().union(*LAYERS[:height])
    assert parts_imported(module) <= below | {own}, "a module imports what stands above or beside it"


def test_each_kind_of_outside_world_has_one_place(module: Path) -> None:
    foreign = {name.split(".")[0] for name in imported(module)}
    assert {name for name in foreign if part(module) not in PLACES.get(name, {part(module)})} == set()


def test_nothing_imports_notebooks_or_tests(module: Path) -> None:
    assert {name.split(".")[0] for name in imported(module)}.isdisjoint({"notebooks", "tests", "conftest"})


def test_no_module_is_over_300_lines(module: Path) -> None:
    assert len(module.read_text(encoding="utf-8").splitlines()) <= 300
