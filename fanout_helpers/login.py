"""What there is to say of a login that RabbitMQ refuses, to AMQP and to the management API alike."""

import ipaddress
from dataclasses import dataclass

from fanout_helpers.address import BrokerAddress
from fanout_helpers.faults import Fault


@dataclass(frozen=True)
class Refusal:
    """Why a login is refused, and what to do."""

    fault: Fault
    cause: str
    next_step: str


def refusal(address: BrokerAddress) -> Refusal:
    """The likely reason for which RabbitMQ refuses this login; it keeps the real one to its log."""
    if address.username == "guest" and not _is_loopback(address.host):
        return Refusal(
            Fault.GUEST_FROM_AFAR,
            cause="RabbitMQ lets the user guest in from its own machine only "
            "(https://www.rabbitmq.com/docs/access-control#loopback-users).",
            next_step="Have a user of your own made there, and put its name and password into FANOUT_BROKER_URL.",
        )
    return Refusal(
        Fault.LOGIN_REFUSED,
        cause="It refused the user or the password.",
        next_step=f"Correct the password of {address.username!r} in FANOUT_BROKER_URL, or the user's name.",
    )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
