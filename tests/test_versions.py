"""Every lesson on every RabbitMQ that there is to test with, twice: a learner also opens a lesson a second time."""

from collections.abc import Iterator

import nbformat
import pytest

from tests.comparison import LESSONS, NOTEBOOKS, compare
from tests.installations import HOMES, chosen, label
from tests.processes import holder


@pytest.fixture(scope="module", params=HOMES, ids=label)
def node(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment in which a node of that installation is up; a lesson meets its virtual host there again."""
    runtime = tmp_path_factory.mktemp("runtime") / "fanout"
    with holder(runtime, **chosen(request.param)) as held:
        held.node()
        yield {"FANOUT_RUNTIME_DIR": str(runtime), **chosen(request.param)}


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_passes_on_a_fresh_kernel_and_again_on_the_same_virtual_host(
    lesson: str, node: dict[str, str]
) -> None:
    code, output = compare(lesson, lesson, **node)
    assert code == 0, output
    assert f"{2 * cells(lesson)} passed" in output


def cells(lesson: str) -> int:
    notebook = nbformat.read(NOTEBOOKS / lesson, as_version=4)  # type: ignore[no-untyped-call]
    return sum(cell.cell_type == "code" for cell in notebook.cells)
