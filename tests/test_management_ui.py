"""The way to the management UI through Jupyter, without a browser: who gets in, where it leads, what goes along."""

import http.server
import json
import os
import socket
import threading
import tomllib
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.cookiejar import CookieJar
from importlib import import_module
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import fanout_helpers
from fanout_helpers.broker import attached, lease, node
from fanout_helpers.broker.configuration import Identity
from fanout_helpers.broker.node import Node
from fanout_helpers.broker.ports import LOOPBACK
from fanout_helpers.management_page import PATH, TITLE
from tests.jupyter import JupyterServer
from tests.live import eventually
from tests.processes import holder

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = Path(fanout_helpers.__file__).with_name("jupyter_config")
BASE = "/user/some%20one/"
PAGES = ("", "index.html", "sign_in.js", "js/main.js", "api/whoami")
NOT_RUNNING = "Your RabbitMQ is not running"
ANOTHER = {"another": {"port": 9}}
READY = b'{"name": "fake"}'


@dataclass(frozen=True)
class Answer:
    status: int
    url: str
    headers: Message
    body: str


@dataclass(frozen=True)
class Visitor:
    """A program that asks a Jupyter server for the management UI."""

    server: JupyterServer
    login: dict[str, str] = field(default_factory=dict)
    cookies: CookieJar = field(default_factory=CookieJar)

    def asks(self, path: str = "", method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
        """Asks for what is below ``PATH``, or, with a slash first, below the base URL; underscores become hyphens."""
        url = f"{self.server.url}{path[1:] if path.startswith('/') else f'{PATH}/{path}'}"
        sent = self.login | {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(url, body, sent, method=method)  # noqa: S310 - always http
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))
        try:
            answer = opener.open(request)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            return Answer(answer.status, answer.url, answer.headers, answer.read().decode())


def with_token(server: JupyterServer) -> Visitor:
    return Visitor(server, {"Authorization": f"token {server.token}"})


def with_cookie(server: JupyterServer) -> Visitor:
    """Signed in as a browser is."""
    visitor = Visitor(server)
    assert visitor.asks(f"/api/status?token={server.token}").status == 200
    assert list(visitor.cookies)
    return visitor


def listens(url: str) -> bool:
    at = urlsplit(url)
    with socket.socket() as client:
        return client.connect_ex((str(at.hostname), int(at.port or 0))) == 0


@contextmanager
def jupyter(factory: pytest.TempPathFactory, runtime: Path, **environment: str) -> Iterator[JupyterServer]:
    """JupyterLab where the package is installed, at a hub's kind of address."""
    with pytest.MonkeyPatch.context() as patch:
        settings = {"JUPYTER_CONFIG_PATH": str(SETTINGS), "FANOUT_RUNTIME_DIR": str(runtime), **environment}
        for name, value in settings.items():
            patch.setenv(name, value)
        command = ("-m", "jupyterlab", f"--ServerApp.base_url={BASE}", f"--ServerProxy.servers={ANOTHER}")
        with JupyterServer(factory.mktemp("root"), factory.mktemp("jupyter"), command) as server:
            # It says where it is a moment before it listens there.
            assert eventually(lambda: listens(server.url))
            yield server


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the node of this module's Jupyter server is, while there is one."""
    return tmp_path_factory.mktemp("management") / "runtime"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, runtime: Path) -> Iterator[JupyterServer]:
    with jupyter(tmp_path_factory, runtime) as server:
        yield server


@contextmanager
def running(runtime: Path) -> Iterator[Node]:
    """A real node, which ends at once."""
    with holder(runtime) as held:
        _, directory = held.node()
        found = node.load(directory)
        assert found is not None
        try:
            yield found
        finally:
            found.kill()
    assert eventually(lambda: not runtime.exists())


@pytest.fixture
def real(runtime: Path) -> Iterator[Node]:
    with running(runtime) as real:
        yield real


