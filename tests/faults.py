"""What can be wrong, made for real: each function here makes one fault, and gives what examines it."""

import contextlib
import http.client
import http.server
import json
import os
import shutil
import signal
import site
import socket
import ssl
import subprocess
import sys
import threading
import venv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar
from urllib.parse import unquote, urlsplit

import pika
import pytest
import trustme

from fanout_helpers import Lab
from fanout_helpers.address import BrokerAddress
from fanout_helpers.broker import applications, configuration, holding, installation, node, private, supported
from fanout_helpers.broker.attached import BROKER_SETTING, MANAGEMENT_SETTING
from fanout_helpers.broker.node import Node
from fanout_helpers.broker.ports import LOOPBACK, reserved
from fanout_helpers.doctor import examine
from fanout_helpers.doctor.examination import Examination
from fanout_helpers.doctor.finding import Finding
from fanout_helpers.faults import Fault
from fanout_helpers.management import Management
from tests.fake_installations import make_program, make_rabbitmq
from tests.installations import HOMES, chosen
from tests.live import eventually

PASSWORD = "hunter2"  # noqa: S105 - of users that live as long as a test
RUNTIME = "FANOUT_RUNTIME_DIR"
EXTENSION = "@jupyter-widgets/jupyterlab-manager"
OLDEST_THAT_CAN_FORBID = (3, 13)

Examine = Callable[[], Examination]


@dataclass(frozen=True)
class Bench:
    """What faults are made with.

    Attributes:
        node: A healthy node that may be maltreated, and must be healthy afterwards.
        tls_port: Where it speaks TLS, with a certificate for ``localhost`` that nobody trusts.
        afar: Where it listens besides: an address and a port that are not on the loopback interface, if there is one.
        scratch: An empty directory.
        patch: Sets what is set back after the test.
    """

    node: Node
    tls_port: int
    afar: tuple[str, int] | None
    scratch: Path
    patch: pytest.MonkeyPatch

    def examine(self, lesson: str | None = None) -> Examination:
        return examine.machine(lesson, lambda _: None)

    def attach(self, **changes: object) -> BrokerAddress:
        """Has the environment name the node, with something else in its address."""
        address = replace(self.node.address, **changes)  # type: ignore[arg-type]
        self.patch.setenv(BROKER_SETTING, address.amqp_url)
        self.patch.setenv(MANAGEMENT_SETTING, address.management_url)
        return address

    def install(self, path: Path) -> None:
        """Has the environment name an installation, with an Erlang, for a private node in a directory of its own."""
        erl = make_program(self.scratch / "erlang" / "erl")
        self.patch.setenv("PATH", f"{erl.parent}{os.pathsep}{os.environ['PATH']}")
        self.patch.setenv(installation.SETTING, str(path))
        self.patch.setenv(RUNTIME, str(self.scratch / "runtime"))

    def user(self, name: str, tags: str, permissions: str | None = ".*", write: str = ".*") -> None:
        """Makes a user, who may configure what ``permissions`` matches in ``/``, and write to what ``write`` does."""
        management = Management(self.node.address)
        management._request("PUT", "users", name, body={"password": PASSWORD, "tags": tags})
        if permissions is not None:
            allowed = {"configure": permissions, "write": write, "read": ".*"}
            management._request("PUT", "permissions", "/", name, body=allowed)
        management.close()

    def rabbitmqctl(self, *arguments: str) -> None:
        """Runs a command on the node, as an administrator does."""
        subprocess.run([str(self.node.directory / "rabbitmqctl"), *arguments], capture_output=True, check=True)


@contextmanager
def no_rabbitmq(bench: Bench) -> Iterator[Examine]:
    bench.install(bench.scratch / "nowhere")
    yield bench.examine


@contextmanager
def half_installation(bench: Bench) -> Iterator[Examine]:
    bench.install(make_rabbitmq(bench.scratch / "half", lacking=["rabbitmq_management"]))
    yield bench.examine


@contextmanager
def old_installation(bench: Bench) -> Iterator[Examine]:
    bench.install(make_rabbitmq(bench.scratch / "old", version="3.8.2"))
    yield bench.examine


@contextmanager
def old_broker(bench: Bench) -> Iterator[Examine]:
    """No older RabbitMQ runs here: the oldest that is good enough is made a newer one instead."""
    bench.attach()
    bench.patch.setattr(supported, "OLDEST", "99.0")
    yield bench.examine


