import re
from xml.etree import ElementTree as ET

import pytest

from fanout_helpers.drawing.layout import lay_out
from fanout_helpers.drawing.parts import EMPTY
from fanout_helpers.drawing.printed import Still
from fanout_helpers.drawing.still import svg
from fanout_helpers.picture import Picture
from tests.pictures import SHOWN, exchange, fanout, hostile, queue, several, topology, traced

SVG = "{http://www.w3.org/2000/svg}"
PICTURES = [fanout(0), fanout(1), fanout(30), several(), hostile(), Picture(topology(), "logs")]


def parsed(picture: Picture, *, presenter: bool = False) -> ET.Element:
    return ET.fromstring(svg(lay_out(picture, presenter=presenter)))  # noqa: S314


def texts(root: ET.Element, kind: str) -> list[str]:
    found = (text for text in root.iter(f"{SVG}text") if kind in text.attrib["class"].split())
    return [text.text or "" for text in found]


def shapes(root: ET.Element, kind: str) -> list[str]:
    """The names of the elements that draw the first box of a kind."""
    group = next(group for group in root.iter(f"{SVG}g") if f"fanout-{kind}" in group.attrib["class"].split())
    return [part.tag.removeprefix(SVG) for part in group if part.tag not in {f"{SVG}title", f"{SVG}svg"}]


@pytest.mark.parametrize("picture", PICTURES)
def test_what_is_stored_fits_a_notebook_beside_the_side_bar(picture: Picture) -> None:
    assert float(ET.fromstring(Still(picture).svg()).attrib["width"]) <= 640  # noqa: S314


@pytest.mark.parametrize("picture", PICTURES)
@pytest.mark.parametrize("presenter", [False, True])
def test_is_whole_and_needs_nothing_from_elsewhere(picture: Picture, presenter: bool) -> None:  # noqa: FBT001
    written = svg(lay_out(picture, presenter=presenter))
    root = ET.fromstring(written)  # noqa: S314
    assert {part.tag.removeprefix(SVG) for part in root.iter()} <= {
        *("svg", "title", "desc", "style", "marker", "rect", "polygon", "path", "text", "g")
    }
    names = {name for part in root.iter() for name in part.attrib}
    assert not [name for name in names if name.startswith("on") or name.endswith("href")]
    assert "http" not in written.replace("http://www.w3.org/2000/svg", "")
    assert root.attrib["viewBox"] == f"0 0 {root.attrib['width']} {root.attrib['height']}"


@pytest.mark.parametrize("picture", PICTURES)
def test_equal_drawings_are_equal_to_the_byte(picture: Picture) -> None:
    assert svg(lay_out(picture)) == svg(lay_out(picture))


@pytest.mark.parametrize("picture", PICTURES)
def test_only_the_arrow_head_is_referred_to(picture: Picture) -> None:
    written = svg(lay_out(picture))
    assert re.findall(r' id="([^"]*)"', written) == ["fanout-arrow-head"]
    assert set(re.findall(r"url\(#([^)]*)\)", written)) <= {"fanout-arrow-head"}


def test_another_server_given_name_changes_nothing_but_that_name() -> None:
    queues = ("amq.gen-AAAAAAAAAAAAAAAAAAAAAA", "amq.gen-BBBBBBBBBBBBBBBBBBBBBB")
    one, other = (
        svg(lay_out(Picture(topology(queues=[queue(name)]), "logs", owners={name: "screen"}))) for name in queues
    )
    assert one.replace("A" * 22, "B" * 22).replace("AAAA…", "BBBB…") == other


def test_classes_are_its_own() -> None:
    root = parsed(several())
    classes = {name for part in root.iter() for name in part.attrib.get("class", "").split()}
    assert all(name.startswith("fanout-") for name in classes)
    style = root.findtext(f"{SVG}style") or ""
    rules = [line for line in style.splitlines() if line and line != "}"]
    assert all(
        rule.startswith((".fanout-still ", ".fanout-still.fanout-not-live", "@media (prefers-color-scheme:dark)"))
        for rule in rules
    )