class Upstream(http.server.ThreadingHTTPServer):
    """Something that stands in for a node's management API, and keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__((LOOPBACK, 0), UpstreamHandler)
        self.asked: list[tuple[str, str, Message, bytes]] = []


class UpstreamHandler(http.server.BaseHTTPRequestHandler):
    server: Upstream

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append((self.command, self.path, self.headers, body))
        self.send_response(401)
        for name, value in {
            "Set-Cookie": "stolen=1",
            "WWW-Authenticate": 'Basic realm="RabbitMQ"',
            "Access-Control-Allow-Origin": "*",
            "Cache-Control": "public, max-age=1000",
            "Content-Security-Policy": "script-src 'self'",
            "Content-Type": "application/json",
            "Content-Length": str(len(READY)),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(READY)

    do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815 - as http.server wants it

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def upstream(runtime: Path) -> Iterator[Upstream]:
    """A node whose management API is this test's."""
    directory = runtime / "node-fake"
    runtime.mkdir(mode=0o700)
    directory.mkdir()
    ends = lease.create(directory)
    with Upstream() as upstream:
        identity = Identity("fake", 1, upstream.server_address[1], 2, "learner", "its password")
        Node(directory, os.getpid(), "4.3.6", identity).save()
        thread = threading.Thread(target=upstream.serve_forever)
        thread.start()
        yield upstream
        upstream.shutdown()
        thread.join()
    for end in ends:
        os.close(end)
    for left in directory.iterdir():
        left.unlink()
    directory.rmdir()
    runtime.rmdir()


def test_its_tile_is_told_to_jupyterlab(server: JupyterServer) -> None:
    servers = json.loads(with_token(server).asks("/server-proxy/servers-info").body)["server_processes"]
    assert {*ANOTHER} < {one["name"] for one in servers}, "it takes the place of what a person configured"
    (ours,) = [one for one in servers if one["name"] == PATH]
    assert ours["launcher_entry"]["title"] == TITLE
    assert ours["launcher_entry"]["path_info"] == f"{PATH}/"
    assert ours["new_browser_tab"] is False
    icon = with_token(server).asks(f"/server-proxy/icon/{PATH}")
    assert (icon.status, icon.headers["Content-Type"]) == (200, "image/svg+xml")


def test_an_installed_package_enables_itself() -> None:
    """The wheel puts the file that ``fanout lab`` points Jupyter to where every Jupyter of the environment looks."""
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    (source,) = [place for place, target in wheel["shared-data"].items() if target.endswith("jupyter_server_config.d")]
    (file,) = (ROOT / source).iterdir()
    assert file.is_relative_to(ROOT / "fanout_helpers" / "jupyter_config")
    (extension,) = json.loads(file.read_text())["ServerApp"]["jpserver_extensions"]
    assert [point["module"] for point in import_module(extension)._jupyter_server_extension_points()] == [extension]


@pytest.mark.parametrize("path", PAGES)
def test_without_the_token_there_is_nothing(server: JupyterServer, upstream: Upstream, path: str) -> None:
    stranger = Visitor(server)
    answer = stranger.asks(path)
    assert urlsplit(answer.url).path == f"{BASE}login"
    for method in ("POST", "PUT", "DELETE"):
        assert stranger.asks(path, method, b"{}").status == 403
    assert stranger.asks(path, Upgrade="websocket", Connection="Upgrade").status == 403
    assert stranger.asks(f"{path}?token=wrong").url == stranger.asks("/login").url + (
        f"?next={BASE.replace('/', '%2F').replace('%20', '%2520')}{PATH}%2F{path.replace('/', '%2F')}%3Ftoken%3Dwrong"
    )
    assert upstream.asked == []


