"""The quiz of the lesson "Bind a queue to an exchange"."""

from fanout_helpers.quizzes.question import Choice, Question, Questions

QUESTIONS: Questions = (
    Question(
        "A program declares its durable queue and binds it to 'logs', in the same way, each time it starts. It has "
        "been started 50 times. How many copies of a message does the queue get?",
        (
            Choice(
                "One",
                "To bind means: make sure that this binding exists. The second time and the fiftieth change nothing.",
                right=True,
            ),
            Choice(
                "50, one for each time it was bound",
                "The same binding again is no second binding. And a queue gets one copy, however many match.",
            ),
            Choice(
                "None: from the second time on, RabbitMQ refuses",
                "Binding again in the same way is no error, so a program need not know whether it was the first.",
            ),
        ),
    ),
    Question(
        "A queue got the messages with the key 'paid' from a direct exchange. Its program was changed: it binds with "
        "'settled' now. It still gets messages with 'paid' as well. Why?",
        (
            Choice(
                "Messages with 'paid' were waiting in the exchange",
                "An exchange keeps nothing that it could send later.",
            ),
            Choice(
                "A direct exchange ignores keys that it does not know",
                "It compares: a message goes on only if its routing key equals the key of a binding.",
            ),
            Choice(
                "A queue's first binding always stays",
                "Every binding that somebody made can be ended, also the first. But somebody has to do it.",
            ),
            Choice(
                "Nobody has ended the old binding",
                "Another key makes another binding, beside the old one. queue_unbind has to name the key 'paid'.",
                right=True,
            ),
        ),
    ),
    Question(
        "For an hour, nothing more is to come into the queue 'audit', but what it holds must stay. 'logs' fills other "
        "queues too. What do you do?",
        (
            Choice(
                "Delete 'audit', and declare it again after the hour",
                "Its messages would be gone with it.",
            ),
            Choice(
                "Delete 'logs', and declare it again after the hour",
                "All its bindings would be gone, so the other queues would get nothing either.",
            ),
            Choice(
                "Unbind 'audit' from 'logs', and bind it after the hour",
                "A binding decides about messages to come. (Those of the hour will not come later, either.)",
                right=True,
            ),
            Choice(
                "Close the channel on which 'audit' was bound",
                "A binding belongs to the broker, not to the channel that made it: nothing would change.",
            ),
        ),
    ),
)
