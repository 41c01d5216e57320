// The boxes and lines of a drawing (drawing.py) as SVG, which keeps its parts from drawing to drawing.

const SVG = "http://www.w3.org/2000/svg";
const SLOT = 7; // The width of one of the slots at a queue's head.
const SLOTS = 3;
const BADGE = 16; // The height of the label with a box's count.
const TURNED = 14; // How far the sides of an exchange's hexagon come to a point, at most.
const FIGURE = 7; // The width of one of its characters.
const AROUND = 12; // What it has beside them.
const ABOVE = 10; // How far it looks out over its box: the box's own label stays free.
const PADDING = 12; // What diagram.css gives the picture on its left and its right, together.
const LEAVING = 150; // Milliseconds in which a part that is gone fades, as in diagram.css.
// What a shape leaves free on the left and on the right of its texts.
const INSETS = { producer: [7, 7], exchange: [8, 8], queue: [6, 27], consumer: [5, 5], more: [10, 10] };
const NOT_DECLARED = "not declared";
const HEADS = { producer: "producers", exchange: "exchanges", queue: "queues", consumer: "consumers" };
const HEAD = 16; // Where the columns' heads stand, and how much room above the boxes they need.

const OUTLINES = {
  producer: (width, height) => rounded(width, height, height / 2),
  exchange: hexagon,
  queue: (width, height) => rounded(width, height, 2),
  consumer: (width, height) => rounded(width, height, 10),
  more: (width, height) => rounded(width, height, 2),
};

function rounded(width, height, radius) {
  const corner = (x, y) => `A${radius} ${radius} 0 0 1 ${x} ${y}`;
  const top = `M${radius} 0H${width - radius}${corner(width, radius)}`;
  const bottom = `V${height - radius}${corner(width - radius, height)}H${radius}${corner(0, height - radius)}`;
  return `${top}${bottom}V${radius}${corner(radius, 0)}Z`;
}

function hexagon(width, height) {
  const cut = Math.min(height / 2, TURNED);
  return `M${cut} 0H${width - cut}L${width} ${height / 2}L${width - cut} ${height}H${cut}L0 ${height / 2}Z`;
}

function slots(width, height) {
  const places = Array.from({ length: SLOTS }, (_, place) => width - SLOT * (place + 1));
  return places.map((x) => `M${x} 0V${height}`).join("");
}

function svg(tag, className, attributes = {}) {
  const made = document.createElementNS(SVG, tag);
  made.setAttribute("class", className);
  setAttributes(made, attributes);
  return made;
}

function setAttributes(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
  }
}

function isStill() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

class Box {
  constructor() {
    this.group = svg("g", "fanout-box", { role: "img", tabindex: -1, "data-arrivals": 0 });
    keepKeys(this.group);
    this.title = svg("title", "");
    this.ring = svg("path", "fanout-ring");
    this.shape = svg("path", "fanout-shape");
    this.flash = svg("path", "fanout-flash");
    this.slots = svg("path", "fanout-slots");
    this.texts = svg("svg", "", { y: 0 }); // It cuts off what is wider in this font than it was estimated to be.
    this.label = svg("text", "fanout-label", { x: "50%" });
    this.detail = svg("text", "fanout-detail", { x: "50%" });
    this.texts.append(this.label, this.detail);
    this.badge = svg("rect", "fanout-badge", { height: BADGE, y: -ABOVE, rx: BADGE / 2 });
    this.number = svg("text", "fanout-total", { y: 2 });
    const marks = [this.ring, this.shape, this.flash, this.slots];
    this.group.append(this.title, ...marks, this.texts, this.badge, this.number);
  }

  update(box) {
    this.box = box;
    const { kind, state, testid, key, full } = box;
    Object.assign(this.group.dataset, { kind, state, testid, key });
    setAttributes(this.group, { "aria-label": full });
    this.group.style.transform = `translate(${box.x}px, ${box.y}px)`;
    setText(this.title, full);
    this.updateShape(box);
    this.updateText(box);
    this.updateNumber(box);
  }

  updateShape({ kind, width, height }) {
    const outline = OUTLINES[kind](width, height);
    for (const part of [this.ring, this.shape, this.flash]) setAttributes(part, { d: outline });
    setAttributes(this.slots, { d: kind === "queue" ? slots(width, height) : "" });
  }

