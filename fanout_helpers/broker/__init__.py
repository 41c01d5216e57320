"""A real RabbitMQ for whoever runs this: found, got, started, kept, ended; or somebody else's, attached."""
