"""What a private node is told: its configuration file, its environment, its rabbitmqctl."""

import os
import re
import shlex
import shutil
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from fanout_helpers.broker import applications, limits
from fanout_helpers.broker.installation import Installation
from fanout_helpers.broker.ports import LOOPBACK

REFRESHMENT = 3600.0
"""Seconds after which a node touches its files, so that nothing that sweeps old ones takes them for left behind."""

_LEASE_SCRIPT = Path(__file__).with_name("lease.erl")

# Counts come half a second late instead of five only with all three retention policies at a minute.
_CONFIGURATION = """\
listeners.tcp.loopback = {loopback}:{amqp_port}
management.tcp.ip = {loopback}
management.tcp.port = {management_port}
default_user = {username}
default_pass = {password}
default_user_tags.administrator = true
collect_statistics_interval = 500
management.sample_retention_policies.global.minute = 1
management.sample_retention_policies.basic.minute = 1
management.sample_retention_policies.detailed.minute = 1
vm_memory_high_watermark.absolute = {memory_watermark}
disk_free_limit.absolute = {disk_free_limit}
log.console = true
log.console.level = info
log.console.use_colors = off
log.file = false
"""

# The name is spelled as a list of characters: quotes do not get through RabbitMQ's script and erl unharmed.
_EVALUATE_LEASE = f"-eval file:script(os:getenv([{','.join(f'${letter}' for letter in 'FANOUT_LEASE')}]))"

_KEPT = ("TMPDIR", "TZ", "LD_LIBRARY_PATH")

# RabbitMQ looks up the machine's own name for every AMQP connection: with a DNS server that never answers, that takes
# eight seconds. Nothing here needs a server (https://www.erlang.org/doc/apps/erts/inet_cfg).
_NAMES = """\
{{lookup, [file]}}.
{{hosts_file, ""}}.
{{resolv_conf, ""}}.
{{host, {{127,0,0,1}}, [{names}]}}.
"""

_SMALL_TABLES = {
    "RABBITMQ_MAX_NUMBER_OF_PROCESSES": "32768",
    "RABBITMQ_MAX_NUMBER_OF_ATOMS": "1048576",
    "ERL_MAX_PORTS": "4096",
    "ERL_MAX_ETS_TABLES": "4096",
}


@dataclass(frozen=True)
class Identity:
    """What tells one private node from every other: its name, its three ports and its random login."""

    name: str
    amqp_port: int
    management_port: int
    distribution_port: int
    username: str
    password: str = field(repr=False)


def write(directory: Path, identity: Identity) -> None:
    """Writes the node's configuration into its directory, readable by its owner only."""
    (directory / "home").mkdir(mode=0o700)
    text = _CONFIGURATION.format(
        loopback=LOOPBACK,
        amqp_port=identity.amqp_port,
        management_port=identity.management_port,
        username=identity.username,
        password=identity.password,
        memory_watermark=limits.memory_watermark(limits.available_memory()),
        disk_free_limit=limits.disk_free_limit(directory),
    )
    write_private(directory / "rabbitmq.conf", text)
    write_private(directory / "names", _NAMES.format(names=", ".join(f'"{name}"' for name in _own_names())))
    write_private(directory / "enabled_plugins", f"[{','.join(applications.PLUGINS)}].\n")


def write_rabbitmqctl(directory: Path, identity: Identity, installation: Installation) -> None:
    """Write a ``rabbitmqctl`` for this node into its directory.

    It needs no arguments to find the node, and starts from an empty environment, as the node does: what a terminal
    exports for another RabbitMQ (``RABBITMQ_ERLANG_COOKIE``, ``ERL_FLAGS`` ...) must not lead it astray.
    """
    # For every Erlang that it starts: one that cannot begin to speak to the node at once starts another, for an epmd.
    settings = _settings(directory, identity, installation) | {"ERL_AFLAGS": _offline(identity)}
    kept = [f'${{{name}+"{name}=${name}"}}' for name in (*_KEPT, "TERM")]
    given = [f"{name}={shlex.quote(value)}" for name, value in settings.items()]
    command = f'{shlex.quote(str(installation.sbin / "rabbitmqctl"))} "$@"'
    script = " \\\n  ".join(["exec env -i", *kept, *given, command])
    write_private(directory / "rabbitmqctl", f"#!/bin/sh\n{script}\n", mode=0o700)


