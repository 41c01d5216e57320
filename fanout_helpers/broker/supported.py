"""Which RabbitMQs the course works with."""

OLDEST = "3.10"
"""The oldest RabbitMQ, as a release series: before it, lessons would print other things."""

TESTED = ("3.10", "4.0", "4.3")
"""The release series that every lesson is run on."""
