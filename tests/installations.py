"""The RabbitMQs to test with: the one that a learner would get here, and those that FANOUT_TEST_RABBITMQ names."""

import os
from pathlib import Path

from fanout_helpers.broker import installation

HOMES = ["", *filter(None, os.environ.get("FANOUT_TEST_RABBITMQ", "").split(os.pathsep))]
"""Directories, separated in the setting as in PATH; the empty one stands for the one that is found."""


def chosen(home: str) -> dict[str, str]:
    """The environment in which that one is used."""
    return {installation.SETTING: home} if home else {}


def label(home: str) -> str:
    """Its name in a test's: ``rabbitmq_server-4.3.6`` where the directory is laid out as RabbitMQ's own archive is."""
    directory = Path(home)
    return (directory.parent if directory.name == "sbin" else directory).name or "found"
