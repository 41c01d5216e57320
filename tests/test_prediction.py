"""Predictions, and what the broker's evidence says to them."""

import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace

import pytest

from fanout_helpers.errors import FanoutError
from fanout_helpers.model import Binding, Consumer, Exchange, Queue
from fanout_helpers.picture import Picture, TracedDelivery, TracedMessage
from fanout_helpers.prediction import Judgement, Prediction, judge, predict
from fanout_helpers.topology import Topology

SERVER_NAMED = "amq.gen-JzTY20BRgKO-HjmUJj0wLg"
OWNERS = {"q-screen": "screen", "q-disk": "disk", "q-late": "late"}
CHANNEL = "127.0.0.1:34028 -> 127.0.0.1:5672 (1)"
HOSTILE = "<img src=x onerror=alert(1)>\n\x1b[31m{queue}%s$x$\u202e"
SPELLED_OUT = r"<img src=x onerror=alert(1)>\n\x1b[31m{queue}%s$x$\u202e"


def to_queue(queue: str, key: str = "", source: str = "logs") -> Binding:
    return Binding(source, queue, "queue", key)


def picture(
    *bindings: Binding,
    kind: str = "fanout",
    exchange: str = "logs",
    owners: Mapping[str, str] = OWNERS,
    queues: Iterable[str] = (),
    consumers: Iterable[str] = (),
) -> Picture:
    names = {**dict.fromkeys(owners), **dict.fromkeys(queues)}
    topology = Topology(
        exchanges=[Exchange(exchange, kind, durable=False)],
        queues=[Queue(name, durable=False, exclusive=True, auto_delete=False) for name in names],
        bindings=bindings,
        consumers=[Consumer(queue, f"ctag{number}", CHANNEL) for number, queue in enumerate(consumers)],
    )
    return Picture(topology, "logs", owners=owners)


def message(
    *routed: str, exchange: str = "logs", key: str = "", delivered: Iterable[str] | None = None
) -> TracedMessage:
    deliveries = [TracedDelivery(queue, CHANNEL, redelivered=False) for queue in (delivered or routed)]
    return TracedMessage(1, exchange, key, b"hello", 5, "127.0.0.1:34028", routed, deliveries)


def reasons(judgement: Judgement) -> list[str]:
    return list(judgement.reasons)


ALL_BOUND = tuple(map(to_queue, OWNERS))