  updateText({ kind, width, height, label, detail, state }) {
    const [left, right] = INSETS[kind];
    const under = state === "missing" ? NOT_DECLARED : detail;
    setText(this.label, label);
    setText(this.detail, under);
    setAttributes(this.texts, { x: left, width: width - left - right, height });
    setAttributes(this.label, { y: height / 2 + (under ? -2 : 4.5) });
    setAttributes(this.detail, { y: height / 2 + 12 });
  }

  updateNumber({ width, number }) {
    const across = Math.max(BADGE, FIGURE * number.length + AROUND);
    setText(this.number, number);
    setAttributes(this.badge, { x: width - across + 4, width: number ? across : 0 });
    setAttributes(this.number, { x: width - across / 2 + 4 });
  }

  count() {
    this.group.dataset.arrivals = Number(this.group.dataset.arrivals) + 1;
  }

  light(severity) {
    this.flash.dataset.severity = severity;
    this.flash.animate([{ opacity: 0.5 }, { opacity: 0 }], { duration: 600, easing: "ease-out" });
  }

  get middle() {
    return { x: this.box.x + this.box.width / 2, y: this.box.y + this.box.height / 2 };
  }
}

class Line {
  // `over` lies over all lines: a later one would be drawn across an earlier one's label.
  constructor(over) {
    this.group = svg("g", "fanout-link");
    this.title = svg("title", "");
    this.reach = svg("path", "fanout-reach"); // What the mouse can hit: the line itself is too thin for that.
    this.path = svg("path", "fanout-path");
    this.tip = svg("path", "fanout-tip", { d: "M0 0L-8 -4V4Z" });
    this.label = svg("text", "fanout-key");
    this.rate = svg("text", "fanout-rate");
    this.group.append(this.title, this.reach, this.path, this.tip);
    this.labels = svg("g", "fanout-labels");
    this.labels.append(this.label, this.rate);
    over.append(this.labels);
    // Never shown: the one that is shown may still be on its way here from another place.
    this.course = svg("path", "");
  }

  update(line) {
    this.line = line;
    Object.assign(this.group.dataset, { kind: line.kind, key: line.key });
    this.group.classList.toggle("fanout-flowing", line.rate > 0);
    setText(this.title, line.full);
    if (this.course.getAttribute("d") !== line.path) this.updateCourse(line.path);
    setText(this.label, line.label);
    setAttributes(this.label, { x: line.x, y: line.y + 4 });
    setText(this.rate, line.rate > 0 ? perSecond(line.rate) : "");
    setAttributes(this.rate, this.ratePlace(line));
  }

  // Bindings fan out, and their labels' places with them; the other lines are short, so it goes above their middle.
  ratePlace({ kind, label, x, y }) {
    if (kind === "binding") return { x, y: y + (label ? 18 : 4) };
    const middle = this.at(0.5);
    return { x: middle.x, y: middle.y - 6 };
  }

  updateCourse(path) {
    for (const part of [this.course, this.reach, this.path]) setAttributes(part, { d: path });
    const length = this.course.getTotalLength();
    const end = this.course.getPointAtLength(length);
    const before = this.course.getPointAtLength(Math.max(0, length - 4));
    const angle = Math.atan2(end.y - before.y, end.x - before.x);
    this.tip.style.transform = `translate(${end.x}px, ${end.y}px) rotate(${angle}rad)`;
  }

  // The point that is this part of the way along, from 0 to 1.
  at(part) {
    return this.course.getPointAtLength(part * this.course.getTotalLength());
  }
}

function perSecond(rate) {
  return `${rate.toLocaleString("en", { maximumFractionDigits: rate < 10 ? 1 : 0 })}/s`;
}

// What a column holds, said above it.
class Head {
  constructor() {
    this.group = svg("text", "fanout-column", { y: HEAD });
  }

  update({ text, x }) {
    setText(this.group, text);
    setAttributes(this.group, { x });
  }
}

// The columns' heads, if the drawing leaves room for them.
function heads(boxes) {
  if (boxes.some(({ y }) => y < HEAD + ABOVE)) return [];
  const firsts = Object.keys(HEADS).map((kind) => boxes.find((box) => box.kind === kind));
  return firsts.filter(Boolean).map(({ kind, x, width }) => ({ key: kind, text: HEADS[kind], x: x + width / 2 }));
}

// Parts by key, in the drawing's order; `left` is where those that are gone fade.
class Parts {
  constructor(make, left) {
    this.make = make;
    this.left = left;
    this.all = new Map();
    this.layer = svg("g", "");
  }

  update(drawn) {
    const keys = new Set(drawn.map(({ key }) => key));
    for (const key of this.all.keys()) if (!keys.has(key)) this.remove(key);
    drawn.forEach((item, place) => this.place(item, place));
  }

