"""The course copied into a learner's folder: every case of "never over their work", on real files."""

import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fanout_helpers import course
from fanout_helpers.errors import CourseNotCopied
from tests.comparison import LESSONS
from tests.processes import running

LESSON = "01_exchanges.ipynb"
PROGRAM = "programs/emit_log.py"
RECORD = ".fanout-course.sha256"


@pytest.fixture
def origin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The course as it is delivered, where a test may make a newer one of it."""
    origin = tmp_path / "delivered"
    shutil.copytree(course.source(), origin, ignore=shutil.ignore_patterns(".ipynb_checkpoints", "logs.txt"))
    monkeypatch.setattr(course, "source", lambda: origin)
    return origin


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "my course"


def copy(folder: Path) -> list[str]:
    """Copies the course; returns what was said."""
    said: list[str] = []
    course.copy(folder, said.append)
    return said


def files(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def course_files(folder: Path) -> dict[str, bytes]:
    return {name: content for name, content in files(folder).items() if name != RECORD}


def test_whole_course_is_copied(origin: Path, folder: Path) -> None:
    (said,) = copy(folder)
    assert said.startswith(f"Copied into {folder}: 00_start_here.ipynb, ")
    assert course_files(folder) == files(origin)
    assert {*LESSONS, PROGRAM} < course_files(folder).keys()
    assert {Path(name).suffix for name in course_files(folder)} == {".ipynb", ".py"}


@pytest.mark.usefixtures("origin")
def test_second_time_nothing_is_written_or_said(folder: Path) -> None:
    copy(folder)
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*.*") if path.name != RECORD}
    assert copy(folder) == []
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_newer_course_replaces_what_was_not_changed(origin: Path, folder: Path) -> None:
    copy(folder)
    (origin / LESSON).write_text("newer")
    (origin / "99_more.ipynb").write_text("a new lesson")
    copied, updated = copy(folder)
    assert copied == f"Copied into {folder}: 99_more.ipynb"
    assert updated == f"Brought up to date in {folder}: {LESSON}"
    assert course_files(folder) == files(origin)


@pytest.mark.parametrize("name", [LESSON, PROGRAM])
def test_what_the_learner_changed_stays(name: str, origin: Path, folder: Path) -> None:
    copy(folder)
    (folder / name).write_text("my work")
    assert copy(folder) == []
    (origin / name).write_text("newer")
    for _ in range(2):
        (said,) = copy(folder)
        assert said.startswith("Kept as you changed them")
        assert name in said
        assert (folder / name).read_text() == "my work"


@pytest.mark.usefixtures("origin")
def test_learner_gets_a_fresh_one_by_renaming_theirs(folder: Path) -> None:
    copy(folder)
    (folder / LESSON).write_text("my work")
    (folder / LESSON).rename(folder / "mine.ipynb")
    assert copy(folder) == [f"Copied into {folder}: {LESSON}"]
    assert (folder / "mine.ipynb").read_text() == "my work"


def test_change_that_the_learner_takes_back_is_none(origin: Path, folder: Path) -> None:
    copy(folder)
    delivered = (folder / LESSON).read_bytes()
    (folder / LESSON).write_text("my work")
    (origin / LESSON).write_text("newer")
    copy(folder)
    (folder / LESSON).write_bytes(delivered)
    assert copy(folder) == [f"Brought up to date in {folder}: {LESSON}"]


def test_folder_with_other_things_keeps_them(origin: Path, folder: Path) -> None:
    (folder / "programs").mkdir(parents=True)
    theirs = {"notes.txt": "mine", LESSON: "mine", PROGRAM: "mine", "programs/other.py": "mine"}
    for name, text in theirs.items():
        (folder / name).write_text(text)
    for _ in range(2):
        foreign = copy(folder)[-1]
        assert foreign == f"Not copied, because something else of that name is there: {LESSON}, {PROGRAM}"
        assert {name: (folder / name).read_text() for name in theirs} == theirs
    assert course_files(folder).keys() == files(origin).keys() | theirs.keys()


def test_what_was_already_the_same_is_brought_up_to_date_later(origin: Path, folder: Path) -> None:
    shutil.copytree(origin, folder)
    assert copy(folder) == []
    (origin / LESSON).write_text("newer")
    copy(folder)
    assert (folder / LESSON).read_text() == "newer"


@pytest.mark.parametrize("record", ["", "nonsense", "\n\n", f"0  {LESSON}", f"  {LESSON}\n", "\0"])
def test_without_a_readable_record_everything_is_theirs(record: str, origin: Path, folder: Path) -> None:
    copy(folder)
    (folder / LESSON).write_text("my work")
    (folder / RECORD).write_text(record)
    (origin / LESSON).write_text("newer")
    copy(folder)
    assert (folder / LESSON).read_text() == "my work"


@pytest.mark.usefixtures("origin")
@pytest.mark.parametrize("target", ["elsewhere", "nowhere"])
def test_links_are_not_written_through(target: str, folder: Path, tmp_path: Path) -> None:
    folder.mkdir()
    (tmp_path / "elsewhere").write_text("mine")
    (tmp_path / "directory").mkdir()
    (folder / LESSON).symlink_to(tmp_path / target)
    (folder / "programs").symlink_to(tmp_path / "directory")
    assert LESSON in copy(folder)[-1]
    assert PROGRAM in copy(folder)[-1]
    assert (folder / LESSON).is_symlink()
    assert (tmp_path / "elsewhere").read_text() == "mine"
    assert not (tmp_path / "nowhere").exists()
    assert list((tmp_path / "directory").iterdir()) == []


def test_copy_that_became_a_link_is_theirs(origin: Path, folder: Path, tmp_path: Path) -> None:
    copy(folder)
    (folder / LESSON).rename(tmp_path / "kept")
    (folder / LESSON).symlink_to(tmp_path / "kept")
    (origin / LESSON).write_text("newer")
    copy(folder)
    assert (folder / LESSON).is_symlink()
    assert (tmp_path / "kept").read_text() != "newer"


@pytest.mark.usefixtures("origin")
def test_directory_in_the_place_of_a_file_stays(folder: Path) -> None:
    (folder / LESSON / "inside").mkdir(parents=True)
    (folder / "programs").write_text("mine")
    foreign = copy(folder)[-1]
    assert LESSON in foreign
    assert PROGRAM in foreign
    assert (folder / LESSON / "inside").is_dir()
    assert (folder / "programs").read_text() == "mine"


@pytest.mark.usefixtures("origin")
def test_folder_that_is_a_link_to_one_is_one(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    folder.symlink_to(tmp_path / "real")
    copy(folder)
    assert (tmp_path / "real" / LESSON).is_file()


def refused(folder: Path) -> list[str]:
    """The lines of the error that copying gives."""
    with pytest.raises(CourseNotCopied) as caught:
        copy(folder)
    return str(caught.value).splitlines()


def test_folder_that_is_a_file_is_refused(folder: Path) -> None:
    folder.write_text("mine")
    said, cause, next_step = refused(folder)
    assert said == f"The course could not be copied into {folder}."
    assert "File exists" in cause
    assert "another folder" in next_step
    assert folder.read_text() == "mine"


def test_folder_in_a_file_is_refused(folder: Path) -> None:
    folder.write_text("mine")
    assert "Not a directory" in refused(folder / "deeper")[1]


@pytest.fixture
def unwritable(tmp_path: Path) -> Iterator[Path]:
    """A directory that this user cannot write; root can write all but the kernel's own."""
    if os.geteuid() == 0:
        yield Path("/proc/self/fd")
        return
    folder = tmp_path / "unwritable"
    folder.mkdir(mode=0o500)
    yield folder
    folder.chmod(0o700)


