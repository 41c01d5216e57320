"""The quiz of the lesson "Publish to an exchange"."""

from fanout_helpers.quizzes.question import Choice, Question, Questions

QUESTIONS: Questions = (
    Question(
        "basic_publish returned, and there was no error. You did not ask for confirms. What do you know now?",
        (
            Choice(
                "A queue has the message",
                "A message that matched no queue looked the same to its producer: no error, and None.",
            ),
            Choice(
                "A consumer has the message",
                "It may not even be in a queue. And a copy in a queue waits there until a consumer takes it.",
            ),
            Choice(
                "It is in a queue, or waits in the exchange for one",
                "An exchange stores nothing. A message that finds no queue is thrown away at once.",
            ),
            Choice(
                "Only that the message was sent off",
                "A producer that does not ask does not know whether its message reached any queue.",
                right=True,
            ),
        ),
    ),
    Question(
        "Two queues are bound to the fanout exchange 'logs'. One message is meant for only one of them. What helps?",
        (
            Choice(
                "Publish it with that queue's name as the routing key",
                "A fanout exchange ignores the routing key, whatever it says: both queues get a copy.",
            ),
            Choice(
                "Publish it to an exchange that chooses, such as a direct one",
                "A fanout exchange has no choice to make. Which exchange you publish to is yours to decide.",
                right=True,
            ),
            Choice(
                "Hand the queue's name to basic_publish",
                "It has no parameter for a queue: a producer never sends to a queue, always to an exchange.",
            ),
            Choice(
                "Publish it while the other queue has no consumer",
                "Copies are made for queues, not for consumers. The other copy would wait in its queue.",
            ),
        ),
    ),
    Question(
        "Messages have the routing key 'info' or 'error'. The queue 'pager' is to get the errors only, the queue "
        "'archive' everything. Which exchange and bindings do that?",
        (
            Choice(
                "A topic exchange: 'pager' bound with 'error', 'archive' with '#'",
                "'#' matches every routing key; 'error', without * or #, matches only itself.",
                right=True,
            ),
            Choice(
                "A direct exchange: 'pager' bound with 'error', 'archive' with '#'",
                "A direct exchange knows no patterns: 'archive' would wait for the routing key '#' itself.",
            ),
            Choice(
                "A fanout exchange: 'pager' bound with 'error', 'archive' with an empty key",
                "A fanout exchange looks at no key, so the pager would ring for each 'info', too.",
            ),
        ),
    ),
)
