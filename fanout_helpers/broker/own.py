"""A RabbitMQ that one lab alone has: nobody joins it, so it may be stopped and started under everything in it.

It is a private node beside the one that all lessons share, in the same directory and with the same kind of lease. It
ends at once when its process does, however that dies: nobody could come back to it.
"""

import contextlib
import shutil
import time
from collections.abc import Callable

from fanout_helpers.address import BrokerAddress
from fanout_helpers.broker import scripts
from fanout_helpers.broker.holding import OWN, Again, Held, Start, end, locked, sweep
from fanout_helpers.broker.node import BOOT_TIMEOUT, Node
from fanout_helpers.broker.ports import kept
from fanout_helpers.errors import BrokerError, BrokerNotInstalled, BrokerNotRunning, BrokerStartFailed

_POLL = 0.03


class OwnBroker:
    """Stops and starts RabbitMQ as an administrator does, with ``rabbitmqctl stop_app`` and ``start_app``.

    The process and its ports stay; RabbitMQ in it ends and begins, with all connections cut and with what it has on
    disk (https://www.rabbitmq.com/docs/man/rabbitmqctl.8#stop_app).
    """

    def __init__(self) -> None:
        self._held: Held | None = None
        self._stopped = False
        self._ports = contextlib.ExitStack()

    is_taken = False
    """Whether another kernel took the lesson: nobody else is on this broker."""

    def claim(self, _lesson: str) -> bool:
        """Takes a lesson for this kernel; returns whether another one has it open, which cannot be."""
        return False

    @property
    def is_ones_own(self) -> bool:
        """Whether nobody but this person is on it: always."""
        return True

    @property
    def is_in_jupyter(self) -> bool:
        """Whether a Jupyter server of this person's carries its management UI: never, it is the lab's alone."""
        return False

    def open(self, say: Callable[[str], None]) -> BrokerAddress:
        """Starts it.

        Args:
            say: Is told, in a sentence, of what takes seconds.

        Raises:
            BrokerNotInstalled: There is no RabbitMQ on this machine.
            BrokerStartFailed: It did not start.
        """
        start = Start(OWN, 0.0, say, "this lesson alone")
        while self._held is None:
            with contextlib.suppress(Again), locked(say) as lock:
                sweep(lock.directory)
                try:
                    self._held = start.attempt(lock)
                except BrokerNotInstalled as error:
                    raise _not_installed(error) from None
        return self._held.node.address

    def locate(self) -> BrokerAddress:
        """Where it is.

        Raises:
            BrokerNotRunning: It was stopped, or it is gone.
        """
        address = self._node().address
        if self._stopped:
            raise BrokerNotRunning(
                "This lab's RabbitMQ is stopped.",
                cause="lab.stop_broker() stopped it, or starting it again was interrupted.",
                next_step="Start it: lab.start_broker().",
            )
        return address

    def stop(self, say: Callable[[str], None]) -> None:
        """Stops RabbitMQ; returns when it is stopped. Stopping twice is fine.

        Raises:
            BrokerNotRunning: It is gone.
            BrokerError: It does not stop.
        """
        node = self._node()
        self._stopped = True
        failure = _rabbitmqctl(node, "stop_app", say)
        if failure is not None:
            raise BrokerError("RabbitMQ did not stop.", cause=failure, next_step="Make the Lab again.")
        # Nobody else may be given them meanwhile.
        self._ports.close()
        self._ports.enter_context(kept(node.identity.amqp_port, node.identity.management_port))

    def start(self, say: Callable[[str], None]) -> None:
        """Starts RabbitMQ; returns when it is ready. Starting twice is fine.

        Raises:
            BrokerNotRunning: It is gone.
            BrokerStartFailed: It does not start.
        """
        node = self._node()
        failure = _rabbitmqctl(node, "start_app", say)
        deadline = time.monotonic() + BOOT_TIMEOUT
        while failure is None and not node.is_ready():
            if time.monotonic() > deadline:
                failure = "It does not answer."
            time.sleep(_POLL)
        if failure is not None:
            raise BrokerStartFailed("RabbitMQ did not start again.", cause=failure, next_step="Make the Lab again.")
        self._ports.close()
        self._stopped = False

    def close(self) -> None:
        """Ends it; returns when nothing of it is left. Closing twice is fine."""
        self._ports.close()
        if self._held is None:
            return
        node = self._held.node
        end([node])
        self._held.let_go()
        shutil.rmtree(node.directory, ignore_errors=True)
        with contextlib.suppress(OSError):
            node.directory.parent.rmdir()
        self._held = None

    def _node(self) -> Node:
        if self._held is None or self._held.ended():
            raise BrokerNotRunning(
                "This lab's RabbitMQ is gone.",
                cause="It was ended from outside.",
                next_step="Run the cell that makes the Lab again: it starts another one.",
            )
        return self._held.node


def _rabbitmqctl(node: Node, command: str, say: Callable[[str], None]) -> str | None:
    """Run a command of RabbitMQ's; return what it says if it fails."""
    say(f"rabbitmqctl {command}")
    return scripts.run(node.rabbitmqctl, command, timeout=BOOT_TIMEOUT)


def _not_installed(error: BrokerNotInstalled) -> BrokerNotInstalled:
    """The same, without the advice to use a broker elsewhere: that one cannot be stopped."""
    return BrokerNotInstalled(
        "This lesson stops and starts a RabbitMQ of its own, and there is none on this machine to start.",
        cause=f"{error.happened} {error.cause}",
        next_step="Get one for you alone: 'fanout broker install' (without FANOUT_BROKER_URL, if that is set).",
        fault=error.fault,
    )
