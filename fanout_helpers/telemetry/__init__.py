"""What RabbitMQ reports of itself: events, the firehose and statistics, put together as a picture."""
