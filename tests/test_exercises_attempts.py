"""From every typical wrong attempt at an exercise, its hints lead to what is right, and its solution solves it."""

import contextlib
import gc
import weakref
from collections.abc import Iterator
from typing import Any

import nbformat
import pika
import pytest

from fanout_helpers import Lab
from fanout_helpers.broker.node import Node
from fanout_helpers.connection import YOURS, Parameters
from fanout_helpers.errors import FanoutError
from fanout_helpers.exercises import check
from fanout_helpers.exercises.check import EXERCISES, Checks
from tests.attempts import ACCIDENTS, TRIED, Tried
from tests.comparison import NOTEBOOKS
from tests.live import open_live

# Python says so of a connection that nobody closed: an attempt may leave one, as a learner may.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")

START = "import random, pika\nconnection = pika.BlockingConnection(lab.parameters)\nchannel = connection.channel()\n"

PATIENCE = check.PATIENCE

MOST = 8
"""More checks than anybody needs who does what they say."""

ATTEMPTS = [
    pytest.param(tried, exercise, wrong, id=f"{exercise}-{wrong}")
    for exercise, tried in TRIED.items()
    for wrong in (*tried.attempts, *ACCIDENTS)
]


@pytest.fixture(scope="module")
def shared(broker: Node) -> Iterator[Lab]:
    """One lab for all attempts: making a virtual host for each would take longer than they do."""
    with open_live(broker.address) as live, Lab(live.name) as made:
        yield made


@pytest.fixture
def lab(shared: Lab, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    """That lab, empty, and without what the one before left open."""
    opened: weakref.WeakSet[Any] = weakref.WeakSet()  # One without a name is to be garbage, as in a notebook.

    def connect(parameters: Parameters, connect: Any = pika.BlockingConnection) -> Any:  # noqa: ANN401
        connection = connect(parameters)
        if parameters.client_properties["connection_name"] == YOURS:
            opened.add(connection)
        return connection

    monkeypatch.setattr(pika, "BlockingConnection", connect)
    shared._checks = Checks()
    yield shared
    for connection in list(opened):
        if connection.is_open:
            connection.close()
    shared.reset()
    gc.collect()


def cell(tried: Tried, name: str) -> str:
    """The source of one of the lesson's cells."""
    notebook = nbformat.read(NOTEBOOKS / f"{tried.lesson}.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    return next(str(one.source) for one in notebook.cells if one.id == name)


def run(code: str, kernel: dict[str, Any]) -> None:
    """Runs a cell of a notebook."""
    exec(code, kernel)  # noqa: S102 - what a kernel does


def attempt(lab: Lab, tried: Tried, wrong: str) -> dict[str, Any]:
    """What a kernel holds after an attempt; an error in it ends the cell, and not the kernel."""
    kernel: dict[str, Any] = {"lab": lab}
    for code in (START + tried.before, *(cell(tried, name) for name in tried.given)):
        run(code, kernel)
    with contextlib.suppress(pika.exceptions.AMQPError, FanoutError):
        run(tried.attempts.get(wrong, "") + ACCIDENTS.get(wrong, ""), kernel)
    return kernel


def test_every_exercise_is_tried() -> None:
    assert set(TRIED) | {"outlive"} == set(EXERCISES)


@pytest.mark.parametrize(("tried", "exercise", "wrong"), ATTEMPTS)
def test_the_code_of_the_hints_does_it(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, tried: Tried, exercise: str, wrong: str
) -> None:
    kernel = attempt(lab, tried, wrong)
    for _ in range(MOST):
        # Only who has just done something waits for what RabbitMQ lists late.
        monkeypatch.setattr(check, "PATIENCE", 0.0)
        while not (verdict := lab.check(exercise)).code:
            assert not verdict.solved
            if "run the cell that prepares them" in repr(verdict):
                run(cell(tried, tried.given[-1]), kernel)
        ended = [one for one in verdict.code.splitlines() if "_unbind(" in one]
        assert not [one for one in ended if one.replace("_unbind(", "_bind(") in verdict.code], verdict.code
        run(verdict.code, kernel)
        monkeypatch.setattr(check, "PATIENCE", PATIENCE)
        after = lab.check(exercise)
        # Only the connection of an exclusive queue can bind that again; which one that is, the code cannot know.
        if "exclusive=True" not in tried.attempts.get(wrong, ""):
            assert set(verdict.right) <= set(after.right), "the code undoes what was right"
        if after.solved:
            return
    pytest.fail(repr(lab.check(exercise)))


@pytest.mark.parametrize(("tried", "exercise", "wrong"), ATTEMPTS)
def test_the_solution_solves_it(lab: Lab, tried: Tried, exercise: str, wrong: str) -> None:
    kernel = attempt(lab, tried, wrong)
    run(cell(tried, tried.solution), kernel)
    assert lab.check(exercise).solved
