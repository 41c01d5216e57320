"""A broker that somebody else runs: a teacher's, a hosted one, a cluster. Nothing is started for it."""

import os

from fanout_helpers.address import BrokerAddress, parse

BROKER_SETTING = "FANOUT_BROKER_URL"
MANAGEMENT_SETTING = "FANOUT_MANAGEMENT_URL"


def address() -> BrokerAddress | None:
    """The broker that the environment names, if it names one.

    Raises:
        AddressError: It names one that cannot be used.
    """
    url = os.environ.get(BROKER_SETTING, "").strip()
    return parse(url, os.environ.get(MANAGEMENT_SETTING, "").strip()) if url else None
