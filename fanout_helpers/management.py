"""A typed client of RabbitMQ's management HTTP API: the only place in this package that speaks HTTP.

Source: https://www.rabbitmq.com/docs/http-api-reference
"""

import contextlib
import json
import re
import shlex
import ssl
from base64 import b64encode
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import quote

import urllib3

from fanout_helpers import decoding, login
from fanout_helpers.address import BrokerAddress
from fanout_helpers.errors import BrokerUnreachable, ManagementError, NotFound
from fanout_helpers.faults import Fault
from fanout_helpers.model import Binding, Consumer, Exchange, Queue
from fanout_helpers.topology import Topology

T = TypeVar("T")

TIMEOUT = 10.0
"""Seconds to wait for an answer."""

_RETRIES = urllib3.Retry(total=2, connect=0, redirect=0, status=0, backoff_factor=0.05)
"""A kept-alive connection may close just as it is used again: then an idempotent request is sent once more."""

_NOT_THERE = {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}
"""How RabbitMQ answers where an address means nothing to it."""

_UNTAGGED = re.compile(r"Not \w+ user|.*not authori[sz]ed")
"""How RabbitMQ begins to say that a login is right, and its user lacks a tag or a permission."""


def tagging(address: BrokerAddress) -> str:
    """The command that lets a user do everything in the management API (https://www.rabbitmq.com/docs/management)."""
    return f"rabbitmqctl set_user_tags {shlex.quote(address.username)} administrator"


def authorization(address: BrokerAddress) -> str:
    """The header by which a request to the management API says who sends it."""
    login = b64encode(f"{address.username}:{address.password}".encode()).decode()
    return f"Basic {login}"


