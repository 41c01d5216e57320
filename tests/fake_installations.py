"""Installations of RabbitMQ made of empty scripts, for tests of what finds and fetches them."""

from collections.abc import Sequence
from pathlib import Path

PROGRAMS = ("rabbitmq-server", "rabbitmq-env", "rabbitmqctl")
PLUGINS = ("rabbit", "rabbit_common", "rabbitmq_management", "rabbitmq_event_exchange")


def make_program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def make_rabbitmq(home: Path, version: str = "3.10.8", lacking: Sequence[str] = ()) -> Path:
    """Makes RabbitMQ's own directory without some programs or plugins; returns its sbin."""
    for program in PROGRAMS:
        if program not in lacking:
            make_program(home / "sbin" / program)
    for plugin in PLUGINS:
        if plugin not in lacking:
            description = home / "plugins" / f"{plugin}-{version}" / "ebin" / f"{plugin}.app"
            description.parent.mkdir(parents=True)
            description.touch()
    return home / "sbin"


def make_debian(root: Path, version: str = "3.10.8") -> Path:
    """Makes what Debian's packages of RabbitMQ and Erlang put below a root; returns RabbitMQ's sbin."""
    sbin = make_rabbitmq(root / f"usr/lib/rabbitmq/lib/rabbitmq_server-{version}", version)
    wrapper = make_program(root / "usr/lib/rabbitmq/bin/rabbitmq-script-wrapper")
    (wrapper.parent / "rabbitmq-server").symlink_to(f"../lib/rabbitmq_server-{version}/sbin/rabbitmq-server")
    (root / "usr/sbin").mkdir(parents=True)
    (root / "usr/sbin/rabbitmq-server").symlink_to("../lib/rabbitmq/bin/rabbitmq-script-wrapper")
    make_program(root / "usr/lib/erlang/bin/erl")
    return sbin
