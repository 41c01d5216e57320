"""The quiz of the lesson "List what is in the broker"."""

from fanout_helpers.quizzes.question import Choice, Question, Questions

QUESTIONS: Questions = (
    Question(
        "rabbitmqctl list_exchanges -p shop lists no exchange at all, and says nothing of an error. What do you take "
        "from that?",
        (
            Choice(
                "Nobody has declared an exchange in 'shop' yet",
                "Seven exchanges are in every virtual host before anybody declares one. Not even those are listed.",
            ),
            Choice(
                "There is no virtual host called 'shop'",
                "No real virtual host has an empty list: seven exchanges are there from the beginning.",
                right=True,
            ),
            Choice(
                "You need a user and a password to see them",
                "rabbitmqctl asks for neither. It is the management API that wants a login.",
            ),
            Choice(
                "They are listed a few seconds late",
                "Exchanges are listed at once. It is the numbers, the statistics, that are late.",
            ),
        ),
    ),
    Question(
        "A program asks the management API until it says that a queue holds 0 messages. Then it deletes the queue. "
        "What is wrong with that?",
        (
            Choice(
                "The number may be old",
                "Statistics are gathered every few seconds: messages may have come since. Ask the queue itself.",
                right=True,
            ),
            Choice(
                "The API lists only durable queues",
                "It lists every queue of the virtual host, exclusive ones too.",
            ),
            Choice(
                "Asking takes messages out of the queue",
                "A list request, with the method GET, only reads. It leaves the messages where they are.",
            ),
            Choice(
                "Nothing",
                "It would be fine if the number were of this moment. But the API shows what was gathered last.",
            ),
        ),
    ),
    Question(
        "At work you find a queue that nobody has told you of. No consumer is on it. What do you do first?",
        (
            Choice(
                "Delete it: nobody consumes from it",
                "Perhaps its program is only stopped for now, and the queue collects for it. You cannot undo it.",
            ),
            Choice(
                "Unbind it, and wait whether somebody complains",
                "What is published meanwhile never reaches it, and nobody can bring that back.",
            ),
            Choice(
                "Find out whose it is, and what it is for",
                "A list shows that it is there, not who needs it. Its bindings and its name are a first hint.",
                right=True,
            ),
        ),
    ),
)
