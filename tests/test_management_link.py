"""What ``lab.management_ui()`` gives: a link for the page, and a text for everything else."""

import json
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from fanout_helpers import Lab
from fanout_helpers.management_page import TITLE, opened_on
from fanout_helpers.views.management_link import ManagementLink
from tests.live import Live


def on_page(link: ManagementLink) -> dict[str, Any]:
    state: dict[str, Any] = json.loads(json.dumps(link.state(["printed", "url", "path"])))
    return state


def test_on_ones_own_node_it_goes_through_jupyter(lab: Lab) -> None:
    link = lab.management_ui()
    assert repr(link) == f"RabbitMQ's management UI: click the tile '{TITLE}' in JupyterLab's launcher."
    assert on_page(link) == {"printed": repr(link), "url": "", "path": f"rabbitmq/?vhost={lab.virtual_host}#/exchanges"}


def test_attached_it_goes_where_the_broker_has_it(
    live: Live, classroom: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in classroom.items():
        monkeypatch.setenv(name, value)
    with Lab("attached-link") as lab:
        link = lab.management_ui()
    assert on_page(link)["url"] == live.address.management_url
    assert live.address.management_url in repr(link)
    assert live.address.password not in json.dumps(on_page(link))


def test_a_broker_of_the_labs_own_is_not_the_one_in_jupyter() -> None:
    with Lab("own-link", own_broker=True) as lab:
        assert on_page(lab.management_ui())["url"] == lab.address.management_url


def test_a_virtual_host_may_have_any_name() -> None:
    assert opened_on("a/b &#") == "rabbitmq/?vhost=a%2Fb%20%26%23#/exchanges"


def test_the_text_is_an_output_of_its_own(lab: Lab) -> None:
    InteractiveShell.instance()
    link = lab.management_ui()
    with capture_output() as captured:
        link._ipython_display_()
    text, view = (output.data for output in captured.outputs)
    assert text == {"text/plain": repr(link)}
    assert set(view) == {"application/vnd.jupyter.widget-view+json"}
