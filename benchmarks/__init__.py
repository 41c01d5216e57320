"""What is claimed to be cheap, measured on a real RabbitMQ."""
