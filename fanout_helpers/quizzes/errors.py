"""The quiz of the lesson "Read the broker's errors"."""

from fanout_helpers.quizzes.question import Choice, Question, Questions

QUESTIONS: Questions = (
    Question(
        "A call fails with 'ChannelWrongStateError: Channel is closed.' Where do you look for the mistake?",
        (
            Choice(
                "In an error that came before it",
                "The first error closed the channel, and its text says why. This one only says: it is closed.",
                right=True,
            ),
            Choice(
                "In this call's arguments",
                "This call may be right in every word: on a closed channel all of them fail.",
            ),
            Choice(
                "In what RabbitMQ answered to this call",
                "RabbitMQ was not asked. pika knows that the channel is closed, and sends nothing.",
            ),
        ),
    ),
    Question(
        "Declaring 'inbox' fails with 406: for 'durable', received 'false' but current is 'true'. The messages in it "
        "are needed. Which way out?",
        (
            Choice(
                "Delete 'inbox', and declare it as you wanted",
                "That works, but its messages and bindings are gone. Keep it for a queue that nobody needs.",
            ),
            Choice(
                "Take a new channel, and try the same once more",
                "A new channel is needed, but the same declaration will be refused again.",
            ),
            Choice(
                "Restart RabbitMQ, and declare it before the others do",
                "It is durable: after the restart it is there again, as it was.",
            ),
            Choice(
                "Take a new channel, and declare it as durable",
                "To declare never changes what is there. Declared as it is, it is accepted, and keeps its messages.",
                right=True,
            ),
        ),
    ),
    Question(
        "You publish to an exchange that does not exist. The publish returns, and the next call on the channel fails. "
        "Why so late?",
        (
            Choice(
                "pika sends the message with the next call",
                "It sends it at once. What it does not do is to wait for an answer.",
            ),
            Choice(
                "A plain publish does not wait for an answer",
                "pika hears of the 404 when it next reads from the network. With confirms, it waits each time.",
                right=True,
            ),
            Choice(
                "RabbitMQ keeps the message until somebody declares the exchange",
                "It keeps nothing. It closes the channel as soon as it has read the message.",
            ),
        ),
    ),
)
