"""Prints every log message until Ctrl+C: python receive_logs.py, or python receive_logs.py > logs.txt"""

import os
import sys

SET_UP = 'Type this, then try again:  eval "$(fanout broker env publish_subscribe)"'
try:
    import pika

    parameters = pika.URLParameters(os.environ["AMQP_URL"])
except (ImportError, KeyError):
    sys.exit(f"This terminal is not set up: AMQP_URL is not set, or its Python has no pika. {SET_UP}")
parameters.client_properties = {"connection_name": "receive_logs.py"}  # what RabbitMQ and the board call it
sys.stdout.reconfigure(errors="backslashreplace")  # a character that the terminal cannot show is no error

try:
    with pika.BlockingConnection(parameters) as connection:
        channel = connection.channel()
        channel.exchange_declare(exchange="logs", exchange_type="fanout")
        queue = channel.queue_declare(queue="", exclusive=True).method.queue
        channel.queue_bind(queue=queue, exchange="logs", routing_key="")
        print("waiting for log messages; Ctrl+C ends this", file=sys.stderr, flush=True)
        for _method, _properties, body in channel.consume(queue, auto_ack=True):
            print(body.decode(errors="replace"), flush=True)
        sys.exit("RabbitMQ has ended this: the queue was deleted.")
except KeyboardInterrupt:
    pass  # its queue goes with its connection
except Exception as error:
    sys.exit(f"Ended: {error!r}. Perhaps RabbitMQ was started again, and has another address. {SET_UP}")
