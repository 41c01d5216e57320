"""RabbitMQ's management UI inside Jupyter: a server extension that gives jupyter-server-proxy one more server."""

from fanout_helpers.management_ui.extension import (
    _jupyter_server_extension_points,
    _link_jupyter_server_extension,
    _load_jupyter_server_extension,
)

__all__ = ["_jupyter_server_extension_points", "_link_jupyter_server_extension", "_load_jupyter_server_extension"]
