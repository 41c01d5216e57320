"""The two examinations: of a machine from a terminal, and of a lab from its notebook."""

from collections.abc import Callable

from fanout_helpers import home
from fanout_helpers.address import BrokerAddress
from fanout_helpers.broker import attached, installation, private, supported
from fanout_helpers.doctor import broker, consumers, environment, rabbitmqctl
from fanout_helpers.doctor.examination import Examination, Record
from fanout_helpers.virtual_host import VirtualHost


def machine(lesson: str | None, say: Callable[[str], None]) -> Examination:
    """Examines this environment, and the broker that lessons would use here; where none is up, it starts one.

    One that it starts is this person's own, and is let go of afterwards: whether it boots is what one wants to know.

    Args:
        lesson: The lesson whose virtual host to look at.
        say: Is told, in a sentence, of what takes seconds.
    """
    record = Record()
    environment.look(record)
    with home.usable() as problem:
        record.add(*filter(None, [problem]))
        environment.look_at_jupyterlab(record)
    with record.catching():
        host = VirtualHost(lesson) if lesson else None
        address = attached.address()
        if address is not None:
            _look(record, address, host)
        else:
            _look_at_private(record, host, say)
    return Examination(tuple(record.findings), record.found)


def lab(host: VirtualHost) -> Record:
    """Examines a lab's broker and virtual host from the process that it is in."""
    record = Record()
    environment.look(record)
    with record.catching():
        _look(record, host.locate(), host, own=True)
    return record


def _look_at_private(record: Record, host: VirtualHost | None, say: Callable[[str], None]) -> None:
    """Examines this person's own RabbitMQ."""
    running = private.running()
    if running is None:
        found = installation.find()
        record.found["installation"] = {"version": found.version, "home": str(found.home)}
        if supported.is_too_old(found.version):
            raise broker.too_old(found.version, f"in {found.home}")
    with private.borrowed(say) as node:
        record.found["node"] = {"pid": node.pid, "was": "up" if running else "started for this, and let go of again"}
        _look(record, node.address, host)
        rabbitmqctl.look(record, node)


def _look(record: Record, address: BrokerAddress, host: VirtualHost | None, *, own: bool = False) -> None:
    management = broker.look(record, address)
    if management is None:
        return
    try:
        if host is not None:
            name = host.name_on(address)
            record.found["virtual_host"] = name
            consumers.look(record, management, name, own=own)
    finally:
        management.close()
