"""Typical wrong attempts at each exercise, as a learner types them into the empty cell, by what went wrong."""

from collections.abc import Mapping
from dataclasses import dataclass

from fanout_helpers import Lab
from fanout_helpers.exercises.verdict import Verdict


@dataclass(frozen=True)
class Tried:
    """An exercise as a learner meets it: what is there, and what they tried.

    Args:
        lesson: The notebook.
        solution: The cell that solves the exercise.
        attempts: Code for the empty cell, by what is wrong with it.
        before: What the lesson has done with ``connection`` and ``channel`` by then.
        given: The cells that the exercise gives.
    """

    lesson: str
    solution: str
    attempts: Mapping[str, str]
    before: str = ""
    given: tuple[str, ...] = ()


def plainest(lab: Lab, exercise: str) -> Verdict:
    """The verdict with all the code that there is: the third where nothing changes."""
    return [lab.check(exercise) for _ in range(3)][-1]


LOGS = 'channel.exchange_declare(exchange="logs", exchange_type="fanout")\n'

NOT_DURABLE = "forgot durable"
EXCLUSIVE = "exclusive instead"
AUTO_DELETE = "auto_delete"


def queue(name: str, exchange: str = "", key: str = "") -> dict[str, str]:
    """A queue that is bound, and declared in a wrong way."""
    bind = f'channel.queue_bind(queue="{name}", exchange="{exchange}", routing_key="{key}")\n' if exchange else ""
    ways = {
        NOT_DURABLE: "",
        EXCLUSIVE: ", exclusive=True",
        AUTO_DELETE: ", durable=True, auto_delete=True",
    }
    return {way: f'channel.queue_declare(queue="{name}"{said})\n{bind}' for way, said in ways.items()} | {
        "declared after it was closed": "channel.close()\n" + f'channel.queue_declare(queue="{name}", durable=True)\n',
        "wrong name": f'channel.queue_declare(queue="{name.title()}", durable=True)\n'
        + bind.replace(name, name.title()),
    }


def after(first: str, attempts: Mapping[str, str]) -> dict[str, str]:
    """The same attempts after another line."""
    return {wrong: first + code for wrong, code in attempts.items()}


NEWS = 'channel.exchange_declare(exchange="news", exchange_type="fanout")\n'
INBOX = 'channel.queue_declare(queue="inbox", durable=True)\n'
INBOX_BOUND = f'{INBOX}channel.queue_bind(queue="inbox", exchange="news", routing_key="")\n'
BOTH = INBOX_BOUND + INBOX_BOUND.replace("inbox", "archive")

WEATHER = 'channel.exchange_declare(exchange="weather", exchange_type="topic")\n'
STORMS = 'channel.queue_declare(queue="storms", durable=True)\n'
STORMS_BOUND = 'channel.queue_bind(queue="storms", exchange="weather", routing_key="*.storm")\n'

ORDERS = 'channel.queue_declare(queue="orders", durable=True)\n'
CONSUME = 'channel.basic_consume(queue="orders", on_message_callback=print)\n'

OWN_QUEUE = 'queue = channel.queue_declare(queue="", exclusive=True).method.queue\n'

SHIFT = """short = pika.BlockingConnection(lab.parameters)
short.channel().queue_declare(queue="shift", {})
"""

SEVERITY = 'channel.exchange_declare(exchange="severity", exchange_type="direct")\n'
ERRORS = 'channel.queue_declare(queue="errors", durable=True)\n'
ERRORS_BOUND = 'channel.queue_bind(queue="errors", exchange="severity", routing_key="error")\n'

AUDITED = """for exchange in ["orders", "payments"]:
    channel.exchange_declare(exchange=exchange, exchange_type="fanout")
    channel.queue_bind(queue="audit", exchange=exchange, routing_key="")
"""

