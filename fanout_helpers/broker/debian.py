"""Debian's and Ubuntu's own packages without root: downloaded with apt-get, unpacked into a directory.

Nothing is installed: no maintainer script runs, no service starts, nothing outside the directory changes
(https://manpages.debian.org/bookworm/apt/apt-get.8.en.html, https://manpages.debian.org/bookworm/dpkg/dpkg.1.en.html).
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from tempfile import TemporaryDirectory

from fanout_helpers.errors import InstallFailed

if sys.platform != "win32":
    import fcntl

Say = Callable[[str], None]

_MEGABYTE = 1_000_000
_STATUS_LINE = r"${Package}\t${Architecture}\t${db:Status-Status}\n"
_LAST_LINES = 4
_LAST_WORDS = 40


def available() -> bool:
    """Whether this machine has apt-get and dpkg."""
    return shutil.which("apt-get") is not None and shutil.which("dpkg") is not None


def unpack(  # noqa: PLR0913 - three of them are options
    packages: Sequence[str],
    root: Path,
    say: Say,
    *,
    anew: Sequence[str] = (),
    finish: Callable[[Path], None] = lambda _tree: None,
    is_whole: Callable[[Path], bool] = Path.is_dir,
) -> None:
    """Unpacks packages, and whatever they depend on that this machine lacks, into ``root``.

    ``root`` appears in one rename when all is in it: a crash at any time leaves nothing that looks
    whole. Of several processes that do this at once, one works and the others wait for it.

    Args:
        packages: Names of packages; they are unpacked even if this machine has them.
        root: The directory to make. One that ``is_whole`` refuses is replaced.
        say: Called with a line of text for each long step.
        anew: Patterns (``fnmatch``) of dependencies that are unpacked even if this machine has them.
        finish: Called with the unpacked tree before it is renamed; what it raises stops everything.
        is_whole: Whether ``root`` is there already, so that nothing needs to be done.

    Raises:
        InstallFailed: apt-get or dpkg failed, or there is none, or ``root`` cannot be written.
    """
    if not available():
        raise InstallFailed(
            f"{', '.join(packages)} cannot be unpacked here.",
            cause="This machine has no apt-get and dpkg, the tools of Debian and Ubuntu.",
            next_step="Install it with this system's own package manager.",
        )
    try:
        root.parent.mkdir(parents=True, exist_ok=True)
        with _lock(root.with_name(f".{root.name}.lock"), say):
            if not is_whole(root):
                _make(packages, root, say, anew, finish)
    except OSError as error:
        raise InstallFailed(
            f"{', '.join(packages)} could not be unpacked into {root}.",
            cause=f"The operating system says: {error}.",
            next_step="Make room there, or set FANOUT_CACHE_DIR to another directory that you can write.",
        ) from error


def library_directories(root: Path) -> tuple[Path, ...]:
    """The directories of an unpacked tree that hold shared libraries, for ``LD_LIBRARY_PATH``."""
    multiarch = [*root.glob("lib/*-linux-*"), *root.glob("usr/lib/*-linux-*")]
    nested = [child for directory in multiarch for child in directory.iterdir() if child.is_dir()]
    return tuple(sorted(directory for directory in multiarch + nested if any(directory.glob("lib*.so*"))))


def _make(packages: Sequence[str], root: Path, say: Say, anew: Sequence[str], finish: Callable[[Path], None]) -> None:
    prefix = f".{root.name}.partial-"
    for stale in root.parent.glob(f"{prefix}*"):
        shutil.rmtree(stale, ignore_errors=True)
    with TemporaryDirectory(prefix=prefix, dir=root.parent, ignore_cleanup_errors=True) as directory:
        temporary = Path(directory)
        tree = _unpack_all(_download(packages, temporary, say, anew), temporary / "tree")
        finish(tree)
        # A power cut must not leave the new name with files that never reached the disk.
        os.sync()
        if root.exists():
            root.rename(temporary / "replaced")
        tree.rename(root)


@contextmanager
def _lock(path: Path, say: Say) -> Iterator[None]:
    """Holds a lock that ends with this process, however it ends."""
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another process is unpacking the same packages: waiting for it.")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


@dataclass(frozen=True)
class _Apt:
    """apt-get with a configuration of our own on top of the machine's."""

    configuration: Path

    def run(self, *arguments: str, cwd: Path) -> str:
        """Runs apt-get and returns what it printed.

        Raises:
            InstallFailed: Its exit code is not 0.
        """
        return _checked("apt-get", f"--config-file={self.configuration}", *arguments, cwd=cwd)

    def update(self, cwd: Path) -> str:
        """Fetches the package index and returns what apt-get complained about.

        A source that cannot be reached may not matter: what follows tells.
        """
        return _complaints(_run("apt-get", f"--config-file={self.configuration}", "update", cwd=cwd))

    def closure(self, packages: Sequence[str], cwd: Path) -> list[str]:
        """The names of ``packages`` and of all that they depend on."""
        plan = self.run("install", "--simulate", "--no-install-recommends", *packages, cwd=cwd)
        return [line.split()[1] for line in plan.splitlines() if line.startswith("Inst ")]

    def size(self, packages: Sequence[str], cwd: Path) -> int:
        """What there is to download, in bytes."""
        listing = self.run("download", "--print-uris", *packages, cwd=cwd)
        return sum(int(line.split()[2]) for line in listing.splitlines() if line.startswith("'"))


