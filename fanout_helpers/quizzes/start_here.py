"""The quiz of the lesson "Start here"."""

from fanout_helpers.quizzes.question import Choice, Question, Questions

QUESTIONS: Questions = (
    Question(
        "You press Info once, and three panes show your text. How many messages did you publish?",
        (
            Choice(
                "Three, one for each subscriber",
                "You cannot know who listens when you press. RabbitMQ makes the copies, one for each queue.",
            ),
            Choice(
                "One",
                "One press publishes one message. RabbitMQ puts a copy of it into each of the three queues.",
                right=True,
            ),
            Choice(
                "None: the board only copied the text into its panes",
                "The board invents nothing. A pane shows what its subscriber received from a real RabbitMQ.",
            ),
        ),
    ),
    Question(
        "You press Pause, and another program publishes a message. What happens to that message?",
        (
            Choice(
                "It is lost: nobody takes it",
                "Pause stops no subscriber. Only the board stands still; nothing changes in RabbitMQ.",
            ),
            Choice(
                "It stays with the program that published it until you press Resume",
                "The other program knows nothing of your board, so nothing holds its message back.",
            ),
            Choice(
                "It arrives as always, and you see it later",
                "Only the board stands still. The subscribers go on, and Resume shows what came meanwhile.",
                right=True,
            ),
        ),
    ),
    Question(
        "Two programs could also talk to each other directly. What is gained by a broker between them?",
        (
            Choice(
                "They need not know each other",
                "Who publishes knows only the broker. Who listens, and how many, can change at any time.",
                right=True,
            ),
            Choice(
                "Messages arrive sooner than on the direct way",
                "One more stop on the way makes nothing faster. A broker is there for other reasons.",
            ),
            Choice(
                "Every message is kept for good, and can be read again",
                "A queue keeps a message until somebody takes it, and not longer. It is no archive.",
            ),
        ),
    ),
)
