"""Prints every log message until Ctrl-C: python receive_logs.py, or python receive_logs.py > logs.txt"""

import os
import sys

import pika

if "AMQP_URL" not in os.environ:
    sys.exit('AMQP_URL is not set. Say where RabbitMQ is:  eval "$(fanout broker env publish_subscribe)"')

connection = pika.BlockingConnection(pika.URLParameters(os.environ["AMQP_URL"]))
channel = connection.channel()
channel.exchange_declare(exchange="logs", exchange_type="fanout")
queue = channel.queue_declare(queue="", exclusive=True).method.queue
channel.queue_bind(queue=queue, exchange="logs", routing_key="")

print("waiting for log messages; Ctrl-C ends this", file=sys.stderr, flush=True)
try:
    for _method, _properties, body in channel.consume(queue, auto_ack=True):
        print(body.decode(errors="replace"), flush=True)
except KeyboardInterrupt:
    connection.close()
else:
    sys.exit("RabbitMQ has ended this: the queue was deleted")
