"""Emits one log message to everybody who listens: python emit_log.py warning: the disk is nearly full"""

import os
import sys

import pika

if "AMQP_URL" not in os.environ:
    sys.exit('AMQP_URL is not set. Say where RabbitMQ is:  eval "$(fanout broker env publish_subscribe)"')
message = " ".join(sys.argv[1:]) or "info: Hello World!"

connection = pika.BlockingConnection(pika.URLParameters(os.environ["AMQP_URL"]))
channel = connection.channel()
channel.exchange_declare(exchange="logs", exchange_type="fanout")

channel.basic_publish(exchange="logs", routing_key="", body=message)
connection.close()
print(f"emitted: {message}")
