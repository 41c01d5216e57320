"""A private node on machines as people have them: foreign settings, hardened mounts, dead name servers, limits."""

import os
import resource
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from fanout_helpers.broker import configuration, holding, node, private
from fanout_helpers.errors import BrokerError, BrokerStartFailed
from tests.processes import eventually, holder, is_gone

FOREIGN = {
    "RABBITMQ_ERLANG_COOKIE": "of-another-node",
    "RABBITMQ_USE_LONGNAME": "true",
    "RABBITMQ_CTL_ERL_ARGS": "-no-such-flag x",
    "RABBITMQ_NODENAME": "rabbit@elsewhere",
    "RABBITMQ_NODE": "rabbit@elsewhere",
    "ERL_FLAGS": "-no-such-flag x",
    "ERL_AFLAGS": "-no-such-flag x",
    "ERL_ZFLAGS": "-no-such-flag x",
    "ERL_LIBS": "/nowhere",
    "LC_ALL": "POSIX",
}
"""What somebody exports who works with another RabbitMQ, or with another Erlang."""

MOUNTED = """
    mkdir -p "$1" && mount -t tmpfs -o noexec,mode=0700 tmpfs "$1" && shift && exec "$@"
"""

NO_NAMES = """
    hostname somewhere.invalid && ip link set lo up
    printf 'nameserver 127.0.0.1\\n' > "$1/resolv.conf" && mount --bind "$1/resolv.conf" "$(realpath /etc/resolv.conf)"
    : > "$1/hosts" && mount --bind "$1/hosts" /etc/hosts
    shift && exec "$@"
"""
"""A machine that knows no names, its own and ``localhost`` included, and whose name server never answers."""


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A runtime directory of the test's own, and no node left in it afterwards."""
    directory = tmp_path / "runtime"
    monkeypatch.setenv("FANOUT_RUNTIME_DIR", str(directory))
    yield directory
    private.stop()


