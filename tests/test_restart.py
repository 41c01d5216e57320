"""A lab whose RabbitMQ is stopped under it, and started anew by somebody else: it comes back, and says so meanwhile."""

from pathlib import Path

import pika
import pytest

from fanout_helpers import Lab
from fanout_helpers.broker import private
from fanout_helpers.errors import BrokerNotRunning
from tests.processes import eventually, holder, is_gone


def test_a_live_lab_comes_back_on_a_new_node_and_then_holds_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = tmp_path / "runtime"
    monkeypatch.setenv("FANOUT_RUNTIME_DIR", str(runtime))
    with Lab("restart") as lab:
        with pika.BlockingConnection(lab.parameters) as connection:
            connection.channel().exchange_declare("logs", "fanout")
        subscribers = lab.subscribe("logs", "screen", "disk")
        lab.publish("logs", "before")
        assert lab.received(1).as_expected

        assert private.stop() is not None
        assert eventually(lambda: all(one.state == "reconnecting" for one in subscribers))
        with pytest.raises(BrokerNotRunning):
            lab.publish("logs", "nobody takes this")
        assert not lab.received().as_expected

        with holder(runtime) as another:
            pid, _ = another.node()
            assert eventually(lambda: all(one.state == "consuming" for one in subscribers))
            lab.publish("logs", "after")
            assert lab.received(2).as_expected
        assert not eventually(lambda: is_gone(pid), timeout=private.GRACE + 2)
        lab.publish("logs", "the lab holds it now")
        assert lab.received(3).as_expected
    private.release()
    assert eventually(lambda: not runtime.exists())
