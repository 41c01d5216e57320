"""Everything on somebody else's broker: nothing is started, and the lessons and the lab work there, over TLS too."""

import contextlib
import os
import re
import shlex
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
import trustme
from nbclient import NotebookClient
from nbformat import NotebookNode

from fanout_helpers import Lab
from fanout_helpers.broker.attached import BROKER_SETTING, MANAGEMENT_SETTING
from fanout_helpers.broker.node import Node
from fanout_helpers.errors import FanoutError
from fanout_helpers.management import Management
from tests.comparison import LESSONS, NOTEBOOKS, compare
from tests.live import programs_of

LISTING = "06_listing.ipynb"

_CHUNK = 65536


@pytest.fixture
def teacher(broker: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Node]:
    """A broker that is there already, named by the environment; nothing may be started in the runtime directory."""
    monkeypatch.setenv(BROKER_SETTING, broker.address.amqp_url)
    monkeypatch.setenv(MANAGEMENT_SETTING, broker.address.management_url)
    monkeypatch.setenv("FANOUT_RUNTIME_DIR", str(tmp_path / "runtime"))
    yield broker
    assert not (tmp_path / "runtime").exists()


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_passes_on_a_broker_that_is_there(
    lesson: str, classroom: dict[str, str], broker: Node, tmp_path: Path
) -> None:
    environment = {"FANOUT_RUNTIME_DIR": str(tmp_path / "runtime"), **classroom, **programs_of(broker)}
    code, output = compare(lesson, **environment)
    assert code == 0, output
    assert not (tmp_path / "runtime").exists()


def without_rabbitmqctl(folder: Path) -> str:
    """A PATH whose only program is the shell's: other people's RabbitMQ runs elsewhere."""
    (folder / "sh").symlink_to("/bin/sh")
    return str(folder)


def rabbitmqctl_of_a_stopped_one(broker: Node, folder: Path) -> str:
    """A PATH with RabbitMQ's own rabbitmqctl first, for a node of this machine that is not up."""
    nobody = shlex.join([str(broker.rabbitmqctl), "-n", "nobody@localhost"])
    (folder / "rabbitmqctl").write_text(f'#!/bin/sh\nexec {nobody} "$@"\n', encoding="utf-8")
    (folder / "rabbitmqctl").chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


def test_who_has_no_rabbitmqctl_is_told_so_once_and_gets_the_apis_answers(
    classroom: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    for setting, value in {**classroom, "FANOUT_RUNTIME_DIR": str(tmp_path / "runtime")}.items():
        monkeypatch.setenv(setting, value)
    monkeypatch.setenv("PATH", without_rabbitmqctl(tmp_path / "bin"))
    shown = executed_listing()
    assert "Exit status 127: " in shown["given-who-answers"]
    assert [cell for cell, text in shown.items() if "does not answer" in text] == ["given-who-answers"]
    for cell, text in shown.items():
        assert "exit status" not in text, cell
        assert "agree" not in text, cell
    assert "management API: 200 OK\namq.gen-" in shown["a-queue-too-many"]
    assert "archive\n" in shown["a-queue-too-many"]
    assert "management API: 404 Not Found\n[]\nmanagement API: 404 Not Found\n[]" in shown["three-mistakes"]
    assert "('logs', 'fanout')" in shown["code-09"]
    assert "('logs', 'archive', '')" in shown["bindings-agree"]


def test_what_rabbitmqctl_says_where_it_fails_is_shown(
    broker: Node, classroom: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    for setting, value in {**classroom, "FANOUT_RUNTIME_DIR": str(tmp_path / "runtime")}.items():
        monkeypatch.setenv(setting, value)
    monkeypatch.setenv("PATH", rabbitmqctl_of_a_stopped_one(broker, tmp_path / "bin"))
    told = executed_listing(until="a-queue-too-many")["given-who-answers"]
    assert re.search(r"Exit status 6\d: Error: unable to perform an operation on node 'nobody@localhost'", told), told
    assert "not yours" not in told


def executed_listing(until: str = "") -> dict[str, str]:
    """What the cells of the lesson print, up to one of them."""
    notebook = nbformat.read(NOTEBOOKS / LISTING, as_version=4)  # type: ignore[no-untyped-call]
    ids = [cell.id for cell in notebook.cells]
    notebook.cells = notebook.cells[: ids.index(until) + 1 if until else None]
    NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(NOTEBOOKS)}}).execute()
    return {cell.id: printed(cell) for cell in notebook.cells if cell.cell_type == "code"}


def printed(cell: NotebookNode) -> str:
    return "".join(output.text for output in cell.outputs if output.output_type == "stream")


def test_a_lab_works_over_tls_and_trusts_only_whom_it_is_told_to(
    teacher: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    certificate = authority.issue_cert("localhost")
    address = teacher.address
    with (
        tls_in_front_of(address.port, certificate) as amqps,
        tls_in_front_of(teacher.identity.management_port, certificate) as https,
    ):
        monkeypatch.setenv(BROKER_SETTING, f"amqps://{address.username}:{address.password}@localhost:{amqps}")
        monkeypatch.setenv(MANAGEMENT_SETTING, f"https://localhost:{https}")
        with pytest.raises(FanoutError, match="certificate verify failed"):
            Lab("tls")
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
        with Lab("tls") as lab:
            name = lab.virtual_host
            lab.subscribe("amq.fanout", "screen", "disk")
            lab.publish("amq.fanout", "over TLS")
            assert lab.received(1).as_expected
    management = Management(address)
    management.delete_virtual_host(name)
    management.close()


@contextlib.contextmanager
def tls_in_front_of(port: int, certificate: trustme.LeafCert) -> Iterator[int]:
    """Speaks TLS on a port of its own and hands everything on to a plain one, as a load balancer does."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate.configure_cert(context)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_serve, args=(listener, context, port), daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


def _serve(listener: socket.socket, context: ssl.SSLContext, port: int) -> None:
    with contextlib.suppress(OSError):
        while True:
            plain, _ = listener.accept()
            threading.Thread(target=_relay, args=(plain, context, port), daemon=True).start()


def _relay(plain: socket.socket, context: ssl.SSLContext, port: int) -> None:
    with (
        contextlib.suppress(OSError),
        plain,
        context.wrap_socket(plain, server_side=True) as outer,
        socket.create_connection(("127.0.0.1", port)) as inner,
    ):
        back = threading.Thread(target=_copy, args=(inner, outer), daemon=True)
        back.start()
        _copy(outer, inner)
        back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(_CHUNK):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
