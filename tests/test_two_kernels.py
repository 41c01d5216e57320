"""Two kernels of one person on the same lesson: each is told of the other, and a dead one is not spoken of."""

import fcntl
from pathlib import Path

import pytest

from fanout_helpers import Lab
from fanout_helpers.broker.attached import BROKER_SETTING, MANAGEMENT_SETTING
from fanout_helpers.broker.claim import Claim
from fanout_helpers.picture import LIVE, SHARED
from tests.live import Live, eventually
from tests.processes import running

TAKE = """
import sys
from fanout_helpers import Lab
lab = Lab({lesson!r})
print("open", flush=True)
sys.stdin.read()
"""


def said_until_open(process: object) -> str:
    lines = iter(process.stdout.readline, "open\n")  # type: ignore[attr-defined]
    return "".join(lines)


@pytest.mark.usefixtures("logs")
def test_a_second_kernel_says_so_and_the_first_one_is_told(
    live: Live, lab: Lab, capsys: pytest.CaptureFixture[str]
) -> None:
    board = lab.board("logs")
    assert board._scene.picture().standing == LIVE
    capsys.readouterr()
    with running(TAKE.format(lesson=live.name), {}) as process:
        assert said_until_open(process) == (
            "Another notebook has this lesson open. It and this one share the virtual host "
            f"{live.name!r}, which begins afresh here:\n"
            "what the other notebook does not use just now was deleted; its exclusive queues, and the exchanges that "
            "feed them, stay while it runs. Work in one of the two, and close the other one's kernel.\n"
        )
        eventually(lambda: board._scene.picture().topology.exchange("logs") is None)
        drawing = board._draw(0)
        assert (drawing["standing"], drawing["banner"]) == ("live", SHARED.sentence)
        board.info.click()
        assert capsys.readouterr().out == "", "a press on a board belongs to no cell's output"
        lab.queues()
        lab.queues()
        assert capsys.readouterr().out == f"{SHARED.sentence}\n", "it is said once"
        live.channel().queue_declare("of the second", durable=True)
        lab.close()
        assert "of the second" in live.queue_names(), "who lost the lesson deletes nothing in it"
        again = Lab(live.name)
        assert capsys.readouterr().out.startswith("Another notebook has this lesson open.")
        again.queues()
        assert capsys.readouterr().out == "", "who took the lesson back has it"
    again.close()
    with Lab(live.name):
        assert capsys.readouterr().out == "", "a kernel that was killed has nothing open any more"


def test_a_kernel_that_comes_back_to_its_lesson_is_told_nothing(live: Live, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        lab = Lab(live.name)
        lab.queues()
    lab.close()
    assert capsys.readouterr().out == ""


def test_a_claim_is_to_one_lesson(tmp_path: Path) -> None:
    first, other, second = Claim(tmp_path, "a"), Claim(tmp_path, "a.b"), Claim(tmp_path, "a")
    assert not first.take()
    assert not other.take()
    assert not first.is_lost
    assert second.take()
    assert (first.is_lost, second.is_lost, other.is_lost) == (True, False, False)
    first.release()
    second.release()
    assert not Claim(tmp_path, "a").take()


def test_a_claim_holds_though_its_file_was_taken_away_before_it_was_locked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, others = fcntl.flock, iter([Path.unlink])

    def lock_late(descriptor: int, operation: int) -> None:
        for unlink in others:
            unlink(next(tmp_path.rglob("kernel-*")))
        lock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", lock_late)
    assert not Claim(tmp_path, "a").take()
    assert Claim(tmp_path, "a").take()


def test_it_is_said_on_an_attached_broker_too(
    live: Live, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FANOUT_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv(BROKER_SETTING, live.address.amqp_url)
    monkeypatch.setenv(MANAGEMENT_SETTING, live.address.management_url)
    live.channel().queue_declare("theirs", durable=True)
    lab = Lab("lesson")
    live.channel().queue_declare("of the first", durable=True)
    assert capsys.readouterr().out == ""
    with running(TAKE.format(lesson="lesson"), {}) as process:
        assert "Another notebook has this lesson open." in said_until_open(process)
        assert live.queue_names() == ["theirs"]
        lab.queues()
        assert SHARED.sentence in capsys.readouterr().out
        live.channel().queue_declare("of the second", durable=True)
        lab.close()
        assert live.queue_names() == ["of the second", "theirs"]
        again = Lab("lesson")
        assert live.queue_names() == ["theirs"], "the second one's end of the lesson is not what was there before"
    again.close()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_who_can_write_nowhere_has_the_lesson_all_the_same(
    live: Live, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("FANOUT_CACHE_DIR", str(tmp_path / "file"))
    monkeypatch.setenv(BROKER_SETTING, live.address.amqp_url)
    monkeypatch.setenv(MANAGEMENT_SETTING, live.address.management_url)
    with Lab("lesson") as lab:
        assert lab.queues() is not None
