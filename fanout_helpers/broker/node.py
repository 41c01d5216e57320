"""Starting one RabbitMQ node in a directory of its own, and knowing when it is ready or why it is not."""

import contextlib
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TextIO

from fanout_helpers.address import BrokerAddress
from fanout_helpers.broker import configuration, greeting, lease, scripts, ulimits
from fanout_helpers.broker.configuration import Identity
from fanout_helpers.broker.installation import Installation
from fanout_helpers.broker.ports import LOOPBACK, reserved
from fanout_helpers.errors import BrokerStartFailed, BrokerUnreachable, ManagementError
from fanout_helpers.faults import Fault
from fanout_helpers.management import Management

BOOT_TIMEOUT = 120.0
"""Seconds that a boot may take; on an idle machine it is two to four."""

_POLL = 0.03
_LOG = "rabbitmq.log"
_REASON_LINES = 8
_REASON_MARKS = (
    "error",
    "fail",
    "eaddrinuse",
    "cannot",
    "denied",
    "refused",
    "no such",
    "not found",
    "must be",
)


# When, how bad, and which Erlang process: not for the person who wants to know why.
_PREFIX = re.compile(r"^\S+ \S+ \[\w+\] <[\d.]+> ?")


@dataclass(frozen=True)
class Node:
    """A private node that is up: its directory, its process, its RabbitMQ's version and its identity."""

    directory: Path
    pid: int
    version: str
    identity: Identity

    @property
    def address(self) -> BrokerAddress:
        """Where it is and how to sign in."""
        return BrokerAddress(
            scheme="amqp",
            host=LOOPBACK,
            port=self.identity.amqp_port,
            username=self.identity.username,
            password=self.identity.password,
            management_url=f"http://{LOOPBACK}:{self.identity.management_port}",
        )

    @property
    def log(self) -> Path:
        """RabbitMQ's log file."""
        return self.directory / _LOG

    @property
    def rabbitmqctl(self) -> Path:
        """The script that runs RabbitMQ's command of that name on this node."""
        return self.directory / "rabbitmqctl"

    def save(self) -> None:
        """Tells the person's other processes that the node is ready, all at once."""
        text = json.dumps({"pid": self.pid, "version": self.version, "identity": asdict(self.identity)})
        configuration.write_private(self.directory / "node.json.new", text)
        (self.directory / "node.json.new").rename(self.directory / "node.json")

    def answers(self) -> bool:
        """Whether its management API answers and knows its user."""
        management = Management(self.address, timeout=1)
        try:
            return management.whoami() == self.identity.username
        except (BrokerUnreachable, ManagementError):
            return False
        finally:
            management.close()

    def is_ready(self) -> bool:
        """Whether AMQP and the management API both answer: RabbitMQ opens them one after the other."""
        return greeting.answers_amqp(LOOPBACK, self.identity.amqp_port, timeout=1) and self.answers()

    def kill(self) -> None:
        """Ends the node at once: it is a throw-away one, and an orderly stop takes six seconds on 3.10."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)


class BrokerNotReady(BrokerStartFailed):
    """It neither got ready nor ended within the time that a boot may take: it would not the next time either."""


def load(directory: Path) -> Node | None:
    """The node that said it is ready in this directory, if one did."""
    try:
        saved = json.loads((directory / "node.json").read_text(encoding="utf-8"))
        return Node(directory, saved["pid"], saved["version"], Identity(**saved["identity"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def start(installation: Installation, directory: Path, grace: float, *, trimmed: bool = True) -> tuple[Node, int]:
    """Starts a node in a new, empty directory and waits until it is ready.

    Args:
        installation: The RabbitMQ to run.
        directory: Where the node lives; it goes with the node.
        grace: Seconds that the node lives on after its last holder.
        trimmed: Whether to show RabbitMQ only the applications that it needs, for a faster boot.

    Returns:
        The node, and the descriptor that makes this process a holder of it.

    Raises:
        BrokerStartFailed: With RabbitMQ's own reason; nothing of the node is left.
    """
    with contextlib.ExitStack() as undo:
        undo.callback(shutil.rmtree, directory, ignore_errors=True)
        try:
            reader, writer = lease.create(directory)
            undo.callback(os.close, writer)
            with os.fdopen(reader):
                node = _boot(installation, directory, reader, grace, trimmed=trimmed)
        except OSError as error:
            raise BrokerStartFailed(
                f"RabbitMQ {installation.version} did not start.",
                cause=f"{error}.",
                next_step="Is there space, and may programs be run there? FANOUT_RUNTIME_DIR names another directory.",
            ) from error
        undo.pop_all()
    return node, writer


def _boot(installation: Installation, directory: Path, reader: int, grace: float, *, trimmed: bool) -> Node:
    with reserved(3) as ports:
        identity = _new_identity(*ports)
        configuration.write(directory, identity)
        configuration.write_rabbitmqctl(directory, identity, installation)
        home = configuration.trimmed_home(directory, installation) if trimmed else None
        environment = configuration.environment(directory, identity, installation, grace)
        configuration.write_private(directory / _LOG, "")
        # Read through a descriptor of its own: the directory goes the moment that the node ends.
        with (directory / _LOG).open(encoding="utf-8", errors="replace") as log:
            server = (home or installation.home) / "sbin" / "rabbitmq-server"
            process = _launch(server, directory, environment, reader)
            node = Node(directory, process.pid, installation.version, identity)
            try:
                _await_ready(node, process, log)
            except BaseException:
                process.kill()
                process.wait()
                raise
    # Somebody has to take note of the node's end, or it stays in the process table as long as this process.
    threading.Thread(target=process.wait, name="fanout-node-reaper", daemon=True).start()
    node.save()
    return node


def _launch(server: Path, directory: Path, environment: dict[str, str], reader: int) -> subprocess.Popen[bytes]:
    """Starts the node in a session of its own: an interrupt in a notebook or a terminal is not meant for it."""
    with (directory / _LOG).open("ab") as output:
        return subprocess.Popen(
            scripts.command(server),
            env=environment,
            cwd=directory,
            stdin=reader,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            umask=0o077,
        )


def _new_identity(amqp_port: int, management_port: int, distribution_port: int) -> Identity:
    return Identity(
        name=f"fanout-{secrets.token_hex(4)}@localhost",
        amqp_port=amqp_port,
        management_port=management_port,
        distribution_port=distribution_port,
        username=f"learner-{secrets.token_hex(4)}",
        password=secrets.token_urlsafe(24),
    )


def _await_ready(node: Node, process: subprocess.Popen[bytes], log: TextIO) -> None:
    deadline = time.monotonic() + BOOT_TIMEOUT
    while not node.is_ready():
        if process.poll() is not None:
            raise _failure(node, log, process.returncode)
        if time.monotonic() > deadline:
            raise _failure(node, log, None)
        time.sleep(_POLL)


def _failure(node: Node, log: TextIO, code: int | None) -> BrokerStartFailed:
    """Return the error for a node that ended with an exit code while it booted, or that did not get ready in time."""
    reason = _reason(log.read().splitlines())
    taken = any("eaddrinuse" in line for line in reason)
    suspects = ulimits.suspects(code)
    said = "In its own words:\n" + "\n".join(f"    {line}" for line in reason) if reason else "It said nothing."
    allowed = f"Processes started from here may have no more than {' and '.join(suspects)}."
    how = f"it was not ready after {BOOT_TIMEOUT:.0f} seconds" if code is None else ulimits.ending(code)
    return (BrokerNotReady if code is None else BrokerStartFailed)(
        f"RabbitMQ {node.version} did not start: {how}.",
        cause=f"{said}\n{allowed}" if suspects else said,
        next_step="Raise that limit and try again, or use another broker: set FANOUT_BROKER_URL."
        if suspects
        else "Free what it asks for and try again, or use another broker: set FANOUT_BROKER_URL.",
        fault=Fault.PORT_TAKEN if taken else None,
    )


def _reason(lines: list[str]) -> list[str]:
    """The first lines that tell why, each once: what follows them is a crash report. The last ones if none does.

    A port that was taken is always told, as it is worth another try.
    """
    told = [line for line in lines if line.strip(" =-")]
    marked = [line for line in told if "[error]" in line or any(mark in line.lower() for mark in _REASON_MARKS)]
    taken = [line for line in marked if "eaddrinuse" in line]
    shown = [*marked[:_REASON_LINES], *taken[:1]] if marked else told[-_REASON_LINES:]
    return [line for line in dict.fromkeys(_PREFIX.sub("", line).strip() for line in shown) if line]
