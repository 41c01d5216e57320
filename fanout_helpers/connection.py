"""What every connection to RabbitMQ shares: its parameters, its states, what its errors are called."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeAlias

import pika
import pika.exceptions
from pika.adapters.utils.connection_workflow import AMQPConnectorException

from fanout_helpers.address import BrokerAddress
from fanout_helpers.errors import AddressError, BrokerUnreachable

Locate = Callable[[], BrokerAddress]
"""Tells where the broker is now: a private node that was started anew is at another address."""

Parameters: TypeAlias = pika.URLParameters
"""What pika connects with."""

LOST = (pika.exceptions.AMQPConnectionError, AMQPConnectorException, pika.exceptions.ChannelWrongStateError, OSError)
"""What pika raises when a connection cannot be made, was lost, or is not answered (which is no ``AMQPError``)."""

BLOCKED_TIMEOUT = 30.0
"""Seconds after which a broker that takes no messages, for want of memory or disk, is an error instead of a hang."""

_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 2.0


class State(StrEnum):
    """What a publisher or subscriber is doing."""

    CONNECTING = "connecting"
    CONSUMING = "consuming"
    READY = "ready"
    RECONNECTING = "reconnecting"
    CLOSED = "closed"


def parameters(address: BrokerAddress, name: str, *, heartbeat: int | None = None) -> Parameters:
    """The parameters of a connection that the management API lists under ``name``.

    Args:
        address: The broker; query parameters of its URL are kept.
        name: The connection's name (https://www.rabbitmq.com/docs/connections#client-provided-names).
        heartbeat: Seconds; 0 for none, ``None`` for what the broker asks for.

    Raises:
        AddressError: pika cannot use the URL's query parameters.
    """
    try:
        made = Parameters(address.amqp_url)
    except (TypeError, ValueError) as error:
        raise AddressError(
            "The broker's URL has query parameters that cannot be used.",
            cause=f"pika says: {error}.",
            next_step="Set FANOUT_BROKER_URL to a URL without what follows the question mark.",
        ) from None
    made.client_properties = {"connection_name": name}
    made.blocked_connection_timeout = BLOCKED_TIMEOUT
    if heartbeat is not None:
        made.heartbeat = heartbeat
    return made


def connect(address: BrokerAddress, name: str) -> pika.BlockingConnection:
    """Opens a connection for a thread that looks after it.

    Raises:
        BrokerUnreachable: Nobody answers, or it is not RabbitMQ, or it refuses the login or the virtual host.
        AddressError: The URL's query parameters cannot be used.
    """
    try:
        return pika.BlockingConnection(parameters(address, name))
    except LOST as error:
        raise BrokerUnreachable(
            f"No connection to RabbitMQ at {address}.",
            cause=_cause(error),
            next_step="'fanout broker status' tells whether it is up; making the Lab again starts a private one.",
        ) from error


def pauses() -> Any:  # noqa: ANN401
    """Seconds to wait before each new try to connect: short at first, then longer, for ever."""
    pause = _FIRST_PAUSE
    while True:
        yield pause
        pause = min(pause * 2, _LONGEST_PAUSE)


def broker_text(error: Exception) -> str:
    """RabbitMQ's own words in an error of pika's, such as ``404 NOT_FOUND - no exchange 'nope' in vhost '/'``."""
    if isinstance(error, pika.exceptions.ChannelClosed | pika.exceptions.ConnectionClosed):
        return f"{error.reply_code} {error.reply_text}"
    return str(error)


def _cause(error: Exception) -> str:
    if isinstance(error, pika.exceptions.ProbableAuthenticationError):
        return "It refused the user or the password."
    return broker_text(error) or "Nobody listens there."
