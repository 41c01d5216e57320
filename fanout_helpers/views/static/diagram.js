// The live diagram of diagram.py: picture.js draws it, dots.js moves messages through it, the rest of it is here.
// Text from messages and from RabbitMQ only ever becomes textContent, never markup.

const HINT = "Point at something, or go there with Tab and the arrow keys, for its whole name.";
const NOTHING = "Nothing to draw yet.";
const STREAM = "Too many messages to draw one by one: counts and rates instead.";
const ROOM = 960; // More room than this makes no other drawing, as in parts.py.
const STEP = 20; // How much room makes another one, as in columns.py.
const UNTRACED = "Single messages cannot be shown here: counts and rates instead.";

// The latest messages, newest first; choosing one tells its way and shows it again.
class MessageList {
  constructor(onChoose) {
    this.onChoose = onChoose;
    this.items = new Map();
    this.root = element("div", "fanout-history");
    this.list = element("ol", "fanout-messages", "messages");
    this.list.ariaLabel = "Latest messages, newest first";
    this.way = element("pre", "fanout-way", "way");
    this.way.ariaLive = "polite";
    this.root.append(this.list, this.way);
  }

  update(messages) {
    this.root.hidden = messages.length === 0;
    const numbers = new Set(messages.map(({ number }) => number));
    for (const number of this.items.keys()) if (!numbers.has(number)) this.remove(number);
    [...messages].reverse().forEach((message, place) => this.place(message, place));
  }

  place(message, place) {
    if (!this.items.has(message.number)) this.items.set(message.number, this.make(message));
    const item = this.items.get(message.number);
    const there = this.list.children[place] ?? null;
    if (there !== item.row) this.list.insertBefore(item.row, there);
    item.message = message;
    setText(item.summary, ` — ${message.summary}`);
    if (message.number === this.chosen) setText(this.way, message.way);
  }

  make(message) {
    const row = element("li", "");
    const button = element("button", "fanout-message", `message-${message.number}`);
    button.type = "button";
    keepKeys(button);
    button.dataset.severity = message.severity;
    button.dataset.copies = message.copies;
    const mark = element("span", "fanout-mark");
    mark.ariaHidden = "true";
    const text = element("bdi", "fanout-body");
    text.textContent = message.text;
    const summary = element("span", "fanout-summary");
    const number = element("span", "fanout-which");
    number.textContent = `#${message.number} `;
    const sent = element("span", "fanout-sent");
    sent.append(mark, number, text);
    button.append(sent, summary);
    button.addEventListener("click", () => this.choose(message.number));
    row.append(button);
    return { row, button, summary, message };
  }

  choose(number) {
    this.items.get(this.chosen)?.button.removeAttribute("aria-current");
    this.chosen = number;
    const { button, message } = this.items.get(number);
    button.ariaCurrent = "true";
    setText(this.way, message.way);
    this.onChoose(message);
  }

  remove(number) {
    const { row } = this.items.get(number);
    const next = row.previousElementSibling ?? row.nextElementSibling;
    // Who stands on the message that leaves stands on its neighbour then, and not at the page's top.
    if (row.contains(row.getRootNode().activeElement)) next?.firstChild.focus({ preventScroll: true });
    row.remove();
    this.items.delete(number);
  }
}

class Diagram {
  constructor(el) {
    this.root = element("div", "fanout-diagram");
    this.gone = element("div", "fanout-gone", "diagram-disconnected");
    this.gone.role = "status";
    this.caption = element("p", "fanout-caption", "caption");
    this.notes = element("div", "fanout-notes", "notes");
    this.picture = new Picture((key) => this.point(key));
    this.traffic = new Traffic(this.picture);
    this.history = new MessageList((message) => this.traffic.replay(message));
    this.words = element("pre", "fanout-words", "words");
    this.twin = element("details", "fanout-twin");
    const summary = element("summary", "");
    summary.textContent = "In words";
    keepKeys(summary);
    this.twin.append(summary, this.words);
    this.root.append(this.gone, this.picture.frame, this.caption, this.notes, this.history.root, this.twin);
    el.append(this.root);
  }

  update(drawing, presenter) {
    this.drawing = drawing;
    this.root.classList.toggle("fanout-presenter", presenter);
    this.root.dataset.mode = drawing.mode;
    this.picture.update(drawing, presenter);
    this.point(this.pointed);
    this.updateNotes(drawing);
    this.history.update(drawing.messages);
    setText(this.words, drawing.words);
    this.twin.hidden = drawing.words === "";
    if (!this.isGone) this.showStanding(drawing);
    this.traffic.update(drawing);
  }

  updateNotes({ mode, notes }) {
    const first = { messages: [], flows: [STREAM], untraced: [UNTRACED] }[mode];
    setText(this.notes, [...first, ...notes].join("\n"));
  }

  point(key) {
    this.pointed = key;
    setText(this.caption, this.picture.full(key) || (this.drawing.boxes.length ? HINT : NOTHING));
  }

  // How sure the picture is, in words above it and in its look.
  showStanding({ standing, banner }) {
    this.root.dataset.standing = standing;
    this.root.classList.toggle("fanout-disconnected", standing !== "live");
    setText(this.gone, banner);
  }

  disconnect() {
    this.isGone = true;
    this.showStanding({ standing: "disconnected", banner: DISCONNECTED });
    this.traffic.stop();
  }
}

// Tells the kernel how wide the drawing may be. While the kernel is busy, or gone, the one that is there is shown smaller.
function tellRoom(model, node) {
  let told = 0;
  const observer = new ResizeObserver(([{ contentRect }]) => {
    const room = Math.min(ROOM, Math.floor((contentRect.width - PADDING) / STEP) * STEP);
    if (room <= 0 || room === told) return;
    told = room;
    model.send({ room });
  });
  observer.observe(node);
  return () => observer.disconnect();
}

// The buttons of ipywidgets' making let the notebook take their keys.
function keepBoardsKeys(el) {
  const keep = ({ target }) => keepKeys(target);
  return whenPlaced(el, () => el.closest(".fanout-board")?.addEventListener("focusin", keep));
}

function render({ model, el }) {
  const diagram = new Diagram(el);
  const update = () => diagram.update(model.get("drawing"), model.get("presenter"));
  update();
  const showStill = hideTwin(el, (before) => before.querySelector(".jp-RenderedSVG"));
  const callOff = keepBoardsKeys(el);
  const hush = tellRoom(model, diagram.root);
  const unwatch = watchKernel(model, () => {
    hush();
    diagram.disconnect();
  });
  model.on("change:drawing", update);
  model.on("change:presenter", update);
  return () => {
    model.off("change:drawing", update);
    model.off("change:presenter", update);
    unwatch();
    hush();
    showStill();
    callOff();
    diagram.traffic.stop();
  };
}

export default live(render);
