"""The plain pages that stand in for the management UI where there is none to show."""

from html import escape

from fanout_helpers.errors import FanoutError

_RETRY_MILLISECONDS = 2000

_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="color-scheme" content="light dark">
<title>RabbitMQ management</title>
<style>body {{ font: 16px/1.5 system-ui, sans-serif; margin: 3em auto; max-width: 40em; padding: 0 1em }}</style>
</head>
<body>
<h1>{title}</h1>
{text}
</body>
</html>
"""


def no_node() -> str:
    """There is no node, or it does not answer yet; the page looks again by itself."""
    text = (
        "<p>Run the first cell of a lesson, the one with <code>Lab(…)</code>: it starts RabbitMQ. "
        "The management UI then opens here by itself.</p>\n"
        f"<script>setTimeout(() => location.reload(), {_RETRY_MILLISECONDS})</script>"
    )
    return _PAGE.format(title="Your RabbitMQ is not running", text=text)


def attached(management_url: str) -> str:
    """The broker is somebody else's: its management UI has its own address, and people sign in there themselves."""
    url = escape(management_url)
    link = f'<a href="{url}" target="_blank" rel="noopener noreferrer">{url}</a>'
    text = f"<p>Its management UI is at {link}. Sign in there with the login that you were given.</p>"
    return _PAGE.format(title="You are attached to a broker", text=text)


def refused(error: FanoutError) -> str:
    """The environment names a broker that cannot be used, or none where this machine can have none of its own."""
    text = "\n".join(f"<p>{escape(part)}</p>" for part in (error.cause, error.next_step) if part)
    return _PAGE.format(title=escape(error.happened), text=text)
