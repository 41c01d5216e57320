"""The ``fanout`` command: the course in JupyterLab, and a person's RabbitMQ from a terminal."""

import argparse
import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from fanout_helpers import course, home
from fanout_helpers.address import BrokerAddress
from fanout_helpers.broker import attached, private, scripts
from fanout_helpers.broker.install import install
from fanout_helpers.broker.node import Node
from fanout_helpers.doctor.examine import machine
from fanout_helpers.errors import BrokerError, BrokerNotRunning, FanoutError
from fanout_helpers.management import Management
from fanout_helpers.virtual_host import VirtualHost

_INTERRUPTED = 130
_KEPT = "It stays up while this command, a kernel or JupyterLab uses it; Ctrl-C lets it go."
_KEPT_WHILE = "It stays up while process {}, a kernel or JupyterLab uses it."
_NONE_IS_UP = "No RabbitMQ of yours is up."
_WHILE = "let it go when this process ends, which has to be the one that started this command"
_LAB = (
    "Open the course in JupyterLab: in a clone its notebooks; elsewhere a copy of your own, in FOLDER "
    f"(else in {course.FOLDER}), where it is brought up to date, never over your work. FOLDER comes first; "
    "other arguments go to JupyterLab."
)
_NOT_COPIED = (
    "Nothing was copied, because these are the clone's own files. "
    "To get a lesson back as it was, rename yours and run `git restore` with the lesson's name."
)
_PRESENT = (
    "for a projector: large type, no sidebars, boards in presenter size; "
    "what is changed in JupyterLab's settings or layout is forgotten afterwards"
)

