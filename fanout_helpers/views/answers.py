"""What RabbitMQ answered, in words: a cell that ends in one of pika's calls would show pika's own notation."""

from typing import Any

from IPython import get_ipython

from fanout_helpers.model import visible


def show_in_words() -> None:
    """Have notebooks show pika's answers, channels and connections in words; elsewhere, do nothing."""
    shell = get_ipython()
    formatter = getattr(shell, "display_formatter", None)
    if formatter is None:
        return
    text = formatter.formatters["text/plain"]
    for module, name, words in (
        ("pika.frame", "Method", _answer),
        ("pika.amqp_object", "AMQPObject", _said),
        ("pika.adapters.blocking_connection", "BlockingChannel", _channel),
        ("pika.adapters.blocking_connection", "BlockingConnection", _connection),
    ):
        text.for_type_by_name(module, name, _printer(words))


def _printer(words: Any) -> Any:  # noqa: ANN401
    return lambda shown, printer, _cycle: printer.text(visible(words(shown)))


def _answer(frame: Any) -> str:  # noqa: ANN401
    return f"RabbitMQ answered: {_said(frame.method)}"


def _said(said: Any) -> str:  # noqa: ANN401
    """Return a method or the properties of a message, with what it holds; what is not set is left out."""
    held = ", ".join(f"{name}={value!r}" for name, value in vars(said).items() if value is not None)
    return f"{said.NAME}({held})"


def _channel(channel: Any) -> str:  # noqa: ANN401
    return f"channel {channel.channel_number} of a connection to RabbitMQ: {'open' if channel.is_open else 'closed'}"


def _connection(connection: Any) -> str:  # noqa: ANN401
    return f"a connection to RabbitMQ: {'open' if connection.is_open else 'closed'}"
