"""Everything on somebody else's broker: nothing is started, and the lessons and the lab work there, over TLS too."""

import contextlib
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


def test_who_has_no_rabbitmqctl_for_the_broker_is_told_that_it_was_not_asked(
    classroom: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for setting, value in {**classroom, "FANOUT_RUNTIME_DIR": str(tmp_path / "runtime")}.items():
        monkeypatch.setenv(setting, value)
    notebook = nbformat.read(NOTEBOOKS / LISTING, as_version=4)  # type: ignore[no-untyped-call]
    NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(NOTEBOOKS)}}).execute()
    told = [printed(cell) for cell in notebook.cells if "= rabbitmqctl(" in cell.source]
    assert len(told) == 2
    for text in told:
        assert text.startswith("not asked: this RabbitMQ is not yours")
        assert "200 OK" in text
        assert "agree" not in text


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
