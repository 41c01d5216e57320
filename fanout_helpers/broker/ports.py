"""Free TCP ports on the loopback interface, kept for RabbitMQ until it has them."""

import contextlib
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager

LOOPBACK = "127.0.0.1"


@contextmanager
def reserved(count: int) -> Iterator[list[int]]:
    """Yields ``count`` free ports that no other program can be given while the context lasts.

    RabbitMQ cannot be asked for port 0 and told back. A socket that is bound with SO_REUSEADDR but does not listen
    keeps the port from everybody who asks for a free one, and lets RabbitMQ bind and listen on it all the same.
    Only Linux allows that second bind; elsewhere the ports are given back at once, and a start that
    loses the race says ``eaddrinuse`` and is tried again.
    """
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_STREAM) for _ in range(count)]
    try:
        for reservation in sockets:
            reservation.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            reservation.bind((LOOPBACK, 0))
        ports = [reservation.getsockname()[1] for reservation in sockets]
        if sys.platform != "linux":
            _close(sockets)
        yield ports
    finally:
        _close(sockets)


@contextmanager
def kept(*ports: int) -> Iterator[None]:
    """Keeps ports that were just given up from everybody who asks for a free one, as ``reserved`` does.

    Where one was taken already, whoever listens on it next says so.
    """
    with contextlib.ExitStack() as sockets:
        for port in ports if sys.platform == "linux" else ():
            reservation = sockets.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
            reservation.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                reservation.bind((LOOPBACK, port))
        yield


def _close(sockets: list[socket.socket]) -> None:
    for reservation in sockets:
        reservation.close()