def in_namespaces(*namespaces: str, script: str, argument: Path, program: str) -> str:
    """Runs a Python program where a shell script has made this machine another one; returns what it printed."""
    alone = ["unshare", "--user", "--map-root-user", *namespaces]
    if os.getuid() and subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody but root make namespaces: run these tests as root")
    command = [*alone, "sh", "-ec", script, "sh", str(argument)]
    ran = subprocess.run(
        [*command, sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_what_is_exported_for_another_rabbitmq_reaches_neither_the_node_nor_its_commands(runtime: Path) -> None:
    with holder(runtime, **FOREIGN) as one:
        _, directory = one.node()
        command = [str(directory / "rabbitmqctl"), "--quiet", "list_exchanges", "name"]
        listed = subprocess.run(command, env=os.environ | FOREIGN, capture_output=True, text=True, check=False)
        assert (listed.returncode, listed.stderr) == (0, "")
        assert "amq.fanout" in listed.stdout.splitlines()


def test_where_no_program_may_run_lessons_and_terminals_do_what_they_do_elsewhere(tmp_path: Path) -> None:
    program = f"""
        import os, subprocess, sys
        os.environ["FANOUT_RUNTIME_DIR"] = {str(tmp_path / "mounted")!r}
        from fanout_helpers import Lab
        with Lab("hardened", own_broker=True) as lab:
            lab.restart_broker()
        with Lab("hardened") as lab:
            env = f"{{sys.executable}} -m fanout_helpers broker env hardened"
            typed = f'eval "$({{env}})"; rabbitmqctl --quiet list_exchanges -p {{lab.virtual_host}} name'
            print(subprocess.check_output(["sh", "-c", typed], text=True))
    """
    printed = in_namespaces("--mount", script=MOUNTED, argument=tmp_path / "mounted", program=program)
    assert "amq.fanout" in printed.split()


def test_nothing_of_a_node_asks_a_name_server(tmp_path: Path) -> None:
    """A server that never answers would hold up each connection for eight seconds, and a boot for a minute."""
    program = f"""
        import os, socket
        os.environ["FANOUT_RUNTIME_DIR"] = {str(tmp_path / "runtime")!r}
        server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        server.bind(("127.0.0.1", 53))
        server.setblocking(False)
        from fanout_helpers import Lab
        import pika
        with Lab("nameless", own_broker=True) as lab:
            pika.BlockingConnection(lab.parameters).close()
            lab.restart_broker()
            pika.BlockingConnection(lab.parameters).close()
        try:
            print("asked:", server.recv(512))
        except BlockingIOError:
            print("nobody asked")
    """
    printed = in_namespaces("--mount", "--net", "--uts", script=NO_NAMES, argument=tmp_path, program=program)
    assert printed.endswith("nobody asked\n")


def test_a_node_touches_all_of_its_files_lest_they_are_swept(runtime: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(configuration, "REFRESHMENT", 1.0)
    directory = private.hold().directory
    files = [
        runtime,
        directory,
        *(path for path in directory.rglob("*") if not path.is_relative_to(directory / "data")),
    ]
    for path in files:
        os.utime(path, (0, 0), follow_symlinks=False)
    assert eventually(lambda: all(path.lstat().st_mtime > 0 and path.lstat().st_atime > 0 for path in files))


@pytest.mark.usefixtures("runtime")
def test_a_node_whose_description_was_deleted_is_found_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(configuration, "REFRESHMENT", 1.0)
    held = private.hold()
    # Seen to look after its files twice, it has read its description once.
    assert touched(held.directory)
    assert touched(held.directory)
    (held.directory / "node.json").unlink()
    assert eventually((held.directory / "node.json").exists)
    found = private.running()
    assert found == held


def touched(directory: Path) -> bool:
    """Whether the node looks after its files once more."""
    os.utime(directory / "lease", (0, 0))
    return bool(eventually(lambda: (directory / "lease").stat().st_mtime > 0))


def test_a_node_that_nobody_could_find_any_more_ends(runtime: Path) -> None:
    with holder(runtime) as one:
        pid, directory = one.node()
        for name in ("lease", "node.json"):
            (directory / name).unlink()
        assert eventually(lambda: is_gone(pid))
        assert private.hold().pid != pid
        assert eventually(lambda: not directory.exists())


@pytest.mark.parametrize(
    ("which", "least", "told"),
    [
        (resource.RLIMIT_FSIZE, 51_200, r"SIGXFSZ.*no more than 50 KiB a file \(ulimit -f\)"),
        (resource.RLIMIT_AS, 2_000_000 * 1024, r"no more than 2,000,000 KiB of address space \(ulimit -v\)"),
    ],
)
def test_the_limit_that_ends_a_node_is_named(which: int, least: int, told: str, runtime: Path) -> None:
    program = f"""
        import resource
        resource.setrlimit({which}, ({least}, {least}))
        from fanout_helpers.broker import private
        private.hold()
    """
    command = [sys.executable, "-c", textwrap.dedent(program)]
    failed = subprocess.run(command, capture_output=True, text=True, check=False)
    assert failed.returncode == 1
    with pytest.raises(BrokerStartFailed, match=f"(?s){told}"):
        raise BrokerStartFailed(failed.stderr)
    assert eventually(lambda: not runtime.exists())


def test_a_boot_that_hangs_is_not_tried_twice(runtime: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node, "BOOT_TIMEOUT", 0.1)
    said: list[str] = []
    tries: list[Path] = []
    make = holding._new_directory

    def counted(*arguments: object) -> Path:
        tries.append(make(*arguments))  # type: ignore[arg-type]
        return tries[-1]

    monkeypatch.setattr(holding, "_new_directory", counted)
    with pytest.raises(BrokerStartFailed, match="was not ready after"):
        private.hold(said.append)
    assert len(tries) == 1
    assert eventually(lambda: not runtime.exists())


@pytest.mark.parametrize("name", ["日本語", "žluťoučký", "it's", 'a "quote"', "back`tick", "br{ace}", "two\nlines"])
def test_a_directory_that_rabbitmq_cannot_live_in_is_refused_before_anything_starts(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FANOUT_RUNTIME_DIR", str(tmp_path / name))
    with pytest.raises(BrokerError, match="letters, digits and signs of ASCII"):
        private.hold()
    assert list(tmp_path.iterdir()) == []


def test_a_temporary_directory_that_rabbitmq_cannot_live_in_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "日本語").mkdir()
    program = "from fanout_helpers.broker import runtime; print(runtime.path())"
    environment = os.environ | {"TMPDIR": str(tmp_path / "日本語")}
    environment.pop("FANOUT_RUNTIME_DIR", None)
    printed = subprocess.check_output([sys.executable, "-c", program], env=environment, text=True)
    assert printed == f"/tmp/fanout-{os.getuid()}\n"  # noqa: S108 - where it is, not what is done there


def test_every_other_sign_in_a_directorys_name_is_fine(tmp_path: Path) -> None:
    runtime = tmp_path / r"a !#$%&()*+,-:;<=>?@[\]^_|}~ b"
    with holder(runtime) as one:
        pid, _ = one.node()
        (rabbitmqctl,) = runtime.glob("node-*/rabbitmqctl")
        listed = subprocess.run([str(rabbitmqctl), "list_exchanges"], capture_output=True, check=False)
        assert listed.returncode == 0
    assert eventually(lambda: is_gone(pid))


def test_a_connection_that_the_network_dropped_without_a_word_is_an_error_that_says_so(tmp_path: Path) -> None:
    """As a load balancer does to an idle one. Here the network of the machine goes, with nobody to say that it did."""
    program = f"""
        import os, subprocess
        os.environ["FANOUT_RUNTIME_DIR"] = {str(tmp_path / "runtime")!r}
        from fanout_helpers import Lab, connection, publisher
        connection.SILENCE, publisher.TIMEOUT = 2, 6.0
        import pika
        with Lab("silence", own_broker=True) as lab:
            yours = pika.BlockingConnection(lab.parameters)
            channel = yours.channel()
            lab.publish("amq.fanout", "info: before")
            subprocess.run(["ip", "link", "set", "lo", "down"], check=True)
            try:
                channel.queue_declare("", exclusive=True)
            except pika.exceptions.AMQPConnectionError as error:
                print(error)
            try:
                lab.publish("amq.fanout", "info: meanwhile")
            except Exception as error:
                print(error)
            subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
            print(lab.publish("amq.fanout", "info: after"))
    """
    script = 'ip link set lo up; shift; exec "$@"'
    printed = in_namespaces("--net", script=script, argument=tmp_path, program=program)
    assert "Connection timed out" in printed
    assert "memory" not in printed
    assert "connection was lost" in printed
    assert "published 'info: after'" in printed
