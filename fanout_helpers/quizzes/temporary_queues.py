"""The quiz of the lesson "Get a queue of your own"."""

from fanout_helpers.quizzes.question import Choice, Question, Questions

QUESTIONS: Questions = (
    Question(
        "For which of these programs would an exclusive queue be wrong?",
        (
            Choice(
                "A page that shows what is happening, while somebody looks at it",
                "Right for it: it wants what comes from now on, and nothing once it is closed.",
            ),
            Choice(
                "A tool that you start for five minutes to see what is logged",
                "Right for it: when you end it, its queue goes too, and nothing fills up behind you.",
            ),
            Choice(
                "A billing program that is restarted every night, and must miss nothing",
                "At each restart the queue would go with the connection, and its messages with it.",
                right=True,
            ),
            Choice(
                "A logger that wants every message from now on, and shares with nobody",
                "Right for it: it gets a queue of its own, and no other connection can take from that.",
            ),
        ),
    ),
    Question(
        "One connection has two channels. The first declares an exclusive queue, then RabbitMQ closes that channel "
        "because of an error. What about the queue?",
        (
            Choice(
                "It is deleted, because it belonged to that channel",
                "An exclusive queue belongs to the connection, and that is still open.",
            ),
            Choice(
                "It is there, and the second channel may use it",
                "It belongs to the connection, and every channel of that connection may use it.",
                right=True,
            ),
            Choice(
                "It is there, but nobody can use it any more",
                "Exclusive shuts out other connections, not the other channels of the same one.",
            ),
        ),
    ),
    Question(
        "Why do loggers declare their queues with an empty name?",
        (
            Choice(
                "Only a queue whose name RabbitMQ chose can be exclusive",
                "Name and exclusive are two things: a queue with a name of yours can be exclusive as well.",
            ),
            Choice(
                "Each gets a queue that no other program has",
                "RabbitMQ chooses a new name each time, so no two loggers share a queue by mistake.",
                right=True,
            ),
            Choice(
                "To get the same queue back when they connect again",
                "An empty name gives a new queue each time. To come back to a queue, you must know its name.",
            ),
        ),
    ),
)
