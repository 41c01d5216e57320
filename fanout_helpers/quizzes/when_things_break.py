"""The quiz of the lesson about what breaks: restarts, lost messages, and how to lose none."""

from fanout_helpers.quizzes.question import Choice, Question, Questions

QUESTIONS: Questions = (
    Question(
        "A durable queue holds ten messages that were published without being marked as persistent. RabbitMQ is "
        "restarted. What is there afterwards?",
        (
            Choice(
                "The queue, with ten messages",
                "Durable is said of the queue. What is to outlive a restart has to be persistent itself, too.",
            ),
            Choice(
                "The queue, with no message in it",
                "A durable queue comes back. Of its messages, only those that are persistent come back with it.",
                right=True,
            ),
            Choice(
                "Neither the queue nor the messages",
                "That would be so if the queue were not durable.",
            ),
        ),
    ),
    Question(
        "A worker takes a message, works on it for a minute, and stores the result. When should it acknowledge?",
        (
            Choice(
                "As soon as it has the message",
                "If it crashes in that minute, nobody has the message any more: RabbitMQ has forgotten it.",
            ),
            Choice(
                "Never: auto_ack=True is simpler",
                "Then RabbitMQ forgets the message when it sends it. A crash in that minute loses it.",
            ),
            Choice(
                "After it has stored the result",
                "If it crashes before that, the message goes back to its queue, and is delivered again.",
                right=True,
            ),
            Choice(
                "Once, when the program ends, for all messages",
                "After a crash all of them would be delivered again, also those that were done long ago.",
            ),
        ),
    ),
    Question(
        "A producer published a persistent message, and RabbitMQ confirmed it. A durable queue was bound. What may the "
        "producer rely on now?",
        (
            Choice(
                "RabbitMQ has it safely, even if it restarts now",
                "For a persistent message in a durable queue, the confirm comes when it is on the disk.",
                right=True,
            ),
            Choice(
                "A consumer has received it",
                "The message may still be in its queue. A confirm tells of the broker, never of a consumer.",
            ),
            Choice(
                "A consumer has acknowledged it",
                "An acknowledgement goes from consumer to broker. The producer hears nothing of it.",
            ),
        ),
    ),
)
