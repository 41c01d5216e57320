"""A browser that Playwright does not drive, by WebDriver's commands (https://www.w3.org/TR/webdriver2/).

WebKitGTK's driver takes them by HTTP. Firefox takes them itself, by Marionette, the connection that geckodriver
translates HTTP into (https://firefox-source-docs.mozilla.org/testing/marionette/Protocol.html): Debian has no
geckodriver, and the Playwright that is pinned asks Firefox for what Debian's ESR does not have yet.
"""

import json
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any, Protocol

import urllib3

_ANSWER_SECONDS = 120
_SCRIPT_MILLISECONDS = 90_000
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
_ROUTES = {
    "NewSession": "POST /session",
    "SetTimeouts": "POST /session/{session}/timeouts",
    "SetWindowRect": "POST /session/{session}/window/rect",
    "Navigate": "POST /session/{session}/url",
    "ExecuteAsyncScript": "POST /session/{session}/execute/async",
    "FindElement": "POST /session/{session}/element",
    "ElementClick": "POST /session/{session}/element/{id}/click",
    "ElementClear": "POST /session/{session}/element/{id}/clear",
    "ElementSendKeys": "POST /session/{session}/element/{id}/value",
    "TakeScreenshot": "GET /session/{session}/screenshot",
    "DeleteSession": "DELETE /session/{session}",
}


class DriverError(Exception):
    """A browser refused a command: the command, and what the browser says."""


class Connection(Protocol):
    """What takes WebDriver's commands."""

    def send(self, command: str, parameters: dict[str, Any]) -> Any:  # noqa: ANN401 - as JSON has it
        """Send a command and return its answer."""

    def close(self) -> None:
        """Close what it holds open."""


class HttpDriver:
    """A driver that listens for HTTP on this machine."""

    def __init__(self, port: int) -> None:
        self._address = f"http://127.0.0.1:{port}"
        self._http = urllib3.PoolManager(timeout=_ANSWER_SECONDS, retries=False)
        self._session = ""

    def send(self, command: str, parameters: dict[str, Any]) -> Any:  # noqa: ANN401 - as JSON has it
        """Send a command and return its answer."""
        method, path = _ROUTES[command].format(session=self._session, **parameters).split()
        body = json.dumps(parameters) if method == "POST" else None
        answer = self._http.request(method, self._address + path, body=body)
        value = answer.json()["value"]
        if answer.status != 200:
            raise DriverError(f"{command}: {value}")
        if command == "NewSession":
            self._session = value["sessionId"]
        return value

    def close(self) -> None:
        """Close what it holds open."""
        self._http.clear()


class Marionette:
    """Firefox's own connection."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), _ANSWER_SECONDS)
        self._file = self._socket.makefile("rb")
        self._number = 0
        self._receive()

    def send(self, command: str, parameters: dict[str, Any]) -> Any:  # noqa: ANN401 - as JSON has it
        """Send a command and return its answer."""
        self._number += 1
        message = json.dumps([0, self._number, f"WebDriver:{command}", parameters]).encode()
        self._socket.sendall(b"%d:%b" % (len(message), message))
        _, number, error, value = self._receive()
        assert number == self._number
        if error:
            raise DriverError(f"{command}: {error}")
        return value["value"] if set(value) == {"value"} else value

    def close(self) -> None:
        """Close what it holds open."""
        self._file.close()
        self._socket.close()

    def _receive(self) -> Any:  # noqa: ANN401 - as JSON has it
        """Read a message: its length in bytes, a colon, and JSON."""
        digits = b""
        while (byte := self._file.read(1)) != b":":
            if not byte:
                raise DriverError("Firefox closed its connection.")
            digits += byte
        return json.loads(self._file.read(int(digits)))


class Driven:
    """A browser's only page."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def open(self, address: str) -> None:
        """Go to an address."""
        self._connection.send("Navigate", {"url": address})

    def evaluate(self, expression: str, *arguments: Any) -> Any:  # noqa: ANN401 - as JSON has it
        """Call a JavaScript function, given as an expression, and return what it returns or promises.

        Raises:
            DriverError: The function failed.
        """
        script = f"""
            const done = arguments[arguments.length - 1];
            const given = Array.prototype.slice.call(arguments, 0, -1);
            (async () => ({expression})(...given))().then(
                (value) => done({{value: value ?? null}}), (error) => done({{error: String(error)}}));
        """
        answer = self._connection.send("ExecuteAsyncScript", {"script": script, "args": list(arguments)})
        if "error" in answer:
            raise DriverError(answer["error"])
        return answer["value"]

    def click(self, selector: str) -> None:
        """Click an element as a mouse does."""
        self._connection.send("ElementClick", {"id": self._find(selector)})

    def type(self, selector: str, text: str) -> None:
        """Empty a field and type into it."""
        element = self._find(selector)
        self._connection.send("ElementClear", {"id": element})
        self._connection.send("ElementSendKeys", {"id": element, "text": text})

    def screenshot(self) -> str:
        """Return a picture of the page: a PNG in base64."""
        return str(self._connection.send("TakeScreenshot", {}))

    def _find(self, selector: str) -> str:
        found = self._connection.send("FindElement", {"using": "css selector", "value": selector})
        return str(found[_ELEMENT])


@contextmanager
def session(connection: Connection, width: int, height: int) -> Iterator[Driven]:
    """A browser in a session of its own, with a window of this size; closes the connection at the end."""
    with closing(connection):
        connection.send("NewSession", {"capabilities": {"alwaysMatch": {}}})
        try:
            connection.send("SetTimeouts", {"script": _SCRIPT_MILLISECONDS})
            connection.send("SetWindowRect", {"width": width, "height": height})
            yield Driven(connection)
        finally:
            connection.send("DeleteSession", {})
