"""Where the management UI is: for a private node behind Jupyter's own address, else where the broker has it."""

from urllib.parse import quote

PATH = "rabbitmq"
"""Where a Jupyter server has the management UI of this person's node, after its base URL."""

TITLE = "RabbitMQ management"
"""What the launcher's tile is called."""


def opened_on(virtual_host: str) -> str:
    """The address, after Jupyter's base URL, at which the management UI opens with that virtual host selected."""
    return f"{PATH}/?vhost={quote(virtual_host, safe='')}#/exchanges"
