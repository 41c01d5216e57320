"""Publishes with pika: as a lesson's cell does, or as a program of its own, beside the kernel."""

import subprocess
import sys
import time
from typing import Any, Self, TextIO, cast

import pika

EXCHANGE = "logs"

_READY = "ready"


def publish(channel: Any, messages: int, pace: float = 0) -> None:  # noqa: ANN401
    """Publishes messages whose body is the moment of publishing.

    Args:
        channel: A channel of pika's.
        messages: How many.
        pace: Messages a second; 0 for as fast as it goes.
    """
    began = time.monotonic()
    for number in range(messages):
        if pace:
            time.sleep(max(0.0, began + number / pace - time.monotonic()))
        channel.basic_publish(EXCHANGE, "", f"{time.monotonic():.4f}".encode())


class Program:
    """A process that is connected, and publishes once it is told to. A context manager: it has ended at the end.

    Args:
        url: The broker's.
        messages: How many it publishes.
        pace: Messages a second; 0 for as fast as it goes.
    """

    def __init__(self, url: str, messages: int, pace: float = 0) -> None:
        command = [sys.executable, "-m", __name__, url, str(messages), str(pace)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> Self:
        if cast("TextIO", self._process.stdout).readline().strip() != _READY:
            raise RuntimeError("The publishing program did not start.")
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def publish(self) -> None:
        """Has it publish, and returns when RabbitMQ has taken everything."""
        self._process.communicate("go\n")
        if self._process.returncode:
            raise RuntimeError("The publishing program failed.")


def _main(url: str, messages: str, pace: str) -> None:
    connection = pika.BlockingConnection(pika.URLParameters(url))
    channel = connection.channel()
    sys.stdout.write(f"{_READY}\n")
    sys.stdout.flush()
    sys.stdin.readline()
    publish(channel, int(messages), float(pace))
    connection.close()


if __name__ == "__main__":
    _main(*sys.argv[1:])
