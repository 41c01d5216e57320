"""What a Jupyter server calls when it loads the extension, and the server that jupyter-server-proxy is told of."""

from pathlib import Path
from typing import Any

from jupyter_server.serverapp import ServerApp
from jupyter_server_proxy.config import ServerProcess, ServerProxy

from fanout_helpers.management_page import PATH, TITLE
from fanout_helpers.management_ui.handler import ManagementUIHandler

_ICON = Path(__file__).with_name("static") / "icon.svg"


class ManagementUI(ServerProcess):  # type: ignore[misc]
    """A server that is already running, on a port that is known only when it is asked: so it has its own handler."""

    def make_proxy_handler(self) -> tuple[type, dict[str, Any]]:
        """The handler of everything below ``PATH``, and what it is made with."""
        return ManagementUIHandler, {}


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "fanout_helpers.management_ui"}]


def _link_jupyter_server_extension(server: ServerApp) -> None:
    """Adds it to the servers that are configured: all extensions are linked before jupyter-server-proxy is loaded."""
    configured = ServerProxy(parent=server).servers
    # Among the notebooks: in other parts of the launcher, JupyterLab shows no icon that comes from a server.
    tile = {"title": TITLE, "icon_path": str(_ICON), "category": "Notebook"}
    ours = ManagementUI(name=PATH, launcher_entry=tile, new_browser_tab=False)
    server.config.ServerProxy.servers = {**configured, PATH: ours}


def _load_jupyter_server_extension(_server: ServerApp) -> None:
    """Does nothing: jupyter-server-proxy makes the handlers."""