class Management:
    """The management API of one broker, as one user. Safe to use from any thread.

    Every method raises:
        BrokerUnreachable: Nobody answers, or what answers is not a management API.
        NotFound: What was asked for does not exist.
        ManagementError: RabbitMQ refused, for instance because of a wrong password.

    Args:
        address: The broker; its ``management_url`` and login are used.
        timeout: Seconds to wait for an answer.
    """

    def __init__(self, address: BrokerAddress, timeout: float = TIMEOUT) -> None:
        self._address = address
        self._url = address.management_url
        self._pool = urllib3.PoolManager(
            headers={"Authorization": authorization(address)},
            timeout=urllib3.Timeout(total=timeout),
            retries=_RETRIES,
            ssl_context=ssl.create_default_context() if self._url.startswith("https:") else None,
        )

    def whoami(self) -> str:
        """The name of the user that the login belongs to."""
        return self._text("name", "whoami")

    def get(self, *path: str) -> Any:  # noqa: ANN401
        """What the API answers to a question that has no method of its own here, decoded."""
        return self._request("GET", *path)

    def version(self) -> str:
        """RabbitMQ's version, such as ``"4.3.6"``."""
        return self._text("rabbitmq_version", "overview")

    def exchanges(self, virtual_host: str) -> list[Exchange]:
        """Every exchange of a virtual host, by name; the default exchange is the one named ``""``."""
        return sorted(self._rows(decoding.exchange, "exchanges", virtual_host), key=lambda exchange: exchange.name)

    def bindings(self, virtual_host: str) -> list[Binding]:
        """Every binding of a virtual host, the default exchange's implicit ones included."""
        rows = self._rows(decoding.binding, "bindings", virtual_host)
        return sorted(rows, key=lambda binding: (binding.source, binding.destination, binding.routing_key))

    def queues(self, virtual_host: str) -> list[Queue]:
        """Every queue of a virtual host, by name."""
        return sorted(self._rows(decoding.queue, "queues", virtual_host), key=lambda queue: queue.name)

    def consumers(self, virtual_host: str) -> list[Consumer]:
        """Every consumer of a virtual host. RabbitMQ lists a new one late: after 5 seconds, or 1 on a private node."""
        rows = self._rows(decoding.consumer, "consumers", virtual_host)
        return [consumer for consumer in rows if consumer is not None]

    def topology(self, virtual_host: str) -> Topology:
        """All that a virtual host holds."""
        return Topology(
            exchanges=self.exchanges(virtual_host),
            queues=self.queues(virtual_host),
            bindings=self.bindings(virtual_host),
            consumers=self.consumers(virtual_host),
        )

    def connections(self, virtual_host: str) -> dict[str, str]:
        """The connections to a virtual host, listed late, each with what its program calls it (empty if nothing)."""
        rows = self._request("GET", "vhosts", virtual_host, "connections")
        return {row["name"]: row.get("user_provided_name") or "" for row in rows if "name" in row}

    def throughput(self, virtual_host: str) -> dict[tuple[str, str], tuple[int, int]]:
        """Messages into and out of each exchange and queue since it was declared; they are counted late.

        The keys are ``("exchange", name)`` and ``("queue", name)``; what was never used may be missing.
        """
        exchanges = self._rows(decoding.exchange_throughput, "exchanges", virtual_host)
        queues = self._rows(decoding.queue_throughput, "queues", virtual_host)
        return dict([*exchanges, *queues])

    def is_traced(self, virtual_host: str) -> bool:
        """Whether the firehose is on in a virtual host (https://www.rabbitmq.com/docs/firehose)."""
        return bool(self._request("GET", "vhosts", virtual_host).get("tracing"))

    def trace(self, virtual_host: str, *, on: bool) -> None:
        """Switches the firehose of a virtual host on or off; only an administrator may."""
        # RabbitMQ takes what the body leaves out for a wish to have none.
        present = self._request("GET", "vhosts", virtual_host)
        body = {"tracing": on, "description": present.get("description", ""), "tags": ",".join(present.get("tags", []))}
        if present.get("default_queue_type") not in {None, "undefined"}:
            body["default_queue_type"] = present["default_queue_type"]
        self._request("PUT", "vhosts", virtual_host, body=body)

    def has_virtual_host(self, name: str) -> bool:
        """Whether a virtual host of that name exists."""
        try:
            self._request("GET", "vhosts", name)
        except NotFound:
            return False
        return True

    def create_virtual_host(self, name: str) -> None:
        """Creates a virtual host, if there is none of that name, and lets this user do everything in it."""
        # One that is there keeps its description and tags, which an empty body would take from it.
        if not self.has_virtual_host(name):
            self._request("PUT", "vhosts", name, body={})
        everything = {"configure": ".*", "write": ".*", "read": ".*"}
        self._request("PUT", "permissions", name, self.whoami(), body=everything)

    def delete_virtual_host(self, name: str) -> None:
        """Deletes a virtual host with all that is in it, and closes the connections to it."""
        self._request("DELETE", "vhosts", name)

    def delete_queue(self, virtual_host: str, name: str) -> None:
        """Deletes a queue with its messages."""
        self._request("DELETE", "queues", virtual_host, name)

    def delete_exchange(self, virtual_host: str, name: str) -> None:
        """Deletes an exchange with its bindings."""
        self._request("DELETE", "exchanges", virtual_host, name)

    def close(self) -> None:
        """Closes the kept-alive connections."""
        self._pool.clear()

    def _text(self, key: str, *path: str) -> str:
        """One value of an answer that is an object."""
        try:
            answer = self._request("GET", *path)
        except NotFound as error:
            raise self._stranger(f"It answers {error.status} to /api/{'/'.join(path)}.") from None
        if not isinstance(answer, Mapping) or key not in answer:
            raise self._stranger(f"Its answer to /api/{'/'.join(path)} has no {key}.")
        return str(answer[key])

    def _rows(self, read: Callable[[Mapping[str, Any]], T], *path: str) -> list[T]:
        """The values of an answer that is a list of objects."""
        answer = self._request("GET", *path)
        with contextlib.suppress(KeyError, TypeError):
            if isinstance(answer, list):
                return [read(row) for row in answer]
        raise self._stranger(f"Its answer to /api/{'/'.join(path)} is not a list of {path[0]}.")

    def _request(self, method: str, *path: str, body: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401
        """Sends one request; returns the decoded JSON, ``None`` where the answer has no body."""
        if not {"", ".", ".."}.isdisjoint(path):
            raise NotFound(
                f"The management API cannot be asked for /api/{'/'.join(path)}.",
                status=HTTPStatus.NOT_FOUND,
                cause="A name that is empty, '.' or '..' has another meaning in a URL.",
            )
        url = "/".join([self._url, "api", *(quote(part, safe="") for part in path)])
        try:
            answer = self._pool.request(method, url, json=body)
        except urllib3.exceptions.HTTPError as error:
            raise BrokerUnreachable(
                f"No management API answers at {self._url}.",
                cause=f"{_reason(error)}.",
                next_step="If the broker is up, have its plugin enabled (rabbitmq-plugins enable rabbitmq_management), "
                "or set FANOUT_MANAGEMENT_URL to where it is.",
                fault=Fault.NO_MANAGEMENT,
            ) from error
        try:
            told = json.loads(answer.data) if answer.data else None
        except ValueError:
            raise self._stranger(f"It answers {answer.status} with something that is not JSON.") from None
        if answer.status >= HTTPStatus.BAD_REQUEST:
            raise self._refusal(method, path, answer.status, told)
        return told

    def _refusal(self, method: str, path: tuple[str, ...], status: int, told: Any) -> ManagementError:  # noqa: ANN401
        """The error for an answer of 400 or above, with the reason that RabbitMQ gives in its body."""
        reason = str(told.get("reason") or told.get("error") or "") if isinstance(told, Mapping) else ""
        happened = f"RabbitMQ answered {status} to {method} /api/{'/'.join(path)}."
        if status in _NOT_THERE and any("/" in part for part in path) and self._loses_slashes():
            return ManagementError(
                f"A proxy in front of RabbitMQ's management API at {self._url} changes what it is asked for.",
                status=status,
                cause="It decodes %2F: nothing can be asked for whose name has a slash, as the virtual host '/' has.",
                next_step="Have the proxy pass addresses on as they come, or set FANOUT_MANAGEMENT_URL to RabbitMQ's "
                "own port, usually 15672.",
                fault=Fault.PROXY_DECODES_SLASHES,
                answer=told,
            )
        if status == HTTPStatus.NOT_FOUND:
            return NotFound(happened, status=status, cause=reason, answer=told)
        if status != HTTPStatus.UNAUTHORIZED:
            return ManagementError(happened, status=status, cause=reason, answer=told)
        if _UNTAGGED.match(reason):
            cause = f"The user {self._address.username!r} may not do that: {reason}."
            fault, next_step = Fault.NO_MANAGEMENT_TAG, f"Have it allowed: {tagging(self._address)}"
        else:
            refused = login.refusal(self._address)
            cause, fault, next_step = f"{refused.cause} ({reason})", refused.fault, refused.next_step
        return ManagementError(happened, status=status, cause=cause, next_step=next_step, fault=fault, answer=told)

    def _loses_slashes(self) -> bool:
        """Whether a virtual host that is listed is not found under its own name, because that has a slash in it."""
        with contextlib.suppress(urllib3.exceptions.HTTPError, ValueError, KeyError, TypeError):
            listed = json.loads(self._pool.request("GET", f"{self._url}/api/vhosts").data)
            name = next((row["name"] for row in listed if "/" in row["name"]), None)
            if name is not None:
                asked = self._pool.request("GET", f"{self._url}/api/vhosts/{quote(name, safe='')}")
                return asked.status in _NOT_THERE
        return False

    def _stranger(self, cause: str) -> BrokerUnreachable:
        return BrokerUnreachable(
            f"What answers at {self._url} is not RabbitMQ's management API.",
            cause=cause,
            next_step="Set FANOUT_MANAGEMENT_URL to the management API, usually http://host:15672.",
            fault=Fault.NO_MANAGEMENT,
        )


def _reason(error: urllib3.exceptions.HTTPError) -> str:
    """What went wrong, without urllib3's wrapping of it."""
    inner = error.reason if isinstance(error, urllib3.exceptions.MaxRetryError) and error.reason else error
    innermost = inner.args[-1] if inner.args and isinstance(inner.args[-1], Exception) else inner
    return re.sub(r"^\w+\(.*?\): ", "", str(innermost)).rstrip(".")