def test_shows_every_box_and_every_count() -> None:
    drawing = lay_out(several())
    root = ET.fromstring(svg(drawing))  # noqa: S314
    assert texts(root, "fanout-label") == [box["label"] for box in drawing["boxes"]]
    assert texts(root, "fanout-detail") == [box["detail"] for box in drawing["boxes"]]
    assert texts(root, "fanout-head") == ["producers", "exchanges", "queues", "consumers"]
    titles = {title.text for title in root.iter(f"{SVG}title")}
    assert {part["full"] for part in [*drawing["boxes"], *drawing["lines"]]} <= titles


def test_is_told_in_words_too() -> None:
    picture = several()
    drawing = lay_out(picture)
    told = parsed(picture).findtext(f"{SVG}desc") or ""
    assert told == f"{drawing['words']}\n{drawing['messages'][0]['way']}"


def test_kinds_differ_in_shape() -> None:
    root = parsed(fanout(30))
    kinds = ["exchange", "queue", "more", "consumer"]
    assert [shapes(root, kind) for kind in kinds] == [
        ["polygon"],
        ["rect", "path", "path", "path"],
        ["rect", "rect"],
        ["rect"],
    ]
    rounded = [
        next(group.iter(f"{SVG}rect")).attrib["rx"]
        for group in root.iter(f"{SVG}g")
        if group.find(f"{SVG}rect") is not None
    ]
    assert {"20", "2", "4", "10"} == set(rounded)


def test_what_is_missing_or_gone_is_dashed() -> None:
    missing, gone = parsed(Picture(topology(), "logs")), parsed(several())
    assert shapes(missing, "missing") == ["polygon"]
    assert shapes(gone, "gone") == ["rect"]
    style = gone.findtext(f"{SVG}style") or ""
    assert ":is(.fanout-missing,.fanout-gone) .fanout-shape{stroke-dasharray" in style


def test_marks_the_lines_that_the_last_message_took() -> None:
    picture = several()
    drawing = lay_out(picture)
    message = drawing["messages"][0]
    taken = {message["publish"]}.union(*message["routed"])
    paths = {line["path"] for line in drawing["lines"] if line["key"] in taken}
    marked = [part for part in parsed(picture).iter(f"{SVG}path") if "fanout-taken" in part.attrib["class"]]
    assert {part.attrib["d"] for part in marked} == paths
    assert all("fanout-info" in part.attrib["class"] for part in marked)


def test_tells_the_last_message_and_the_notes_below() -> None:
    note = "The firehose is off here. " * 20
    picture = Picture(topology([exchange("logs")]), "logs", messages=[traced("logs")], notes=[note])
    root = parsed(picture)
    assert texts(root, "fanout-last") == ["message 1: info: hello → 0 queues"]
    assert " ".join(texts(root, "fanout-note")) == note.strip()
    lowest = max(float(text.attrib["y"]) for text in root.findall(f"{SVG}text"))
    assert lowest < float(root.attrib["height"])


@pytest.mark.parametrize(("rate", "shown"), [(0.25, "0.2/s"), (12.0, "12/s"), (12345.6, "12,346/s")])
def test_shows_rates(rate: float, shown: str) -> None:
    drawing = lay_out(fanout(1))
    drawing["lines"][1]["rate"] = rate
    assert texts(ET.fromstring(svg(drawing)), "fanout-rate") == [shown]  # noqa: S314


def test_nothing_yet() -> None:
    root = ET.fromstring(svg(EMPTY))  # noqa: S314
    assert list(root.iter(f"{SVG}text")) == []


def test_hostile_names_stay_text() -> None:
    root = parsed(hostile())
    assert not list(root.iter(f"{SVG}script"))
    assert SHOWN in "".join(title.text or "" for title in root.iter(f"{SVG}title"))
    assert "\u202e" not in "".join(root.itertext())
    assert texts(root, "fanout-note") == [SHOWN]


def test_is_xml_whatever_the_names_hold() -> None:
    assert "\ufffd\ufffd" in "".join(parsed(hostile()).itertext())
    svg(lay_out(hostile())).encode()
