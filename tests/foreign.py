"""Another program on the same broker: raw pika in a process of its own, which does what a test tells it."""

import json
import os
import subprocess
import sys
from types import TracebackType
from typing import Self

_PROGRAM = """
import json, sys
import pika
url, name = sys.argv[1:]
parameters = pika.URLParameters(url)
parameters.client_properties = {"connection_name": name}
connection = pika.BlockingConnection(parameters)
known = {"pika": pika, "connection": connection, "channel": connection.channel()}
print(json.dumps(None), flush=True)
for line in sys.stdin:
    source = json.loads(line)
    try:
        answer = eval(source, known)
    except SyntaxError:
        answer = exec(source, known)
    known["_"] = answer
    print(json.dumps(answer if isinstance(answer, (str, int)) else None), flush=True)
"""


class Foreign:
    """A program with ``connection`` and ``channel``, as a context; it runs one statement or expression at a time.

    Args:
        amqp_url: The broker and the virtual host.
        name: What its connection is called.
    """

    def __init__(self, amqp_url: str, name: str = "foreign") -> None:
        self._arguments = (amqp_url, name)

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, *self._arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ,
        )
        self._answer()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.kill()

    def run(self, source: str) -> str | int | None:
        """Runs it and returns the value of an expression that is a text or a number; the broker has done its part."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(source) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def kill(self) -> None:
        """Ends it with SIGKILL."""
        self._process.kill()
        self._process.communicate()

    def _answer(self) -> str | int | None:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the other program ended"
        answer: str | int | None = json.loads(line)
        return answer