  place(item, place) {
    if (!this.all.has(item.key)) this.all.set(item.key, this.make());
    const part = this.all.get(item.key);
    const there = this.layer.children[place] ?? null;
    // Only a part that is out of place is moved: moving one would lose its focus.
    if (there !== part.group) this.layer.insertBefore(part.group, there);
    const drawn = JSON.stringify(item);
    if (part.drawn !== drawn) part.update(item);
    part.drawn = drawn;
  }

  remove(key) {
    const { group, labels } = this.all.get(key);
    this.all.delete(key);
    labels?.remove();
    delete group.dataset.testid;
    group.removeAttribute("tabindex");
    this.left.append(group);
    setTimeout(() => group.remove(), isStill() ? 0 : LEAVING);
  }
}

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

// The whole picture: one stop of the Tab key, in which the arrow keys go from box to box.
class Picture {
  constructor(onPoint) {
    this.onPoint = onPoint;
    this.root = svg("svg", "fanout-picture", { role: "group", "aria-label": "RabbitMQ now", "data-testid": "diagram" });
    const left = svg("g", "fanout-left", { "aria-hidden": "true" });
    const over = svg("g", "", { "aria-hidden": "true" });
    this.boxes = new Parts(() => new Box(), left);
    this.lines = new Parts(() => new Line(over), left);
    this.lines.layer.ariaHidden = "true"; // The boxes' names and the words say what the lines do.
    this.moving = svg("g", "fanout-moving", { "aria-hidden": "true" });
    this.heads = new Parts(() => new Head(), left);
    this.root.append(this.heads.layer, left, this.lines.layer, over, this.boxes.layer, this.moving);
    this.frame = element("div", "fanout-frame");
    this.frame.append(this.root);
    // Not to the SVG itself: one that listens to the focus is a stop of the Tab key in Chromium.
    this.frame.addEventListener("keydown", (event) => this.onKey(event));
    this.frame.addEventListener("focusin", (event) => this.onFocus(event));
    for (const name of ["focusin", "focusout", "pointerover", "pointerout"]) {
      this.frame.addEventListener(name, (event) => this.point(event));
    }
  }

  update(drawing, presenter) {
    this.width = drawing.width;
    const hadFocus = this.root.contains(this.root.getRootNode().activeElement);
    this.frame.hidden = drawing.boxes.length === 0;
    setAttributes(this.root, { viewBox: `0 0 ${drawing.width} ${drawing.height}` });
    this.root.style.maxWidth = presenter ? "" : `${drawing.width + PADDING}px`;
    this.heads.update(heads(drawing.boxes));
    this.lines.update(drawing.lines);
    this.boxes.update(drawing.boxes);
    this.setStop(this.boxes.all.has(this.stop) ? this.stop : drawing.boxes[0]?.key);
    const stop = this.boxes.all.get(this.stop)?.group;
    if (hadFocus && stop !== stop?.getRootNode().activeElement) stop?.focus();
  }

  setStop(key) {
    this.stop = key;
    this.boxes.all.forEach(({ group }, each) => setAttributes(group, { tabindex: each === key ? 0 : -1 }));
  }

  onFocus(event) {
    const { key } = event.target.closest(".fanout-box")?.dataset ?? {};
    if (this.boxes.all.has(key)) this.setStop(key);
  }

  onKey(event) {
    const direction = ARROWS[event.key];
    if (!direction || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    this.nearest(direction)?.group.focus();
  }

  // The box that is next in this direction: what lies to the side counts as farther away.
  nearest([right, down]) {
    const from = this.boxes.all.get(this.stop);
    let [best, least] = [undefined, Infinity];
    for (const box of this.boxes.all.values()) {
      const [x, y] = [box.middle.x - from.middle.x, box.middle.y - from.middle.y];
      const ahead = x * right + y * down;
      const distance = ahead + 2 * Math.abs(x * down + y * right);
      if (ahead > 1 && distance < least) [best, least] = [box, distance];
    }
    return best;
  }

  point(event) {
    const leaves = event.type === "focusout" || event.type === "pointerout";
    const { key } = event.target.closest(".fanout-box, .fanout-link")?.dataset ?? {};
    const focused = this.root.querySelector(".fanout-box:focus")?.dataset.key;
    this.onPoint(leaves ? focused : (key ?? focused));
  }

  // All there is to know about the box or line with this key.
  full(key) {
    return this.boxes.all.get(key)?.box.full ?? this.lines.all.get(key)?.line.full ?? "";
  }
}
