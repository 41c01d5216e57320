"""The broker that all lessons of a person share: the attached one, or else this person's private node."""

import contextlib
import sys
from collections.abc import Callable

from fanout_helpers.address import BrokerAddress
from fanout_helpers.broker import attached, private
from fanout_helpers.broker.claim import Claim
from fanout_helpers.errors import BrokerError, BrokerNotRunning


class SharedBroker:
    """Where a lesson is that needs no broker of its own."""

    def __init__(self) -> None:
        self._claim: Claim | None = None

    def open(self, say: Callable[[str], None]) -> BrokerAddress:
        """Finds it, starting a private node if need be.

        Args:
            say: Is told, in a sentence, of what takes seconds.

        Raises:
            BrokerNotInstalled: There is no RabbitMQ to start.
            BrokerStartFailed: It did not start.
        """
        return attached.address() or private.hold(say).address

    def locate(self) -> BrokerAddress:
        """Where it is now.

        Raises:
            BrokerNotRunning: The private node is gone, and nobody has started another one.
        """
        return attached.address() or _running()

    def claim(self, lesson: str) -> bool:
        """Takes a lesson for this kernel; returns whether another one of this person's has it open.

        Of an attached broker only the kernels on this machine are known.
        """
        address = attached.address()
        if address is None:
            self._claim = Claim(private.hold().directory, lesson)
            return self._claim.take()
        # Windows has no locks that end with their process, and others may have no place to write to.
        if sys.platform != "win32":
            with contextlib.suppress(OSError):
                claim = Claim(attached.claims(address), lesson)
                shared = claim.take()
                self._claim = claim
                return shared
        return False

    @property
    def is_taken(self) -> bool:
        """Whether another kernel took the lesson since."""
        return self._claim is not None and self._claim.is_lost

    @property
    def is_ones_own(self) -> bool:
        """Whether nobody but this person is on it."""
        return attached.address() is None

    @property
    def is_in_jupyter(self) -> bool:
        """Whether a Jupyter server of this person's carries its management UI."""
        return attached.address() is None

    def stop(self, _say: Callable[[str], None]) -> None:
        """Refuses to: others use it.

        Raises:
            BrokerError: Always.
        """
        whose = "It is not yours: somebody else runs it" if attached.address() else "Your other lessons use it too"
        raise BrokerError(
            "This lab's RabbitMQ is neither stopped nor started by a lesson.",
            cause=f"{whose}, and what they have in it would go.",
            next_step='Make a lab with a RabbitMQ that is only its own: Lab("NAME", own_broker=True).',
        )

    start = stop

    def close(self) -> None:
        """Gives the lesson up, and no more: others may use the broker still, and it ends with its last holder."""
        if self._claim is not None:
            self._claim.release()


def _running() -> BrokerAddress:
    node = private.hold_running()
    if node is None:
        raise BrokerNotRunning(
            "Your RabbitMQ is not running any more.",
            cause="It was stopped, or it was ended from outside.",
            next_step="Run the cell that makes the Lab again: it starts another one.",
        )
    return node.address
