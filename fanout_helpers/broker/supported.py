"""Which RabbitMQs the course works with."""

import re

OLDEST = "3.10"
"""The oldest RabbitMQ, as a release series: before it, lessons would print other things."""

TESTED = ("3.10", "4.0", "4.3")
"""The release series that every lesson is run on."""


def is_too_old(version: str) -> bool:
    """Whether a RabbitMQ of this version, such as ``"3.8.2"``, is older than the oldest one."""
    return _series(version) < _series(OLDEST)


def _series(version: str) -> list[int]:
    return [int(digits) for digits in re.findall(r"\d+", version)[:2]]
