"""Carries requests to the management UI of this person's node, with the node's login, and answers back.

Whoever may use this Jupyter server gets in, and nobody else: the login is added here, so the page never has it.
"""

from http import HTTPStatus
from pathlib import Path
from typing import Any

from jupyter_server.base.handlers import JupyterHandler
from jupyter_server_proxy.handlers import ProxyHandler, RewritableResponse
from tornado import httputil, web

from fanout_helpers.broker import attached, private
from fanout_helpers.broker.ports import LOOPBACK
from fanout_helpers.errors import FanoutError
from fanout_helpers.management import authorization
from fanout_helpers.management_page import PATH
from fanout_helpers.management_ui import pages

_SIGN_IN = "sign_in.js"
_SIGN_IN_MODULE = Path(__file__).with_name("static") / _SIGN_IN
_SIGN_IN_TAG = f'<script src="{_SIGN_IN}"></script>\n'.encode()
_START_PAGES = ("", "index.html")

# All that RabbitMQ needs to know of a request, and the page of an answer. Jupyter's cookies and tokens stay here; an
# If-None-Match, which RabbitMQ answers with 412, does too, and so does what makes a browser ask for a password.
_REQUEST_HEADERS = ("Accept", "Accept-Encoding", "Content-Type", "X-Reason", "X-Vhost")
_RESPONSE_HEADERS = ("Content-Disposition", "Content-Encoding", "Content-Type", "Location")

# The page's own login, which is none, and Jupyter's.
_LOGINS = ("auth", "token")

_CONNECT_SECONDS = 5.0
_REQUEST_SECONDS = 60.0
_READING = ("GET", "HEAD", "OPTIONS")


class ManagementUIHandler(ProxyHandler):  # type: ignore[misc]
    """Every request below ``PATH``; where the node is, is looked up for each: it may have been started anew."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.proxy_base = PATH
        self.host_allowlist = [LOOPBACK]
        # A function: of a bound method, jupyter-server-proxy would want to give it its self.
        self.rewrite_response = lambda response: self._rewrite(response)  # noqa: PLW0108
        self.update_last_activity = _is_a_persons_doing
        self._login = ""

    async def prepare(self) -> None:
        """Lets in who may use this Jupyter server, from its own pages: other sites' must not act in their name."""
        await super().prepare()
        if self._finished:
            return
        if not self._is_from_our_pages():
            raise web.HTTPError(403, "This request comes from another site.")
        if "Upgrade" in self.request.headers:
            raise web.HTTPError(404, "The management UI has no web sockets.")

    async def http_get(self, _path: str) -> None:
        """Answers a GET request."""
        if self._path() == _SIGN_IN:
            self.set_header("Content-Type", "text/javascript; charset=utf-8")
            self.set_header("Cache-Control", "no-store")
            self.finish(_SIGN_IN_MODULE.read_bytes())
            return
        await self._carry()

    async def _carry(self, *_: str) -> None:
        try:
            elsewhere = attached.address()
            node = None if elsewhere else private.glimpse()
        except FanoutError as error:
            self._say(pages.refused(error))
            return
        if elsewhere is not None:
            self._say(pages.attached(elsewhere.management_url))
            return
        if node is None:
            self._say(pages.no_node())
            return
        self._login = authorization(node.address)
        try:
            await self.proxy(LOOPBACK, node.identity.management_port, self._path())
        except (OSError, web.HTTPError):
            # It ended just now; else that would be an error 500, with a stack trace in the server's log.
            self._say(pages.no_node())

    head = post = put = delete = patch = options = _carry

    def _say(self, page: str) -> None:
        """Answers with a page of ours; the management UI, where it is open, goes on asking after a 503."""
        self.set_status(HTTPStatus.OK if self._path() in _START_PAGES else HTTPStatus.SERVICE_UNAVAILABLE)
        self.set_header("Cache-Control", "no-store")
        self.finish(page)

    def _path(self) -> str:
        """The path below ``PATH`` as it was sent: an escaped slash in a virtual host's name is none in the path."""
        ours = len([part for part in self.base_url.split("/") if part]) + 1
        return str("/".join(self.request.path.split("/")[1 + ours :]))

    def get_client_uri(self, protocol: str, host: str, port: int, proxied_path: str) -> str:
        """Where at the node a request goes, with nothing unescaped or escaped once more on the way."""
        query = "&".join(part for part in self.request.query.split("&") if part.partition("=")[0] not in _LOGINS)
        return f"{protocol}://{host}:{port}/{proxied_path}{query and f'?{query}'}"

    def proxy_request_headers(self) -> httputil.HTTPHeaders:
        """What the node is told beside the address."""
        headers = httputil.HTTPHeaders(
            {name: self.request.headers[name] for name in _REQUEST_HEADERS if name in self.request.headers}
        )
        if self._path() in _START_PAGES:
            headers.pop("Accept-Encoding", None)  # it gets our line
        headers["Authorization"] = self._login
        return headers

    def proxy_request_options(self) -> dict[str, Any]:
        """How the node is asked. The management UI sends a body with DELETE, which is not standard."""
        return {
            "follow_redirects": False,
            "connect_timeout": _CONNECT_SECONDS,
            "request_timeout": _REQUEST_SECONDS,
            "allow_nonstandard_methods": True,
        }

    def _rewrite(self, response: RewritableResponse) -> None:
        headers = httputil.HTTPHeaders(
            {name: response.headers[name] for name in _RESPONSE_HEADERS if name in response.headers}
        )
        # Another RabbitMQ may be at this address tomorrow, with other pages.
        headers["Cache-Control"] = "no-store"
        headers["X-Content-Type-Options"] = "nosniff"
        # RabbitMQ's own, and Jupyter's, by which no other site may put a frame around it.
        for policy in (*response.headers.get_list("Content-Security-Policy"), self.content_security_policy):
            headers.add("Content-Security-Policy", policy)
        response.headers = headers
        if self._path() in _START_PAGES:
            response.body = response.body.replace(b"</head>", _SIGN_IN_TAG + b"</head>", 1)

    def _is_from_our_pages(self) -> bool:
        """Whether a page of this server, or no page at all, sent the request (https://web.dev/articles/fetch-metadata).

        Browsers say so where they trust the connection; else they send an Origin with all that changes things.
        """
        headers = self.request.headers
        site = headers.get("Sec-Fetch-Site")
        reads = self.request.method in _READING
        if site in ("cross-site", "same-site"):
            # A link to the start page may be anywhere.
            return reads and self._path() in _START_PAGES and headers.get("Sec-Fetch-Mode") == "navigate"
        if site == "same-origin":
            return True
        knows_origin = "Origin" in headers or self.token_authenticated
        return (reads or knows_origin) and JupyterHandler.check_origin(self)


def _is_a_persons_doing(handler: ManagementUIHandler) -> bool:
    """Whether a request counts as activity: not the page's questions every few seconds, or no server would be idle."""
    return handler.request.method not in _READING or handler._path() in _START_PAGES  # noqa: SLF001
