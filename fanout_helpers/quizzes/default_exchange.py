"""The quiz of the lesson "Reach a queue by its name"."""

from fanout_helpers.quizzes.question import Choice, Question, Questions

QUESTIONS: Questions = (
    Question(
        "Somebody publishes to the exchange '' with the routing key 'orders', and the message lands in the queue "
        "'orders'. Why?",
        (
            Choice(
                "With an empty exchange name, a producer sends to the queue itself",
                "There is an exchange: the empty string is the name of the default exchange. It chose the queue.",
            ),
            Choice(
                "A routing key is the address of a queue",
                "At another exchange the same routing key reached nobody: it means what the bindings make of it.",
            ),
            Choice(
                "The default exchange has a binding with that key",
                "RabbitMQ binds every queue to the default exchange, with the queue's name as the binding key.",
                right=True,
            ),
        ),
    ),
    Question(
        "A producer publishes to a queue's name, and spells it wrong. A consumer of that queue makes the same mistake. "
        "Neither declares a queue, and nobody asked for confirms. Who gets an error?",
        (
            Choice(
                "Only the consumer",
                "A consumer names a queue, and it has to be there: 404. The producer's message is lost without a word.",
                right=True,
            ),
            Choice(
                "Only the producer",
                "The producer named an exchange, and that is there. That no queue matched is told only who asks.",
            ),
            Choice(
                "Both",
                "Only one of them names a queue to RabbitMQ. The other names an exchange and a routing key.",
            ),
            Choice(
                "Neither: RabbitMQ makes the queue",
                "Neither publishing nor consuming makes a queue. Somebody has to declare it.",
            ),
        ),
    ),
    Question(
        "A shop has three packers. Each order must be packed once, by any one of them. What do you build?",
        (
            Choice(
                "A queue for each packer, all bound to one fanout exchange",
                "Copies are made for queues: each packer would get every order, and pack it a second and third time.",
            ),
            Choice(
                "One queue, from which all three consume",
                "Consumers of one queue share its messages: each order goes to one of them. It is a work queue.",
                right=True,
            ),
            Choice(
                "Three exchanges, used in turns",
                "Then the producer must know how many packers there are, and orders pile up when one is ill.",
            ),
        ),
    ),
)
