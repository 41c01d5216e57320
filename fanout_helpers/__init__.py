"""Learn publish/subscribe on a real RabbitMQ: the helpers behind the lessons."""

from fanout_helpers.address import BrokerAddress
from fanout_helpers.delivery_log import DeliveryLog
from fanout_helpers.errors import FanoutError
from fanout_helpers.lab import Lab
from fanout_helpers.management import Management
from fanout_helpers.model import Binding, Delivery, Exchange, Publication, Queue
from fanout_helpers.publisher import Publisher
from fanout_helpers.subscriber import Subscriber

__all__ = [
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
]
