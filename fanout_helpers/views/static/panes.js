// Draws the snapshot of panes.py. Text from messages only ever becomes textContent, never markup.

const SEVERITIES = ["info", "warning", "error"];
const MOST_HIGHLIGHTED = 10; // More new messages than this in one frame are a stream, not an event.
const BOTTOM = 4; // Pixels from the end at which a person still counts as following it.

function messages(count) {
  return count === 1 ? "message" : "messages";
}

function makeLine(line, name) {
  const row = element("div", "fanout-line", `line-${name}`);
  const severity = SEVERITIES.find((word) => line.text.startsWith(`${word}:`));
  row.dataset.severity = severity ?? "none";
  row.dataset.number = line.number;
  const number = element("span", "fanout-number");
  number.textContent = line.number;
  number.ariaHidden = "true";
  const mark = element("span", "fanout-mark");
  mark.ariaHidden = "true";
  const text = element("bdi", "fanout-text");
  text.textContent = line.text;
  row.append(number, mark, text);
  if (line.note) {
    const note = element("span", "fanout-note");
    note.textContent = line.note;
    row.append(note);
  }
  return row;
}

class Pane {
  constructor(pane) {
    const { name } = pane;
    this.last = 0;
    this.fresh = true;
    this.card = element("section", "fanout-pane", `card-${name}`);
    const head = element("header", "fanout-head");
    const title = element("bdi", "fanout-name");
    title.textContent = title.title = name;
    this.count = element("span", "fanout-count", `count-${name}`);
    this.unit = element("span", "fanout-unit");
    this.queue = element("bdi", "fanout-queue", `queue-${name}`);
    this.wholeQueue = element("bdi", "fanout-queue fanout-whole");
    this.state = element("span", "fanout-state", `state-${name}`);
    const amount = element("span", "fanout-amount");
    amount.append(this.count, this.unit);
    head.append(title, amount, this.queue, this.wholeQueue, this.state);
    this.log = element("div", "fanout-log", `pane-${name}`);
    this.log.role = "log";
    this.log.ariaLive = "polite";
    this.log.ariaLabel = `${name}: messages received`;
    this.log.tabIndex = 0;
    keepKeys(this.log);
    this.following = true;
    this.log.addEventListener("scroll", () => (this.following = this.isAtEnd()), { passive: true });
    // Nothing can be scrolled before the page lays the pane out, which is after its first lines.
    new ResizeObserver(() => this.follow()).observe(this.log);
    this.foot = element("footer", "fanout-foot", `foot-${name}`);
    this.card.append(head, this.log, this.foot);
  }

  update(pane, paused, connected) {
    setText(this.count, pane.total.toLocaleString("en"));
    setText(this.unit, messages(pane.total));
    setText(this.queue, pane.queue || "no queue");
    this.log.dataset.empty = pane.cleared ? "nothing since Clear" : "nothing received yet";
    setText(this.wholeQueue, pane.full_queue);
    this.queue.title = pane.full_queue;
    const state = connected ? pane.state : "disconnected";
    this.card.dataset.state = state;
    setText(this.state, state);
    this.updateLines(pane);
    this.updateFoot(pane, paused);
  }

  updateLines(pane) {
    const first = pane.lines.length ? pane.lines[0].number : Infinity;
    while (this.log.firstChild && Number(this.log.firstChild.dataset.number) < first) this.log.firstChild.remove();
    const added = pane.lines.filter((line) => line.number > this.last);
    if (!added.length) return;
    const rows = added.map((line) => makeLine(line, pane.name));
    if (!this.fresh && rows.length <= MOST_HIGHLIGHTED) rows.forEach((row) => row.classList.add("fanout-new"));
    this.log.append(...rows);
    this.last = added.at(-1).number;
  }

  isAtEnd() {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight <= BOTTOM;
  }

  follow() {
    if (this.following) this.log.scrollTop = this.log.scrollHeight;
  }

  updateFoot(pane, paused) {
    const earlier = pane.total - pane.lines.length;
    const parts = [];
    if (earlier > 0) parts.push(`latest ${pane.lines.length} shown`);
    if (pane.cleared) parts.push(`${pane.cleared.toLocaleString("en")} cleared`);
    if (paused) parts.push(`paused, ${pane.waiting.toLocaleString("en")} held back`);
    setText(this.foot, parts.join(" · "));
    this.foot.classList.toggle("fanout-waiting", pane.waiting > 0);
    this.fresh = false;
  }
}

class Board {
  constructor(el) {
    this.panes = new Map();
    this.root = element("div", "fanout-panes");
    this.gone = element("div", "fanout-gone", "disconnected");
    this.gone.role = "alert";
    this.grid = element("div", "fanout-grid");
    this.root.append(this.gone, this.grid);
    el.append(this.root);
  }

  update(snapshot, connected) {
    this.updateConnection(connected);
    this.root.classList.toggle("fanout-paused", snapshot.paused);
    const keys = new Set(snapshot.panes.map((pane) => pane.key));
    for (const [key, pane] of this.panes) {
      if (keys.has(key)) continue;
      pane.card.remove();
      this.panes.delete(key);
    }
    snapshot.panes.forEach((pane, place) => this.updatePane(pane, place, snapshot.paused, connected));
    // After all changes, so that the browser lays the page out once.
    this.panes.forEach((pane) => pane.follow());
  }

  updatePane(pane, place, paused, connected) {
    if (!this.panes.has(pane.key)) this.panes.set(pane.key, new Pane(pane));
    const shown = this.panes.get(pane.key);
    // Only a pane that is out of place is moved: moving one would lose its focus and its scroll position.
    if (this.grid.children[place] !== shown.card) this.grid.insertBefore(shown.card, this.grid.children[place] ?? null);
    shown.update(pane, paused, connected);
  }

  updateConnection(connected) {
    this.root.classList.toggle("fanout-disconnected", !connected);
    setText(this.gone, connected ? "" : DISCONNECTED);
  }
}

function render({ model, el }) {
  const board = new Board(el);
  let connected = true;
  const update = () => board.update(model.get("snapshot"), connected);
  update();
  const unwatch = watchKernel(model, () => {
    connected = false;
    update();
  });
  model.on("change:snapshot", update);
  return () => {
    model.off("change:snapshot", update);
    unwatch();
  };
}

export default live(render);