@contextmanager
def open_runtime_directory(bench: Bench) -> Iterator[Examine]:
    directory = bench.scratch / "runtime"
    directory.mkdir()
    directory.chmod(0o755)
    bench.patch.setenv(RUNTIME, str(directory))
    yield bench.examine


@contextmanager
def server_that_ends_at_once(bench: Bench) -> Iterator[Examine]:
    bench.install(make_rabbitmq(bench.scratch / "broken"))
    yield bench.examine


@contextmanager
def port_lost_while_starting(bench: Bench) -> Iterator[Examine]:
    bench.patch.setenv(RUNTIME, str(bench.scratch / "runtime"))
    bench.patch.setattr(holding, "_ATTEMPTS", 1)
    with socket.create_server((LOOPBACK, 0)) as taken, reserved(2) as (amqp_port, management_port):
        # The last one is what Erlang asks for first.
        ports = [amqp_port, management_port, taken.getsockname()[1]]
        bench.patch.setattr(node, "reserved", lambda _count: contextlib.nullcontext(ports))
        yield bench.examine


@contextmanager
def other_program_on_the_port(bench: Bench) -> Iterator[Examine]:
    with socket.create_server((LOOPBACK, 0)) as server:
        threading.Thread(target=_greet_as_mail_servers_do, args=(server,), daemon=True).start()
        bench.attach(port=server.getsockname()[1])
        yield bench.examine
        server.shutdown(socket.SHUT_RDWR)


