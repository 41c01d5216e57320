"""Google Colab, as far as it can be had here: its versions, its first cell, and a lesson after that."""

import re
import sys
from pathlib import Path

import nbformat
import pytest

from fanout_helpers.broker import debian
from tests.comparison import LESSONS, NOTEBOOKS
from tests.environments import CONSTRAINTS, PROJECT, ROOT, Environment, build_wheel, notebook_of, printed

PAGE = ROOT / "docs" / "colab.md"
REPOSITORY = PROJECT["project"]["urls"]["Repository"]

# Of https://github.com/googlecolab/backend-info, pip-freeze.txt of 19 August 2026: what kernels and widgets need.
KERNEL = (
    "ipykernel==6.17.1",
    "ipython==7.34.0",
    "jupyter_client==7.4.9",
    "jupyter_core==5.9.1",
    "jupyter_server==2.20.0",
    "nbclient==0.10.4",
    "notebook==6.5.7",
    "prompt_toolkit==3.0.53",
    "pyzmq==26.2.1",
    "requests==2.32.4",
    "tornado==6.5.7",
    "traitlets==5.7.1",
)
WIDGETS = ("anywidget==0.9.21", "ipywidgets==7.7.1", "widgetsnbextension==3.6.10")

# What anywidget looks for to know that it is in Colab, and whom it tells that there are widgets.
STAND_IN = """
import sys, types
told = []
output = types.ModuleType("google.colab.output")
output._widgets = types.SimpleNamespace(_installed_url=None)
output.enable_custom_widget_manager = lambda: told.append("enabled")
sys.modules["google.colab.output"] = output
"""
VERSIONS = """
from importlib.metadata import version
print(*(f"{name}=={version(name)}" for name in %r), sep="\\n")
print(told)
"""


def first_cell() -> str:
    """What a learner is asked to paste."""
    (cell,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return str(cell)


def constrain_what_is_new(colab: Environment, directory: Path) -> Path:
    """Constraints for what pip has to get; of what is there, pip decides by itself what it replaces."""
    there = {canonical(line) for line in colab.pip("freeze", "--all").splitlines()}
    lines = CONSTRAINTS.read_text(encoding="utf-8").splitlines()
    constraints = directory / "constraints.txt"
    constraints.write_text("\n".join(line for line in lines if canonical(line) not in there))
    return constraints


def canonical(requirement: str) -> str:
    return re.split("==| @ ", requirement)[0].replace("_", "-").lower()


@pytest.mark.skipif(not debian.available(), reason="Colab has apt-get and dpkg")
@pytest.mark.skipif(sys.version_info >= (3, 14), reason="Colab has Python 3.13; its IPython is too old for later ones")
def test_first_cell_makes_a_lesson_run(tmp_path: Path) -> None:
    colab = Environment(tmp_path)
    colab.install("pip", *KERNEL, *WIDGETS)
    wheel = build_wheel(ROOT, tmp_path)
    cell = first_cell().replace(f"git+{REPOSITORY}", wheel.as_uri())
    assert cell != first_cell()

    content = tmp_path / "content"
    content.mkdir()
    notebook = notebook_of(STAND_IN, cell)
    lesson = nbformat.read(NOTEBOOKS / "00_start_here.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    names = [pin.partition("==")[0] for pin in KERNEL]
    notebook.cells += [*lesson.cells, *notebook_of(VERSIONS % names).cells]
    variables = {
        **{name: value for name, value in colab.variables.items() if not name.startswith("FANOUT_")},
        "FANOUT_RUNTIME_DIR": str(tmp_path / "runtime"),
        "PIP_CONSTRAINT": str(constrain_what_is_new(colab, tmp_path)),
    }
    colab.execute(notebook, content, variables)

    assert re.search(r"RabbitMQ \S+ is (ready in|already here)", printed(notebook.cells[1]))
    assert (content / "programs" / "emit_log.py").is_file()
    *versions, told = printed(notebook.cells[-1]).splitlines()
    assert versions == list(KERNEL)
    assert told == "['enabled']"
    colab.pip("check")


def test_every_lesson_can_be_opened_in_colab() -> None:
    address = REPOSITORY.replace("https://github.com", "https://colab.research.google.com/github")
    linked = re.findall(rf"\({re.escape(address)}/blob/main/notebooks/(\S+?)\)", PAGE.read_text(encoding="utf-8"))
    assert linked == LESSONS


def test_documents_agree_on_the_address() -> None:
    places = r"(?:github\.com|colab\.research\.google\.com/github|mybinder\.org/v2/gh)/([\w.-]+/fanout)\b"
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *NOTEBOOKS.glob("*.ipynb")]
    said = {name for page in pages for name in re.findall(places, page.read_text(encoding="utf-8"))}
    assert said == {REPOSITORY.removeprefix("https://github.com/")}
