"""The virtual host of a lesson, wherever the broker is: private and perhaps started anew, or attached."""

import contextlib
import getpass
import os
import re
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import cast

from fanout_helpers.address import BrokerAddress
from fanout_helpers.broker import attached, baseline
from fanout_helpers.broker.own import OwnBroker
from fanout_helpers.broker.shared import SharedBroker
from fanout_helpers.errors import BrokerError, ExchangeNotFound, FanoutError, ManagementError, NotFound
from fanout_helpers.faults import Fault
from fanout_helpers.management import Management
from fanout_helpers.model import BOARD_QUEUE, Exchange, visible
from fanout_helpers.picture import SHARED
from fanout_helpers.topology import Topology

_SHARED = (
    "Another notebook has this lesson open. It and this one share the virtual host {name!r}, which begins afresh "
    "here:\nwhat the other notebook does not use just now was deleted; its exclusive queues, and the exchanges that "
    "feed them, stay while it runs. Work in one of the two, and close the other one's kernel."
)
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}")


class VirtualHost:
    """A lesson's virtual host: found, made, read and emptied.

    On a private node it bears the lesson's name. On an attached broker it is the one that FANOUT_BROKER_URL names, in
    which everything stays that was there before; if that names none, it is the lesson's name and the person's, so that
    a class does not meet in it.

    Args:
        lesson: The lesson's name.
        own_broker: Whether it is on a RabbitMQ that it alone has, wherever all others are.

    Raises:
        FanoutError: The name cannot be used.
    """

    def __init__(self, lesson: str, *, own_broker: bool = False) -> None:
        if not _NAME.fullmatch(lesson):
            raise FanoutError(
                f"{lesson!r} cannot be a lesson's name.",
                cause="It is a virtual host's name too: letters, digits, '.', '_' and '-', at most 100 of them, "
                "and no '.' first.",
            )
        self._lesson = lesson
        self._lock = threading.RLock()
        self._broker: SharedBroker | OwnBroker = OwnBroker() if own_broker else SharedBroker()
        self._address: BrokerAddress | None = None
        self._entered: BrokerAddress | None = None
        self._client: Management | None = None
        self._found: frozenset[str] = frozenset()
        self._before_restart: Topology | None = None
        self._told = False

    def open(self, say: Callable[[str], None]) -> None:
        """Finds the broker, starting a private node if need be, and makes the virtual host if there is none.

        Args:
            say: Is told, in a sentence, of what takes seconds.

        Raises:
            BrokerNotInstalled: There is no RabbitMQ to start.
            BrokerStartFailed: It did not start.
            BrokerUnreachable: The attached broker does not answer.
            ManagementError: The attached broker refuses the login, or does not let this user make a virtual host.
        """
        with self._lock:
            try:
                self._enter(self._broker.open(say))
                self._recall(say)
            except BaseException:
                # Nobody would ever close it.
                self._broker.close()
                raise

    def take(self, say: Callable[[str], None]) -> None:
        """Begins the lesson: deletes what lessons left behind, and says so if another kernel has the lesson open."""
        try:
            shared = self._broker.claim(self._lesson)
            self.reset()
        except BaseException:
            # Nobody would ever close it, and the next lab here would take this one for another notebook's.
            self._broker.close()
            raise
        if shared:
            say(_SHARED.format(name=self.name))

    @property
    def is_taken(self) -> bool:
        """Whether another kernel took the lesson since."""
        return self._broker.is_taken

    def tell_if_taken(self, say: Callable[[str], None]) -> None:
        """Says, once, that another kernel took the lesson."""
        if self.is_taken and not self._told:
            self._told = True
            say(SHARED.sentence)

    def locate(self) -> BrokerAddress:
        """Where the virtual host is now; on a private node that was started anew meanwhile, it is made anew.

        Raises:
            BrokerNotRunning: The private node is gone, and nobody has started another one; or it was stopped.
        """
        with self._lock:
            address = self._broker.locate()
            if self._entered is None or self._address != address:
                self._enter(address)
            return cast("BrokerAddress", self._entered)

    @property
    def management(self) -> Management:
        """The management API of the broker that it is on."""
        self.locate()
        return cast("Management", self._client)

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.locate().virtual_host)

    @property
    def management_page(self) -> str:
        """Where people sign in to the management UI themselves; empty where their Jupyter server carries it."""
        return "" if self._broker.is_in_jupyter else self.locate().management_url

    def name_on(self, address: BrokerAddress) -> str:
        """Its name on a broker, whether it is there already or not."""
        return address.virtual_host or self._own_name()

    def topology(self) -> Topology:
        """What it holds, from the management API, but for what boards listen through."""
        return replace(self._held(), before_restart=self._before_restart)

    def exchanges(self) -> list[Exchange]:
        """Its exchanges, from the management API."""
        return self.management.exchanges(self.name)

    def exchange(self, name: str) -> Exchange:
        """The exchange of that name, to subscribe to.

        Raises:
            ExchangeNotFound: There is none, or it is the default exchange.
        """
        if name == "":
            raise ExchangeNotFound(
                "Nobody can subscribe to the default exchange.",
                cause="It cannot be bound (403): every queue is on it already, under its own name.",
                next_step='Name another exchange, as in lab.subscribe("logs", "screen").',
            )
        for exchange in self.exchanges():
            if exchange.name == name:
                return exchange
        raise ExchangeNotFound(
            f"There is no exchange {name!r} in the virtual host {self.name!r}.",
            cause="It was not declared yet, or it was declared in another virtual host.",
            next_step="Run the cell that declares it (channel.exchange_declare), then this one again.",
        )

    def reset(self) -> None:
        """Deletes what lessons left behind, and nothing that was here before.

        An exclusive queue belongs to a live connection and ends with it, and so an exchange that such a queue is bound
        to stays as well: a receiver in a terminal goes on receiving.
        """
        self._stop_stale_tracing()
        topology = self.topology()
        for queue in topology.queues:
            if not queue.exclusive and queue.name not in self._found:
                self._delete(self.management.delete_queue, queue.name)
        kept = self._found | _in_use(self.topology())
        for exchange in self.exchanges():
            if exchange.name not in kept and not is_predeclared(exchange.name):
                self._delete(self.management.delete_exchange, exchange.name)

    def stop_broker(self, say: Callable[[str], None]) -> None:
        """Stops the broker, if it is nobody else's.

        Raises:
            BrokerError: Others use it, or it does not stop.
        """
        before = self._before_restart
        with contextlib.suppress(BrokerError, ManagementError):
            before = self._held()
        # RabbitMQ waits some seconds for connections to its management API that are kept alive.
        self._leave()
        self._broker.stop(say)
        self._before_restart = before

    def start_broker(self, say: Callable[[str], None]) -> None:
        """Starts the broker that was stopped.

        Raises:
            BrokerError: Others use it, or it does not start.
        """
        self._broker.start(say)

    def end(self) -> None:
        """Ends the lesson and leaves the virtual host empty, unless another kernel has the lesson now; then closes."""
        if not self.is_taken:
            with contextlib.suppress(BrokerError, ManagementError):
                self.reset()
        self.close()

    def close(self) -> None:
        """Closes the connections to the management API, and ends a broker that it alone has."""
        if self._address is not None and self._address.virtual_host is not None and not self.is_taken:
            baseline.end(self._address, self._lesson)
        self._leave()
        self._broker.close()

    def _recall(self, say: Callable[[str], None]) -> None:
        """Finds out what this lesson left when its kernel ended before it did, where others' things are there too."""
        if self._address is None or self._address.virtual_host is None:
            return
        before = baseline.begin(self._address, self._lesson, self._found)
        left = sorted(self._found - before)
        self._found = before
        if left:
            names = visible(", ".join(left))
            say(f"In the virtual host {self.name!r}, what this lesson left last time is deleted: {names}")

    def _held(self) -> Topology:
        return self.management.topology(self.name).without_boards()

    def _leave(self) -> None:
        if self._client is not None:
            self._client.close()

    def _enter(self, address: BrokerAddress) -> None:
        """Goes to a broker: makes the virtual host there, unless the address names one to be used as it is."""
        client = Management(address)
        name = self.name_on(address)
        if address.virtual_host is None:
            client.create_virtual_host(name)
            self._found = frozenset()
        else:
            self._found = _names(client, name)
        self._leave()
        self._client = client
        self._address = address
        self._entered = address.with_virtual_host(name)

    def _stop_stale_tracing(self) -> None:
        """Switches the firehose off that a killed program's board left on, where the virtual host is a lesson's own."""
        address, management, name = self._address, self.management, self.name
        if address is None or address.virtual_host is not None or not management.is_traced(name):
            return
        if not any(queue.name.startswith(BOARD_QUEUE) for queue in management.queues(name)):
            management.trace(name, on=False)

    def _own_name(self) -> str:
        return self._lesson if self._broker.is_ones_own else f"{self._lesson}.{_person()}"

    def _delete(self, delete: Callable[[str, str], None], name: str) -> None:
        with contextlib.suppress(NotFound):
            delete(self.name, name)


