"""The doctor, on faults that were made for real: each is told as what it is, and as nothing else besides."""

import contextlib
import json
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from fanout_helpers import Lab
from fanout_helpers.broker import configuration, private
from fanout_helpers.broker.node import Node
from fanout_helpers.broker.ports import LOOPBACK
from fanout_helpers.cli import main
from fanout_helpers.doctor import broker
from fanout_helpers.doctor.examination import HEALTHY, Record
from fanout_helpers.doctor.finding import Severity
from fanout_helpers.errors import FanoutError
from fanout_helpers.faults import Fault
from tests import faults
from tests.faults import PASSWORD, RUNTIME, TABLE, Bench
from tests.foreign import Foreign
from tests.live import eventually
from tests.processes import holder


def address_that_is_not_loopback() -> str | None:
    """One of this machine's, if it has any; nothing is sent to find out."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, contextlib.suppress(OSError):
        probe.connect(("192.0.2.1", 9))
        return str(probe.getsockname()[0])
    return None


@dataclass(frozen=True)
class Victim:
    """A node, and where it listens besides."""

    node: Node
    tls_port: int
    afar: tuple[str, int] | None


@pytest.fixture(scope="module")
def victim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Victim]:
    """A node of these tests' own, which listens for TLS too, and where RabbitMQ would not let guest in."""
    directory = tmp_path_factory.mktemp("doctor")
    runtime = directory / "runtime"
    tls_port, host, afar = free_port(LOOPBACK), address_that_is_not_loopback(), None
    more = f"listeners.ssl.doctor = {LOOPBACK}:{tls_port}\n{certificate(directory)}"
    if host is not None:
        afar = (host, free_port(host))
        more += f"listeners.tcp.afar = {host}:{afar[1]}\n"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(RUNTIME, str(runtime))
        patch.setattr(configuration, "_CONFIGURATION", configuration._CONFIGURATION + more)
        node = private.hold()
    # Held by another process too: one of the faults has this one let go of it.
    with holder(runtime) as other:
        other.node()
        yield Victim(node, tls_port, afar)
    node.kill()


def free_port(host: str) -> int:
    with socket.create_server((host, 0)) as free:
        return int(free.getsockname()[1])


def certificate(directory: Path) -> str:
    """Makes a certificate; returns RabbitMQ's settings for it."""
    authority = trustme.CA()
    issued = authority.issue_cert("localhost")
    blobs = {"cacertfile": authority.cert_pem, "certfile": issued.cert_chain_pems[0], "keyfile": issued.private_key_pem}
    for name, blob in blobs.items():
        blob.write_to_path(str(directory / name))
    return "".join(f"ssl_options.{name} = {directory / name}\n" for name in blobs)


@pytest.fixture
def bench(victim: Victim, tmp_path: Path) -> Iterator[Bench]:
    with pytest.MonkeyPatch.context() as patch:
        for setting in ("JUPYTER_PATH", "JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR"):
            patch.setenv(setting, str(tmp_path / setting))
        yield Bench(victim.node, victim.tls_port, victim.afar, tmp_path, patch)
    eventually(lambda: is_healthy(victim.node))


def is_healthy(node: Node) -> bool:
    """Whether nothing of a fault is left."""
    record = Record()
    management = broker.look(record, node.address)
    if management is not None:
        management.close()
    return not record.findings


@pytest.mark.parametrize("fault", TABLE, ids=lambda fault: fault.__name__)
def test_a_fault_is_found_and_nothing_else(
    fault: Callable[[Bench], contextlib.AbstractContextManager[faults.Examine]], bench: Bench
) -> None:
    with fault(bench) as examine:
        examination = examine()
    assert [one.fault for one in examination.findings] == [TABLE[fault]], str(examination)
    (found,) = examination.findings
    assert found.what
    assert found.repair or TABLE[fault] is Fault.OTHER
    assert examination.ok == (found.severity is Severity.WARNING)
    told = f"{examination} {examination!r} {examination.as_json()}"
    assert PASSWORD not in told
    assert bench.node.address.password not in told


def test_no_fault_is_without_its_finding_and_no_finding_without_its_fault() -> None:
    assert set(TABLE.values()) == set(Fault)


