"""The exercises of the lesson on outages against a real broker, one of their own where it is restarted."""

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import nbformat
import pika
import pytest

from fanout_helpers import Lab
from fanout_helpers.exercises.check import EXERCISES
from fanout_helpers.model import Binding, Exchange, Queue
from fanout_helpers.topology import Topology
from tests.attempts import plainest
from tests.comparison import NOTEBOOKS

DURABLE_FANOUT = "'alerts' is a durable fanout exchange"
PAGER = "'pager' is a durable queue, and neither exclusive nor auto_delete"
PAGER_BOUND = "'pager' is bound to 'alerts'"
RESTARTED = "RabbitMQ was restarted while all of that was so"
DIARY = "'diary' stays while nobody is there, and after a restart"
DIARY_BOUND = "'diary' is bound to 'alerts'"
LIVE = "a queue with a name of RabbitMQ's choice is bound to 'alerts', and goes with its connection"


@pytest.fixture
def alerts(channel: Any) -> str:  # noqa: ANN401
    channel.exchange_declare("alerts", "fanout", durable=True)
    return "alerts"


@pytest.mark.parametrize("exercise", ["outlive", "away"])
def test_nothing_done_is_not_right(lab: Lab, exercise: str) -> None:
    assert not lab.check(exercise).right


@pytest.fixture(scope="module")
def breakable() -> Iterator[Lab]:
    """A lab whose RabbitMQ may be restarted."""
    with Lab("outlive", own_broker=True) as made:
        yield made


@pytest.fixture
def names(breakable: Lab) -> Iterator[dict[str, Any]]:
    """What the lesson has made when the exercise begins."""
    breakable.reset()
    parameters = breakable.parameters
    connection = pika.BlockingConnection(parameters)
    made = {"lab": breakable, "pika": pika, "parameters": parameters, "connection": connection}
    made["channel"] = connection.channel()
    yield made
    for used in (connection, made["connection"]):
        # A restart has ended it, and pika learns that here at the latest.
        with contextlib.suppress(pika.exceptions.AMQPError):
            used.close()


def run(cell: str, names: dict[str, Any]) -> None:
    """Runs a cell of the lesson."""
    notebook = nbformat.read(NOTEBOOKS / "08_when_things_break.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    exec(next(one.source for one in notebook.cells if one.id == cell), names)  # noqa: S102 - what a kernel does


def test_outlive_is_not_solved_before_the_restart_that_it_asks_for(breakable: Lab, names: dict[str, Any]) -> None:
    channel = names["channel"]
    channel.exchange_declare("alerts", "fanout", durable=True)
    channel.queue_declare("pager", durable=True)
    assert list(breakable.check("outlive").missing) == [PAGER_BOUND, RESTARTED]
    channel.queue_bind("pager", "alerts", routing_key="")
    assert list(breakable.check("outlive").missing) == [RESTARTED]
    assert plainest(breakable, "outlive").code.splitlines() == ["lab.restart_broker()"]
    breakable.restart_broker()
    assert breakable.check("outlive").solved


@pytest.mark.parametrize("way", ["hints", "solution"])
def test_outlive_is_solved_after_a_restart_that_it_did_not_outlive(
    breakable: Lab, names: dict[str, Any], way: str
) -> None:
    run("code-31", names)
    # The connection ends with it, and pika does not know yet.
    breakable.restart_broker()
    assert RESTARTED in breakable.check("outlive").missing
    if way == "solution":
        run("code-35", names)
        assert breakable.check("outlive").solved
    while not (verdict := plainest(breakable, "outlive")).solved:
        exec(verdict.code, names)  # noqa: S102 - what a learner does


@pytest.mark.parametrize(
    ("before", "solved"),
    [
        ({}, True),
        ({"exchanges": [Exchange("alerts", "fanout", durable=False)]}, False),
        ({"queues": [Queue("pager", durable=True, exclusive=False, auto_delete=True)]}, False),
        ({"bindings": []}, False),
    ],
)
def test_what_became_right_after_the_restart_has_outlived_none(before: dict[str, Any], *, solved: bool) -> None:
    now = Topology(
        [Exchange("alerts", "fanout", durable=True)],
        [Queue("pager", durable=True, exclusive=False, auto_delete=False)],
        [Binding("alerts", "pager", "queue", "")],
    )
    restarted = replace(now, before_restart=replace(now, **before))
    assert all(one.holds(restarted) for one in EXERCISES["outlive"]) is solved
    assert not all(one.holds(now) for one in EXERCISES["outlive"])


def test_a_durable_queue_at_an_exchange_that_is_not_is_told_to_declare_the_exchange_anew(
    lab: Lab,
    channel: Any,  # noqa: ANN401
) -> None:
    channel.exchange_declare("alerts", "fanout")
    channel.queue_declare("pager", durable=True)
    channel.queue_bind("pager", "alerts", routing_key="")
    verdict = lab.check("outlive")
    assert list(verdict.missing) == [DURABLE_FANOUT, RESTARTED]
    assert "cannot become durable" in repr(verdict)


@pytest.mark.parametrize("wrong", [{"exclusive": True}, {"durable": True, "auto_delete": True}])
def test_a_pager_that_goes_is_told_to_be_durable(
    lab: Lab,
    channel: Any,  # noqa: ANN401
    alerts: str,
    wrong: dict[str, bool],
) -> None:
    channel.queue_declare("pager", **wrong)
    channel.queue_bind("pager", alerts, routing_key="")
    verdict = plainest(lab, "outlive")
    assert list(verdict.missing) == [PAGER, RESTARTED]
    assert "durable=True" in repr(verdict)


def test_an_alerts_of_another_type_is_not_enough(lab: Lab, channel: Any) -> None:  # noqa: ANN401
    channel.exchange_declare("alerts", "direct", durable=True)
    assert DURABLE_FANOUT in lab.check("outlive").missing


def test_away_is_solved(lab: Lab, channel: Any, alerts: str) -> None:  # noqa: ANN401
    channel.queue_declare("diary", durable=True)
    assert list(lab.check("away").missing) == [DIARY_BOUND, LIVE]
    channel.queue_bind("diary", alerts, routing_key="")
    channel.queue_bind(channel.queue_declare("", exclusive=True).method.queue, alerts, routing_key="")
    assert lab.check("away").solved


def test_a_diary_that_goes_with_its_connection_and_a_live_queue_that_stays_are_the_wrong_way_round(
    lab: Lab,
    channel: Any,  # noqa: ANN401
    alerts: str,
) -> None:
    channel.queue_declare("diary", exclusive=True)
    channel.queue_bind("diary", alerts, routing_key="")
    channel.queue_bind(channel.queue_declare("", durable=True).method.queue, alerts, routing_key="")
    verdict = plainest(lab, "away")
    assert list(verdict.missing) == [DIARY, LIVE]
    assert "durable=True" in repr(verdict)
    assert "exclusive=True" in repr(verdict)


def test_a_live_queue_that_is_bound_to_nothing_is_not_enough(lab: Lab, channel: Any, alerts: str) -> None:  # noqa: ANN401
    channel.queue_declare("", exclusive=True)
    channel.queue_declare("diary", durable=True)
    channel.queue_bind("diary", alerts, routing_key="")
    assert list(lab.check("away").missing) == [LIVE]
