"""Emits one log message to everybody who listens: python emit_log.py warning: the disk is nearly full"""

import os
import sys

SET_UP = 'Type this, then try again:  eval "$(fanout broker env publish_subscribe)"'
try:
    import pika

    parameters = pika.URLParameters(os.environ["AMQP_URL"])
except (ImportError, KeyError):
    sys.exit(f"This terminal is not set up: AMQP_URL is not set, or its Python has no pika. {SET_UP}")
parameters.client_properties = {"connection_name": "emit_log.py"}  # what RabbitMQ and the board call it
parameters.heartbeat = parameters.blocked_connection_timeout = 10  # seconds to wait for a RabbitMQ that is silent
sys.stdout.reconfigure(errors="backslashreplace")  # a character that the terminal cannot show is no error

body = (" ".join(sys.argv[1:]) or "info: Hello World!").encode(errors="surrogateescape")
try:
    with pika.BlockingConnection(parameters) as connection:
        channel = connection.channel()
        channel.confirm_delivery()  # basic_publish waits until RabbitMQ says that it has the message
        channel.exchange_declare(exchange="logs", exchange_type="fanout")
        channel.basic_publish(exchange="logs", routing_key="", body=body)
except pika.exceptions.ConnectionBlockedTimeout:
    sys.exit("Not emitted: RabbitMQ is short of memory or disk space, and takes no messages. See:  fanout doctor")
except Exception as error:
    sys.exit(f"Not emitted: {error!r}. Perhaps RabbitMQ was started again, and has another address. {SET_UP}")
print("emitted:", body.decode(errors="replace"))