def _download(packages: Sequence[str], temporary: Path, say: Say, anew: Sequence[str]) -> Path:
    """Downloads with the machine's package index, or with a private one where that does not do."""
    try:
        return _fetch(_configure(temporary / "system"), packages, say, anew)
    except InstallFailed:
        say("This machine's package index is missing or out of date: fetching one just for this ...")
    apt = _configure(temporary / "private", private_index=True)
    complaints = apt.update(temporary)
    try:
        return _fetch(apt, packages, say, anew)
    except InstallFailed as error:
        raise InstallFailed(
            error.happened,
            cause="\n".join(filter(None, (error.cause, complaints))),
            next_step=error.next_step,
        ) from None


def _fetch(apt: _Apt, packages: Sequence[str], say: Say, anew: Sequence[str]) -> Path:
    directory = apt.configuration.parent / "packages"
    directory.mkdir()
    unneeded = {name for name in _installed(directory) if not _matches(name, (*packages, *anew))}
    needed = [name for name in apt.closure(packages, directory) if name not in unneeded]
    megabytes = apt.size(needed, directory) / _MEGABYTE
    say(f"Downloading {', '.join(packages)}: {len(needed)} packages, {megabytes:.0f} MB ...")
    apt.run("download", *needed, cwd=directory)
    return directory


def _unpack_all(packages: Path, tree: Path) -> Path:
    for package in sorted(packages.glob("*.deb")):
        _checked("dpkg", "--extract", str(package), str(tree), cwd=packages)
        package.unlink()
    return tree


def _configure(directory: Path, *, private_index: bool = False) -> _Apt:
    """Writes an apt configuration (https://manpages.debian.org/bookworm/apt/apt.conf.5.en.html).

    It is read after the machine's own, whose proxies, sources and keys stay in force.
    """
    for name in ("cache/archives/partial", "lists/partial"):
        (directory / name).mkdir(parents=True)
    lines = [
        # The machine's hooks are for its own index and cache.
        *(f"#clear APT::Update::{hook};" for hook in ("Pre-Invoke", "Post-Invoke", "Post-Invoke-Success")),
        # An empty list of installed packages gives whole closures, and what is broken here does not matter.
        'Dir::State::status "/dev/null";',
        f'Dir::Cache "{directory}/cache";',
        # Container images turn these off; they save reading the index anew at each call.
        'Dir::Cache::pkgcache "pkgcache.bin";',
        'Dir::Cache::srcpkgcache "srcpkgcache.bin";',
        'Acquire::Languages "none";',
        'Acquire::Retries "2";',
        'Acquire::http::Timeout "20";',
        'Acquire::https::Timeout "20";',
    ]
    if private_index:
        lines.append(f'Dir::State::lists "{directory}/lists";')
    if os.geteuid() == 0:
        # Root's apt would download as the user _apt, who cannot write here.
        lines.append('APT::Sandbox::User "root";')
    configuration = directory / "apt.conf"
    configuration.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return _Apt(configuration)


def _installed(cwd: Path) -> set[str]:
    """The names of the packages that this machine has for its own architecture."""
    listing = _checked("dpkg-query", "--show", f"--showformat={_STATUS_LINE}", cwd=cwd)
    ours = {"all", _checked("dpkg", "--print-architecture", cwd=cwd).strip()}
    rows = [line.split("\t") for line in listing.splitlines()]
    return {name for name, architecture, status in rows if status == "installed" and architecture in ours}


def _matches(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatch(name, pattern) for pattern in patterns)


def _checked(*command: str, cwd: Path) -> str:
    """Runs a program and returns what it printed.

    Raises:
        InstallFailed: Its exit code is not 0.
    """
    done = _run(*command, cwd=cwd)
    if done.returncode:
        raise _failure(done)
    return done.stdout


def _run(*command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )


def _failure(done: subprocess.CompletedProcess[str]) -> InstallFailed:
    return InstallFailed(
        f"{done.args[0]} failed with exit code {done.returncode}.",
        cause=_complaints(done) or f"It said: {' '.join(done.stdout.split()[-_LAST_WORDS:]) or 'nothing'}",
        next_step="Check the network and the free disk space (`df -h`), then run the same command again.",
    )


def _complaints(done: subprocess.CompletedProcess[str]) -> str:
    """The last lines in which apt-get, dpkg or dpkg's tar says what went wrong."""
    lines = [line.strip() for line in done.stdout.splitlines()]
    complaints = dict.fromkeys(line for line in lines if line.startswith(("E:", "W:", "dpkg", "tar:")))
    return "\n".join(list(complaints)[-_LAST_LINES:])
