"""The quiz of the lesson "Publish once, receive everywhere"."""

from fanout_helpers.quizzes.question import Choice, Question, Questions

QUESTIONS: Questions = (
    Question(
        "A report program starts at noon, and must have the messages of the morning too. So far, it declares "
        "an exclusive queue when it starts. What has to change?",
        (
            Choice(
                "Nothing: when it binds its queue, the exchange sends what it missed",
                "An exchange keeps no old messages. Who joins late gets what comes from then on.",
            ),
            Choice(
                "It needs a queue that is bound before the morning",
                "A queue collects while it is bound. Not exclusive, and durable, it waits for the program.",
                right=True,
            ),
            Choice(
                "The exchange has to be durable, so that it keeps its messages",
                "Durable means: still there after a restart. No exchange keeps messages, durable or not.",
            ),
        ),
    ),
    Question(
        "Emitters and receivers may be started in any order. Which of the programs should declare the exchange 'logs'?",
        (
            Choice(
                "Each of them",
                "Declared again in the same way, nothing changes. So whichever starts first makes it.",
                right=True,
            ),
            Choice(
                "The emitter, because it is the one that publishes to it",
                "A receiver that starts first would have nothing to bind its queue to.",
            ),
            Choice(
                "The receivers, because they bind their queues to it",
                "An emitter that starts first would publish to an exchange that does not exist: an error.",
            ),
        ),
    ),
    Question(
        "Which of these is a case for publish/subscribe, and not for a work queue?",
        (
            Choice(
                "Five machines make small pictures of large ones, each picture once",
                "One picture, one machine: they share a queue. With a queue each, all five would do each picture.",
            ),
            Choice(
                "An invoice goes to whichever mailing program comes next, and is mailed once",
                "Each invoice is for one program only. With publish/subscribe it would be mailed by each.",
            ),
            Choice(
                "A price has changed, and every shop window has to show the new one",
                "Everybody needs every message, so everybody needs a queue, and a copy in it.",
                right=True,
            ),
        ),
    ),
)
