"""Watches a virtual host for its boards: topology from events, messages from the firehose, counts from both."""

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from fanout_helpers.connection import Locate, State
from fanout_helpers.consuming import wait_for
from fanout_helpers.errors import BrokerError, FanoutError, ManagementError, TelemetryRefused
from fanout_helpers.picture import LIVE, STALE, Mode, Picture, Standing, TracedMessage
from fanout_helpers.telemetry.callers import Callers
from fanout_helpers.telemetry.events import Events, load
from fanout_helpers.telemetry.firehose import LIMIT, WINDOW, Firehose
from fanout_helpers.telemetry.listening import Reach
from fanout_helpers.telemetry.live_topology import LiveTopology
from fanout_helpers.telemetry.producers import Producers
from fanout_helpers.telemetry.tallies import Tallies, keys
from fanout_helpers.telemetry.tracing import Tracing
from fanout_helpers.telemetry.waiting import LATE, Waiting
from fanout_helpers.topology import Topology

POLL = 1.0
"""Seconds from one look at the statistics to the next, while messages pass."""

POLLING = "RabbitMQ's events are not available here: the topology is asked for every second."
NO_QUEUE = "This user may not declare the queue that a board listens through: counts are shown, and they are late."
UNTRACED = "This user may not trace messages: counts are shown, and they are late."


