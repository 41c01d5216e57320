"""What all that listens to RabbitMQ's reports shares."""

import secrets
from collections.abc import Callable
from typing import Any, TypeAlias

from fanout_helpers.connection import Locate
from fanout_helpers.consuming import Consuming
from fanout_helpers.management import Management
from fanout_helpers.model import BOARD_QUEUE

Reach: TypeAlias = Callable[[], Management]
"""Gives the management API of the broker as it is now."""


class Listening(Consuming):
    """Consumes reports about one virtual host.

    Args:
        locate: Tells where the broker and that virtual host are.
        reach: Gives the management API.
        what: What it listens to, for the names of its connection and its queue.
        virtual_host: Where the reports are, if not in the virtual host itself.
    """

    def __init__(self, locate: Locate, reach: Reach, what: str, virtual_host: str | None = None) -> None:
        where = locate if virtual_host is None else lambda: locate().with_virtual_host(virtual_host)
        super().__init__(where, f"fanout board: {what}")
        self._home = locate
        self._reach = reach

    @property
    def _virtual_host(self) -> str:
        return str(self._home().virtual_host)


def declare_queue(channel: Any, role: str, arguments: dict[str, Any] | None = None) -> str:  # noqa: ANN401
    """Declares an exclusive queue, by whose name other boards know what it is for: a role is a letter."""
    name = f"{prefix(role)}{secrets.token_hex(4)}"
    channel.queue_declare(name, exclusive=True, arguments=arguments)
    return name


def prefix(role: str) -> str:
    """How the names of the queues of a role begin."""
    return f"{BOARD_QUEUE}{role}-"