_DOCTOR = "Where no RabbitMQ of yours is up, it starts one to see whether it does, and lets it go again"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit code: 0, 1 for an error that is explained, 130 for Ctrl-C."""
    chosen, rest = _parser().parse_known_args(arguments)
    if rest and chosen.run is not _lab:
        _parser().error(f"unrecognized arguments: {' '.join(rest)}")
    try:
        code = int(chosen.run(chosen, rest) or 0)
        sys.stdout.flush()
    except FanoutError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        # Whoever read it has seen enough, as in "fanout broker logs | head"; Python would complain at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="fanout", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    # What JupyterLab is told is not to be taken for an abbreviation of ours.
    usage = "fanout lab [FOLDER] [--present] [JUPYTERLAB'S ARGUMENTS]"
    lab = commands.add_parser(
        "lab", help="open the course in JupyterLab", description=_LAB, usage=usage, allow_abbrev=False
    )
    lab.add_argument("--present", action="store_true", help=_PRESENT)
    lab.set_defaults(run=_lab)
    text = "copy the course into a folder, or bring a copy up to date; never over your work"
    copy = commands.add_parser("course", help=text, description=_sentence(text))
    copy.add_argument("folder", nargs="?", help=f"where to (else: {course.FOLDER})")
    copy.set_defaults(run=_course)
    text = "say what is wrong, why, and how to mend it (exit code 1 if there is a problem)"
    doctor = commands.add_parser("doctor", help=text, description=_sentence(f"{text}. {_DOCTOR}"))
    doctor.add_argument("--json", action="store_true", help="print it as JSON")
    doctor.add_argument("lesson", nargs="?", help="the lesson whose virtual host to look at too")
    doctor.set_defaults(run=_doctor)
    broker = commands.add_parser("broker", help="your own RabbitMQ")
    actions = broker.add_subparsers(required=True, metavar="ACTION")
    for name, run, text in (
        ("install", _install, "get a RabbitMQ for you alone, if this machine has none"),
        ("start", _start, "start it, or join it, and keep it up until Ctrl-C"),
        ("stop", _stop, "end it, whoever uses it"),
        ("status", _status, "say whether it is up, and where (exit code 1 if it is not)"),
        ("logs", _logs, "print RabbitMQ's log"),
    ):
        action = actions.add_parser(name, help=text, description=_sentence(text))
        action.set_defaults(run=run)
        if run is _start:
            action.add_argument("--while", dest="parent", type=int, metavar="PID", help=_WHILE)
    text = "print what other programs need to reach it, as shell commands"
    env = actions.add_parser("env", help=text, description=f'{_sentence(text)} eval "$(fanout broker env LESSON)"')
    env.add_argument("lesson", nargs="?", help="the lesson whose virtual host they shall use")
    env.set_defaults(run=_env)
    return parser


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _lab(chosen: argparse.Namespace, rest: list[str]) -> None:
    # Only the first: any other may be the value of an option of JupyterLab's.
    named = rest.pop(0) if rest and not rest[0].startswith("-") else None
    folder = course.ready(named, Path.cwd(), print)
    with home.usable() as problem:
        if problem is not None:
            print(problem, file=sys.stderr, flush=True)
        # JupyterLab takes a second to import, which no other command has to wait for.
        from fanout_helpers.jupyter import run  # noqa: PLC0415

        run(rest, folder=folder, present=chosen.present)


def _course(chosen: argparse.Namespace, _: list[str]) -> None:
    folder = course.ready(chosen.folder, Path.cwd(), print)
    print(f"The course is in {folder}")
    if course.is_source(folder):
        print(_NOT_COPIED)


def _doctor(chosen: argparse.Namespace, _: list[str]) -> int:
    examination = machine(chosen.lesson, lambda text: print(text, file=sys.stderr, flush=True))
    print(examination.as_json() if chosen.json else examination)
    return 0 if examination.ok else 1


def _install(*_: object) -> None:
    if attached.address() is None:
        install(print)


def _start(chosen: argparse.Namespace, _: list[str]) -> None:
    _refuse_attached("start")
    node = private.hold(print)
    kept = _KEPT if chosen.parent is None else _KEPT_WHILE.format(chosen.parent)
    print(_described(node), kept, sep="\n", flush=True)
    if private.wait_until_ended(chosen.parent):
        print("RabbitMQ was stopped.")


def _stop(*_: object) -> None:
    _refuse_attached("stop")
    node = private.stop()
    print(f"RabbitMQ {node.version} is stopped, and its directory is gone." if node else _NONE_IS_UP)


def _status(*_: object) -> int:
    address = attached.address()
    if address is not None:
        management = Management(address)
        management.whoami()
        management.close()
        print(f"Attached to {address} ({attached.BROKER_SETTING}); management: {address.management_url}")
        return 0
    node = private.running()
    print(_described(node) if node else f"{_NONE_IS_UP} 'fanout broker start' or a lesson starts it.")
    return 0 if node else 1


def _env(chosen: argparse.Namespace, _: list[str]) -> None:
    address = attached.address()
    # First of all this Python, whatever a shell's start-up files put in front: it is the one that has pika.
    programs = [Path(sys.executable).parent]
    functions: list[str] = []
    if address is None:
        node = _running_node()
        address = node.address
        programs.insert(0, node.directory)
        functions.append(scripts.shell_function(node.rabbitmqctl))
    if chosen.lesson:
        address = VirtualHost(chosen.lesson).locate()
    for line in (*_exports(address, programs), *filter(None, functions)):
        print(line)


def _logs(*_: object) -> None:
    _refuse_attached("show the log of")
    print(_running_node().log.read_text(encoding="utf-8", errors="replace"), end="")


def _exports(address: BrokerAddress, programs: list[Path]) -> list[str]:
    """What other programs need, as shell commands; ``programs`` are the directories to put in front of PATH."""
    path = "".join(f"{directory}{os.pathsep}" for directory in programs)
    return [
        f"export AMQP_URL={shlex.quote(address.amqp_url)}",
        f"export MANAGEMENT_URL={shlex.quote(address.management_url)}",
        f"export MANAGEMENT_USER={shlex.quote(address.username)}",
        f"export MANAGEMENT_PASSWORD={shlex.quote(address.password)}",
        f'export PATH={shlex.quote(path)}"$PATH"',
    ]


def _described(node: Node) -> str:
    address = node.address
    return (
        f"RabbitMQ {node.version} is up for you alone: {address}, management {address.management_url} (pid {node.pid})"
    )


def _running_node() -> Node:
    node = private.running()
    if node is None:
        raise BrokerNotRunning(
            _NONE_IS_UP,
            next_step="'fanout broker start' starts it and keeps it up; so do 'fanout lab' and a lesson's first cell.",
        )
    return node


def _refuse_attached(verb: str) -> None:
    if attached.address() is not None:
        raise BrokerError(
            f"There is no RabbitMQ of your own to {verb}.",
            cause=f"{attached.BROKER_SETTING} is set: the broker that it names is used instead.",
            next_step=f"Unset {attached.BROKER_SETTING} to use one of your own.",
        )