def test_folder_that_cannot_be_written_is_refused(unwritable: Path) -> None:
    assert len(refused(unwritable)) == 3
    assert len(refused(unwritable / "deeper")) == 3


def test_no_room_loses_nothing(origin: Path, folder: Path) -> None:
    """With a limit to the size of files, which the system reports in the same way as a full disk: in the middle."""
    copy(folder)
    (folder / "02_default_exchange.ipynb").write_text("my work")
    before = course_files(folder)
    for name in ("00_start_here.ipynb", LESSON):
        (origin / name).write_text("newer" * 10_000)
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        assert "too large" in refused(folder)[1]
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    assert course_files(folder) == before
    copy(folder)
    assert (folder / LESSON).read_text() == "newer" * 10_000
    assert (folder / "02_default_exchange.ipynb").read_text() == "my work"


def test_interrupted_anywhere_it_leaves_whole_files_and_is_gone_on_with(origin: Path, folder: Path) -> None:
    """Killed at each file in turn: at the moment when that file is written aside and not renamed yet."""
    kill = (
        "import os, signal, sys; from pathlib import Path; from fanout_helpers import course\n"
        "course.source = lambda: Path(sys.argv[2])\n"
        "replace, left = Path.replace, int(sys.argv[3])\n"
        "def count(path, target):\n"
        "    global left\n"
        "    left -= 1\n"
        "    if left < 0: os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return replace(path, target)\n"
        "Path.replace = count\n"
        "course.copy(Path(sys.argv[1]), print)\n"
    )
    copy(folder)
    old = course_files(folder)
    for name in old:
        (origin / name).write_bytes(b"newer " + old[name])
    new = files(origin)
    for renames in (0, 1, len(new) // 2, len(new) - 1):
        shutil.rmtree(folder)
        course_of(old, folder)
        command = [sys.executable, "-c", kill, str(folder), str(origin), str(renames)]
        assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
        found = {name: content for name, content in course_files(folder).items() if ".fanout-new-" not in name}
        assert all(found[name] in (old[name], new[name]) for name in old)
        assert sum(found[name] == new[name] for name in old) == renames
        copy(folder)
        assert course_files(folder) == new


def course_of(content: dict[str, bytes], folder: Path) -> None:
    """Makes a copy of an older course."""
    with pytest.MonkeyPatch.context() as patch:
        older = folder.with_name("older")
        shutil.rmtree(older, ignore_errors=True)
        for name, text in content.items():
            (older / name).parent.mkdir(parents=True, exist_ok=True)
            (older / name).write_bytes(text)
        patch.setattr(course, "source", lambda: older)
        copy(folder)


PAUSED = """
import sys
from pathlib import Path
from fanout_helpers import course
replace = Path.replace
def pause(path, target):
    Path.replace = replace
    print("in the middle", flush=True)
    sys.stdin.readline()
    return replace(path, target)
Path.replace = pause
course.copy(Path({folder!r}), print)
"""
ASKING = """
import fcntl
from pathlib import Path
from fanout_helpers import course
flock = fcntl.flock
def ask(*arguments):
    print("asks", flush=True)
    flock(*arguments)
fcntl.flock = ask
course.copy(Path({folder!r}), print)
"""


def test_second_one_waits_for_the_first(folder: Path) -> None:
    with running(PAUSED.format(folder=str(folder)), {}) as first:
        assert first.stdout
        assert first.stdout.readline() == "in the middle\n"
        with running(ASKING.format(folder=str(folder)), {}) as second:
            assert second.stdout
            assert second.stdout.readline() == "asks\n"
            assert first.communicate("\n")[0].startswith("Copied into")
            assert second.communicate() == ("", "")
    assert [first.returncode, second.returncode] == [0, 0]


def test_line_that_was_not_finished_is_no_checksum(origin: Path, folder: Path) -> None:
    copy(folder)
    lines = (folder / RECORD).read_text().splitlines()
    (folder / RECORD).write_text("\n".join([*lines[1:], lines[0][:30]]))
    assert copy(folder) == []
    (origin / "00_start_here.ipynb").write_text("newer")
    assert copy(folder) == [f"Brought up to date in {folder}: 00_start_here.ipynb"]


def ready(chosen: str | None, here: Path) -> Path:
    return course.ready(chosen, here, lambda _line: None)


def test_clone_is_opened_where_it_is(tmp_path: Path) -> None:
    notebooks = course.source()
    for chosen, here in (
        (None, notebooks.parent),
        (None, notebooks),
        (".", notebooks.parent),
        ("notebooks", notebooks.parent),
    ):
        assert ready(chosen, here).samefile(notebooks)
    (tmp_path / "link").symlink_to(notebooks.parent)
    assert ready("link", tmp_path).samefile(notebooks)
    assert not (notebooks / RECORD).exists()


def test_course_that_somebody_put_there_is_opened_as_it_is(origin: Path, tmp_path: Path) -> None:
    shutil.copytree(origin, tmp_path / "theirs" / "notebooks")
    (tmp_path / "theirs" / "notebooks" / LESSON).unlink()
    for here in (tmp_path / "theirs", tmp_path / "theirs" / "notebooks"):
        assert ready(None, here) == tmp_path / "theirs" / "notebooks"
    assert files(tmp_path / "theirs" / "notebooks").keys() == files(origin).keys() - {LESSON}


@pytest.mark.usefixtures("origin")
def test_elsewhere_a_copy_is_made_once(tmp_path: Path) -> None:
    here = tmp_path / "here"
    here.mkdir()
    (here / "notebooks").mkdir()
    folder = ready(None, here)
    assert folder == here / course.FOLDER
    assert ready(None, here) == folder
    assert ready(None, folder) == folder
    assert not (folder / course.FOLDER).exists()
    assert sorted(path.name for path in here.iterdir()) == [course.FOLDER, "notebooks"]


def test_copy_that_was_interrupted_first_of_all_is_still_a_copy(origin: Path, tmp_path: Path) -> None:
    folder = ready("mine", tmp_path)
    (folder / RECORD).write_text("")
    (folder / LESSON).unlink()
    assert ready(None, folder) == folder
    assert course_files(folder) == files(origin)