def _person() -> str:
    """Who this is. A container may run as a number that no name belongs to."""
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):
        # Windows has no numbers, and no file of people for Python to read.
        return os.getlogin() if sys.platform == "win32" else str(os.getuid())


def _names(client: Management, virtual_host: str) -> frozenset[str]:
    """What is in a virtual host that somebody else made."""
    try:
        exchanges, queues = client.exchanges(virtual_host), client.queues(virtual_host)
    except NotFound as error:
        raise NotFound(
            **attached.no_virtual_host(virtual_host), status=error.status, fault=Fault.UNKNOWN_VIRTUAL_HOST
        ) from None
    return frozenset([exchange.name for exchange in exchanges] + [queue.name for queue in queues])


def is_predeclared(exchange: str) -> bool:
    """Whether the broker made the exchange itself: the default one, or one whose name begins with ``amq.``."""
    return not exchange or exchange.startswith("amq.")


def _in_use(topology: Topology) -> set[str]:
    """The exchanges from which messages get to a queue, straight or through other exchanges."""
    used = {binding.source for binding in topology.bindings if binding.destination_type == "queue"}
    chained = [binding for binding in topology.bindings if binding.destination_type == "exchange"]
    for _ in chained:
        used |= {binding.source for binding in chained if binding.destination in used}
    return used
