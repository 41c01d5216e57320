"""The course's files: where they are, and copying them into a learner's folder, never over their work."""

import contextlib
import hashlib
import os
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

from fanout_helpers.errors import CourseNotCopied

if sys.platform != "win32":
    import fcntl

START_PAGE = "00_start_here.ipynb"
FOLDER = "fanout-course"
"""Where a copy is made if nobody says where."""

_NOTEBOOKS = "notebooks"
_RECORD = ".fanout-course.sha256"
_ASIDE = ".fanout-new-"
_PARTS = ("*.ipynb", "programs/*.py")
_NO_FILE = ""
"""In place of a checksum: something that is not a file of this folder."""

_TOLD = {
    "new": "Copied into {folder}: {names}",
    "updated": "Brought up to date in {folder}: {names}",
    "changed": "Kept as you changed them, though the course has newer ones: {names}"
    " (to get the new one, rename yours and run this again)",
    "foreign": "Not copied, because something else of that name is there: {names}",
}

Say = Callable[[str], None]


def source() -> Path:
    """The directory with the course as it was delivered: in the installed package, or in the clone."""
    package = Path(__file__).parent
    delivered = package / _NOTEBOOKS
    return delivered if delivered.is_dir() else package.with_name(_NOTEBOOKS)


def ready(chosen: str | None, here: Path, say: Say) -> Path:
    """Makes the course ready in a folder, and returns that folder.

    In a clone that is its own ``notebooks``, where nothing is copied. Elsewhere the course is copied, or a copy is
    brought up to date: in the folder that the person named, in the one they are in if that is a copy, or in
    ``fanout-course``.

    Args:
        chosen: The folder that the person named, if they did.
        here: The directory that they are in.
        say: Called with a line of text for each thing that they should know.

    Raises:
        CourseNotCopied: The folder is a file, or cannot be written.
    """
    folder = here / (chosen or "")
    for own in (folder / _NOTEBOOKS, folder):
        if is_source(own) or (chosen is None and _is_opened_as_it_is(own)):
            return own
    if chosen is None and not (here / _RECORD).exists():
        folder = here / FOLDER
    copy(folder, say)
    return folder


def copy(folder: Path, say: Say) -> None:
    """Copies the course into a folder, or brings a copy up to date, and says what it did.

    A file that the person changed stays as it is, and so does one that they had there before; a file that they deleted
    is copied again. What was delivered is remembered by its checksum, in a hidden file of the folder, to which lines
    are only added. Every file is written aside and renamed, so that whatever ends this leaves whole files.

    Args:
        folder: Where to; made if it is not there.
        say: Called with a line of text for each thing that a person should know.

    Raises:
        CourseNotCopied: The folder is a file, or cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        fates = _bring_up_to_date(folder)
    except OSError as error:
        raise CourseNotCopied(
            f"The course could not be copied into {folder}.",
            cause=f"The operating system says: {error}.",
            next_step="Name another folder, as in `fanout lab my-folder`, or mend that. What was in it is as it was.",
        ) from error
    for fate, text in _TOLD.items():
        if fates[fate]:
            say(text.format(folder=folder, names=", ".join(fates[fate])))


def unchanged_notebooks(folder: Path) -> Iterator[Path]:
    """The notebooks in a folder that are as the course has them."""
    for original in sorted(source().glob("*.ipynb")):
        path = folder / original.name
        if path.is_file() and path.read_bytes() == original.read_bytes():
            yield path


def is_source(folder: Path) -> bool:
    """Whether a folder has the course as it was delivered: a clone's own notebooks, from which others are copied."""
    return os.path.realpath(folder) == os.path.realpath(source())


def _is_opened_as_it_is(folder: Path) -> bool:
    """Whether somebody has put a course there that this package has no record of."""
    return (folder / START_PAGE).is_file() and not (folder / _RECORD).exists()


def _bring_up_to_date(folder: Path) -> dict[str, list[str]]:
    """Writes what may be written; returns the names of the course's files by their fate."""
    origin = source()
    fates = defaultdict(list)
    with _locked(folder / _RECORD) as record:
        delivered = _delivered(record)
        for path in sorted(path for part in _PARTS for path in origin.glob(part)):
            name = path.relative_to(origin).as_posix()
            content = path.read_bytes()
            now = _checksum(content)
            fate = _fate(_found(folder, name), delivered.get(name), now)
            fates[fate].append(name)
            if fate in {"new", "updated"}:
                _write(folder / name, content)
            if fate in {"new", "updated", "current"} and delivered.get(name) != now:
                record.write(f"{now}  {name}\n")
                record.flush()
    return fates


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[TextIO]:
    """The record of a copy, open to be read and added to, by one process at a time; on Windows, by any."""
    with path.open("a+", encoding="utf-8", errors="replace") as record:
        if sys.platform != "win32":
            fcntl.flock(record, fcntl.LOCK_EX)
        yield record


def _delivered(record: TextIO) -> dict[str, str]:
    """The checksums of what was delivered last, by name; what cannot be read is not ours, but the person's."""
    record.seek(0)
    text = record.read()
    # A line that was not finished must not spoil the next one.
    if text and not text.endswith("\n"):
        record.write("\n")
    rows = (line.partition("  ") for line in text.splitlines())
    return {name: checksum for checksum, _, name in rows}


def _fate(found: str | None, before: str | None, now: str) -> str:
    """What becomes of a file, by the checksums of what is there, of what was delivered, and of the course's own."""
    if found is None:
        return "new"
    if found == now:
        return "current"
    if found == before:
        return "updated"
    if before is None or found == _NO_FILE:
        return "foreign"
    return "changed" if before != now else "theirs"


def _found(folder: Path, name: str) -> str | None:
    """The checksum of a file that is in the folder; ``None`` if nothing of that name is."""
    path = folder / name
    if path.parent != folder and os.path.lexists(path.parent) and not _is_own(path.parent, Path.is_dir):
        return _NO_FILE
    if not os.path.lexists(path):
        return None
    return _checksum(path.read_bytes()) if _is_own(path, Path.is_file) else _NO_FILE


def _is_own(path: Path, kind: Callable[[Path], bool]) -> bool:
    """Whether something is of a kind itself: a link leads to what may be anywhere."""
    return kind(path) and not path.is_symlink()


def _checksum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _write(path: Path, content: bytes) -> None:
    """Puts a whole file in its place, in one rename."""
    path.parent.mkdir(exist_ok=True)
    aside = path.with_name(f"{_ASIDE}{path.name}")
    aside.unlink(missing_ok=True)
    try:
        with aside.open("xb") as file:
            file.write(content)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
