"""A link to the management UI: only the page knows at which address this Jupyter is."""

import traitlets

from fanout_helpers import management_page
from fanout_helpers.views import beside, modules
from fanout_helpers.views.live import LiveWidget

_TILE = f"RabbitMQ's management UI: click the tile {management_page.TITLE!r} in JupyterLab's launcher."

_ELSEWHERE = "RabbitMQ's management UI: {url}. Sign in as lab.address.username, with lab.address.password."


class ManagementLink(LiveWidget):
    """Shows a link that opens the management UI in a browser tab.

    Args:
        virtual_host: The one that it opens on, where Jupyter carries it.
        url: Where the broker itself has it and people sign in themselves; empty if Jupyter carries it.
    """

    _esm = modules.esm("kernel", "management_link")
    _css = modules.css("management_link")

    printed = traitlets.Unicode().tag(sync=True)
    url = traitlets.Unicode().tag(sync=True)
    path = traitlets.Unicode().tag(sync=True)

    def __init__(self, virtual_host: str, url: str = "") -> None:
        super().__init__(
            printed=_ELSEWHERE.format(url=url) if url else _TILE, url=url, path=management_page.opened_on(virtual_host)
        )

    def __repr__(self) -> str:
        return self.printed

    def _ipython_display_(self) -> None:
        beside.show(self, {"text/plain": self.printed})
