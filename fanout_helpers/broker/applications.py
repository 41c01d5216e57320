"""The few RabbitMQ applications that a private node needs: scanning the others is half of its boot.

RabbitMQ reads every plugin it finds, enabled or not. A directory of links to just the enabled plugins and what they
depend on (about 30 of 80) boots in half the time.
"""

import re
from pathlib import Path

PLUGINS = ("rabbitmq_management", "rabbitmq_event_exchange")
"""The plugins that a private node enables (https://www.rabbitmq.com/docs/plugins)."""

_ROOTS = ("rabbit", "rabbitmq_prelaunch", *PLUGINS)
_DEPENDENCIES = re.compile(r"\{\s*applications\s*,\s*\[([^\]]*)\]")


def needed(plugins: Path) -> list[Path]:
    """The directories in ``plugins`` that hold the needed applications; empty where that cannot be told.

    It cannot where plugins are packed as ``.ez`` archives: then RabbitMQ has to look for itself.
    """
    directories = {path.name.rpartition("-")[0] or path.name: path for path in plugins.iterdir() if path.is_dir()}
    if any(plugins.glob("*.ez")) or not all(root in directories for root in _ROOTS):
        return []
    found: dict[str, Path] = {}
    waiting = list(_ROOTS)
    while waiting:
        name = waiting.pop()
        if name in directories and name not in found:
            found[name] = directories[name]
            waiting += _dependencies(directories[name] / "ebin" / f"{name}.app")
    return sorted(found.values())


def _dependencies(app: Path) -> list[str]:
    """What an application says that it needs (https://www.erlang.org/doc/man/app)."""
    match = _DEPENDENCIES.search(app.read_text(encoding="utf-8")) if app.is_file() else None
    return re.findall(r"\w+", match[1]) if match else []
