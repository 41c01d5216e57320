"""The two extensions of JupyterLab that show the lessons' widgets: are they there, enabled, and this environment's?"""

import json
import sys
from pathlib import Path

from jupyter_core.paths import jupyter_path
from jupyterlab_server.config import get_federated_extensions, get_page_config

from fanout_helpers.doctor.examination import Record
from fanout_helpers.doctor.finding import Finding
from fanout_helpers.faults import Fault

_EXTENSIONS = {"@jupyter-widgets/jupyterlab-manager": "jupyterlab_widgets", "anywidget": "anywidget"}
"""The extensions, each with the Python package that brings it."""


def look(record: Record) -> None:
    """Finds out what JupyterLab would show widgets with, from where and as it looks for it when it starts."""
    places = jupyter_path("labextensions")
    present = get_federated_extensions(places)
    disabled = [str(name).partition(":")[0] for name in get_page_config(places)["disabledExtensions"]]
    record.found["widgets"] = {name: present[name]["version"] for name in _EXTENSIONS if name in present}
    for name, package in _EXTENSIONS.items():
        if name not in present:
            record.findings.append(_missing(name, package))
        elif name in disabled:
            record.findings.append(_disabled(name))
        elif (own := _own_version(name)) not in {None, present[name]["version"]}:
            record.findings.append(_hidden(name, present[name]["version"], present[name]["ext_path"], str(own)))


def _missing(name: str, package: str) -> Finding:
    return Finding(
        Fault.NO_WIDGETS,
        f"JupyterLab shows no widgets: its extension {name} is missing.",
        f"It comes with the Python package {package}; boards, panes and quizzes need it.",
        f"{sys.executable} -m pip install --force-reinstall {package}",
    )


def _disabled(name: str) -> Finding:
    return Finding(
        Fault.NO_WIDGETS,
        f"JupyterLab shows no widgets: its extension {name} is disabled.",
        "A page_config.json of JupyterLab's says so; boards, panes and quizzes need it.",
        f"jupyter labextension enable {name}",
    )


def _hidden(name: str, version: str, directory: str, own: str) -> Finding:
    return Finding(
        Fault.OTHER_WIDGETS,
        f"JupyterLab takes {name} {version} from elsewhere, and here is {own}.",
        f"{directory} comes before this environment's own; widgets of another version may not show.",
        f"Remove {directory}",
    )


def _own_version(name: str) -> str | None:
    """The version of what this environment brings along; ``None`` where it brings none."""
    package = Path(sys.prefix, "share", "jupyter", "labextensions", name, "package.json")
    return str(json.loads(package.read_text(encoding="utf-8"))["version"]) if package.is_file() else None