TABLE = """channel.exchange_declare(exchange="orders", exchange_type="direct", durable=True)
for queue, key in [("invoices", "paid"), ("parcels", "gift"), ("parcels", "paid")]:
    channel.queue_declare(queue=queue, durable=True)
    channel.queue_bind(queue=queue, exchange="orders", routing_key=key)
"""

STRAY = """bound = {one.destination for one in lab.bindings() if one.source}
stray = next(desk for desk in desks if desk not in bound)
"""

ALERTS = 'channel.exchange_declare(exchange="alerts", exchange_type="fanout", durable=True)\n'
DIARY = 'channel.queue_bind(queue="diary", exchange="alerts", routing_key="")\n'
LIVE = f'{OWN_QUEUE}channel.queue_bind(queue=queue, exchange="alerts", routing_key="")\n'

TRIED = {
    "news": Tried(
        "01_exchanges",
        "code-36",
        {
            EXCLUSIVE: NEWS + BOTH.replace("durable", "exclusive").replace("news", "amq.fanout"),
            "a durable exchange, and one queue": NEWS.replace(")", ", durable=True)") + INBOX_BOUND,
            "not durable, and one queue": NEWS + INBOX_BOUND.replace(", durable=True", ""),
            "wrong type": NEWS.replace("fanout", "direct") + BOTH,
            "wrong name": NEWS.replace('"news"', '"News"') + BOTH,
            "not bound": NEWS + INBOX + INBOX.replace("inbox", "archive"),
            "bound before it is there": BOTH + NEWS,
            "a third queue": NEWS + BOTH + INBOX_BOUND.replace("inbox", "screen"),
            "a third queue, by a key": NEWS + BOTH + INBOX_BOUND.replace("inbox", "screen").replace('""', '"#"'),
            "another exchange": NEWS + BOTH + 'channel.exchange_bind(destination="amq.fanout", source="news")',
        },
    ),
    "weather": Tried(
        "01_exchanges",
        "code-41",
        after(WEATHER, queue("storms", "weather", "storm.*"))
        | {
            "wrong type": WEATHER.replace("topic", "fanout") + STORMS + STORMS_BOUND,
            "wrong name": WEATHER.replace("weather", "whether") + STORMS + STORMS_BOUND,
            "wrong key": WEATHER + STORMS + STORMS_BOUND.replace("*", "#"),
            "the right key beside a wrong one": WEATHER + STORMS + STORMS_BOUND + STORMS_BOUND.replace("*.storm", "#"),
            "two wrong keys": WEATHER + STORMS + STORMS_BOUND.replace("*.", "") + STORMS_BOUND.replace("*.storm", "#"),
            "no key": WEATHER + STORMS + STORMS_BOUND.replace(', routing_key="*.storm"', ""),
            "not bound": WEATHER + STORMS,
            "bound the wrong way round": WEATHER
            + STORMS
            + 'channel.queue_bind(queue="weather", exchange="storms", routing_key="*.storm")',
        },
    ),
    "orders": Tried(
        "02_default_exchange",
        "code-36",
        queue("orders")
        | {
            "nobody consumes": ORDERS,
            "one consumer": ORDERS + CONSUME,
            "not durable, with consumers": ORDERS.replace(", durable=True", "") + 2 * CONSUME,
            "one acknowledges by itself, not durable": ORDERS.replace("durable", "auto_delete") + CONSUME,
            "bound to the default exchange": f'{ORDERS}channel.queue_bind(queue="orders", exchange="")',
            "consumed before it is there": CONSUME + ORDERS,
            "the consumers of another queue": ORDERS.replace("orders", "order")
            + 2 * CONSUME.replace("orders", "order"),
        },
    ),
    "mailbox": Tried(
        "02_default_exchange",
        "code-41",
        queue("mailbox")
        | {
            "bound to the default exchange": 'channel.queue_bind(queue="mailbox", exchange="", routing_key="mailbox")',
            "bound, under another name": 'channel.queue_declare(queue="letters", durable=True)\n'
            'channel.queue_bind(queue="letters", exchange="", routing_key="mailbox")',
        },
    ),
    "logger": Tried(
        "03_temporary_queues",
        "solution-1",
        {
            "a name of its own": 'channel.queue_declare(queue="logger", exclusive=True)\n'
            'channel.queue_bind(queue="logger", exchange="logs", routing_key="")',
            "not bound": OWN_QUEUE,
            "bound by an empty name": 'channel.queue_declare(queue="", exclusive=True)\n'
            'channel.queue_bind(queue="logger", exchange="logs", routing_key="")',
            "it stays": OWN_QUEUE.replace("exclusive", "durable")
            + 'channel.queue_bind(queue=queue, exchange="logs", routing_key="")',
            "wrong exchange": f'{OWN_QUEUE}channel.queue_bind(queue=queue, exchange="amq.fanout", routing_key="")',
            "no such exchange": f'{OWN_QUEUE}channel.queue_bind(queue=queue, exchange="lgos", routing_key="")',
        },
        before=LOGS,
    ),
    "shift": Tried(
        "03_temporary_queues",
        "solution-2",
        {
            "exclusive, on the lesson's connection": 'channel.queue_declare(queue="shift", exclusive=True)',
            "not durable": SHIFT.format("auto_delete=True") + "short.close()",
            "not auto_delete": SHIFT.format("durable=True") + "short.close()",
            "gone with its connection": SHIFT.format("exclusive=True") + "short.close()",
            "exclusive, and not closed": SHIFT.format("exclusive=True, durable=True"),
            "exclusive, on a connection of another name": SHIFT.replace("short", "mine").format("exclusive=True"),
            "exclusive, on a connection without a name": "pika.BlockingConnection(lab.parameters).channel()"
            '.queue_declare(queue="shift", exclusive=True)',
            "exclusive, on a channel of a connection without a name": "mine = pika.BlockingConnection(lab.parameters)"
            '.channel()\nmine.queue_declare(queue="shift", exclusive=True)',
            "all three": SHIFT.format("durable=True, exclusive=True, auto_delete=True"),
            "its consumer has left": SHIFT.format("durable=True, auto_delete=True")
            + 'short.channel().basic_consume(queue="shift", on_message_callback=print)\nshort.close()',
        },
        before="short = pika.BlockingConnection(lab.parameters)\nshort.close()\n",
    ),
    "errors_only": Tried(
        "04_bindings",
        "solution-1",
        after(SEVERITY, queue("errors", "severity", "error"))
        | {
            "wrong type": SEVERITY.replace("direct", "fanout") + ERRORS + ERRORS_BOUND,
            "wrong key": SEVERITY + ERRORS + ERRORS_BOUND.replace('"error"', '"errors"'),
            "no key": SEVERITY + ERRORS + ERRORS_BOUND.replace(', routing_key="error"', ""),
            "a key too many": SEVERITY + ERRORS + ERRORS_BOUND + ERRORS_BOUND.replace('"error"', '"warning"'),
            "bound to the wrong exchange": SEVERITY + ERRORS + ERRORS_BOUND.replace("severity", "logs"),
            "bound to both": SEVERITY + ERRORS + ERRORS_BOUND + ERRORS_BOUND.replace("severity", "logs"),
            "not bound": SEVERITY + ERRORS,
        },
        before=LOGS,
    ),
    "audit": Tried(
        "04_bindings",
        "solution-2",
        {
            "left the colleague's binding": AUDITED,
            "unbound without the key": f'{AUDITED}channel.queue_unbind(queue="audit", exchange="logs", routing_key="")',
            "unbound only": 'channel.queue_unbind(queue="audit", exchange="logs", routing_key="audit")',
            "wrong types": AUDITED.replace("fanout", "direct"),
            "one of them": AUDITED.replace('"orders", ', ""),
            "not declared": 'channel.queue_bind(queue="audit", exchange="orders", routing_key="")',
            "a third one": AUDITED.replace('"orders"', '"orders", "refunds"'),
            "deleted the queue": 'channel.queue_delete(queue="audit")',
            "another queue instead": 'channel.queue_delete(queue="audit")\n'
            'channel.queue_declare(queue="audit", exclusive=True)\n' + AUDITED.replace("fanout", "topic"),
            "not durable": 'channel.queue_declare(queue="audit")\n' + AUDITED,
            "deleted the exchange": 'channel.exchange_delete(exchange="logs")',
        },
        before=LOGS,
        given=("colleague",),
    ),
    "archive": Tried(
        "05_publish_subscribe",
        "code-37",
        queue("archive", "logs")
        | {
            "not bound": 'channel.queue_declare(queue="archive", durable=True)',
            "bound to the wrong exchange": 'channel.queue_declare(queue="archive", durable=True)\n'
            'channel.queue_bind(queue="archive", exchange="amq.fanout", routing_key="")',
            "no name": 'channel.queue_declare(queue="", durable=True)',
        },
        before=LOGS,
    ),
    "alarms": Tried(
        "05_publish_subscribe",
        "code-42",
        {
            "wrong type": 'channel.exchange_declare(exchange="alarms", exchange_type="direct")\n'
            'lab.subscribe("alarms", "siren")',
            "durable, and nobody there": 'channel.queue_declare(queue="siren", durable=True)\n'
            'channel.exchange_declare(exchange="alarms", exchange_type="fanout", durable=True)',
            "subscribed to logs": 'channel.exchange_declare(exchange="alarms", exchange_type="fanout")\n'
            'lab.subscribe("logs", "siren")',
            "subscribed first": 'lab.subscribe("alarms", "siren")\n',
            "in a queue with logs": 'channel.exchange_declare(exchange="alarms", exchange_type="fanout")\n'
            + OWN_QUEUE
            + 'channel.queue_bind(queue=queue, exchange="alarms", routing_key="")\n'
            + 'channel.queue_bind(queue=queue, exchange="logs", routing_key="")\n'
            + "channel.basic_consume(queue=queue, on_message_callback=print)",
            "nobody consumes": 'channel.exchange_declare(exchange="alarms", exchange_type="fanout")\n'
            'channel.queue_declare(queue="siren", durable=True)\n'
            'channel.queue_bind(queue="siren", exchange="alarms", routing_key="")',
            "wrong name": 'channel.exchange_declare(exchange="alarm", exchange_type="fanout")\n'
            'lab.subscribe("alarm", "siren")',
        },
        before=LOGS,
    ),
    "stray_queue": Tried(
        "06_listing",
        "code-53",
        {
            "nothing yet": "",
            "another one deleted": f"{STRAY}channel.queue_delete(queue=next(iter(bound)))",
            "two deleted": f"{STRAY}channel.queue_delete(queue=stray)\nchannel.queue_delete(queue=next(iter(bound)))",
            "all deleted": "for desk in desks: channel.queue_delete(queue=desk)",
            "bound instead": f'{STRAY}channel.queue_bind(queue=stray, exchange="news", routing_key="")',
            "bound instead of another": f'{STRAY}channel.queue_bind(queue=stray, exchange="news", routing_key="")\n'
            "channel.queue_delete(queue=next(iter(bound)))",
            "bound twice, and another one deleted": f'{STRAY}channel.queue_bind(queue=stray, exchange="news")\n'
            'channel.queue_bind(queue=stray, exchange="news", routing_key="")\n'
            "channel.queue_delete(queue=next(iter(bound)))",
            "deleted the exchange": 'channel.exchange_delete(exchange="news")',
        },
        before=LOGS,
        given=("code-48",),
    ),
    "same_table": Tried(
        "06_listing",
        "code-58",
        {
            NOT_DURABLE: TABLE.replace("queue=queue, durable=True", "queue=queue"),
            "an exchange that is not durable": TABLE.replace('"direct", durable=True', '"direct"'),
            EXCLUSIVE: TABLE.replace("queue=queue, durable=True", "queue=queue, exclusive=True"),
            AUTO_DELETE: TABLE.replace(
                "queue=queue, durable=True", "queue=queue, durable=True, auto_delete=True, exclusive=True"
            ),
            "wrong type": TABLE.replace("direct", "fanout"),
            "wrong key": TABLE.replace("gift", "gifts"),
            "no key": TABLE.replace(", routing_key=key", ""),
            "no key, at an exchange that is not durable": TABLE.replace(", routing_key=key", "").replace(
                '"direct", durable=True', '"direct"'
            ),
            "a row too many": f'{TABLE}channel.queue_bind(queue="invoices", exchange="orders", routing_key="gift")',
            "another exchange": f'{TABLE}channel.queue_bind(queue="invoices", exchange="logs", routing_key="")',
            "to an exchange": f'{TABLE}channel.exchange_bind(destination="logs", source="orders", routing_key="paid")',
            "not bound": TABLE.replace("channel.queue_bind", "dict"),
        },
        before=LOGS,
    ),
    "rescued": Tried(
        "07_errors",
        "code-48",
        queue("rescued", "logs")
        | {
            "silenced": "channel = connection.channel()\n"
            'channel.exchange_declare(exchange="lgos", exchange_type="fanout")\n'
            'channel.queue_declare(queue="rescued", durable=True)\n'
            'channel.queue_bind(queue="rescued", exchange="lgos", routing_key="")',
            "not bound": 'channel = connection.channel()\nchannel.queue_declare(queue="rescued", durable=True)',
            "not durable, on a new channel": 'channel = connection.channel()\nchannel.queue_declare(queue="rescued")\n'
            'channel.queue_bind(queue="rescued", exchange="logs", routing_key="")',
        },
        before=LOGS,
        given=("missing-queue", "code-44"),
    ),
    "reports": Tried(
        "07_errors",
        "code-42",
        {
            "over the old one": 'channel.exchange_declare(exchange="reports", exchange_type="fanout", durable=True)',
            "on a new channel, over the old one": "channel = connection.channel()\n"
            'channel.exchange_declare(exchange="reports", exchange_type="fanout", durable=True)',
            "forgot durable": 'channel = connection.channel()\nchannel.exchange_delete(exchange="reports")\n'
            'channel.exchange_declare(exchange="reports", exchange_type="fanout")',
            "wrong type": 'channel = connection.channel()\nchannel.exchange_delete(exchange="reports")\n'
            'channel.exchange_declare(exchange="reports", exchange_type="direct", durable=True)',
            "auto_delete": 'channel = connection.channel()\nchannel.exchange_delete(exchange="reports")\n'
            'channel.exchange_declare(exchange="reports", exchange_type="fanout", durable=True, auto_delete=True)',
            "deleted only": 'channel = connection.channel()\nchannel.exchange_delete(exchange="reports")',
        },
        given=("missing-queue", "code-38"),
    ),
    "away": Tried(
        "08_when_things_break",
        "code-40",
        queue("diary", "alerts")
        | {
            "not bound": 'channel.queue_declare(queue="diary", durable=True)',
            "the wrong way round": 'channel.queue_declare(queue="diary", exclusive=True)\n'
            + DIARY
            + LIVE.replace("exclusive", "durable"),
            "nobody lives": f'channel.queue_declare(queue="diary", durable=True)\n{DIARY}',
            "deleted the exchange": 'channel.exchange_delete(exchange="alerts")',
        },
        before=f"parameters = lab.parameters\n{ALERTS}",
    ),
}

ACCIDENTS = {
    "nothing, with a closed channel": 'channel.exchange_declare(exchange="amq.mine", exchange_type="fanout")',
    "nothing, with a closed connection": "connection.channel().basic_qos(1)",
}
"""Errors that close the channel, or the connection, whatever the exercise."""
