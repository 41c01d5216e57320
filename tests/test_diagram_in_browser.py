"""The live diagram's module in a real Chromium, with a model that holds what a test sets: no Jupyter, no broker."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from fanout_helpers.drawing.layout import lay_out
from fanout_helpers.drawing.parts import EMPTY, Box, Drawing, DrawnDelivery, DrawnMessage, Line
from fanout_helpers.views.diagram import Diagram
from tests.jupyter import clean_page
from tests.pictures import fanout

HOSTILE = "<img src=x onerror='window.executed = 1'><script>window.executed = 1</script>"
WIDTH, HEIGHT, ROW = 150.0, 36.0, 48.0
MOST_DOTS = 60
LONG = 1200  # milliseconds, in which each dot of a message would have set out

PAGE = f"<!doctype html><html lang=en><title>Diagram</title><style>{Diagram._css}</style><main id=root></main></html>"

START = """async ([text, drawing]) => {
    const handlers = {};
    const fire = (name) => (handlers[name] ?? []).forEach((handler) => handler());
    const state = { drawing, presenter: false, _mirror: "IPY_MODEL_drawn" };
    window.rooms = [];
    window.model = {
        get: (name) => state[name],
        on: (name, handler) => (handlers[name] ??= []).push(handler),
        off: () => {},
        set: (name, value) => { state[name] = value; fire(`change:${name}`); },
        send: ({ room }) => room && window.rooms.push(room),
        fire,
        // Stands for both of a widget's models: the anywidget's, and the one that its state is in.
        widget_manager: { get_model: async () => window.model },
    };
    window.events = [];
    window.most = 0;
    window.looks = {};
    window.places = {};
    const note = (node, what) => {
        if (node.dataset?.testid !== "dot") return;
        const isHollow = node.classList.contains("fanout-hollow");
        window.events.push([what, node.dataset.kind, node.dataset.message, node.dataset.to, isHollow]);
        const look = [node.getAttribute("d"), getComputedStyle(node).fill];
        if (what === "begins") window.looks[node.dataset.severity] = look;
        window.most = Math.max(window.most, document.querySelectorAll("[data-testid=dot]").length);
    };
    new MutationObserver((records) => {
        for (const { target, addedNodes, removedNodes } of records) {
            if (target.dataset?.testid === "dot") {
                (places[target.dataset.kind] ??= []).push(target.getAttribute("transform"));
            }
            addedNodes.forEach((node) => note(node, "begins"));
            removedNodes.forEach((node) => note(node, "ends"));
        }
    }).observe(document.body, { subtree: true, childList: true, attributeFilter: ["transform"] });
    const module = await import(URL.createObjectURL(new Blob([text], { type: "text/javascript" })));
    window.dispose = await module.default.render({ model: window.model, el: document.querySelector("#root") });
}"""


class View:
    """The diagram on a page."""

    def __init__(self, page: Page, drawing: Drawing, content: str = PAGE, module: str = str(Diagram._esm)) -> None:
        self.page = page
        page.set_content(content)
        page.evaluate(START, [module, drawing])

    def put(self, drawing: Drawing) -> None:
        self.page.evaluate("(drawing) => model.set('drawing', drawing)", drawing)

    def find(self, testid: str) -> Locator:
        return self.page.get_by_test_id(testid)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def begun(self, kind: str) -> list[tuple[str, str]]:
        """The numbers and targets of the dots of a kind that set out up to now."""
        return [(number, to) for what, this, number, to, _ in self._events() if (what, this) == ("begins", kind)]

    def wait_for_end(self, count: int) -> list[list[Any]]:
        """Waits until so many dots arrived; returns all that happened to dots."""
        self.page.wait_for_function("(n) => events.filter(([what]) => what === 'ends').length >= n", arg=count)
        return self._events()

    def _events(self) -> list[list[Any]]:
        return list(self.page.evaluate("events"))


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with clean_page(browser, 1000, 700) as page:
        yield page


@pytest.fixture
def view(page: Page) -> Callable[[Drawing], View]:
    return lambda drawing: View(page, drawing)


Kind = Literal["producer", "exchange", "queue", "consumer"]


def box(kind: Kind, name: str, x: float, y: float) -> Box:
    return Box(
        key=f"{kind}:{name}",
        testid=f"{kind}-{name}",
        kind=kind,
        x=x,
        y=y,
        width=WIDTH,
        height=HEIGHT,
        label=name,
        detail="",
        full=f"{kind} {name}, all of it",
        state="",
        number="",
    )


def line(kind: Literal["publish", "binding", "consume"], source: Box, target: Box, rate: float) -> Line:
    x1, y1 = source["x"] + WIDTH, source["y"] + HEIGHT / 2
    x2, y2 = target["x"], target["y"] + HEIGHT / 2
    key = f"{kind}:{source['key']}:{target['key']}"
    path = f"M{x1} {y1}L{x2} {y2}"
    x, y = (x1 + x2) / 2, (y1 + y2) / 2
    full = f"{kind} from {source['label']} to {target['label']}"
    return Line(
        key=key,
        kind=kind,
        source=source["key"],
        target=target["key"],
        path=path,
        label="",
        full=full,
        x=x,
        y=y,
        rate=rate,
    )


def fan(*messages: DrawnMessage, queues: Sequence[str] = ("a", "b", "c"), rate: float = 0.0) -> Drawing:
    """A producer, the exchange ``logs``, and the queues with a consumer each."""
    producer, exchange = box("producer", "lab", 10, 40), box("exchange", "logs", 250, 40)
    boxes, lines = [producer, exchange], [line("publish", producer, exchange, rate)]
    for place, name in enumerate(queues):
        queue, consumer = box("queue", name, 500, 40 + ROW * place), box("consumer", name, 750, 40 + ROW * place)
        boxes += [queue, consumer]
        lines += [line("binding", exchange, queue, rate), line("consume", queue, consumer, rate)]
    made = Drawing(
        width=960,
        height=ROW * len(queues) + 60,
        mode="messages",
        boxes=boxes,
        lines=lines,
        messages=[],
        notes=[],
        standing="live",
        banner="",
        words="",
    )
    made["messages"] = list(messages)
    return made


def message(
    number: int, queues: Sequence[str] = ("a", "b", "c"), delivered: Sequence[str] = (), *, redelivered: bool = False
) -> DrawnMessage:
    deliveries = [
        DrawnDelivery(queue=f"queue:{name}", line=f"consume:queue:{name}:consumer:{name}", redelivered=redelivered)
        for name in delivered
    ]
    return DrawnMessage(
        number=number,
        text="info: hello",
        severity="info",
        publish="publish:producer:lab:exchange:logs",
        exchange="exchange:logs",
        routed=[[f"binding:exchange:logs:queue:{name}"] for name in queues],
        copies=len(queues),
        deliveries=deliveries,
        summary=f"{len(queues)} queues · {len(deliveries)} delivered",
        way=f"the way of {number}",
    )


Show = Callable[[Drawing], View]


class TestDots:
    def test_a_message_sends_exactly_one_copy_to_each_queue(self, view: Show) -> None:
        shown = view(fan())
        shown.put(fan(message(1)))
        shown.wait_for_end(4)
        assert shown.begun("publish") == [("1", "exchange-logs")]
        assert sorted(shown.begun("copy")) == [("1", "queue-a"), ("1", "queue-b"), ("1", "queue-c")]
        for testid in ("exchange-logs", "queue-a", "queue-b", "queue-c"):
            expect(shown.find(testid)).to_have_attribute("data-arrivals", "1")
        expect(shown.find("dot")).to_have_count(0)
        assert shown.begun("delivery") == []

    def test_copies_set_out_only_when_the_message_reached_the_exchange(self, view: Show) -> None:
        shown = view(fan())
        shown.put(fan(message(1)))
        order = [(what, kind) for what, kind, *_ in shown.wait_for_end(4)]
        assert order.index(("ends", "publish")) < order.index(("begins", "copy"))

    def test_through_exchanges_that_are_bound_to_exchanges(self, view: Show) -> None:
        drawing = fan()
        inner = box("exchange", "inner", 250, 100)
        outer, queue = drawing["boxes"][1], drawing["boxes"][2]
        chain = [line("binding", outer, inner, 0), line("binding", inner, queue, 0)]
        drawing["boxes"].append(inner)
        drawing["lines"] += chain
        shown = view(drawing)
        sent = message(1, ("a",))
        sent["routed"] = [[each["key"] for each in chain]]
        shown.put({**drawing, "messages": [sent]})
        shown.wait_for_end(2)
        assert shown.begun("copy") == [("1", "queue-a")]

    def test_a_late_view_shows_no_message_that_was_there_before(self, view: Show) -> None:
        shown = view(fan(message(1), message(2, delivered="abc")))
        shown.put(fan(message(1), message(2, delivered="abc"), message(3)))
        shown.wait_for_end(4)
        shown.page.wait_for_timeout(LONG)
        assert {number for kind in ("publish", "copy", "delivery") for number, _ in shown.begun(kind)} == {"3"}

    def test_a_drawing_that_comes_again_sends_nothing_again(self, view: Show) -> None:
        shown = view(fan())
        for _ in range(3):
            shown.put(fan(message(1, delivered="a")))
        shown.wait_for_end(5)
        shown.page.wait_for_timeout(LONG)
        assert len(shown.begun("publish")) == 1
        assert len(shown.begun("copy")) == 3
        assert shown.begun("delivery") == [("1", "consumer-a")]

    def test_a_message_that_no_queue_got_falls_and_says_so(self, view: Show) -> None:
        shown = view(fan())
        shown.put(fan(message(1, ())))
        shown.page.wait_for_function("document.querySelector('[data-testid=lost]')?.textContent.startsWith('0 queues')")
        shown.wait_for_end(2)
        assert shown.begun("lost") == [("1", "exchange-logs")]
        assert shown.begun("copy") == []
        expect(shown.find("lost")).to_have_count(0)

    def test_that_nobody_gets_it_is_said_at_the_exchange_until_it_has_a_binding(self, page: Page) -> None:
        brief, for_ever = "const NOTE = 3000;", "const NOTE = 1e9;"
        assert brief in str(Diagram._esm)
        shown = View(page, fan(queues=()), module=str(Diagram._esm).replace(brief, for_ever))
        shown.put(fan(message(1, ()), queues=()))
        expect(shown.find("lost")).to_have_attribute("transform", f"translate(325.0 {40 + HEIGHT + 18:.1f})")
        moved = fan(message(1, ()), queues=())
        moved["boxes"] = [each if each["kind"] == "producer" else {**each, "y": 80.0} for each in moved["boxes"]]
        shown.put(moved)
        expect(shown.find("lost")).to_have_attribute("transform", f"translate(325.0 {80 + HEIGHT + 18:.1f})")
        shown.put(fan(message(1, ())))
        expect(shown.find("lost")).to_have_count(0)

    def test_a_delivery_waits_for_its_copy(self, view: Show) -> None:
        shown = view(fan())
        shown.put(fan(message(1, delivered="a")))
        shown.put(fan(message(1, delivered="abc")))
        events = [(what, kind, to) for what, kind, _, to, _ in shown.wait_for_end(7)]
        for name in "abc":
            arrived = events.index(("ends", "copy", f"queue-{name}"))
            assert arrived < events.index(("begins", "delivery", f"consumer-{name}"))

    def test_a_delivery_of_a_message_from_before_the_view_is_shown(self, view: Show) -> None:
        shown = view(fan(message(1, delivered="a")))
        shown.put(fan(message(1, delivered="ab")))
        shown.wait_for_end(1)
        assert shown.begun("delivery") == [("1", "consumer-b")]

    def test_a_redelivery_is_a_hollow_dot(self, view: Show) -> None:
        shown = view(fan())
        shown.put(fan(message(1, delivered="a"), message(2, delivered="b", redelivered=True)))
        events = shown.wait_for_end(10)
        hollow = {number: is_hollow for what, kind, number, _, is_hollow in events if kind == "delivery"}
        assert hollow == {"1": False, "2": True}

    def test_severities_differ_in_shape_and_colour(self, view: Show) -> None:
        shown = view(fan())
        sent = [message(number) for number in range(1, 5)]
        for each, severity in zip(sent, ("info", "warning", "error", "none"), strict=True):
            each["severity"] = severity  # type: ignore[typeddict-item] # each of the four is one
        shown.put(fan(*sent))
        shown.wait_for_end(16)
        looks = shown.page.evaluate("looks")
        assert looks.keys() == {"info", "warning", "error", "none"}
        for either in zip(*looks.values(), strict=True):
            assert len(set(either)) == 4

    def test_a_burst_does_not_pile_up(self, view: Show) -> None:
        names = [str(number) for number in range(12)]
        shown = view(fan(queues=names))
        for last in (10, 20):
            shown.put(fan(*(message(number, names) for number in range(last - 9, last + 1)), queues=names))
        expect(shown.find("message-20")).to_be_visible()
        shown.wait_for_end(MOST_DOTS)
        assert 0 < shown.page.evaluate("most") <= MOST_DOTS
        expect(shown.find("dot")).to_have_count(0)
        for name in names:
            expect(shown.find(f"queue-{name}")).to_have_attribute("data-arrivals", "20")

    def test_with_reduced_motion_dots_stand_where_they_arrive(self, page: Page, view: Show) -> None:
        page.emulate_media(reduced_motion="reduce")
        shown = view(fan())
        shown.put(fan(message(1, delivered="a")))
        shown.wait_for_end(5)
        ends = {f"translate(500.0 {58 + ROW * place:.1f})" for place in range(3)}
        assert set(shown.page.evaluate("places.copy")) == ends


class TestModes:
    def test_a_stream_is_shown_as_rates_and_not_as_dots(self, view: Show) -> None:
        shown = view(fan())
        shown.put({**fan(message(1), rate=4300), "mode": "flows"})
        expect(shown.page.locator(".fanout-flowing")).to_have_count(7)
        expect(shown.page.locator(".fanout-rate")).to_have_text(["4,300/s"] * 7)
        expect(shown.find("notes")).to_have_text(
            "Too many messages to draw one by one: counts and rates instead.", use_inner_text=True
        )
        shown.put(fan(message(1), message(2)))
        shown.wait_for_end(4)
        assert shown.begun("publish") == [("2", "exchange-logs")]
        expect(shown.page.locator(".fanout-flowing")).to_have_count(0)
        expect(shown.find("notes")).to_be_empty()

    def test_a_stream_ends_the_dots_that_are_on_their_way(self, view: Show) -> None:
        shown = view(fan())
        shown.put(fan(message(1)))
        shown.page.wait_for_function("events.length > 0")
        shown.put({**fan(message(1), rate=4300), "mode": "flows"})
        expect(shown.find("dot")).to_have_count(0, timeout=1)
        begun = shown.begun("copy")
        shown.page.wait_for_timeout(LONG)
        assert shown.begun("copy") == begun

    def test_says_why_single_messages_cannot_be_shown(self, view: Show) -> None:
        shown = view({**fan(), "mode": "untraced", "notes": ["No right to trace here."]})
        expect(shown.find("notes")).to_contain_text("Single messages cannot be shown")
        expect(shown.find("notes")).to_contain_text("No right to trace here.")

    def test_without_a_kernel_it_says_so_and_stands_still(self, view: Show) -> None:
        shown = view(fan(message(1, delivered="abc"), rate=4300))
        expect(shown.find("diagram-disconnected")).to_be_empty()
        shown.page.evaluate("model.fire('comm_live_update')")
        expect(shown.find("diagram-disconnected")).to_contain_text("Disconnected from the kernel")
        running = "document.getAnimations().filter((each) => each.animationName === 'fanout-flow').length"
        assert shown.page.evaluate(running) == 0
        shown.find("message-1").click()
        expect(shown.find("way")).to_have_text("the way of 1")
        shown.page.wait_for_timeout(LONG / 4)
        assert shown.begun("publish") == []

    @pytest.mark.parametrize("standing", ["stale", "closed"])
    def test_what_is_not_live_says_so_on_top_and_is_dashed_until_it_is_live_again(
        self, view: Show, standing: Literal["stale", "closed"]
    ) -> None:
        dashes = "getComputedStyle(document.querySelector('[data-kind=consumer] .fanout-shape')).strokeDasharray"
        shown = view(fan())
        assert shown.page.evaluate(dashes) == "none"
        shown.put({**fan(), "standing": standing, "banner": "This is the last picture."})
        banner = shown.find("diagram-disconnected")
        expect(banner).to_have_text("This is the last picture.")
        places = banner.bounding_box(), shown.find("diagram").bounding_box()
        assert places[0]
        assert places[1]
        assert places[0]["y"] + places[0]["height"] <= places[1]["y"]
        assert shown.page.evaluate(dashes) == "5px, 4px"
        assert "grayscale" in shown.page.evaluate("getComputedStyle(document.querySelector('.fanout-frame')).filter")
        shown.put(fan())
        expect(banner).to_be_empty()
        assert shown.page.evaluate(dashes) == "none"

    def test_with_nothing_to_draw(self, view: Show) -> None:
        shown = view(EMPTY)
        expect(shown.find("caption")).to_have_text("Nothing to draw yet.")
        shown.put(fan())
        expect(shown.find("queue-a")).to_be_visible()
        shown.put(EMPTY)
        expect(shown.find("diagram")).to_be_hidden()

    def test_a_presenters_fills_the_page(self, page: Page, view: Show) -> None:
        page.set_viewport_size({"width": 1800, "height": 900})
        shown = view(fan())
        ordinary = shown.find("diagram").bounding_box()
        page.evaluate("model.set('presenter', true)")
        large = shown.find("diagram").bounding_box()
        assert ordinary is not None
        assert large is not None
        assert ordinary["width"] <= 960 + 12
        assert large["width"] > 1700


SUBSCRIBERS = (1, 3, 12)
# What leaves the picture on its left or right.
OUTSIDE = """() => {
    const frame = document.querySelector(".fanout-frame").getBoundingClientRect();
    const drawn = ":is(.fanout-shape, .fanout-path, .fanout-badge, .fanout-key)";
    return [...document.querySelectorAll(`.fanout-picture ${drawn}`)]
        .map((part) => part.getBoundingClientRect())
        .filter(({ left, right }) => left < frame.left - 0.5 || right > frame.right + 0.5).length;
}"""


def top(part: Locator) -> float:
    return float(part.evaluate("(part) => part.getBoundingClientRect().top"))


def bottom(part: Locator) -> float:
    return float(part.evaluate("(part) => part.getBoundingClientRect().bottom"))


class TestRoom:
    @pytest.mark.parametrize("count", SUBSCRIBERS)
    @pytest.mark.parametrize(("width", "zoom"), [(400, 1), (640, 1), (800, 1), (1400, 1), (853, 1.5)])
    def test_all_is_inside_and_nothing_goes_sideways(
        self, browser: Browser, width: int, zoom: float, count: int
    ) -> None:
        with clean_page(browser, width, 700, zoom=zoom) as page:
            shown = View(page, lay_out(fanout(count)))
            # As the kernel does.
            page.wait_for_function("rooms.length > 0 || innerWidth > 980")
            told = page.evaluate("rooms.at(-1) ?? 0")
            assert width - 60 < told <= width - 12 or width == 1400
            shown.put(lay_out(fanout(count), room=told))
            # Lines glide to their places.
            page.wait_for_function("document.getAnimations().every((each) => each.playState === 'finished')")
            assert page.evaluate(OUTSIDE) == 0
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            scale = page.evaluate("document.querySelector('.fanout-picture').getScreenCTM().a")
            assert 0.97 < scale < 1.06, "letters are as large as they are meant to be"

    def test_a_message_in_a_narrow_list_is_whole_with_what_became_of_it_below(self, page: Page, view: Show) -> None:
        page.set_viewport_size({"width": 400, "height": 700})
        text, summary = "a routing key and a half", "2 queues: one of office, and a queue of the accountants"
        view({**fan(), "messages": [{**message(1), "text": text, "summary": summary}]})
        sent, became = page.locator(".fanout-sent"), page.locator(".fanout-summary")
        assert page.locator(".fanout-body").evaluate("(text) => text.scrollWidth <= text.clientWidth")
        assert bottom(sent) <= top(became) + 1
        view({**fan(), "messages": [{**message(1), "text": 20 * text, "summary": summary}]})
        assert page.locator(".fanout-body").evaluate("(text) => text.scrollWidth > text.clientWidth")
        assert sent.evaluate("(line) => line.clientHeight") < 30

    def test_while_the_kernel_is_busy_the_drawing_is_shown_smaller_and_whole(self, page: Page, view: Show) -> None:
        page.set_viewport_size({"width": 500, "height": 700})
        view(lay_out(fanout(3)))
        assert page.evaluate(OUTSIDE) == 0
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    def test_is_told_once_for_each_room(self, page: Page, view: Show) -> None:
        page.set_viewport_size({"width": 650, "height": 700})
        view(fan())
        page.wait_for_function("rooms.length === 1")
        for width in (651, 652, 500):
            page.set_viewport_size({"width": width, "height": 700})
        page.wait_for_function("rooms.length === 2")
        assert page.evaluate("rooms") == [620, 460]

    def test_a_kernel_that_is_gone_is_told_nothing(self, page: Page, view: Show) -> None:
        view(fan())
        page.evaluate("model.fire('comm_live_update')")
        before = page.evaluate("rooms.length")
        page.set_viewport_size({"width": 500, "height": 700})
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        assert page.evaluate("rooms.length") == before


class TestPicture:
    def test_hostile_names_and_texts_stay_text(self, view: Show) -> None:
        sent = message(1)
        sent["text"] = sent["summary"] = sent["way"] = HOSTILE
        drawing = fan(sent, queues=[HOSTILE])
        shown = view({**drawing, "notes": [HOSTILE], "words": HOSTILE})
        shown.find("message-1").click()
        shown.find(f"queue-{HOSTILE}").focus()
        expect(shown.find("caption")).to_have_text(f"queue {HOSTILE}, all of it")
        for testid in ("way", "words", "notes"):
            expect(shown.find(testid)).to_have_text(HOSTILE)
        assert shown.page.locator("main :is(img, script)").count() == 0
        assert shown.page.evaluate("() => window.executed") is None

    def test_what_is_not_declared_says_so(self, view: Show) -> None:
        drawing = fan()
        drawing["boxes"][1]["state"] = "missing"
        shown = view(drawing)
        expect(shown.find("exchange-logs").locator(".fanout-detail")).to_have_text("not declared")

    def test_is_one_tab_stop_in_which_arrow_keys_go_from_box_to_box(self, view: Show) -> None:
        shown = view(fan(message(1)))
        shown.press("Tab")
        expect(shown.find("producer-lab")).to_be_focused()
        shown.press("ArrowRight", "ArrowRight", "ArrowDown")
        expect(shown.find("queue-b")).to_be_focused()
        expect(shown.find("caption")).to_have_text("queue b, all of it")
        shown.press("ArrowRight", "ArrowRight", "ArrowUp", "ArrowLeft")
        expect(shown.find("queue-a")).to_be_focused()
        shown.press("Tab")
        expect(shown.find("message-1")).to_be_focused()
        shown.press("Shift+Tab")
        expect(shown.find("queue-a")).to_be_focused()

    def test_the_notebook_leaves_keys_to_all_that_takes_the_focus(self, view: Show) -> None:
        shown = view({**fan(message(1)), "words": "in words"})
        focusable = shown.page.locator("main :is([tabindex], button, summary)")
        expect(focusable).to_have_count(8 + 1 + 1)
        assert focusable.evaluate_all("(all) => all.every((each) => each.dataset.lmSuppressShortcuts === 'true')")

    def test_the_caption_names_the_line_under_the_mouse(self, view: Show) -> None:
        shown = view(fan())
        shown.page.locator(".fanout-link").first.hover(force=True)
        expect(shown.find("caption")).to_have_text("publish from lab to logs")
        shown.page.mouse.move(2, 690)
        expect(shown.find("caption")).to_contain_text("Point at something")

    def test_an_update_keeps_the_focus_and_touches_only_what_changed(self, view: Show) -> None:
        shown = view(fan())
        shown.find("queue-b").focus()
        shown.page.evaluate("window.was = document.activeElement")
        shown.page.evaluate(
            "window.touched = 0; new MutationObserver((records) => (window.touched += records.length))"
            ".observe(document.querySelector('svg'), { subtree: true, childList: true, attributes: true })"
        )
        shown.put(fan())
        assert shown.page.evaluate("touched") == 0
        shown.put(fan(queues=["new", "a", "b", "c"]))
        expect(shown.find("queue-new")).to_be_visible()
        expect(shown.find("queue-b")).to_be_focused()
        assert shown.page.evaluate("document.activeElement === was")

    def test_a_box_that_goes_hands_its_focus_on(self, view: Show) -> None:
        shown = view(fan())
        shown.find("queue-b").focus()
        shown.put(fan(queues=["a", "c"]))
        expect(shown.find("producer-lab")).to_be_focused()
        expect(shown.page.locator(".fanout-box")).to_have_count(6)


class TestMessages:
    def test_the_latest_is_first(self, view: Show) -> None:
        shown = view(fan(message(1), message(2, delivered="ab")))
        expect(shown.find("messages").get_by_role("button")).to_have_text(
            ["#2 info: hello — 3 queues · 2 delivered", "#1 info: hello — 3 queues · 0 delivered"]
        )

    @pytest.mark.parametrize("key", ["Enter", " "])
    def test_choosing_one_tells_its_way_and_shows_it_once_more(self, view: Show, key: str) -> None:
        shown = view(fan(message(1, delivered="abc"), message(2)))
        shown.find("message-1").focus()
        shown.press(key)
        expect(shown.find("way")).to_have_text("the way of 1")
        expect(shown.find("message-1")).to_have_attribute("aria-current", "true")
        shown.wait_for_end(7)
        assert shown.begun("publish") == [("1", "exchange-logs")]
        assert sorted(shown.begun("copy")) == [("1", "queue-a"), ("1", "queue-b"), ("1", "queue-c")]
        assert len(shown.begun("delivery")) == 3
        # It did not arrive twice.
        expect(shown.find("queue-a")).to_have_attribute("data-arrivals", "0")

    def test_the_way_of_the_chosen_one_goes_on(self, view: Show) -> None:
        shown = view(fan(message(1)))
        shown.find("message-1").click()
        shown.put(fan({**message(1, delivered="a"), "way": "delivered since"}))
        expect(shown.find("way")).to_have_text("delivered since")
        expect(shown.find("message-1")).to_contain_text("1 delivered")

    def test_new_messages_leave_focus_and_scroll_position_alone(self, view: Show) -> None:
        shown = view(fan(*map(message, range(1, 16))))
        shown.find("message-5").focus()
        before = offset(shown.find("message-5"))
        shown.put(fan(*map(message, range(2, 21))))
        expect(shown.find("message-1")).to_have_count(0)
        expect(shown.find("message-5")).to_be_focused()
        assert offset(shown.find("message-5")) == pytest.approx(before, abs=2)

    def test_a_focused_message_that_leaves_hands_its_focus_to_its_neighbour(self, view: Show) -> None:
        shown = view(fan(message(1), message(2)))
        shown.find("message-1").focus()
        shown.put(fan(message(2), message(3)))
        expect(shown.find("message-2")).to_be_focused()


def offset(shown: Locator) -> float:
    """How far from its list's top a message is on the screen."""
    return float(
        shown.evaluate("(node) => node.getBoundingClientRect().top - node.closest('ol').getBoundingClientRect().top")
    )


class TestStillPicture:
    NOTEBOOK = PAGE.replace(
        "<main id=root></main>",
        "<div class=jp-OutputArea-child id=still><div class=jp-RenderedSVG>still</div></div>"
        "<main class=jp-OutputArea-child><div id=root></div></main>",
    )

    def test_is_hidden_while_the_live_one_is_there(self, page: Page) -> None:
        View(page, fan(), self.NOTEBOOK)
        expect(page.locator("#still")).to_be_hidden()
        page.evaluate("dispose()")
        expect(page.locator("#still")).to_be_visible()

    def test_another_output_stays(self, page: Page) -> None:
        View(page, fan(), self.NOTEBOOK.replace("jp-RenderedSVG", "jp-RenderedText"))
        page.wait_for_timeout(100)
        expect(page.locator("#still")).to_be_visible()
