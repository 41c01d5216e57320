"""A broker that somebody else runs: a teacher's, a hosted one, a cluster. Nothing is started for it."""

import hashlib
import os
from pathlib import Path

from fanout_helpers.address import BrokerAddress, parse
from fanout_helpers.broker import installation

BROKER_SETTING = "FANOUT_BROKER_URL"
MANAGEMENT_SETTING = "FANOUT_MANAGEMENT_URL"


def address() -> BrokerAddress | None:
    """The broker that the environment names, if it names one.

    Raises:
        AddressError: It names one that cannot be used.
    """
    url = os.environ.get(BROKER_SETTING, "").strip()
    return parse(url, os.environ.get(MANAGEMENT_SETTING, "").strip()) if url else None


def fingerprint(address: BrokerAddress, *names: str) -> str:
    """A file's name for something on a broker of somebody else's: names on it may be long, or be no file's name."""
    return hashlib.sha256("\n".join([str(address), address.username, *names]).encode()).hexdigest()


def claims(address: BrokerAddress) -> Path:
    """Where this person's kernels note which of them has which lesson on that broker."""
    return installation.cache_directory() / "claims" / fingerprint(address)


def no_virtual_host(name: str) -> dict[str, str]:
    """What to say where there is no such virtual host: what happened, the cause, the next step."""
    happened = f"There is no virtual host {name!r} on the broker."
    if address() is None:
        return {"happened": happened, "next_step": "Run the cell that makes the Lab again: it makes it, too."}
    return {
        "happened": happened,
        "cause": f"{BROKER_SETTING} names it.",
        "next_step": "Correct it there, or leave it out: then each lesson makes one of its own.",
    }
