"""The exercises on bindings against a real broker: nothing done, wrong attempts, and the solution."""

import pytest
from pika.adapters.blocking_connection import BlockingChannel

from fanout_helpers import Lab
from tests.attempts import plainest

pytestmark = pytest.mark.usefixtures("logs")

SEVERITY = "there is an exchange 'severity' of type direct"

NOTHING_ELSE = {
    "errors_only": "'errors' is bound in no other way than that (but to the default exchange)",
    "audit": "'audit' is bound to nothing else (but to the default exchange)",
}


def make_severity(channel: BlockingChannel, *keys: str | None, kind: str = "direct") -> None:
    channel.exchange_declare("severity", kind)
    channel.queue_declare("errors", durable=True)
    for key in keys:
        channel.queue_bind("errors", "severity", routing_key=key)


def make_audit(channel: BlockingChannel, *bound: str, kind: str = "fanout") -> None:
    channel.queue_declare("audit", durable=True)
    for exchange in ("orders", "payments"):
        channel.exchange_declare(exchange, kind)
    for exchange in bound:
        channel.queue_bind("audit", exchange)


def codes(lab: Lab, exercise: str) -> dict[str, str]:
    """What is missing, each with its code."""
    return {text: "\n".join(hints[1:]) for text, hints in plainest(lab, exercise).missing.items()}


def test_only_the_errors_is_solved(lab: Lab, channel: BlockingChannel) -> None:
    make_severity(channel, "error", "error")
    assert lab.check("errors_only").solved


def test_a_key_that_was_left_out_is_told_and_how_to_end_its_binding(lab: Lab, channel: BlockingChannel) -> None:
    make_severity(channel, None)
    hints = codes(lab, "errors_only")
    assert list(hints) == ["'errors' is bound to 'severity' with the key 'error'", NOTHING_ELSE["errors_only"]]
    bind, unbind = hints.values()
    assert 'routing_key="error")' in bind
    assert 'queue_unbind(queue="errors", exchange="severity", routing_key="errors")' in unbind


def test_more_than_the_errors_is_too_much(lab: Lab, channel: BlockingChannel) -> None:
    make_severity(channel, "error", "warning")
    assert list(lab.check("errors_only").missing) == [NOTHING_ELSE["errors_only"]]
    channel.queue_unbind("errors", "severity", routing_key="warning")
    channel.queue_bind("errors", "logs", routing_key="error")
    assert list(lab.check("errors_only").missing) == [NOTHING_ELSE["errors_only"]]
    channel.queue_unbind("errors", "logs", routing_key="error")
    assert lab.check("errors_only").solved


def test_a_fanout_severity_would_pass_on_everything_and_the_hint_replaces_it(
    lab: Lab, channel: BlockingChannel
) -> None:
    make_severity(channel, "error", kind="fanout")
    hints = codes(lab, "errors_only")
    assert list(hints) == [SEVERITY]
    assert 'exchange_delete(exchange="severity")' in hints[SEVERITY]


def test_an_audit_of_both_is_solved_with_whatever_keys(lab: Lab, channel: BlockingChannel) -> None:
    make_audit(channel, "orders", "payments")
    channel.queue_bind("audit", "orders", routing_key="")
    assert lab.check("audit").solved


def test_an_audit_that_still_gets_the_logs_is_told_how_to_unbind(lab: Lab, channel: BlockingChannel) -> None:
    make_audit(channel, "logs", "orders", "payments")
    # Without the key that the binding has, nothing ends.
    channel.queue_unbind("audit", "logs", routing_key="")
    hints = codes(lab, "audit")
    assert list(hints) == [NOTHING_ELSE["audit"]]
    assert 'queue_unbind(queue="audit", exchange="logs", routing_key="audit")' in hints[NOTHING_ELSE["audit"]]
    channel.queue_unbind("audit", "logs", routing_key="audit")
    assert lab.check("audit").solved


def test_an_audit_of_one_only_is_not_solved(lab: Lab, channel: BlockingChannel) -> None:
    make_audit(channel, "payments")
    hints = codes(lab, "audit")
    assert list(hints) == ["'audit' is bound to both"]
    assert hints["'audit' is bound to both"] == 'channel.queue_bind(queue="audit", exchange="orders", routing_key="")'


def test_an_audit_of_direct_exchanges_is_not_solved(lab: Lab, channel: BlockingChannel) -> None:
    make_audit(channel, "orders", "payments", kind="direct")
    assert list(lab.check("audit").missing) == [
        "there is an exchange 'orders' of type fanout",
        "there is an exchange 'payments' of type fanout",
    ]


@pytest.mark.parametrize("exercise", NOTHING_ELSE)
def test_nothing_is_to_be_deleted_or_unbound_where_there_is_nothing(lab: Lab, exercise: str) -> None:
    hints = codes(lab, exercise)
    assert "queue_bind" in hints[NOTHING_ELSE[exercise]]
    assert not any(word in hint for hint in hints.values() for word in ("delete", "unbind"))


def test_errors_that_end_with_the_connection_are_told_to_be_declared_again(lab: Lab, channel: BlockingChannel) -> None:
    make_severity(channel)
    channel.queue_delete("errors")
    channel.queue_declare("errors", exclusive=True)
    channel.queue_bind("errors", "severity", routing_key="error")
    hints = codes(lab, "errors_only")
    assert list(hints) == ["the queue 'errors' is durable, and neither exclusive nor auto_delete"]
    assert 'queue_delete(queue="errors")' in "".join(hints.values())