def test_where_nothing_is_wrong_the_doctor_says_what_it_looked_at(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.attach()
    assert main(["doctor"]) == 0
    printed = capsys.readouterr().out
    assert printed.endswith(f"\n{HEALTHY}\n")
    for told in (bench.node.version, str(bench.node.address), "pika", "anywidget", "python3"):
        assert told in printed
    assert bench.node.address.password not in printed


def test_json_has_a_shape_that_stays(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    bench.attach()
    assert main(["doctor", "--json", "left-behind"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert list(told) == ["ok", "findings", "found"]
    assert told["ok"] is True
    assert told["findings"] == []
    assert told["found"]["rabbitmq"] == bench.node.version
    assert told["found"]["broker"] == str(bench.node.address)
    assert told["found"]["virtual_host"].startswith("left-behind.")
    bench.attach(password=PASSWORD)
    assert main(["doctor", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] is False
    (finding,) = told["findings"]
    assert list(finding) == ["code", "severity", "what", "why", "repair"]
    assert (finding["code"], finding["severity"]) == ("login-refused", "problem")
    assert all(isinstance(text, str) and text for text in finding.values())


def test_a_warning_is_told_and_is_no_problem(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    with faults.interrupted_cell(bench):
        assert main(["doctor", "left-behind"]) == 0
    printed = capsys.readouterr().out
    assert "warning: " in printed
    assert "[consumers-left-behind]" in printed
    assert HEALTHY not in printed


def test_without_a_node_one_is_started_and_let_go_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(RUNTIME, str(tmp_path / "runtime"))
    assert main(["doctor"]) == 0
    printed = capsys.readouterr()
    assert "Starting RabbitMQ" in printed.err
    assert "started for this, and let go of again" in printed.out
    assert eventually(lambda: not (tmp_path / "runtime").exists())


def test_a_node_that_is_held_stays_held(bench: Bench) -> None:
    bench.patch.setenv(RUNTIME, str(bench.node.directory.parent))
    private.hold()
    held = private._held[bench.node.directory.parent]
    assert bench.examine().found["node"]["was"] == "up"
    assert private._held[bench.node.directory.parent] is held
    assert not held.ended()


def test_a_lab_that_is_healthy_says_the_same_everywhere(bench: Bench) -> None:
    bench.patch.setenv(RUNTIME, str(bench.node.directory.parent))
    with Lab("healthy") as lab:
        lab.subscribe("amq.fanout", "screen")
        eventually(lambda: lab._host.topology().consumers)
        assert repr(lab.doctor()) == HEALTHY
        assert "healthy" in str(lab.doctor())


def test_what_another_notebook_consumes_is_not_this_ones(bench: Bench) -> None:
    bench.patch.setenv(RUNTIME, str(bench.node.directory.parent))
    with Lab("shared") as lab, Foreign(lab.address.amqp_url, "your connection") as other:
        other.run('channel.basic_consume(channel.queue_declare("red \\x1b[31m", exclusive=True).method.queue, print)')
        eventually(lambda: lab._host.topology().consumers)
        assert lab.doctor().findings == ()
        examination = bench.examine("shared")
        assert [one.fault for one in examination.findings] == [Fault.CONSUMERS_LEFT_BEHIND]
        assert "red " in str(examination)
        assert "\x1b" not in f"{examination} {examination.as_json()}"


@pytest.mark.parametrize(
    "fault", [faults.guest_from_afar, faults.unknown_virtual_host, faults.wrong_password, faults.user_without_a_tag]
)
def test_a_lab_says_of_a_fault_what_the_doctor_says(
    fault: Callable[[Bench], contextlib.AbstractContextManager[faults.Examine]], bench: Bench
) -> None:
    with fault(bench) as examine:
        (finding,) = examine().findings
        with pytest.raises(FanoutError) as caught, Lab("fault") as lab:
            lab.subscribe("amq.fanout", "screen")
    assert caught.value.fault is finding.fault
    assert caught.value.next_step == finding.repair
    assert PASSWORD not in str(caught.value)


def test_a_port_that_says_nothing_is_told_too(bench: Bench) -> None:
    with socket.create_server((LOOPBACK, 0)) as silent:
        bench.attach(port=silent.getsockname()[1])
        assert [one.fault for one in bench.examine().findings] == [Fault.PORT_TAKEN]
