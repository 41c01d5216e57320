import inspect

import fanout_helpers

PUBLIC = {
    "Binding",
    "BrokerAddress",
    "Delivery",
    "DeliveryLog",
    "Exchange",
    "FanoutError",
    "Lab",
    "Management",
    "Publication",
    "Publisher",
    "Queue",
    "Subscriber",
}


def test_public_names_are_exactly_these_and_sorted() -> None:
    assert set(fanout_helpers.__all__) == PUBLIC
    assert fanout_helpers.__all__ == sorted(fanout_helpers.__all__)


def test_nothing_else_that_is_imported_looks_public() -> None:
    seen = {name for name, value in vars(fanout_helpers).items() if inspect.isclass(value) or inspect.isfunction(value)}
    assert seen == PUBLIC


def test_every_public_name_is_documented() -> None:
    for name in PUBLIC:
        value = getattr(fanout_helpers, name)
        assert inspect.isclass(value)
        text = inspect.getdoc(value) or ""
        assert text, name
        assert not text.startswith(f"{name}("), f"{name} has the docstring that dataclass made up"


def test_every_public_method_is_documented() -> None:
    for name in PUBLIC:
        for method, value in inspect.getmembers(getattr(fanout_helpers, name)):
            if not method.startswith("_") and (inspect.isfunction(value) or isinstance(value, property)):
                assert inspect.getdoc(value), f"{name}.{method}"
