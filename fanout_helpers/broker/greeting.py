"""Who answers at an address: asked in AMQP's first words, and then in HTTP's, which takes no login."""

import socket
import ssl
from enum import Enum

_AMQP = b"AMQP\x00\x00\x09\x01"
_METHOD_FRAME = b"\x01"
_TLS_ALERT = b"\x15"
_HTTP = b"GET / HTTP/1.0\r\n\r\n"


class Peer(Enum):
    """What is there."""

    AMQP = "RabbitMQ, or another broker that speaks AMQP 0-9-1"
    HTTP = "a web server"
    TLS = "something that wants TLS"
    OTHER = "something that speaks neither AMQP nor HTTP"
    NOBODY = "nobody"


def peer(host: str, port: int, *, tls: bool = False, timeout: float = 2.0) -> Peer:
    """Says who answers, in at most four timeouts (seconds).

    Args:
        host: Its name or address.
        port: Its port.
        tls: Whether to speak TLS with it.
        timeout: Seconds to wait for each connection and each answer.

    Raises:
        ssl.SSLError: It speaks no TLS, or its certificate is not trusted.
    """
    try:
        first = _answer(_AMQP, host, port, tls=tls, timeout=timeout)
        if first == _METHOD_FRAME:
            return Peer.AMQP
        # RabbitMQ says that these are no words of TLS; others hang up.
        if first in {b"", _TLS_ALERT} and not tls and _wants_tls(host, port, timeout):
            return Peer.TLS
        return Peer.HTTP if _answer(_HTTP, host, port, tls=tls, timeout=timeout) == b"HTTP/" else Peer.OTHER
    except ssl.SSLError:
        raise
    except OSError:
        return Peer.NOBODY


def answers_amqp(host: str, port: int, timeout: float) -> bool:
    """Whether RabbitMQ answers the protocol header with a frame of type 1, a method (AMQP 0-9-1, 4.2.2)."""
    try:
        return _answer(_AMQP, host, port, tls=False, timeout=timeout) == _METHOD_FRAME
    except OSError:
        return False


def _answer(words: bytes, host: str, port: int, *, tls: bool, timeout: float) -> bytes | None:
    """What comes back: nothing if the other one hangs up, ``None`` if it is silent; ``OSError`` if nobody is there."""
    with socket.create_connection((host, port), timeout=timeout) as plain:
        context = ssl.create_default_context() if tls else None
        connection = context.wrap_socket(plain, server_hostname=host) if context else plain
        with connection:
            try:
                connection.sendall(words)
                return connection.recv(len(b"HTTP/") if words is _HTTP else 1)
            except TimeoutError:
                return None
            except ConnectionError:
                return b""


def _wants_tls(host: str, port: int, timeout: float) -> bool:
    """Whether TLS is spoken there, whoever it is: nothing is told to them."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with socket.create_connection((host, port), timeout=timeout) as plain, context.wrap_socket(plain):
            return True
    except OSError:
        return False