def _greet_as_mail_servers_do(server: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection, _ = server.accept()
            with connection:
                connection.sendall(b"220 mail.example ESMTP\r\n")
                connection.recv(100)


@contextmanager
def stopped_process(bench: Bench) -> Iterator[Examine]:
    bench.patch.setenv(RUNTIME, str(bench.node.directory.parent))
    bench.patch.setattr(private, "_STOP_TIMEOUT", 0.1)
    os.kill(bench.node.pid, signal.SIGSTOP)
    try:
        yield bench.examine
    finally:
        os.kill(bench.node.pid, signal.SIGCONT)


@contextmanager
def cookie_of_another_node(bench: Bench) -> Iterator[Examine]:
    bench.patch.setenv(RUNTIME, str(bench.node.directory.parent))
    cookie = bench.node.directory / "home" / ".erlang.cookie"
    secret = cookie.read_text()
    cookie.chmod(0o600)
    cookie.write_text("ANOTHER")
    try:
        yield bench.examine
    finally:
        cookie.write_text(secret)
        cookie.chmod(0o400)


@contextmanager
def stopped_broker(bench: Bench) -> Iterator[Examine]:
    bench.patch.setenv(RUNTIME, str(bench.scratch / "runtime"))
    with Lab("stopped", own_broker=True) as lab:
        lab.stop_broker()
        yield lab.doctor


@contextmanager
def url_of_something_else(bench: Bench) -> Iterator[Examine]:
    bench.patch.setenv(BROKER_SETTING, f"http://learner:{PASSWORD}@{LOOPBACK}")
    yield bench.examine


@contextmanager
def nobody_there(bench: Bench) -> Iterator[Examine]:
    with reserved(1) as (port,):
        bench.attach(port=port)
        yield bench.examine


@contextmanager
def port_of_the_management_api(bench: Bench) -> Iterator[Examine]:
    bench.attach(port=bench.node.identity.management_port)
    yield bench.examine


@contextmanager
def port_that_wants_tls(bench: Bench) -> Iterator[Examine]:
    bench.attach(port=bench.tls_port)
    yield bench.examine


@contextmanager
def load_balancer_that_wants_tls(bench: Bench) -> Iterator[Examine]:
    """It hangs up on who speaks no TLS, without a word."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    with socket.create_server((LOOPBACK, 0)) as server:
        threading.Thread(target=_shake_hands, args=(server, context), daemon=True).start()
        bench.attach(port=server.getsockname()[1])
        yield bench.examine
        server.shutdown(socket.SHUT_RDWR)


def _shake_hands(server: socket.socket, context: ssl.SSLContext) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        with connection, contextlib.suppress(OSError):
            context.wrap_socket(connection, server_side=True).close()


@contextmanager
def tls_where_none_is_spoken(bench: Bench) -> Iterator[Examine]:
    bench.attach(scheme="amqps")
    yield bench.examine


@contextmanager
def certificate_of_nobody(bench: Bench) -> Iterator[Examine]:
    bench.attach(host="localhost", port=bench.tls_port, scheme="amqps")
    yield bench.examine


@contextmanager
def wrong_password(bench: Bench) -> Iterator[Examine]:
    bench.attach(password=PASSWORD)
    yield bench.examine


@contextmanager
def guest_from_afar(bench: Bench) -> Iterator[Examine]:
    if bench.afar is None:
        pytest.skip("this machine has no address but the loopback interface's")
    bench.user("guest", "administrator")
    host, port = bench.afar
    bench.attach(username="guest", password=PASSWORD, host=host, port=port)
    yield bench.examine


@contextmanager
def unknown_virtual_host(bench: Bench) -> Iterator[Examine]:
    bench.attach(virtual_host="nowhere")
    yield bench.examine


@contextmanager
def virtual_host_of_others(bench: Bench) -> Iterator[Examine]:
    bench.user("outsider", "administrator", permissions=None)
    bench.attach(username="outsider", password=PASSWORD, virtual_host="/")
    yield bench.examine


@contextmanager
def nothing_may_be_declared(bench: Bench) -> Iterator[Examine]:
    bench.user("reader", "administrator", permissions="^$")
    bench.attach(username="reader", password=PASSWORD, virtual_host="/")
    yield bench.examine


@contextmanager
def no_management_plugin(bench: Bench) -> Iterator[Examine]:
    bench.attach()
    # As rabbitmq-plugins does it, which takes five times as long.
    bench.rabbitmqctl("eval", "application:stop(rabbitmq_management).")
    try:
        yield bench.examine
    finally:
        bench.rabbitmqctl("eval", "application:start(rabbitmq_management).")


@contextmanager
def management_url_of_something_else(bench: Bench) -> Iterator[Examine]:
    bench.attach(management_url=f"{bench.node.address.management_url}/elsewhere")
    yield bench.examine


class Decoding(http.server.BaseHTTPRequestHandler):
    """A proxy that decodes what it passes on, as many do unless they are told not to."""

    upstream: ClassVar[str]

    def do_GET(self) -> None:
        headers = {"Authorization": self.headers.get("Authorization", "")}
        upstream = urlsplit(self.upstream)
        with contextlib.closing(http.client.HTTPConnection(str(upstream.hostname), upstream.port)) as connection:
            connection.request("GET", unquote(self.path), headers=headers)
            answer = connection.getresponse()
            body = answer.read()
        self.send_response(answer.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def proxy_that_decodes(bench: Bench) -> Iterator[Examine]:
    handler = type("Handler", (Decoding,), {"upstream": bench.node.address.management_url})
    with http.server.ThreadingHTTPServer((LOOPBACK, 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        bench.attach(management_url=f"http://{LOOPBACK}:{server.server_port}")
        yield bench.examine
        server.shutdown()


@contextmanager
def may_not_publish(bench: Bench) -> Iterator[Examine]:
    bench.user("listener", "administrator", write=r"^amq\.gen")
    bench.attach(username="listener", password=PASSWORD, virtual_host="/")
    yield bench.examine


@contextmanager
def may_not_bind(bench: Bench) -> Iterator[Examine]:
    bench.user("bystander", "administrator", write="^$")
    bench.attach(username="bystander", password=PASSWORD, virtual_host="/")
    yield bench.examine


@contextmanager
def user_without_a_tag(bench: Bench) -> Iterator[Examine]:
    bench.user("plain", "")
    bench.attach(username="plain", password=PASSWORD)
    yield bench.examine


@contextmanager
def user_who_only_manages(bench: Bench) -> Iterator[Examine]:
    bench.user("manager", "management")
    bench.attach(username="manager", password=PASSWORD)
    yield bench.examine


@contextmanager
def no_event_plugin(bench: Bench) -> Iterator[Examine]:
    bench.patch.setenv(RUNTIME, str(bench.scratch / "runtime"))
    bench.patch.setattr(applications, "PLUGINS", ("rabbitmq_management",))
    yield bench.examine
    private.stop()


@contextmanager
def no_memory(bench: Bench) -> Iterator[Examine]:
    bench.attach()
    bench.rabbitmqctl("set_vm_memory_high_watermark", "absolute", "1")
    try:
        yield bench.examine
    finally:
        bench.rabbitmqctl("set_vm_memory_high_watermark", "absolute", "512MB")


@contextmanager
def no_disk(bench: Bench) -> Iterator[Examine]:
    bench.attach()
    bench.rabbitmqctl("set_disk_free_limit", f"{shutil.disk_usage('/').total}")
    try:
        yield bench.examine
    finally:
        bench.rabbitmqctl("set_disk_free_limit", "50MB")


@contextmanager
def transient_queues_denied(bench: Bench) -> Iterator[Examine]:
    bench.patch.setenv(RUNTIME, str(bench.scratch / "runtime"))
    for home in HOMES:
        for setting, value in chosen(home).items():
            bench.patch.setenv(setting, value)
        if tuple(map(int, installation.find().version.split(".")[:2])) >= OLDEST_THAT_CAN_FORBID:
            break
    else:
        pytest.skip("no RabbitMQ here can forbid them: name a newer one in FANOUT_TEST_RABBITMQ")
    forbidden = "deprecated_features.permit.transient_nonexcl_queues = false\n"
    bench.patch.setattr(configuration, "_CONFIGURATION", configuration._CONFIGURATION + forbidden)
    yield bench.examine
    private.stop()


@contextmanager
def interrupted_cell(bench: Bench) -> Iterator[Examine]:
    """As the cell's own notebook sees it."""
    with _left_behind(bench) as lab:
        yield lab.doctor


@contextmanager
def interrupted_cell_of_a_notebook(bench: Bench) -> Iterator[Examine]:
    """As a terminal sees it."""
    with _left_behind(bench) as lab:
        yield lambda: bench.examine(lab.lesson)


@contextmanager
def _left_behind(bench: Bench) -> Iterator[Lab]:
    bench.patch.setenv(RUNTIME, str(bench.node.directory.parent))
    with Lab("left-behind") as lab, pika.BlockingConnection(lab.parameters) as connection:
        channel = connection.channel()
        queue = channel.queue_declare("", exclusive=True).method.queue
        channel.basic_consume(queue, lambda *_: None, auto_ack=True)
        # What JupyterLab's stop button does.
        connection.call_later(0, lambda: signal.raise_signal(signal.SIGINT))
        with pytest.raises(KeyboardInterrupt):
            channel.start_consuming()
        # The management API lists it late.
        eventually(lambda: lab._host.topology().consumers and lab.doctor().findings)
        yield lab


@contextmanager
def no_home(bench: Bench) -> Iterator[Examine]:
    bench.attach()
    bench.patch.setenv("HOME", "/proc")
    yield bench.examine


@contextmanager
def no_jupyterlab(bench: Bench) -> Iterator[Examine]:
    bench.attach()
    python = _environment(bench, without="jupyterlab")
    yield lambda: _in_another_process(python)


@contextmanager
def extension_not_installed(bench: Bench) -> Iterator[Examine]:
    """An environment whose packages are all there; what they put elsewhere is not."""
    bench.attach()
    python = _environment(bench)
    (python.parents[1] / "share/jupyter/labextensions").mkdir(parents=True)
    own = Path(sys.prefix, "share/jupyter/labextensions/anywidget")
    (python.parents[1] / "share/jupyter/labextensions/anywidget").symlink_to(own)
    yield lambda: _in_another_process(python)


def _environment(bench: Bench, without: str = "-") -> Path:
    """Makes a virtual environment with this one's packages, but for some; returns its Python."""
    root = bench.scratch / "environment"
    venv.create(root, symlinks=True)
    packages = next(root.glob("lib/python*/site-packages"))
    for package in Path(site.getsitepackages()[0]).iterdir():
        if not package.name.startswith(without):
            (packages / package.name).symlink_to(package)
    return root / "bin/python"


def _in_another_process(python: Path) -> Examination:
    command = [str(python), "-m", "fanout_helpers", "doctor", "--json"]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    told = json.loads(done.stdout)
    assert done.returncode == (0 if told["ok"] else 1)
    return Examination(
        [Finding(Fault(one["code"]), one["what"], one["why"], one["repair"]) for one in told["findings"]],
        told["found"],
    )


@contextmanager
def kernel_of_another_python(bench: Bench) -> Iterator[Examine]:
    bench.attach()
    directory = Path(os.environ["JUPYTER_PATH"], "kernels/python3")
    directory.mkdir(parents=True)
    argv = ["/usr/bin/python3", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "Python 3", "language": "python"}
    (directory / "kernel.json").write_text(json.dumps(spec))
    yield bench.examine


@contextmanager
def disabled_extension(bench: Bench) -> Iterator[Examine]:
    bench.attach()
    disable(Path(os.environ["JUPYTER_CONFIG_DIR"]))
    yield bench.examine


def disable(jupyter_configuration: Path, extension: str = EXTENSION) -> None:
    """Disables an extension of JupyterLab, as ``jupyter labextension disable --level=user`` does."""
    page = jupyter_configuration / "labconfig/page_config.json"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(json.dumps({"disabledExtensions": {extension: True}}))


@contextmanager
def extension_from_elsewhere(bench: Bench) -> Iterator[Examine]:
    bench.attach()
    directory = Path(os.environ["JUPYTER_PATH"], "labextensions/anywidget")
    shutil.copytree(Path(sys.prefix, "share/jupyter/labextensions/anywidget"), directory)
    package = json.loads((directory / "package.json").read_text())
    (directory / "package.json").write_text(json.dumps(package | {"version": "0.0.1"}))
    yield bench.examine


@contextmanager
def name_that_cannot_be_a_lessons(bench: Bench) -> Iterator[Examine]:
    bench.attach()
    yield lambda: bench.examine("a/b")


TABLE: dict[Callable[[Bench], contextlib.AbstractContextManager[Examine]], Fault] = {
    no_rabbitmq: Fault.NO_RABBITMQ,
    half_installation: Fault.HALF_INSTALLATION,
    old_installation: Fault.VERSION_TOO_OLD,
    old_broker: Fault.VERSION_TOO_OLD,
    open_runtime_directory: Fault.RUNTIME_DIRECTORY,
    server_that_ends_at_once: Fault.START_FAILED,
    port_lost_while_starting: Fault.PORT_TAKEN,
    other_program_on_the_port: Fault.PORT_TAKEN,
    stopped_process: Fault.NODE_HANGS,
    cookie_of_another_node: Fault.RABBITMQCTL_FAILS,
    stopped_broker: Fault.BROKER_STOPPED,
    url_of_something_else: Fault.UNUSABLE_ADDRESS,
    nobody_there: Fault.NO_BROKER,
    port_of_the_management_api: Fault.WRONG_PORT,
    port_that_wants_tls: Fault.WRONG_PORT,
    load_balancer_that_wants_tls: Fault.WRONG_PORT,
    tls_where_none_is_spoken: Fault.WRONG_PORT,
    certificate_of_nobody: Fault.CERTIFICATE,
    wrong_password: Fault.LOGIN_REFUSED,
    guest_from_afar: Fault.GUEST_FROM_AFAR,
    unknown_virtual_host: Fault.UNKNOWN_VIRTUAL_HOST,
    virtual_host_of_others: Fault.VIRTUAL_HOST_REFUSED,
    nothing_may_be_declared: Fault.NO_PERMISSION,
    may_not_bind: Fault.NO_PERMISSION,
    may_not_publish: Fault.NO_PERMISSION,
    proxy_that_decodes: Fault.PROXY_DECODES_SLASHES,
    no_management_plugin: Fault.NO_MANAGEMENT,
    management_url_of_something_else: Fault.NO_MANAGEMENT,
    user_without_a_tag: Fault.NO_MANAGEMENT_TAG,
    user_who_only_manages: Fault.NOT_ADMINISTRATOR,
    no_event_plugin: Fault.NO_EVENT_EXCHANGE,
    no_memory: Fault.MEMORY_ALARM,
    no_disk: Fault.DISK_ALARM,
    transient_queues_denied: Fault.DENIED_QUEUES,
    interrupted_cell: Fault.CONSUMERS_LEFT_BEHIND,
    interrupted_cell_of_a_notebook: Fault.CONSUMERS_LEFT_BEHIND,
    no_home: Fault.NO_HOME,
    no_jupyterlab: Fault.NO_JUPYTERLAB,
    kernel_of_another_python: Fault.OTHER_KERNEL,
    disabled_extension: Fault.NO_WIDGETS,
    extension_not_installed: Fault.NO_WIDGETS,
    extension_from_elsewhere: Fault.OTHER_WIDGETS,
    name_that_cannot_be_a_lessons: Fault.OTHER,
}
"""Each fault, and what the doctor calls it."""