def test_with_the_token_one_is_signed_in(server: JupyterServer, real: Node) -> None:
    answer = with_token(server).asks("api/whoami")
    assert json.loads(answer.body)["name"] == real.identity.username
    page = with_token(server).asks()
    assert (page.status, page.headers["Cache-Control"]) == (200, "no-store")
    assert "<title>RabbitMQ Management</title>" in page.body
    head = page.body.partition("</head>")[0]
    assert head.index('src="js/prefs.js"') < head.index('src="sign_in.js"')
    policies = " ".join(page.headers.get_all("Content-Security-Policy", []))
    assert "script-src 'self'" in policies
    assert "frame-ancestors 'self'" in policies


def test_a_name_with_a_slash_gets_through(server: JupyterServer, real: Node) -> None:
    assert real.version
    answer = with_token(server).asks("api/exchanges/%2F/amq.fanout")
    assert (answer.status, json.loads(answer.body)["vhost"]) == (200, "/")


def test_only_what_concerns_rabbitmq_goes_along(server: JupyterServer, upstream: Upstream) -> None:
    visitor = with_cookie(server)
    own = {"Origin": f"http://{urlsplit(server.url).netloc}", "X_Vhost": "lesson", "If_None_Match": '"1"'}
    path = f"api/exchanges/a%2Fb%20c%25/x?columns=name&auth=Og%3D%3D&token={server.token}&sort=%2F"
    visitor.asks(path, "DELETE", b'{"name": "x"}', Authorization="Basic Og==", **own)
    ((method, asked, headers, body),) = upstream.asked
    assert (method, asked, body) == ("DELETE", "/api/exchanges/a%2Fb%20c%25/x?columns=name&sort=%2F", b'{"name": "x"}')
    assert headers["Authorization"] == f"Basic {b64encode(b'learner:its password').decode()}"
    assert headers["X-Vhost"] == "lesson"
    assert {"cookie", "if-none-match", "origin"}.isdisjoint(name.lower() for name in headers)


