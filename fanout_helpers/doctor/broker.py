"""A broker at an address: does AMQP answer, is one let in, and does its management API tell all that is needed?"""

import contextlib
import time
from collections.abc import Iterable, Sequence

from fanout_helpers.address import BrokerAddress
from fanout_helpers.broker import attached, supported
from fanout_helpers.connection import denies_transient_queues, greet, rehearse, rehearse_publishing
from fanout_helpers.doctor.examination import Record
from fanout_helpers.doctor.finding import Finding
from fanout_helpers.errors import BrokerError, BrokerUnreachable, ManagementError, NotFound
from fanout_helpers.faults import Fault
from fanout_helpers.management import Management, tagging
from fanout_helpers.telemetry.events import EXCHANGE, VIRTUAL_HOST

_NAME = "fanout doctor"
_TIMEOUT = 5.0
_BOOTED = 5.0
"""Seconds for which a RabbitMQ that has just booted may answer 500 to some questions."""

_POLL = 0.1
_ALARMED = 503
"""The status by which a health check says that it failed."""

_INSIDE = {Fault.UNKNOWN_VIRTUAL_HOST, Fault.VIRTUAL_HOST_REFUSED, Fault.NO_PERMISSION}
"""What can be wrong although the login is right."""

_NEEDED_QUEUES = "transient_nonexcl_queues"


def look(record: Record, address: BrokerAddress) -> Management | None:
    """Finds out what is wrong with a broker, from the outside to the inside: what hides the rest ends it.

    Returns:
        The management API to ask on, for the caller to close; ``None`` if there is none.
    """
    record.found["broker"] = str(address)
    record.found["management"] = address.management_url
    with record.catching():
        greet(address)
        _sign_in(record, address)
        management = Management(address, timeout=_TIMEOUT)
        try:
            _ask(record, management, address)
        except BaseException:
            management.close()
            raise
        return management
    return None


def too_old(version: str, where: str) -> BrokerError:
    """The error for a RabbitMQ that the course does not work with."""
    return BrokerError(
        f"RabbitMQ {version} is too old.",
        cause=f"It is {where}; the lessons are written for {supported.OLDEST} and newer ones.",
        next_step=f"Get a newer one: 'fanout broker install' gets what this system has, if that is "
        f"{supported.OLDEST} or newer (without FANOUT_RABBITMQ, if that is set), or set FANOUT_BROKER_URL.",
        fault=Fault.VERSION_TOO_OLD,
    )


def _sign_in(record: Record, address: BrokerAddress) -> None:
    """Connects and declares a queue, in the virtual host that is named; another one tells of the login only."""
    try:
        rehearse(address, _NAME)
    except BrokerUnreachable as error:
        if error.fault not in _INSIDE:
            raise
        if address.virtual_host is not None:
            record.add(error)
        return
    if denies_transient_queues(address, _NAME):
        record.findings.append(_denied())


def _ask(record: Record, management: Management, address: BrokerAddress) -> None:
    management.whoami()
    version = _patiently_version(management)
    record.found["rabbitmq"] = version
    if supported.is_too_old(version):
        record.add(too_old(version, f"at {address}"))
    alarms = _alarms(management, address)
    record.findings += alarms
    if not record.findings:
        _rehearse_publishing(record, address)
    if "administrator" not in management.get("whoami")["tags"]:
        record.findings.append(_no_administrator(address))
    else:
        # Nobody else is sure to be told of what is in another virtual host.
        record.findings += _events(management)


def _rehearse_publishing(record: Record, address: BrokerAddress) -> None:
    try:
        rehearse_publishing(address, _NAME)
    except BrokerUnreachable as error:
        if address.virtual_host is not None or error.fault not in _INSIDE:
            record.add(error)


def _patiently_version(management: Management) -> str:
    deadline = time.monotonic() + _BOOTED
    while time.monotonic() < deadline:
        with contextlib.suppress(ManagementError):
            return management.version()
        time.sleep(_POLL)
    return management.version()


def _alarms(management: Management, address: BrokerAddress) -> Sequence[Finding]:
    """An alarm anywhere in a cluster blocks all who publish (https://www.rabbitmq.com/docs/alarms)."""
    try:
        management.get("health", "checks", "alarms")
    except ManagementError as error:
        if error.status != _ALARMED:
            raise
        resources = {str(alarm["resource"]) for alarm in error.answer["alarms"]}
        return [_alarm(resource, address) for resource in sorted(resources)]
    return []


def _alarm(resource: str, address: BrokerAddress) -> Finding:
    named = attached.address()
    yours = named is None or (named.host, named.port) != (address.host, address.port)
    why = "It takes no more messages, and whoever publishes waits, until it has more again."
    if resource == "memory":
        repair = (
            "End it, with all that is in it, and start again: 'fanout broker stop'."
            if yours
            else "Have its queues emptied, or more allowed: rabbitmqctl set_vm_memory_high_watermark."
        )
        return Finding(Fault.MEMORY_ALARM, "RabbitMQ has an alarm: its memory is used up.", why, repair)
    repair = (
        "Free space on its disk, or set FANOUT_RUNTIME_DIR to a directory with more, and start again."
        if yours
        else "Have space freed on its disk."
    )
    return Finding(Fault.DISK_ALARM, "RabbitMQ has an alarm: its disk is nearly full.", why, repair)


def _denied() -> Finding:
    return Finding(
        Fault.DENIED_QUEUES,
        "RabbitMQ refuses queues that are neither durable nor exclusive.",
        f"Its configuration denies the deprecated feature {_NEEDED_QUEUES}; "
        "the lesson on temporary queues declares one, and says so itself.",
        f"Do without, or permit them in rabbitmq.conf: deprecated_features.permit.{_NEEDED_QUEUES} = true",
    )


def _events(management: Management) -> Iterable[Finding]:
    try:
        management.get("exchanges", VIRTUAL_HOST, EXCHANGE)
    except NotFound:
        return [
            Finding(
                Fault.NO_EVENT_EXCHANGE,
                f"RabbitMQ does not report its events: there is no exchange {EXCHANGE}.",
                "Its plugin rabbitmq_event_exchange is not enabled; boards ask every second instead, and are late.",
                "Have it enabled on the broker's machine: rabbitmq-plugins enable rabbitmq_event_exchange",
            )
        ]
    return []


def _no_administrator(address: BrokerAddress) -> Finding:
    return Finding(
        Fault.NOT_ADMINISTRATOR,
        f"The user {address.username!r} is no administrator of the broker.",
        "Boards follow each message through the firehose, which only an administrator may switch on; "
        "nobody else may make a virtual host either.",
        f"Have it made one: {tagging(address)}",
    )
