"""What people call who publishes and who consumes, and whose a queue is; words and boxes share this."""

import re
from collections import Counter

from fanout_helpers.drawing.selection import Selection
from fanout_helpers.model import SERVER_NAMED, Consumer, short_name, visible
from fanout_helpers.picture import Picture

# What pika and RabbitMQ make up where a program gives none: it tells people nothing.
_MADE_UP = re.compile(r"ctag\d+\.[0-9a-f]{32}|amq\.ctag-.*", re.DOTALL)

_MEANING = {
    "you": "the connection that cells of this notebook made",
    "button": "the buttons of this notebook's boards",
    "lab.publish": "what this notebook publishes for you",
}


def tag(consumer: Consumer) -> str:
    """A consumer's tag, if its program chose one."""
    return "" if _MADE_UP.fullmatch(consumer.consumer_tag) else visible(consumer.consumer_tag)


def caller(consumer: Consumer, picture: Picture) -> str:
    """What people call the program that consumes; empty if that is not known."""
    return visible(picture.callers.get(consumer.connection, ""))


def called(consumer: Consumer, picture: Picture) -> str:
    """What people call a consumer; empty if nothing is known of it."""
    return tag(consumer) or caller(consumer, picture)


def meaning(connection: str, name: str) -> str:
    """What there is to know about a connection besides its name, as the end of a sentence."""
    peer = visible(connection.partition(" -> ")[0])
    return "".join(f", {told}" for told in (_MEANING.get(name), peer and f"from {peer}") if told)


def holders(picture: Picture, selection: Selection) -> dict[str, str]:
    """Whose a queue is that RabbitMQ named: its subscriber's, or the one program's that consumes from it.

    Where that does not tell two queues apart, it is left out.
    """
    found = {}
    for name, consumers in selection.consumers.items():
        by = {caller(one, picture) for one in consumers}
        holder = picture.owners.get(name) or (by.pop() if len(by) == 1 else "")
        if holder and name.startswith(SERVER_NAMED):
            found[name] = visible(holder)
    often = Counter(found.values())
    return {name: holder for name, holder in found.items() if often[holder] == 1}


def queue_label(name: str, held: dict[str, str]) -> str:
    """What stands on a queue; a name that RabbitMQ chose says nothing where it is known whose the queue is."""
    return f"queue of {held[name]}" if name in held else visible(short_name(name))