def test_only_what_concerns_the_page_comes_back(server: JupyterServer, upstream: Upstream) -> None:
    answer = with_token(server).asks("api/whoami")
    assert len(upstream.asked) == 1
    assert (answer.status, answer.body, answer.headers["Content-Type"]) == (401, READY.decode(), "application/json")
    assert answer.headers["Cache-Control"] == "no-store"
    assert {"WWW-Authenticate", "Access-Control-Allow-Origin"}.isdisjoint(answer.headers)
    assert not any("stolen" in cookie for cookie in answer.headers.get_all("Set-Cookie", []))


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("POST", "api/exchanges/%2F/x/publish", {}),
        ("POST", "api/exchanges/%2F/x/publish", {"Origin": "https://evil.example"}),
        ("POST", "api/exchanges/%2F/x/publish", {"Origin": "null"}),
        ("POST", "api/exchanges/%2F/x/publish", {"Origin": "https://evil.example", "Sec_Fetch_Site": "cross-site"}),
        ("DELETE", "api/exchanges/%2F/x", {"Sec_Fetch_Site": "same-site"}),
        ("GET", "api/aliveness-test/%2F", {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate"}),
        ("GET", "", {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "no-cors"}),
        ("POST", "", {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate"}),
        ("GET", "api/definitions", {"Origin": "https://evil.example"}),
    ],
)
def test_other_sites_cannot_use_it(
    server: JupyterServer, upstream: Upstream, method: str, path: str, headers: dict[str, str]
) -> None:
    body = None if method == "GET" else b"{}"
    assert with_cookie(server).asks(path, method, body, **headers).status == 403
    assert upstream.asked == []


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("GET", {"Sec_Fetch_Site": "none", "Sec_Fetch_Mode": "navigate"}),
        ("GET", {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate"}),
        ("POST", {"Sec_Fetch_Site": "same-origin", "Origin": "https://hub.example"}),
    ],
)
def test_its_own_pages_and_links_can(
    server: JupyterServer, upstream: Upstream, method: str, headers: dict[str, str]
) -> None:
    with_cookie(server).asks("", method, None if method == "GET" else b"{}", **headers)
    assert len(upstream.asked) == 1


@pytest.mark.parametrize("path", ["@127.0.0.1:9/", "http://127.0.0.1:9/", ":9/", "../../x", "%2F%2F127.0.0.1:9/x"])
def test_it_leads_nowhere_else(server: JupyterServer, upstream: Upstream, path: str) -> None:
    with_token(server).asks(path)
    ((_, asked, headers, _),) = upstream.asked
    assert asked == f"/{path}"
    assert headers["Host"] == f"{LOOPBACK}:{upstream.server_address[1]}"


def test_there_is_no_web_socket(server: JupyterServer, upstream: Upstream) -> None:
    assert with_token(server).asks("ws", Upgrade="websocket", Connection="Upgrade").status == 404
    assert upstream.asked == []


def test_without_a_node_it_says_what_to_do(server: JupyterServer, runtime: Path) -> None:
    assert not runtime.exists()
    page = with_token(server).asks()
    assert (page.status, page.headers["Cache-Control"]) == (200, "no-store")
    assert NOT_RUNNING in page.body
    assert "first cell" in page.body
    # What the open UI takes for a broker that will be back.
    assert with_token(server).asks("api/whoami").status == 503
    assert not runtime.exists()


def test_a_node_that_is_just_gone_is_none(server: JupyterServer, upstream: Upstream) -> None:
    upstream.server_close()
    assert NOT_RUNNING in with_token(server).asks().body
    assert with_token(server).asks("api/whoami").status == 503


def test_what_others_could_have_put_there_is_none(server: JupyterServer, upstream: Upstream, runtime: Path) -> None:
    runtime.chmod(0o770)
    assert NOT_RUNNING in with_token(server).asks().body
    assert upstream.asked == []
    runtime.chmod(0o700)


def test_a_node_that_is_started_anew_is_found_at_its_new_port(server: JupyterServer, runtime: Path) -> None:
    found = []
    for _ in range(2):
        with running(runtime) as real:
            found.append(real.identity)
            answer = with_token(server).asks("api/whoami")
            assert json.loads(answer.body)["name"] == real.identity.username
        assert with_token(server).asks("api/whoami").status == 503
    assert found[0].management_port != found[1].management_port


def test_asking_keeps_no_node_alive(server: JupyterServer, runtime: Path) -> None:
    with holder(runtime) as held:
        held.node()
        assert with_token(server).asks("api/whoami").status == 200
    assert eventually(lambda: with_token(server).asks("api/whoami").status == 503 and not runtime.exists())


def test_only_what_a_person_does_counts_as_activity(server: JupyterServer, upstream: Upstream) -> None:
    visitor = with_token(server)

    def latest() -> str:
        return str(json.loads(visitor.asks("/api/status").body)["last_activity"])

    before = latest()
    visitor.asks("api/overview")
    assert latest() == before
    for path, method, body in (("", "GET", None), ("api/x", "PUT", b"{}")):
        visitor.asks(path, method, body)
        assert latest() > before
        before = latest()
    assert len(upstream.asked) == 3


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("amqp://somebody:secret@rabbit.example/class", 'href="http://rabbit.example:15672"'),
        ("amqps://rabbit.example", 'href="https://rabbit.example:15671"'),
        ("rabbit.example", "FANOUT_BROKER_URL is not a URL"),
    ],
)
def test_attached_it_says_where_the_brokers_own_is(
    tmp_path_factory: pytest.TempPathFactory, runtime: Path, upstream: Upstream, setting: str, said: str
) -> None:
    with jupyter(tmp_path_factory, runtime, **{attached.BROKER_SETTING: setting}) as server:
        page = with_token(server).asks()
        assert page.status == 200
        assert said in page.body
        assert "secret" not in page.body
        assert with_token(server).asks("api/whoami").status == 503
    assert upstream.asked == []
