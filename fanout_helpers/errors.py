"""The errors that a person can meet, as one tree.

Each says three things in this order: what happened, the likely cause, the next step.

    FanoutError
    ├── AddressError             a broker URL that cannot be used
    ├── BrokerError              the broker itself
    │   ├── BrokerNotInstalled   no RabbitMQ here, or only half of one
    │   ├── InstallFailed        getting one did not work
    │   ├── BrokerStartFailed    it would not start; carries RabbitMQ's own reason
    │   ├── BrokerNotRunning     none of yours is up
    │   └── BrokerUnreachable    nobody answers at its address
    ├── ManagementError          the management HTTP API answered with an error
    │   └── NotFound             ... because what was asked for does not exist (404)
    ├── ExchangeNotFound         publishing or subscribing to an exchange that is not there
    ├── NotSubscribed            the broker refused what a subscriber needs
    ├── NotConfirmed             a message that the broker did not take
    ├── CourseNotCopied          the course's files could not be put where somebody wants them
    └── Closed                   using something after it was closed

``fault`` names what is wrong, in the doctor's words: it tells the same of it as the error does.
"""

from typing import Any, ClassVar

from fanout_helpers.faults import Fault


class FanoutError(Exception):
    """The base of every error that this package raises.

    Args:
        happened: What happened.
        cause: The likely cause, if it is known.
        next_step: What the person can do now.
        fault: What is wrong, where that is more than the error's kind says.
    """

    kind: ClassVar[Fault] = Fault.OTHER

    def __init__(self, happened: str, *, cause: str = "", next_step: str = "", fault: Fault | None = None) -> None:
        super().__init__(happened, cause, next_step)
        self.happened = happened
        self.cause = cause
        self.next_step = next_step
        self.fault = fault or self.kind

    def __str__(self) -> str:
        return "\n".join(part for part in (self.happened, self.cause, self.next_step) if part)

    def _render_traceback_(self) -> list[str]:
        """Shows a learner the three sentences instead of the package's inside (IPython's hook)."""
        return [f"{type(self).__name__}: {self}"]


class AddressError(FanoutError, ValueError):
    """A broker or management URL that cannot be used."""

    kind = Fault.UNUSABLE_ADDRESS


class BrokerError(FanoutError):
    """Something about the broker itself."""


class BrokerNotInstalled(BrokerError):
    """No RabbitMQ was found on this machine, or only half of one."""

    kind = Fault.NO_RABBITMQ


class InstallFailed(BrokerError):
    """Getting a RabbitMQ for this person did not work."""


class BrokerStartFailed(BrokerError):
    """RabbitMQ was found but did not start; the text carries its own reason."""

    kind = Fault.START_FAILED


class BrokerNotRunning(BrokerError):
    """No private node of this person is running."""

    kind = Fault.BROKER_STOPPED


class BrokerUnreachable(BrokerError):
    """Nobody answers at the broker's address, or the answer is not RabbitMQ's."""

    kind = Fault.NO_BROKER


class ManagementError(FanoutError):
    """The management API answered with an error.

    Attributes:
        status: The HTTP status code.
        answer: What the answer held, decoded.
    """

    def __init__(  # noqa: PLR0913 - all but the first are named
        self,
        happened: str,
        *,
        status: int,
        cause: str = "",
        next_step: str = "",
        fault: Fault | None = None,
        answer: Any = None,  # noqa: ANN401
    ) -> None:
        super().__init__(happened, cause=cause, next_step=next_step, fault=fault)
        self.status = status
        self.answer = answer


class NotFound(ManagementError):
    """What was asked for does not exist (HTTP 404)."""


class ExchangeNotFound(FanoutError):
    """Publishing or subscribing to an exchange that does not exist."""


class NotSubscribed(FanoutError):
    """The broker refused the exchange, the queue or the binding that a subscriber needs."""


class TelemetryRefused(FanoutError):
    """The broker does not tell this user of its events, or does not let this user trace messages."""


class NotConfirmed(FanoutError):
    """The broker did not confirm a message: it refused it, or the connection broke before it answered."""


class CourseNotCopied(FanoutError):
    """The course could not be copied into a folder."""


class Closed(FanoutError):
    """A lab, publisher or subscriber was used after it was closed."""
