"""Limits that a shell or a scheduler sets for processes (``ulimit``), and that may be what ends RabbitMQ."""

import signal
import sys

if sys.platform != "win32":
    import resource

    # Each with the option of ulimit, what it limits, its unit, and the least that a node was seen to boot with.
    _LIMITS = {
        resource.RLIMIT_AS: ("-v", "{:,} KiB of address space", 2**10, 4 * 2**30),
        resource.RLIMIT_FSIZE: ("-f", "{:,} KiB a file", 2**10, 64 * 2**20),
        resource.RLIMIT_DATA: ("-d", "{:,} KiB of data", 2**10, 2 * 2**30),
        resource.RLIMIT_NOFILE: ("-n", "{:,} open files", 1, 256),
        resource.RLIMIT_NPROC: ("-u", "{:,} processes", 1, 256),
        resource.RLIMIT_CPU: ("-t", "{:,} seconds of processor time", 1, 3600),
    }
    _ENDED_BY = {signal.SIGXFSZ: resource.RLIMIT_FSIZE, signal.SIGXCPU: resource.RLIMIT_CPU}


def ending(code: int) -> str:
    """Say how a process ended.

    Args:
        code: Its exit code; of a process that a signal ended, the signal's negative number, as ``subprocess`` gives it.
    """
    if code >= 0:
        return f"it ended with exit code {code}"
    try:
        number = signal.Signals(-code)
    except ValueError:
        return f"signal {-code} ended it"
    return f"{number.name} ended it ({signal.strsignal(number)})"


def suspects(code: int | None) -> list[str]:
    """Return in words the limits that may have kept a node from booting; only the one that ended it, if that is sure.

    Args:
        code: How the node ended; ``None`` if it did not.
    """
    if sys.platform == "win32":
        return []
    sure = _ENDED_BY.get(-code) if code is not None else None  # type: ignore[call-overload]
    limits = {sure: _LIMITS[sure]} if sure is not None else _LIMITS
    found = []
    for which, (option, words, unit, enough) in limits.items():
        allowed = resource.getrlimit(which)[0]
        if allowed != resource.RLIM_INFINITY and (sure is not None or allowed < enough):
            found.append(f"{words.format(allowed // unit)} (ulimit {option})")
    return found
