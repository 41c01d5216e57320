"""What every connection to RabbitMQ shares: its parameters, its states, what its errors are called."""

import contextlib
import secrets
import shlex
import ssl
import sys
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Any, TypeAlias

import pika
import pika.exceptions
from pika.adapters.utils.connection_workflow import AMQPConnectorException

from fanout_helpers import login
from fanout_helpers.address import BrokerAddress
from fanout_helpers.broker import attached, greeting
from fanout_helpers.broker.greeting import Peer
from fanout_helpers.errors import AddressError, BrokerUnreachable
from fanout_helpers.faults import Fault

Locate = Callable[[], BrokerAddress]
"""Tells where the broker is now: a private node that was started anew is at another address."""

Parameters: TypeAlias = pika.URLParameters
"""What pika connects with."""

LOST = (pika.exceptions.AMQPConnectionError, AMQPConnectorException, pika.exceptions.ChannelWrongStateError, OSError)
"""What pika raises when a connection cannot be made, was lost, or is not answered (which is no ``AMQPError``)."""

BLOCKED_TIMEOUT = 30.0
"""Seconds after which a broker that takes no messages, for want of memory or disk, is an error instead of a hang."""

SILENCE = 20
"""Seconds after which a peer that acknowledges nothing is taken for gone, on an idle connection too."""

PROCESS = secrets.token_hex(8)
"""By what RabbitMQ tells the connections of this process from those of all others."""

YOURS = "your connection"
"""What the connections are called that the cells of a lesson make."""

MARKER_HEADER = "fanout-marker"
"""The header of a marker: a message of this package's own, of which boards show nothing.

It asks a consumer whether it has seen all that came before, or RabbitMQ whether it takes messages.
"""

_WHICH_SCHEME = "Correct FANOUT_BROKER_URL: amqps:// is usually on port 5671, amqp:// on 5672."
_REHEARSAL_EXCHANGE = "amq.direct"
_INTERNAL_ERROR = 541
_A_MOMENT = 1000  # milliseconds
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
    made.client_properties = {"connection_name": name, "process": PROCESS}
    made.blocked_connection_timeout = BLOCKED_TIMEOUT
    made.tcp_options = {**_tcp_options(), **(made.tcp_options or {})}
    if heartbeat is not None:
        made.heartbeat = heartbeat
    return made