class TestPredict:
    def test_says_who_and_how_many(self) -> None:
        assert predict("screen", "disk", copies=2) == Prediction(("screen", "disk"), 2)
        assert predict("screen", "disk", "screen") == Prediction(("screen", "disk"), None)
        assert predict(copies=0) == Prediction(None, 0)

    @pytest.mark.parametrize(
        ("prediction", "text"),
        [
            (predict("screen"), "screen gets it"),
            (predict("screen", "disk", copies=2), "screen and disk get it, 2 copies"),
            (predict(copies=1), "1 copy"),
            (predict(copies=0), "nobody gets it, 0 copies"),
            (Prediction((), None), "nobody gets it"),
            (predict(SERVER_NAMED), "amq.gen-JzTY… gets it"),
            (predict(HOSTILE), f"{SPELLED_OUT} gets it"),
            (predict(*map(str, range(10, 30))), "10, 11, 12, 13, 14, 15, 16, 17, 18, 19 and 10 more get it"),
        ],
    )
    def test_reads_as_a_sentence(self, prediction: Prediction, text: str) -> None:
        assert repr(prediction) == text

    def test_names_people_in_the_order_in_which_they_were_said(self) -> None:
        prediction = predict("x", "disk", "screen", "q-late")
        assert prediction.describe(OWNERS) == repr(prediction) == "x, disk, screen and q-late get it"
        judgement = judge(prediction, message("q-screen", "q-late"), picture(*ALL_BOUND))
        assert judgement.predicted == repr(prediction)
        assert [reason.split()[0] for reason in judgement.reasons] == ["nobody", "disk"]

    def test_reads_the_same_in_every_process(self) -> None:
        code = "from fanout_helpers.prediction import predict; print(predict(*'abcdefg'))"
        for seed in "123":
            shown = subprocess.check_output([sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, text=True)
            assert shown == "a, b, c, d, e, f and g get it\n"

    def test_nothing_said_is_refused_with_what_to_say(self) -> None:
        with pytest.raises(FanoutError, match="predicts nothing") as caught:
            predict()
        assert 'predict("screen", "disk", copies=2)' in caught.value.next_step

    def test_a_name_is_not_empty(self) -> None:
        with pytest.raises(FanoutError, match="A name is empty") as caught:
            predict("disk", "")
        assert 'predict("screen", "disk", copies=2)' in caught.value.next_step

    def test_copies_are_not_a_text(self) -> None:
        with pytest.raises(FanoutError) as caught:
            predict(copies="3")  # type: ignore[arg-type]
        assert str(caught.value) == "There cannot be '3' copies.\nGive copies as a whole number, not a text."

    @pytest.mark.parametrize("copies", [-1, 1.0, "2", True, False])
    def test_copies_are_a_whole_number(self, copies: int) -> None:
        with pytest.raises(FanoutError, match="whole number"):
            predict("screen", copies=copies)

    @pytest.mark.parametrize("name", [None, 3, b"screen", ["screen"]])
    def test_names_are_texts(self, name: str) -> None:
        with pytest.raises(FanoutError, match="not a text"):
            predict("disk", name)

    def test_somebody_cannot_get_0_copies(self) -> None:
        with pytest.raises(FanoutError, match="0 copies"):
            predict("screen", copies=0)


class TestFanout:
    def test_right(self) -> None:
        judgement = judge(predict("screen", "disk", "late", copies=3), message(*OWNERS), picture(*ALL_BOUND))
        assert judgement.right
        assert repr(judgement).splitlines() == [
            "predicted  screen, disk and late get it, 3 copies",
            "evidence   screen, disk and late got it, 3 copies",
            "right      Each of the 3 queues bound to logs got a copy.",
        ]

    def test_somebody_was_forgotten_which_explains_the_number_too(self) -> None:
        judgement = judge(predict("screen", "disk", copies=2), message(*OWNERS), picture(*ALL_BOUND))
        assert not judgement.right
        assert repr(judgement).splitlines() == [
            "predicted  screen and disk get it, 2 copies",
            "evidence   screen, disk and late got it, 3 copies",
            "wrong      late got it too: its queue is bound to logs.",
        ]

    def test_somebody_was_not_bound(self) -> None:
        judgement = judge(predict("screen", "disk"), message("q-screen"), picture(to_queue("q-screen")))
        assert reasons(judgement) == ["disk did not get it: its queue is not bound to logs."]
        assert judgement.evidence == "screen got it, 1 copy"

    def test_one_for_the_other_leaves_the_number_right(self) -> None:
        judgement = judge(predict("disk", copies=1), message("q-screen"), picture(to_queue("q-screen")))
        assert reasons(judgement) == [
            "disk did not get it: its queue is not bound to logs.",
            "screen got it too: its queue is bound to logs.",
        ]

    def test_bound_too_late(self) -> None:
        judgement = judge(predict("screen", "late"), message("q-screen"), picture(*ALL_BOUND))
        assert reasons(judgement) == [
            "late did not get it: its queue is bound to logs now, but was not yet when the message came."
        ]

    def test_a_number_alone(self) -> None:
        judgement = judge(predict(copies=2), message(*OWNERS), picture(*ALL_BOUND))
        assert reasons(judgement) == ["3 copies, not 2: one copy for each queue bound to logs."]
        assert judge(predict(copies=3), message(*OWNERS), picture(*ALL_BOUND)).right

    def test_a_number_that_who_is_wrong_does_not_explain(self) -> None:
        judgement = judge(predict("screen", "disk", copies=5), message("q-screen"), picture(to_queue("q-screen")))
        assert reasons(judgement) == [
            "disk did not get it: its queue is not bound to logs.",
            "1 copy, not 5: one copy for each queue bound to logs.",
        ]

    def test_nobody(self) -> None:
        judgement = judge(predict(copies=0), message(), picture())
        assert repr(judgement).splitlines() == [
            "predicted  nobody gets it, 0 copies",
            "evidence   nobody got it, 0 copies",
            "right      0 queues were bound to logs: nobody has it.",
        ]
        assert reasons(judge(predict(copies=2), message(), picture())) == [
            "0 queues were bound to logs: nobody has it."
        ]

    def test_consumers_that_share_a_queue_get_one_copy(self) -> None:
        shared = picture(to_queue("jobs"), owners={}, queues=["jobs"], consumers=["jobs", "jobs"])
        assert reasons(judge(predict(copies=2), message("jobs"), shared)) == [
            "1 copy, not 2: one copy for each queue bound to logs, not one for each subscriber: 2 consumers share jobs."
        ]
        assert judge(predict("jobs", copies=1), message("jobs"), shared).right

    def test_one_queue_is_named_so(self) -> None:
        judgement = judge(predict("screen"), message("q-screen"), picture(to_queue("q-screen")))
        assert reasons(judgement) == ["The one queue bound to logs got a copy."]


class TestNames:
    @pytest.mark.parametrize("name", ["keeper", SERVER_NAMED, "amq.gen-JzTY…"])
    def test_a_subscriber_goes_by_its_own_and_its_queues_names(self, name: str) -> None:
        there = picture(to_queue(SERVER_NAMED), owners={SERVER_NAMED: "keeper"})
        judgement = judge(predict(name, copies=1), message(SERVER_NAMED), there)
        assert judgement.right
        assert judgement.evidence == "keeper got it, 1 copy"

    def test_the_names_of_servers_are_not_shown_where_there_are_better_ones(self) -> None:
        there = picture(owners={SERVER_NAMED: "keeper"})
        judgement = judge(predict(SERVER_NAMED), message(), there)
        assert judgement.predicted == "keeper gets it"
        assert reasons(judgement) == ["keeper did not get it: its queue is not bound to logs."]

    def test_a_queue_without_a_subscriber(self) -> None:
        there = picture(to_queue("archive"), queues=["archive", SERVER_NAMED])
        judgement = judge(predict(SERVER_NAMED), message("archive"), there)
        assert reasons(judgement) == [
            "amq.gen-JzTY… did not get it: the queue is not bound to logs.",
            "archive got it too: the queue is bound to logs.",
        ]

    def test_somebody_who_never_was(self) -> None:
        judgement = judge(predict("printer"), message(), picture())
        assert reasons(judgement) == ["nobody called 'printer' is here."]

    def test_a_queue_that_is_gone(self) -> None:
        there = Picture(Topology([Exchange("logs", "fanout", durable=False)], [], []), "logs", owners=OWNERS)
        assert reasons(judge(predict("disk"), message(), there)) == ["disk did not get it: its queue is gone."]

    def test_a_subscriber_that_left_and_came_again(self) -> None:
        there = picture(to_queue("q-screen"), owners={"q-screen": "screen"})
        there = replace(there, owners={"q-before": "screen", **there.owners, "q-disk": "disk"})
        judgement = judge(predict("screen", copies=1), message("q-before", "q-screen", "q-disk"), there)
        assert judgement.evidence == "screen and disk got it, 3 copies"
        assert reasons(judgement) == [
            "disk got it too: its queue was there when the message came, and is gone now.",
            "3 copies, not 1: one copy for each queue bound to logs.",
        ]
        assert reasons(judge(predict("screen"), message("q-screen"), there)) == [
            "The one queue bound to logs got a copy."
        ]
        assert reasons(judge(predict("screen", "disk"), message("q-before"), there)) == [
            "disk did not get it: its queue is gone."
        ]
        waiting = judge(predict("screen"), message("q-before", "q-screen", delivered=["q-screen"]), there)
        assert waiting.notes == ("screen's copy was not delivered: its queue is gone.",)

    def test_hostile_names_stay_on_their_line(self) -> None:
        there = picture(
            to_queue("q", HOSTILE, HOSTILE), kind="direct", exchange=HOSTILE, owners={"q": HOSTILE, "r": f"{HOSTILE}2"}
        )
        for prediction in (predict(HOSTILE), predict(f"{HOSTILE}2"), predict(f"{HOSTILE}3"), predict(copies=7)):
            for sent in (message("q", exchange=HOSTILE, key=HOSTILE), message(exchange=HOSTILE, key="{0}")):
                judgement = judge(prediction, sent, there)
                assert len(repr(judgement).splitlines()) == len(judgement.lines)
                assert repr(judgement).replace("\n", "").isprintable()
        assert judge(predict(HOSTILE), message("q", exchange=HOSTILE, key=HOSTILE), there).right

    def test_a_thousand_queues_make_a_short_text(self) -> None:
        names = [f"q{number:04}" for number in range(1000)]
        there = picture(*map(to_queue, names), owners={name: f"s-{name}" for name in names})
        judgement = judge(predict("s-q0000"), message(*names), there)
        assert len(judgement.lines) == 13
        assert judgement.lines[-1] == "wrong      989 more"
        assert "s-q0009 and 990 more got it, 1000 copies" in judgement.evidence


class TestKeys:
    def test_direct(self) -> None:
        there = picture(to_queue("q-screen", "info"), to_queue("q-disk", "error"), kind="direct")
        sent = message("q-screen", key="info")
        assert reasons(judge(predict("screen", "disk"), sent, there)) == [
            "disk did not get it: its binding key 'error' does not match the routing key 'info'."
        ]
        assert reasons(judge(predict("disk"), sent, there))[1] == (
            "screen got it too: its binding key 'info' matches the routing key 'info'."
        )
        assert reasons(judge(predict("screen"), sent, there)) == [
            "The one queue whose binding key matches the routing key 'info' got a copy."
        ]
        assert reasons(judge(predict("late"), sent, there))[0] == (
            "late did not get it: its queue is not bound to logs."
        )

    def test_no_key_matches(self) -> None:
        there = picture(to_queue("q-screen", "info"), kind="direct")
        assert reasons(judge(predict(copies=1), message(key="debug"), there)) == [
            "There is no queue whose binding key matches the routing key 'debug': nobody has it."
        ]
        assert reasons(judge(predict(copies=0), message(key="debug"), picture(kind="direct"))) == [
            "0 queues were bound to logs: nobody has it."
        ]

    def test_several_keys(self) -> None:
        bindings = [to_queue("q-screen", key) for key in ("*.error", "disk.*")]
        there = picture(*bindings, to_queue("q-disk", "#"), kind="topic")
        assert reasons(judge(predict("screen", "disk"), message("q-disk", key="net.info"), there)) == [
            "screen did not get it: its binding keys '*.error' and 'disk.*' do not match the routing key 'net.info'."
        ]
        assert reasons(judge(predict("disk"), message("q-screen", "q-disk", key="disk.error"), there)) == [
            "screen got it too: its binding keys '*.error' and 'disk.*' match the routing key 'disk.error'."
        ]

    def test_a_queue_that_is_bound_twice_gets_one_copy(self) -> None:
        there = picture(*[to_queue("q-screen", key) for key in ("*.error", "disk.*")], kind="topic")
        assert reasons(judge(predict(copies=2), message("q-screen", key="disk.error"), there))[0].endswith(
            "for each queue whose binding key matches the routing key 'disk.error', however many of its bindings match."
        )

    @pytest.mark.parametrize(
        ("binding_key", "routing_key", "matches"),
        [
            ("*.orange.*", "quick.orange.rabbit", True),
            ("*.orange.*", "quick.orange.new.rabbit", False),
            ("*.*.rabbit", "lazy.orange.rabbit", True),
            ("lazy.#", "lazy", True),
            ("lazy.#", "lazy.orange.new.rabbit", True),
            ("#", "", True),
            ("*", "", False),
            ("", "", True),
            ("#.a.#", "b.a.c", True),
            ("#.a.#", "b.c", False),
            ("a.#.b", "a.b", True),
            ("a.*.#", "a", False),
            ("a.#.#", "b", False),
            ("a*", "ab", False),
            ("..", "..", True),
        ],
    )
    def test_topics_match_as_the_tutorial_says(self, binding_key: str, routing_key: str, matches: bool) -> None:  # noqa: FBT001
        # What matches and yet got nothing was bound later.
        there = picture(to_queue("q-screen", binding_key), kind="topic")
        [reason] = judge(predict("screen"), message(key=routing_key), there).reasons
        assert ("was not yet when" in reason) is matches
        assert ("does not match" in reason) is not matches

    def test_a_hostile_topic_takes_no_time(self) -> None:
        there = picture(to_queue("q-screen", ".".join("#*" * 60) + ".x"), kind="topic")
        began = time.monotonic()
        judge(predict("screen"), message(key=".".join("a" * 127)), there)
        assert time.monotonic() - began < 1

    def test_keys_that_a_server_gave_are_not_shown(self) -> None:
        there = picture(to_queue(SERVER_NAMED, SERVER_NAMED), kind="direct", owners={SERVER_NAMED: "keeper"})
        assert reasons(judge(predict("keeper"), message(key="info"), there)) == [
            "keeper did not get it: its binding key (the name of keeper's queue) does not match the routing key 'info'."
        ]


class TestOtherExchanges:
    def test_the_default_exchange(self) -> None:
        there = picture(queues=["archive"])
        sent = message("archive", exchange="", key="archive")
        assert reasons(judge(predict("archive", copies=1), sent, there)) == [
            "The one queue that the routing key names got a copy."
        ]
        assert reasons(judge(predict("screen"), sent, there)) == [
            "screen did not get it: the routing key 'archive' is not the name of its queue.",
            "archive got it too: the routing key is the name of the queue.",
        ]
        assert reasons(judge(predict(copies=3), sent, there)) == [
            "1 copy, not 3: one copy for each queue that the routing key names."
        ]

    def test_the_default_exchange_and_no_such_queue(self) -> None:
        sent = message(exchange="", key="archiv")
        assert reasons(judge(predict(copies=0), sent, picture())) == ["No queue has the name 'archiv': nobody has it."]

    def test_headers(self) -> None:
        there = picture(to_queue("q-screen"), to_queue("q-disk"), kind="headers")
        assert reasons(judge(predict("screen", "disk"), message("q-screen"), there)) == [
            "disk did not get it: its queue is bound to logs (headers), but its binding did not match."
        ]
        assert reasons(judge(predict("disk"), message("q-screen", "q-disk"), there)) == [
            "screen got it too: its queue has a binding that matches the message's headers."
        ]
        assert reasons(judge(predict("screen"), message("q-screen"), there)) == [
            "The one queue whose binding matches the message's headers got a copy."
        ]
        assert reasons(judge(predict(copies=0), message(), there)) == [
            "There is no queue whose binding matches the message's headers: nobody has it."
        ]

    def test_headers_may_have_led_there_through_another_exchange(self) -> None:
        there = picture(Binding("logs", "alarms", "exchange", ""), to_queue("q-disk"), kind="headers")
        assert reasons(judge(predict("screen"), message("q-disk"), there))[1] == (
            "disk got it too: its queue is bound to logs."
        )

    def test_a_plugins_exchange(self) -> None:
        there = picture(*ALL_BOUND, kind="x-random")
        assert reasons(judge(predict("disk"), message("q-disk"), there)) == [
            "The one queue that logs (x-random) chose got a copy."
        ]

    def test_an_exchange_that_is_not_declared(self) -> None:
        sent = message(exchange="log")
        assert reasons(judge(predict("screen", copies=1), sent, picture(*ALL_BOUND))) == [
            "screen did not get it: there is no exchange 'log'."
        ]
        assert reasons(judge(predict(copies=0), sent, picture(*ALL_BOUND))) == [
            "There is no exchange 'log': nobody has it."
        ]

    def test_through_another_exchange(self) -> None:
        onward = Binding("logs", "alarms", "exchange", "")
        there = picture(onward, to_queue("q-screen"), to_queue("q-disk", source="alarms"))
        assert reasons(judge(predict("screen"), message("q-screen", "q-disk"), there)) == [
            "disk got it too: logs leads to its queue through other exchanges."
        ]
        assert reasons(judge(predict("screen", "disk"), message("q-screen"), there)) == [
            "disk did not get it: its queue is not bound to logs, and no exchange behind logs led it there."
        ]
        assert reasons(judge(predict(copies=2), message("q-screen", "q-disk"), there)) == [
            "Each of the 2 queues that logs led it to got a copy."
        ]

    def test_the_broker_is_right_where_no_binding_tells_why(self) -> None:
        assert reasons(judge(predict("screen"), message("q-screen", "q-disk"), picture(to_queue("q-screen")))) == [
            "disk got it too: RabbitMQ routed it to its queue, though no binding that is there now tells why."
        ]


class TestAlternateExchanges:
    @staticmethod
    def picture(*exchanges: Exchange, bindings: Iterable[Binding] = ()) -> Picture:
        there = picture(*bindings)
        return replace(there, topology=replace(there.topology, exchanges=exchanges))

    @staticmethod
    def exchange(name: str, kind: str, alternate: str | None = None) -> Exchange:
        return Exchange(name, kind, durable=False, arguments={"alternate-exchange": alternate} if alternate else {})

    def test_that_is_known_is_named(self) -> None:
        there = self.picture(
            self.exchange("withalt", "direct", "logs"),
            self.exchange("logs", "fanout"),
            bindings=[to_queue("q-screen", "info", "withalt"), to_queue("q-disk")],
        )
        sent = message("q-disk", exchange="withalt", key="zz")
        assert reasons(judge(predict("disk"), sent, there)) == [
            "The one queue that the alternate exchange logs led it to got a copy."
        ]
        assert reasons(judge(predict("screen"), sent, there)) == [
            "screen did not get it: its binding key 'info' does not match the routing key 'zz'.",
            "disk got it too: it came by the alternate exchange logs.",
        ]
        assert reasons(judge(predict(copies=3), sent, there)) == [
            "1 copy, not 3: one copy for each queue that the alternate exchange logs led it to."
        ]
        matched = message("q-screen", exchange="withalt", key="info")
        assert reasons(judge(predict("screen"), matched, there)) == [
            "The one queue whose binding key matches the routing key 'info' got a copy."
        ]

    def test_that_a_policy_names_is_guessed(self) -> None:
        there = self.picture(
            self.exchange("withalt", "direct"),
            self.exchange("logs", "fanout"),
            self.exchange("other", "topic"),
            bindings=[to_queue("q-screen", "info", "withalt"), to_queue("q-disk"), to_queue("q-disk", "a", "other")],
        )
        sent = message("q-disk", exchange="withalt", key="zz")
        guess = "perhaps logs is the alternate exchange of withalt"
        assert reasons(judge(predict("disk"), sent, there)) == [
            f"The one queue that RabbitMQ chose ({guess}) got a copy."
        ]
        assert reasons(judge(predict(copies=0), sent, there)) == [
            f"1 copy, not 0: one copy for each queue that RabbitMQ chose ({guess})."
        ]
        assert reasons(judge(predict("disk", "late"), message("q-late", exchange="withalt", key="zz"), there)) == [
            "disk did not get it: its queue is not bound to withalt."
        ]
        assert reasons(judge(predict("late"), sent, there))[1] == f"disk got it too: RabbitMQ chose it; {guess}."
        both = message("q-disk", exchange="withalt", key="a")
        assert "perhaps logs or other is the alternate exchange of withalt" in repr(judge(predict("disk"), both, there))

    def test_is_not_guessed_where_a_binding_matches(self) -> None:
        there = self.picture(
            self.exchange("withalt", "direct"),
            self.exchange("logs", "fanout"),
            bindings=[to_queue("q-screen", "info", "withalt"), to_queue("q-disk")],
        )
        sent = message("q-screen", "q-disk", exchange="withalt", key="info")
        assert reasons(judge(predict("screen", "disk"), sent, there)) == [
            "Each of the 2 queues that RabbitMQ chose (no binding that is there now tells why) got a copy."
        ]

    def test_in_a_row_and_behind_other_exchanges(self) -> None:
        there = self.picture(
            self.exchange("first", "direct", "second"),
            self.exchange("second", "topic", "third"),
            self.exchange("third", "fanout", "first"),
            self.exchange("fourth", "fanout"),
            bindings=[
                to_queue("q-screen", "info", "second"),
                Binding("third", "fourth", "exchange", ""),
                Binding("fourth", "third", "exchange", ""),
                to_queue("q-disk", source="fourth"),
                to_queue("q-late", "zz", "first"),
            ],
        )
        sent = message("q-disk", exchange="first", key="z")
        assert reasons(judge(predict("screen"), sent, there))[1] == (
            "disk got it too: it came by the alternate exchange third."
        )
        late = message("q-disk", "q-late", exchange="first", key="zz")
        assert reasons(judge(predict(copies=2), late, there)) == [
            "Each of the 2 queues that first or the alternate exchange third led it to got a copy."
        ]

    def test_bindings_of_a_fanout_exchange_that_have_ended_are_not_mistaken_for_one(self) -> None:
        there = picture(to_queue("q-screen"))
        assert reasons(judge(predict("screen", "disk"), message("q-screen", "q-disk"), there)) == [
            "Each of the 2 queues bound to logs got a copy."
        ]

    def test_what_is_gone_took_its_bindings_with_it(self) -> None:
        there = self.picture(self.exchange("logs", "fanout"), bindings=[to_queue("q-disk")])
        gone = judge(predict("screen", copies=1), message("q-disk", exchange="gone"), there)
        assert reasons(gone)[1] == "disk got it too: gone was there when the message came, and is gone now."


def test_what_is_not_delivered_yet_is_noted_and_changes_nothing() -> None:
    sent = message("q-screen", "q-disk", "archive", delivered=["q-disk"])
    there = picture(*ALL_BOUND, to_queue("archive"), queues=["archive"])
    judgement = judge(predict("screen", "disk", "archive"), sent, there)
    assert judgement.right
    assert judgement.lines[-1] == "note       screen's copy is not delivered yet."
    assert len(judgement.notes) == 1


def test_nothing_that_changes_from_run_to_run_is_shown() -> None:
    there = picture(to_queue(SERVER_NAMED), owners={SERVER_NAMED: "keeper"}, consumers=[SERVER_NAMED] * 2)
    for prediction in (predict("keeper"), predict("x"), predict(copies=2), predict(SERVER_NAMED)):
        shown = repr(judge(prediction, message(SERVER_NAMED), there))
        assert not [secret for secret in ("amq.gen", "34028", "5672", "ctag") if secret in shown]
