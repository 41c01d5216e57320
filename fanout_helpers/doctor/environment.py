"""The Python that this runs in: its packages, and whether notebooks run in it too."""

import os
import platform
import sys
from importlib import metadata
from pathlib import Path

from fanout_helpers.doctor.examination import Record
from fanout_helpers.doctor.finding import Finding
from fanout_helpers.faults import Fault

_PACKAGES = ("fanout-helpers", "pika", "jupyterlab", "ipywidgets", "anywidget")
_KERNEL = "python3"
"""The kernel that the lessons ask for."""


def look(record: Record) -> None:
    """Writes down which Python and which packages are here."""
    record.found["python"] = {"version": platform.python_version(), "executable": sys.executable}
    record.found["packages"] = {name: version for name in _PACKAGES if (version := _version(name))}


def look_at_jupyterlab(record: Record) -> None:
    """Finds out whether JupyterLab is here, runs notebooks in this Python, and shows widgets."""
    if _version("jupyterlab") is None:
        record.findings.append(
            Finding(
                Fault.NO_JUPYTERLAB,
                "JupyterLab is not installed in this Python.",
                f"{sys.executable} does not find it: it may be in another environment.",
                f"Install it here: {sys.executable} -m pip install jupyterlab",
            )
        )
        return
    # Both are parts of JupyterLab; where it is, this takes half a second, which no lesson should wait for.
    from fanout_helpers.doctor import widgets  # noqa: PLC0415

    _look_at_kernel(record)
    widgets.look(record)


def _look_at_kernel(record: Record) -> None:
    from jupyter_client.kernelspec import KernelSpecManager  # noqa: PLC0415 - see above

    spec = KernelSpecManager().get_kernel_spec(_KERNEL)
    # A bare name is this environment's Python: JupyterLab starts it so.
    program = Path(sys.executable).parent / spec.argv[0]
    record.found["kernel"] = {"name": _KERNEL, "executable": str(program)}
    if os.path.realpath(program.parent) != os.path.realpath(Path(sys.executable).parent):
        record.findings.append(
            Finding(
                Fault.OTHER_KERNEL,
                f"Notebooks run in another Python than this one: {program}.",
                f"The kernel {_KERNEL!r} is described in {spec.resource_dir}, which hides this environment's.",
                f"Remove that description: jupyter kernelspec remove {_KERNEL}",
            )
        )


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
