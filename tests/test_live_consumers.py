"""One consumer is drawn once, and only while it is there, however late and incomplete RabbitMQ's reports are."""

import itertools
import random
from collections.abc import Callable
from typing import TypeAlias

import pytest

from fanout_helpers.model import Consumer
from fanout_helpers.telemetry.live_consumers import LiveConsumers

QUEUES = ["screen", "office"]
ONE, OTHER = "127.0.0.1:34028 -> 127.0.0.1:5672", "127.0.0.1:34030 -> 127.0.0.1:5672"
SCREEN = Consumer("screen", "ctag1", f"{ONE} (1)")
ANN, BOB = Consumer("office", "ann", f"{OTHER} (1)"), Consumer("office", "bob", f"{OTHER} (2)")
PIDS = {SCREEN.channel: "<1>", ANN.channel: "<2>", BOB.channel: "<3>"}

Step: TypeAlias = Callable[[LiveConsumers], None]


def nameless(consumer: Consumer) -> Consumer:
    """As the management API lists it while it knows nothing of its channel: ``"channel_details": []``."""
    return Consumer(consumer.queue, consumer.consumer_tag)


def opened(consumer: Consumer) -> Step:
    return lambda live: live.channel_created(PIDS[consumer.channel], consumer.channel)


def created(consumer: Consumer) -> Step:
    return lambda live: live.created(consumer.queue, consumer.consumer_tag, PIDS[consumer.channel])


def deleted(consumer: Consumer) -> Step:
    return lambda live: live.deleted(consumer.queue, consumer.consumer_tag, PIDS[consumer.channel])


def listing(*rows: Consumer) -> Step:
    return lambda live: live.add_late(rows, QUEUES)


def loading(*rows: Consumer) -> Step:
    return lambda live: live.load(rows)


def outcome(*steps: Step) -> list[tuple[str, str]]:
    """The queues and tags of the consumers that are known after all these steps."""
    live = LiveConsumers()
    for step in steps:
        step(live)
    return sorted((one.queue, one.consumer_tag) for one in live.present())


def test_consumer_that_is_listed_without_its_channel_is_counted_once() -> None:
    assert outcome(opened(SCREEN), created(SCREEN), listing(nameless(SCREEN))) == [("screen", "ctag1")]
    assert outcome(opened(SCREEN), created(SCREEN), listing(nameless(SCREEN)), listing(SCREEN)) == [("screen", "ctag1")]


def test_consumer_that_was_listed_before_its_event_comes_is_counted_once() -> None:
    assert outcome(loading(SCREEN), created(SCREEN)) == [("screen", "ctag1")]
    assert outcome(loading(nameless(SCREEN)), opened(SCREEN), created(SCREEN)) == [("screen", "ctag1")]


def test_namesakes_on_two_channels_are_two_from_whichever_source() -> None:
    again = Consumer("office", "ann", f"{OTHER} (2)")
    two = [("office", "ann")] * 2
    assert outcome(opened(ANN), created(ANN), opened(again), created(again)) == two
    assert outcome(loading(ANN, again)) == two
    assert outcome(loading(nameless(ANN), nameless(again))) == two
    assert outcome(created(ANN), created(again), listing(ANN, again), listing(nameless(ANN), again)) == two


def test_end_of_a_consumer_leaves_its_namesake_on_another_channel() -> None:
    again = Consumer("office", "ann", f"{OTHER} (2)")
    both = (opened(ANN), created(ANN), opened(again), created(again))
    close: Step = lambda live: live.channel_closed(PIDS[ANN.channel])  # noqa: E731
    assert outcome(*both, close, deleted(ANN)) == [("office", "ann")]
    assert outcome(created(ANN), created(again), close, deleted(ANN)) == [("office", "ann")]


@pytest.mark.parametrize(
    "end",
    [
        deleted(ANN),
        lambda live: live.channel_closed(PIDS[ANN.channel]),
        lambda live: live.connection_closed(OTHER),
        lambda live: live.queue_deleted("office"),
    ],
    ids=["consumer", "channel", "connection", "queue"],
)
def test_what_has_ended_does_not_come_back_with_a_late_listing(end: Step) -> None:
    begun = (opened(ANN), created(ANN))
    for late in (listing(ANN), listing(nameless(ANN)), loading(ANN)):
        assert outcome(*begun, end, late) == []
        assert outcome(*begun, listing(ANN), end, late) == []


def test_new_consumer_of_an_ended_ones_name_is_not_joined_by_it() -> None:
    again = Consumer("office", "ann", f"{OTHER} (2)")
    steps = (opened(ANN), created(ANN), deleted(ANN), opened(again), created(again), listing(ANN))
    assert outcome(*steps) == [("office", "ann")]
    assert outcome(*steps, listing(again)) == [("office", "ann")]


def test_what_the_first_listing_still_had_goes_with_the_next() -> None:
    assert outcome(loading(ANN, BOB), listing(BOB)) == [("office", "bob")]


def test_listing_without_what_an_event_told_of_takes_nothing_away() -> None:
    assert outcome(opened(ANN), created(ANN), listing(), listing()) == [("office", "ann")]


def test_consumer_of_a_queue_that_is_gone_is_not_added() -> None:
    assert outcome(listing(Consumer("gone", "x", f"{ONE} (1)"))) == []


@pytest.mark.parametrize("seed", range(100))
def test_screen_has_one_and_office_two_in_whatever_order_reports_come(seed: int) -> None:
    """Delays, repetitions and gaps: each process of RabbitMQ keeps its order, and nothing else does."""
    chance = random.Random(seed)  # noqa: S311 (a seed makes the same orders again)
    first = Consumer("office", "ann", f"{OTHER} (9)")
    here = [SCREEN, ANN, BOB]
    told = {SCREEN: [opened(SCREEN), created(SCREEN)], BOB: [opened(BOB), created(BOB)]}
    # Ann comes, goes, and comes again on another channel; some channels were open before anybody listened.
    told[ANN] = [created(first), deleted(first), opened(ANN), created(ANN)]
    sources = [steps[chance.random() < 0.3 :] if steps is not told[ANN] else steps for steps in told.values()]
    listed = [row if chance.random() < 0.6 else nameless(row) for row in (*here, first)]
    events = _shuffled(chance, sources)
    events = list(itertools.chain.from_iterable([step] * chance.choice([1, 1, 2]) for step in events))
    lists = [listing(*(row for row in listed[:3] if chance.random() < 0.7)) for _ in range(3)]
    steps = [loading(*chance.sample(listed, chance.randint(0, 4))), *_shuffled(chance, [events])]
    assert outcome(*steps, *lists, listing(*listed[:3])) == [("office", "ann"), ("office", "bob"), ("screen", "ctag1")]
    live = LiveConsumers()
    for step in [*steps, *lists]:
        step(live)
        counts = [sum(one.queue == queue for one in live.present()) for queue in QUEUES]
        assert counts[0] <= 1


PIDS[f"{OTHER} (9)"] = "<9>"


def _shuffled(chance: random.Random, sources: list[list[Step]]) -> list[Step]:
    """The steps of all sources, those of each in their order."""
    left = [list(source) for source in sources if source]
    steps = []
    while left:
        source = chance.choice(left)
        steps.append(source.pop(0))
        left = [one for one in left if one]
    return steps
