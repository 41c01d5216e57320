"""Where a broker is and how to sign in: an AMQP URL and a management URL, parsed once, printed safely."""

from dataclasses import dataclass, field, replace
from urllib.parse import SplitResult, quote, unquote, urlsplit

from fanout_helpers.errors import AddressError

_AMQP_PORTS = {"amqp": 5672, "amqps": 5671}
_MANAGEMENT_PORTS = {"amqp": 15672, "amqps": 15671}
_WEB_SCHEMES = {"amqp": "http", "amqps": "https"}


@dataclass(frozen=True)
class BrokerAddress:
    """A broker's address (https://www.rabbitmq.com/docs/uri-spec).

    Attributes:
        scheme: ``"amqp"``, or ``"amqps"`` for TLS.
        host: Name or address, an IPv6 address without its brackets.
        port: The AMQP port.
        username: The user to sign in as.
        password: Its password; left out of the repr.
        management_url: Where the management HTTP API is, without credentials and without a slash at the end.
        virtual_host: The virtual host that the URL names; ``None`` if it names none.
        query: The AMQP URL's query parameters, as they came.
    """

    scheme: str
    host: str
    port: int
    username: str
    password: str = field(repr=False)
    management_url: str
    virtual_host: str | None = None
    query: str = field(default="", repr=False)

    @property
    def amqp_url(self) -> str:
        """The address as a URL with its password: for a connection or a program's environment, not for showing."""
        login = f"{quote(self.username, safe='')}:{quote(self.password, safe='')}"
        path = "" if self.virtual_host is None else f"/{quote(self.virtual_host, safe='')}"
        query = f"?{self.query}" if self.query else ""
        return f"{self.scheme}://{login}@{_bracketed(self.host)}:{self.port}{path}{query}"

    def with_virtual_host(self, name: str) -> "BrokerAddress":
        """The same broker, in another virtual host."""
        return replace(self, virtual_host=name)

    def __str__(self) -> str:
        path = "" if self.virtual_host is None else f"/{quote(self.virtual_host, safe='')}"
        return f"{self.scheme}://{_bracketed(self.host)}:{self.port}{path}"


def parse(amqp_url: str, management_url: str = "") -> BrokerAddress:
    """Reads an AMQP URL, and the management API's URL if it is not at its usual port on the same host.

    Raises:
        AddressError: One of the two cannot be used.
    """
    parts = _split(amqp_url, "FANOUT_BROKER_URL", ("amqp", "amqps"), "amqp://user:password@host:5672/virtual-host")
    host = str(parts.hostname)
    usual = f"{_WEB_SCHEMES[parts.scheme]}://{_bracketed(host)}:{_MANAGEMENT_PORTS[parts.scheme]}"
    return BrokerAddress(
        scheme=parts.scheme,
        host=host,
        port=parts.port or _AMQP_PORTS[parts.scheme],
        username=unquote(parts.username or "guest"),
        password=unquote(parts.password or "guest"),
        management_url=_management(management_url) if management_url else usual,
        virtual_host=unquote(parts.path[1:]) or None,
        query=parts.query,
    )


def _management(url: str) -> str:
    """The management URL without credentials, as the broker's own are used there too, and without the API's path."""
    parts = _split(url, "FANOUT_MANAGEMENT_URL", ("http", "https"), "http://host:15672")
    bare = parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="")
    return bare.geturl().rstrip("/").removesuffix("/api")


def _split(url: str, setting: str, schemes: tuple[str, ...], example: str) -> SplitResult:
    """Splits a URL; its text is never repeated in an error, as it may hold a password."""
    next_step = (
        f"Set {setting} to something like {example}; in a name or a password write / as %2F, @ as %40, # as %23."
    )
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        raise AddressError(
            f"{setting} is not a URL.", cause="Its host or its port cannot be read.", next_step=next_step
        ) from None
    if parts.scheme not in schemes or not parts.hostname or port == 0:
        raise AddressError(
            f"{setting} is not a URL of the kind {' or '.join(f'{scheme}://' for scheme in schemes)}.",
            cause=f"It begins with {parts.scheme}:// ." if parts.netloc else "It names no protocol or no host.",
            next_step=next_step,
        )
    if "@" not in parts.netloc and "@" in parts.path + parts.query + parts.fragment:
        raise AddressError(
            f"{setting} has its login cut in two.",
            cause="A /, ? or # in a user's name or a password ends the login.",
            next_step=next_step,
        )
    if "/" in parts.path[1:] and parts.scheme in _AMQP_PORTS:
        raise AddressError(
            f"{setting} names a virtual host with a slash in it.",
            cause="A virtual host is one part of the path.",
            next_step=next_step,
        )
    return parts


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
