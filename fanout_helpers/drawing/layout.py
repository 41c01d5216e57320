"""The layout of a picture: what is shown of it, where it stands, and which lines its messages took."""

from fanout_helpers.drawing import words
from fanout_helpers.drawing.columns import columns, place
from fanout_helpers.drawing.lines import draw_lines
from fanout_helpers.drawing.parts import Drawing
from fanout_helpers.drawing.route import Routes
from fanout_helpers.drawing.selection import select
from fanout_helpers.model import visible
from fanout_helpers.picture import Picture


def lay_out(picture: Picture, *, presenter: bool = False, room: float = 0) -> Drawing:
    """Lays a picture out; equal pictures have equal drawings.

    Args:
        picture: What to draw.
        presenter: Whether to lay it out narrower, so that it is larger where it fills the page's width.
        room: How wide the page has it, in CSS pixels; 0 where that is not known, or where it must not matter.

    Returns:
        The drawing.
    """
    within = columns(room, presenter=presenter)
    selection = select(picture)
    places = place(picture, selection, within)
    lines = draw_lines(picture, selection, places)
    routes = Routes(picture, selection, places, lines)
    return Drawing(
        width=within.width,
        height=places.height,
        mode=picture.mode.value,
        # From left to right, as people read and as the Tab key and screen readers go.
        boxes=sorted(places.boxes.values(), key=lambda box: (box["x"], box["y"])),
        lines=lines,
        messages=[routes.draw(message) for message in picture.messages],
        notes=[visible(note) for note in picture.notes],
        standing=picture.standing.state,
        banner=visible(picture.standing.sentence),
        words=words.topology(picture),
    )
