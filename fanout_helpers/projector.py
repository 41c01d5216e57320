"""JupyterLab for a projector: larger type and more room, in settings that are gone with it."""

import contextlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import json5
from jupyterlab_server import WORKSPACE_EXTENSION, slugify
from jupyterlab_server.settings_utils import SETTINGS_EXTENSION

from fanout_helpers import ephemeral

_PREFIX = "fanout-present-"

_FONTS = {"code-font-size": "20px", "content-font-size1": "21px", "ui-font-size1": "16px"}
"""80 columns of code fit into a page that is 1280 pixels wide; ordinary are 13, 14 and 13 pixels."""

_SETTINGS: dict[str, dict[str, Any]] = {
    "application-extension/shell": {"dockPanelPadding": False},
    "apputils-extension/themes": {"overrides": _FONTS},
    "notebook-extension/tracker": {"codeCellConfig": {"lineWrap": True}},
    "statusbar-extension/plugin": {"visible": False},
    "terminal-extension/plugin": {"fontSize": 20},
}

_WORKSPACE: dict[str, dict[str, Any]] = {
    "metadata": {"id": "default"},
    "data": {"layout-restorer:data": {"left": {"collapsed": True}, "right": {"collapsed": True}}},
}
"""What JupyterLab opens with: without its file browser, which would take a quarter of the page."""


@contextlib.contextmanager
def directories(settings: Path) -> Iterator[tuple[Path, Path]]:
    """The user settings and the workspaces of one presentation, as directories that go when it ends.

    What the person has set, the theme above all, holds here too; what is set here does not outlive it. Settings that
    are only put in front of JupyterLab's defaults would do neither: a person's own sizes hide them, and one who
    makes the type larger still would find it so the next day.

    Args:
        settings: The person's own user settings, which are only read.
    """
    with ephemeral.directory(_PREFIX) as made:
        own, workspaces = made / "settings", made / "workspaces"
        if settings.is_dir():
            shutil.copytree(settings, own, ignore_dangling_symlinks=True)
        for plugin, values in _SETTINGS.items():
            _set(own / "@jupyterlab" / f"{plugin}{SETTINGS_EXTENSION}", values)
        workspaces.mkdir()
        workspace = workspaces / f"{slugify(_WORKSPACE['metadata']['id'])}{WORKSPACE_EXTENSION}"
        workspace.write_text(json.dumps(_WORKSPACE), encoding="utf-8")
        yield own, workspaces


def _set(file: Path, values: dict[str, Any]) -> None:
    """Sets some of a plugin's settings, and leaves the others as they are."""
    said: dict[str, Any] = {}
    # What JupyterLab cannot read either is not there for it.
    with contextlib.suppress(FileNotFoundError, ValueError):
        said = json5.loads(file.read_text(encoding="utf-8"))
    for name, value in values.items():
        said[name] = {**(said.get(name) or {}), **value} if isinstance(value, dict) else value
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(said), encoding="utf-8")
