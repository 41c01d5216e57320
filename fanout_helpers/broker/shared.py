"""The broker that all lessons of a person share: the attached one, or else this person's private node."""

from collections.abc import Callable

from fanout_helpers.address import BrokerAddress
from fanout_helpers.broker import attached, private
from fanout_helpers.errors import BrokerError, BrokerNotRunning


class SharedBroker:
    """Where a lesson is that needs no broker of its own."""

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
        """Does nothing: others may use it still, and it ends with its last holder."""


def _running() -> BrokerAddress:
    node = private.hold_running()
    if node is None:
        raise BrokerNotRunning(
            "Your RabbitMQ is not running any more.",
            cause="It was stopped, or it was ended from outside.",
            next_step="Run the cell that makes the Lab again: it starts another one.",
        )
    return node.address
