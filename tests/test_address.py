import pytest

from fanout_helpers.address import BrokerAddress, parse
from fanout_helpers.errors import AddressError

SECRET = "hunter2"  # noqa: S105 - it stands for one


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("amqp://h", ("amqp", "h", 5672, "guest", "guest", None)),
        ("amqps://h", ("amqps", "h", 5671, "guest", "guest", None)),
        ("amqp://h/", ("amqp", "h", 5672, "guest", "guest", None)),
        ("amqp://h:1/v", ("amqp", "h", 1, "guest", "guest", "v")),
        ("AMQP://H/V", ("amqp", "h", 5672, "guest", "guest", "V")),
        ("  amqp://h/v\n", ("amqp", "h", 5672, "guest", "guest", "v")),
        ("amqp://u:p@h", ("amqp", "h", 5672, "u", "p", None)),
        ("amqp://u@h", ("amqp", "h", 5672, "u", "guest", None)),
        ("amqp://u%40x:p%3A%2F%25@h", ("amqp", "h", 5672, "u@x", "p:/%", None)),
        ("amqp://u:p@x@h", ("amqp", "h", 5672, "u", "p@x", None)),
        ("amqp://h/%2F", ("amqp", "h", 5672, "guest", "guest", "/")),
        ("amqp://h/a%2Fb%25", ("amqp", "h", 5672, "guest", "guest", "a/b%")),
        ("amqp://h/%E8%AA%B2", ("amqp", "h", 5672, "guest", "guest", "課")),
        ("amqp://u:p@h/a@b", ("amqp", "h", 5672, "u", "p", "a@b")),
        ("amqp://[::1]", ("amqp", "::1", 5672, "guest", "guest", None)),
        ("amqp://u:p@[fe80::1]:7/v", ("amqp", "fe80::1", 7, "u", "p", "v")),
    ],
)
def test_amqp_url_is_parsed(url: str, expected: tuple[object, ...]) -> None:
    address = parse(url)
    parts = (address.scheme, address.host, address.port, address.username, address.password, address.virtual_host)
    assert parts == expected


@pytest.mark.parametrize(
    ("url", "given", "expected"),
    [
        ("amqp://h:9", "", "http://h:15672"),
        ("amqps://h", "", "https://h:15671"),
        ("amqp://[::1]", "", "http://[::1]:15672"),
        ("amqp://h", "https://m", "https://m"),
        ("amqp://h", "https://m:1/rabbit/", "https://m:1/rabbit"),
        ("amqp://h", f"http://u:{SECRET}@m:1", "http://m:1"),
        ("amqp://h", "http://m:15672/#/queues", "http://m:15672"),
        ("amqp://h", "http://[::1]:2", "http://[::1]:2"),
    ],
)
def test_management_url_is_the_given_one_or_the_usual_one(url: str, given: str, expected: str) -> None:
    assert parse(url, given).management_url == expected


def test_query_is_kept() -> None:
    address = parse("amqps://u:p@h/v?heartbeat=5&connection_attempts=2")
    assert address.query == "heartbeat=5&connection_attempts=2"
    assert address.amqp_url == "amqps://u:p@h:5671/v?heartbeat=5&connection_attempts=2"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        f"u:{SECRET}@h",
        f"http://u:{SECRET}@h",
        f"amqp:u:{SECRET}@h",
        f"amqp://u:{SECRET}@",
        f"amqp://u:{SECRET}@h:port",
        f"amqp://u:{SECRET}@h:0",
        f"amqp://u:{SECRET}@h:99999",
        f"amqp://u:{SECRET}/x@h",
        f"amqp://u:{SECRET}#x@h",
        f"amqp://u:{SECRET}?x@h",
        f"amqp://u:1/{SECRET}@h",
        f"amqp://u:1#{SECRET}@h",
        f"amqp://u:1?{SECRET}@h",
        f"amqp://{SECRET}/x@h",
        f"amqp://u:{SECRET}@[h",
        f"amqp://u:[{SECRET}]@h",
        f"amqp://u:{SECRET}@h\N{ACCOUNT OF}x",
        f"amqp://u:{SECRET}@h/a/b",
    ],
)
def test_error_names_the_setting_and_an_example_and_not_the_password(url: str) -> None:
    with pytest.raises(AddressError) as caught:
        parse(url)
    error = caught.value
    assert "FANOUT_BROKER_URL" in error.happened
    assert "amqp://user:password@host:5672/virtual-host" in error.next_step
    assert SECRET not in f"{error} {error!r} {error.__cause__}"


@pytest.mark.parametrize("url", ["h:15672", "ftp://h", "amqp://h", "http://", "http://h:x", f"http://u:1/{SECRET}@h"])
def test_error_about_the_management_url_names_its_own_setting(url: str) -> None:
    with pytest.raises(AddressError) as caught:
        parse("amqp://h", url)
    assert "FANOUT_MANAGEMENT_URL" in caught.value.happened
    assert "http://host:15672" in caught.value.next_step
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("query", ["", f"?password={SECRET}"])
def test_repr_and_str_do_not_tell_the_password(query: str) -> None:
    address = parse(f"amqp://u:{SECRET}@h/v{query}", f"http://u:{SECRET}@m")
    assert SECRET not in f"{address} {address!r}"
    assert str(address) == "amqp://h:5672/v"


@pytest.mark.parametrize("virtual_host", [None, "v", "/", "a/b", "%2F", "課 程", "a@b?c#d", "..", "'\"<&>"])
@pytest.mark.parametrize("login", [("u", "p"), ("a@b", ":/?#[]@%"), ("ü", "пароль 密码"), ("%41", "%2F")])
@pytest.mark.parametrize("host", ["h", "127.0.0.1", "::1"])
def test_address_survives_the_way_through_its_url(host: str, login: tuple[str, str], virtual_host: str | None) -> None:
    management_url = f"http://{f'[{host}]' if ':' in host else host}:15672"
    address = BrokerAddress("amqp", host, 1234, *login, management_url, virtual_host, "heartbeat=5")
    assert parse(address.amqp_url) == address


def test_another_virtual_host_changes_nothing_else() -> None:
    address = parse("amqp://u:p@h/v")
    assert address.with_virtual_host("a/b") == parse("amqp://u:p@h/a%2Fb")
