"""How sure a picture is, in all that reads it: the page's drawing, the stored one, the words."""

import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from fanout_helpers.drawing import still, words
from fanout_helpers.drawing.layout import lay_out
from fanout_helpers.picture import CLOSED, LIVE, STALE, Picture, Standing
from tests.pictures import fanout

SVG = "{http://www.w3.org/2000/svg}"


def parsed(picture: Picture) -> ET.Element:
    return ET.fromstring(still.svg(lay_out(picture)))  # noqa: S314


def unreported() -> Picture:
    """A subscriber whose consumer RabbitMQ has not reported."""
    picture = fanout(1)
    return replace(picture, topology=replace(picture.topology, consumers=[]))


def test_nothing_is_said_of_a_live_picture() -> None:
    drawing = lay_out(fanout(2))
    assert (drawing["standing"], drawing["banner"]) == ("live", "")
    assert drawing["words"].startswith("exchange logs")
    assert parsed(fanout(2)).attrib["class"] == "fanout-still"
    assert parsed(fanout(2)).attrib["viewBox"].startswith("0 0 ")


@pytest.mark.parametrize("standing", [STALE, CLOSED], ids=lambda one: one.state)
def test_every_reader_of_a_picture_that_is_not_live_says_so_first(standing: Standing) -> None:
    picture = replace(fanout(2), standing=standing)
    drawing = lay_out(picture)
    assert (drawing["standing"], drawing["banner"]) == (standing.state, standing.sentence)
    assert words.topology(picture) == f"{standing.sentence}\n{words.topology(fanout(2))}"
    root = parsed(picture)
    (banner,) = [text for text in root.iter(f"{SVG}text") if text.attrib["class"] == "fanout-banner"]
    assert banner.text == standing.sentence
    top = float(root.attrib["viewBox"].split()[1])
    others = [float(text.attrib["y"]) for text in root.findall(f"{SVG}text") if text is not banner]
    assert top < float(banner.attrib["y"]) < min(others), "it stands above everything else, and within the picture"
    assert float(root.attrib["height"]) == float(root.attrib["viewBox"].split()[3])


@pytest.mark.parametrize("standing", [STALE, CLOSED], ids=lambda one: one.state)
def test_the_stored_picture_is_dashed_and_grey_where_it_is_not_live(standing: Standing) -> None:
    root = parsed(replace(fanout(2), standing=standing))
    style = root.findtext(f"{SVG}style") or ""
    assert "fanout-not-live" in root.attrib["class"]
    assert re.search(r"\.fanout-not-live :is\(\.fanout-shape,\.fanout-line\)\{stroke-dasharray", style)
    assert ".fanout-not-live{filter:grayscale(1)}" in style


@pytest.mark.parametrize(
    ("standing", "shown"), [(LIVE, "-> s1"), (STALE, "-> no consumer")], ids=lambda one: getattr(one, "state", "")
)
def test_a_consumer_that_rabbitmq_has_not_reported_is_assumed_only_while_it_answers(
    standing: Standing, shown: str
) -> None:
    picture = replace(unreported(), standing=standing)
    drawn = [box for box in lay_out(picture)["boxes"] if box["kind"] == "consumer"]
    assert len(drawn) == (standing == LIVE)
    assert words.topology(picture).endswith(shown)
