"""The exercises of the lesson on outages against a real broker."""

from typing import Any

import pytest

from fanout_helpers import Lab

DURABLE_FANOUT = "'alerts' is a durable fanout exchange"
PAGER = "'pager' is a durable queue, and neither exclusive nor auto_delete"
PAGER_BOUND = "'pager' is bound to 'alerts'"
DIARY = "'diary' stays while nobody is there, and after a restart"
DIARY_BOUND = "'diary' is bound to 'alerts'"
LIVE = "a queue with a name of RabbitMQ's choice is bound to 'alerts', and goes with its connection"


@pytest.fixture
def alerts(channel: Any) -> str:  # noqa: ANN401
    channel.exchange_declare("alerts", "fanout", durable=True)
    return "alerts"


@pytest.mark.parametrize("exercise", ["outlive", "away"])
def test_nothing_done_is_not_solved_and_each_try_hints_more(lab: Lab, exercise: str) -> None:
    first, second = lab.check(exercise), lab.check(exercise)
    assert not first.solved
    assert not first.right
    assert all(len(hints) == 1 for hints in first.missing.values())
    assert all(len(hints) == 2 for hints in second.missing.values())


def test_outlive_is_solved(lab: Lab, channel: Any, alerts: str) -> None:  # noqa: ANN401
    channel.queue_declare("pager", durable=True)
    assert list(lab.check("outlive").missing) == [PAGER_BOUND]
    channel.queue_bind("pager", alerts, routing_key="")
    assert lab.check("outlive").solved


def test_a_durable_queue_at_an_exchange_that_is_not_is_told_to_declare_the_exchange_anew(
    lab: Lab,
    channel: Any,  # noqa: ANN401
) -> None:
    channel.exchange_declare("alerts", "fanout")
    channel.queue_declare("pager", durable=True)
    channel.queue_bind("pager", "alerts", routing_key="")
    verdict = lab.check("outlive")
    assert list(verdict.missing) == [DURABLE_FANOUT]
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
    lab.check("outlive")
    verdict = lab.check("outlive")
    assert list(verdict.missing) == [PAGER]
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
    lab.check("away")
    verdict = lab.check("away")
    assert list(verdict.missing) == [DIARY, LIVE]
    assert "durable=True" in repr(verdict)
    assert "exclusive=True" in repr(verdict)


def test_a_live_queue_that_is_bound_to_nothing_is_not_enough(lab: Lab, channel: Any, alerts: str) -> None:  # noqa: ANN401
    channel.queue_declare("", exclusive=True)
    channel.queue_declare("diary", durable=True)
    channel.queue_bind("diary", alerts, routing_key="")
    assert list(lab.check("away").missing) == [LIVE]