def _tcp_options() -> dict[str, int]:
    """Return what makes a connection notice that the network dropped it without a word, as load balancers do.

    Without it, a call waits for ever on such a connection where there are no heartbeats. The probes also keep it from
    looking idle (``man 7 tcp``: TCP_KEEPIDLE, TCP_USER_TIMEOUT). Other systems than Linux have other names for it.
    """
    if sys.platform != "linux":
        return {}
    probe = max(1, SILENCE // 4)
    return {
        "TCP_KEEPIDLE": probe,
        "TCP_KEEPINTVL": probe,
        "TCP_KEEPCNT": 3,
        "TCP_USER_TIMEOUT": SILENCE * 1000,
    }


def connect(address: BrokerAddress, name: str) -> pika.BlockingConnection:
    """Opens a connection for a thread that looks after it.

    Raises:
        BrokerUnreachable: Nobody answers, or it is not RabbitMQ, or it refuses the login or the virtual host.
        AddressError: The URL's query parameters cannot be used.
    """
    try:
        return pika.BlockingConnection(parameters(address, name))
    except LOST as error:
        raise _unreachable(address, error) from error


def greet(address: BrokerAddress) -> None:
    """Makes sure that AMQP is spoken at an address, in seconds: pika waits a quarter of a minute for a silent one.

    Raises:
        BrokerUnreachable: It is not.
    """
    problem = _stranger(address)
    if problem is not None:
        raise problem


def rehearse(address: BrokerAddress, name: str) -> None:
    """Do what every lesson does first: declare a queue that ends with the connection, bind it, and read from it.

    Raises:
        BrokerUnreachable: As ``connect`` does, or this user may not do one of these things there.
    """
    with _rehearsal(address, name) as channel:
        queue = channel.queue_declare("", exclusive=True).method.queue
        channel.queue_bind(queue, _REHEARSAL_EXCHANGE, routing_key=queue)
        channel.basic_get(queue, auto_ack=True)


def rehearse_publishing(address: BrokerAddress, name: str) -> None:
    """Publish a message that no queue gets. While RabbitMQ has an alarm this waits, and then fails.

    Raises:
        BrokerUnreachable: As ``connect`` does, or this user may not publish there.
    """
    with _rehearsal(address, name) as channel:
        channel.confirm_delivery()
        # A board shows no markers, and no prediction is judged by one.
        properties = pika.BasicProperties(headers={MARKER_HEADER: "rehearsal"})
        channel.basic_publish(_REHEARSAL_EXCHANGE, secrets.token_hex(), b"", properties)


@contextlib.contextmanager
def _rehearsal(address: BrokerAddress, name: str) -> Iterator[Any]:
    """Yields a channel; what RabbitMQ refuses on it is told as what this user may not do."""
    connection = connect(address, name)
    try:
        yield connection.channel()
    except pika.exceptions.ChannelClosed as error:
        raise _no_connection(
            address,
            f"The user {address.username!r} may enter, and not do what lessons do: {broker_text(error)}.",
            f"Have it allowed: {permitting(address)}",
            Fault.NO_PERMISSION,
        ) from None
    except LOST as error:
        raise _unreachable(address, error) from error
    finally:
        if connection.is_open:
            connection.close()


def denies_transient_queues(address: BrokerAddress, name: str) -> bool:
    """Whether RabbitMQ refuses a queue that is neither durable nor exclusive: one is declared for a moment.

    It does where its configuration denies them (https://www.rabbitmq.com/docs/deprecated-features); the management API
    of 4.0 does not tell.

    Raises:
        BrokerUnreachable: As ``connect`` does.
    """
    connection = connect(address, name)
    try:
        channel = connection.channel()
        channel.queue_delete(channel.queue_declare("", arguments={"x-expires": _A_MOMENT}).method.queue)
    except pika.exceptions.ConnectionClosedByBroker as error:
        return bool(error.reply_code == _INTERNAL_ERROR)
    finally:
        if connection.is_open:
            connection.close()
    return False


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


def _unreachable(address: BrokerAddress, error: Exception) -> BrokerUnreachable:
    """What is wrong where pika cannot connect."""
    if isinstance(error, pika.exceptions.ProbableAuthenticationError):
        refused = login.refusal(address)
        return _no_connection(address, refused.cause, refused.next_step, refused.fault)
    if isinstance(error, pika.exceptions.ProbableAccessDeniedError):
        return _denied(address, broker_text(error))
    return _stranger(address) or _no_connection(address, broker_text(error), _whether_up(), Fault.OTHER)


def _denied(address: BrokerAddress, text: str) -> BrokerUnreachable:
    """For a virtual host that RabbitMQ does not let this user into."""
    name = address.virtual_host or "/"
    if "not found" in text:
        return BrokerUnreachable(**attached.no_virtual_host(name), fault=Fault.UNKNOWN_VIRTUAL_HOST)
    return _no_connection(
        address,
        f"The user {address.username!r} may not enter the virtual host {name!r}.",
        f"Have it allowed: {permitting(address)}",
        Fault.VIRTUAL_HOST_REFUSED,
    )


def permitting(address: BrokerAddress) -> str:
    """Return the command that allows a user everything in a virtual host (https://www.rabbitmq.com/docs/access-control)."""
    name, user = shlex.quote(address.virtual_host or "/"), shlex.quote(address.username)
    return f"rabbitmqctl set_permissions -p {name} {user} '.*' '.*' '.*'"


def _stranger(address: BrokerAddress) -> BrokerUnreachable | None:
    """What is wrong where no AMQP is spoken; ``None`` where it is."""
    try:
        peer = greeting.peer(address.host, address.port, tls=address.scheme == "amqps")
    except ssl.SSLCertVerificationError as error:
        next_step = "Put the file with its certificate authority into SSL_CERT_FILE, or correct its certificate."
        return _no_connection(address, f"{error}.", next_step, Fault.CERTIFICATE)
    except ssl.SSLError as error:
        return _no_connection(address, f"No TLS is spoken there: {error}.", _WHICH_SCHEME, Fault.WRONG_PORT)
    if peer is Peer.AMQP:
        return None
    return _no_connection(address, *_strangers(address)[peer])


def _strangers(address: BrokerAddress) -> dict[Peer, tuple[str, str, Fault]]:
    """The cause, the next step and the fault for each who may be there instead."""
    return {
        Peer.NOBODY: ("Nobody listens there.", _whether_up(), Fault.NO_BROKER),
        Peer.TLS: ("TLS is wanted there.", _WHICH_SCHEME, Fault.WRONG_PORT),
        Peer.HTTP: (
            "A web server answers there: it is the port of the management API, perhaps.",
            "Put RabbitMQ's AMQP port into FANOUT_BROKER_URL, usually 5672; 15672 is the management API's.",
            Fault.WRONG_PORT,
        ),
        Peer.OTHER: (
            "Another program has that port: it speaks neither AMQP nor HTTP.",
            f"End the program on port {address.port} and start RabbitMQ again, or correct FANOUT_BROKER_URL.",
            Fault.PORT_TAKEN,
        ),
    }


def _whether_up() -> str:
    if attached.address() is None:
        return "'fanout doctor' tells whether it boots; making the Lab again starts it."
    return "Start it, or correct FANOUT_BROKER_URL; without that, a RabbitMQ of your own is started."


def _no_connection(address: BrokerAddress, cause: str, next_step: str, fault: Fault) -> BrokerUnreachable:
    happened = f"No connection to RabbitMQ at {address}."
    return BrokerUnreachable(happened, cause=cause, next_step=next_step, fault=fault)