class Observer:
    """Watches while it is open. Safe to use from any thread.

    Args:
        locate: Tells where the broker and the virtual host are.
        reach: Gives the management API.
        markers: How many markers were published to each queue; they are not shown.
    """

    def __init__(self, locate: Locate, reach: Reach, markers: Counter[str]) -> None:
        self._locate = locate
        self._reach = reach
        self._virtual_host = str(locate().virtual_host)
        self._topology = LiveTopology(self._virtual_host)
        self._tracing = Tracing(self._has_queue)
        self._markers = markers
        self._tallies = Tallies(self._tracing, markers)
        self._waiting = Waiting(self._tracing)
        self._events = Events(locate, reach, self._topology)
        self._firehose = Firehose(locate, reach, self._tracing, self._topology.connections)
        self._notes: list[str] = []
        self._untraced = ""
        self._producers = Producers(self._topology)
        self._callers = Callers(self._topology)
        self._known: set[tuple[str, str]] = set()
        self._missed = False
        self._watchers: list[Callable[[], None]] = []
        # Statistics of what passed just before may still be on their way.
        self._active_at = time.monotonic()
        self._settled_at: float | None = None
        self._marked = markers.total()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._poll, name="fanout board: statistics", daemon=True)

    def open(self) -> "Observer":
        """Starts to watch. What the broker does not let this user have is said in the picture's notes.

        Raises:
            BrokerUnreachable: There is no connection to the broker.
            ManagementError: The management API refuses this user.
        """
        try:
            self._open_events()
            self._tallies.start(self._reach().throughput(self._virtual_host))
            queues = self._reach().queues(self._virtual_host)
            self._waiting.start(queues)
            self._open_firehose()
            self._look_into([queue.name for queue in queues if not queue.exclusive])
        except BaseException:
            self.close()
            raise
        self._events.watch(self._topology_changed)
        self._firehose.watch(self._message_passed)
        # It may have had one before it was watched.
        self._note_gap()
        self._thread.start()
        return self

    def close(self) -> None:
        """Stops watching: the firehose is off, and no queue or connection of ours remains."""
        self._closing.set()
        if self._thread.ident is not None:
            self._thread.join()
        self._firehose.close()
        self._events.close()

    def watch(self, watcher: Callable[[], None]) -> Callable[[], None]:
        """Calls ``watcher``, in any thread, after each change; returns what ends that. It must return at once."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher) if watcher in self._watchers else None

    def wait_for(self, state: State, patience: float) -> None:
        """Waits until it listens, or has lost the broker, ``patience`` seconds at most."""
        wait_for([self._events, self._firehose], state, patience)

    def catch_up(self, patience: float) -> None:
        """Waits until the topology is what it was when this was called, or later, ``patience`` seconds at most."""
        self._events.caught_up(patience)

    @property
    def mode(self) -> Mode:
        """How messages are learnt of now."""
        if self._firehose.state is State.CLOSED:
            return Mode.UNTRACED
        # While RabbitMQ does not answer, nothing passes: it is not for want of time that nothing is reported.
        told = self._firehose.on or self._firehose.state is State.RECONNECTING
        return Mode.MESSAGES if told else Mode.FLOWS

    @property
    def untraced(self) -> str:
        """Why single messages are not reported; empty where they are."""
        return self._untraced

    @property
    def standing(self) -> Standing:
        """How sure it is what there is now."""
        return STALE if State.RECONNECTING in {self._events.state, self._firehose.state} else LIVE

    @property
    def firehose(self) -> Firehose:
        """The thread that listens to the firehose: a marker proves what it has heard."""
        return self._firehose

    @property
    def tracing(self) -> Tracing:
        """What the firehose reported."""
        return self._tracing

    def topology(self) -> Topology:
        """What is there now."""
        return self._topology.topology()

    def messages(self) -> Sequence[TracedMessage]:
        """The latest messages, oldest first."""
        return self._tracing.messages()

    def picture(self, target: str, owners: Mapping[str, str]) -> Picture:
        """What there is to see now.

        Args:
            target: The exchange that the board publishes to.
            owners: The queues of the lab's subscribers, with their names.
        """
        topology, messages, mode = self.topology(), self.messages(), self.mode
        producers = self._producers.known(messages)
        using = [*(one.connection for one in producers), *(one.connection for one in topology.consumers)]
        callers = self._callers.names(filter(None, using))
        return Picture(
            topology=topology,
            target=target,
            owners=owners,
            producers=[replace(one, name=callers.get(one.connection, "")) for one in producers],
            callers=callers,
            messages=messages,
            tallies=self._tallies.tallies(keys(topology), rates=mode is not Mode.MESSAGES),
            waiting=self._waiting.waiting(queue.name for queue in topology.queues),
            mode=mode,
            notes=list(self._notes),
            standing=self.standing,
        )

    def _open_events(self) -> None:
        try:
            self._events.open()
        except (TelemetryRefused, BrokerError):
            load(self._topology, self._reach(), self._virtual_host)
            self._notes.append(POLLING)

    def _open_firehose(self) -> None:
        try:
            self._firehose.open()
        except ManagementError:
            self._untraced = UNTRACED
        except TelemetryRefused as error:
            # May switch tracing on, and not have the queue that it takes: another right, and another repair.
            self._untraced = f"{NO_QUEUE} {error.cause}."
        if self._untraced:
            self._notes.append(self._untraced)

    def _has_queue(self, name: str) -> bool:
        """Whether a queue exists, even if the event that tells of it is still on its way."""
        if self._topology.has_queue(name):
            return True
        with contextlib.suppress(FanoutError):
            return any(queue.name == name for queue in self._reach().queues(self._virtual_host))
        return False

    def _topology_changed(self) -> None:
        if self._events.state is State.RECONNECTING:
            self._missed = True
            self._producers.lose()
        elif self._missed:
            # What went while nobody watched, as in a restart, was the same thing if it comes back: it counts on.
            self._missed, self._known = False, set(keys(self.topology()))
        self._forget_what_is_gone()
        self._tell()

    def _forget_what_is_gone(self) -> None:
        # Only what was known: of a new queue, the firehose may tell before the event comes.
        known, self._known = self._known, set(keys(self.topology()))
        gone = known - self._known
        self._waiting.forget([name for kind, name in gone if kind == "queue"])
        self._tallies.forget(gone)

    def _message_passed(self) -> None:
        self._active_at = time.monotonic()
        self._note_gap()
        # Not when somebody looks: by then a burst may have had them all forgotten.
        self._producers.note(self.messages())
        self._tell()

    def _note_gap(self) -> None:
        if not self._firehose.on:
            self._tallies.interrupt()

    def _tell(self) -> None:
        for watcher in tuple(self._watchers):
            watcher()

    def _poll(self) -> None:
        while not self._closing.wait(POLL):
            # A broker that does not answer is said in the notes; it may come back.
            with contextlib.suppress(FanoutError):
                self._look()

    def _look(self) -> None:
        now = time.monotonic()
        polling = self._events.state is State.CLOSED
        if polling:
            load(self._topology, self._reach(), self._virtual_host)
            self._forget_what_is_gone()
        elif now - self._events.unsettled_at < LATE or not all(one.channel for one in self.topology().consumers):
            self._add_late()
        self._events.look_after()
        if self._firehose.look_after():
            # Nobody knows what passed since.
            self._tallies.interrupt()
        self._note_markers(now)
        queues = self._reach().queues(self._virtual_host)
        self._look_into(self._waiting.doubtful(queues))
        learnt = self._waiting.poll(queues, now, traced=self._firehose.on)
        if not self._is_settled():
            self._count(now)
        elif polling or learnt:
            self._tell()

    def _look_into(self, queues: Sequence[str]) -> None:
        def know(ready: Mapping[str, int]) -> None:
            self._waiting.know(ready)
            self._tell()

        self._firehose.look_into(queues, know)

    def _note_markers(self, now: float) -> None:
        """Markers are in the statistics too, as late as messages."""
        if self._marked != (marked := self._markers.total()):
            self._marked, self._active_at = marked, now

    def _is_settled(self) -> bool:
        """Whether the statistics have nothing to tell that is not known."""
        return self.mode is Mode.MESSAGES and self._settled_at == self._active_at

    def _count(self, now: float) -> None:
        active_at = self._active_at
        throughput = self._reach().throughput(self._virtual_host)
        # Before they are counted: what passed in a gap was not before.
        self._note_gap()
        self._tallies.poll(throughput, now)
        if self.mode is Mode.FLOWS:
            if self._tallies.have_calmed(now, LIMIT / WINDOW / 2):
                self._firehose.resume()
        elif self.mode is Mode.MESSAGES and now - active_at > LATE:
            self._settle(active_at)
        self._tell()

    def _settle(self, active_at: float) -> None:
        # What passed while the statistics were on their way is not in them.
        if active_at == self._active_at and self._marked == self._markers.total():
            self._tallies.settle()
            self._settled_at = active_at

    def _add_late(self) -> None:
        management = self._reach()
        consumers, connections = management.consumers(self._virtual_host), management.connections(self._virtual_host)
        self._topology.add_late(consumers, connections)
        self._tell()