def environment(directory: Path, identity: Identity, installation: Installation, grace: float) -> dict[str, str]:
    """The node's whole environment: nothing that is set in the person's for another RabbitMQ gets in.

    Args:
        directory: The node's directory.
        identity: Its name, ports and login.
        installation: The RabbitMQ that it runs.
        grace: Seconds that it lives on after its last holder.
    """
    distribution = (
        f"-sname {identity.name} -start_epmd false -erl_epmd_port {identity.distribution_port}"
        " -kernel inet_dist_use_interface {127,0,0,1}"
    )
    return {
        **inherited(os.environ),
        **_settings(directory, identity, installation),
        **_SMALL_TABLES,
        "RABBITMQ_CONFIG_FILE": str(directory / "rabbitmq.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(directory / "enabled_plugins"),
        "RABBITMQ_MNESIA_BASE": str(directory / "data"),
        "RABBITMQ_LOG_BASE": str(directory / "log"),
        "RABBITMQ_DIST_PORT": str(identity.distribution_port),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": distribution,
        # The script becomes the node instead of watching over it: one process to know and to end.
        "RUNNING_UNDER_SYSTEMD": "true",
        "ERL_AFLAGS": _EVALUATE_LEASE,
        "FANOUT_LEASE": str(_LEASE_SCRIPT),
        "FANOUT_OFFLINE_FLAGS": _offline(identity),
        "FANOUT_NODE_DIRECTORY": str(directory),
        "FANOUT_NODE_GRACE": str(round(grace * 1000)),
        "FANOUT_NODE_REFRESHMENT": str(round(REFRESHMENT * 1000)),
    }


def inherited(environ: Mapping[str, str]) -> dict[str, str]:
    """Return what a node and its commands may keep of a person's environment."""
    return {name: environ[name] for name in _KEPT if name in environ}


def trimmed_home(directory: Path, installation: Installation) -> Path | None:
    """Makes a RabbitMQ home that links only the needed applications; ``None`` where that is not possible.

    RabbitMQ's scripts find their home from their own path, so they are copied, and they do not quote it.
    """
    links = applications.needed(installation.plugins)
    if not links or " " in str(directory):
        return None
    home = directory / "rabbitmq"
    home.mkdir(mode=0o700)
    (home / "plugins").mkdir()
    for link in links:
        (home / "plugins" / link.name).symlink_to(link)
    shutil.copytree(installation.sbin, home / "sbin")
    if (installation.home / "escript").is_dir():
        (home / "escript").symlink_to(installation.home / "escript")
    return home


def write_private(path: Path, text: str, mode: int = 0o600) -> None:
    """Writes a file that only its owner may read, from its first moment on."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="utf-8") as file:
        file.write(text)


def _settings(directory: Path, identity: Identity, installation: Installation) -> dict[str, str]:
    """What the node and its rabbitmqctl share; the home holds the cookie by which they trust each other."""
    return {
        "PATH": os.pathsep.join([*map(str, installation.path), os.environ.get("PATH", os.defpath)]),
        "HOME": str(directory / "home"),
        "LANG": "C.UTF-8",
        "RABBITMQ_NODENAME": identity.name,
        "RABBITMQ_CONF_ENV_FILE": os.devnull,
        "ERL_INETRC": str(directory / "names"),
    }


def _own_names() -> list[str]:
    """Return what this machine calls itself: the whole name, and its first part."""
    name = re.sub(r"[^\w.-]", "", socket.gethostname())
    return list(dict.fromkeys(one for one in ("localhost", name, name.partition(".")[0]) if one))


def _offline(identity: Identity) -> str:
    """The flags of an Erlang that may speak to the node, and neither listens itself nor starts an epmd that does."""
    return f"-start_epmd false -erl_epmd_port {identity.distribution_port} -dist_listen false"
