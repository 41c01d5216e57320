// The dots that show messages on their way. What is drawn is decided here from one drawing to the next.

const LEG = 450; // Milliseconds along one line.
const APART = 120; // Milliseconds between messages that came together, so that they do not hide one another.
const MOST_DOTS = 60; // More than this at once are a stream, not an event: the rest arrives without being drawn.
const NOTE = 3000; // Milliseconds for which it says that a message got nowhere.
const FALL = 46; // How far a message that no queue got falls.
const DOTS = {
  info: "M-7 0A7 7 0 0 1 7 0A7 7 0 0 1 -7 0Z",
  warning: "M0 -8.5L8.5 6.5H-8.5Z",
  error: "M0 -9L9 0L0 9L-9 0Z",
  none: "M-6 0A6 6 0 0 1 6 0A6 6 0 0 1 -6 0Z",
};

// Things that are shown for a while, and moved in each frame of it.
class Stage {
  constructor(layer) {
    this.layer = layer;
    this.acts = [];
    this.frame = 0;
  }

  get full() {
    return this.acts.length >= MOST_DOTS;
  }

  // An act has a `node`, a `start` and an `end`; `move` gets how far it is, from 0 to 1.
  play(act) {
    this.acts.push(act);
    this.frame ||= requestAnimationFrame((now) => this.step(now));
  }

  step(now) {
    const due = this.acts;
    this.acts = [];
    this.acts = [...due.filter((act) => this.advance(act, now)), ...this.acts];
    this.frame = this.acts.length ? requestAnimationFrame((next) => this.step(next)) : 0;
  }

  advance(act, now) {
    if (now < act.start) return true;
    if (!act.node.parentNode) this.layer.append(act.node);
    act.move(Math.min(1, (now - act.start) / (act.end - act.start)));
    if (now < act.end && !act.isOver?.()) return true;
    act.node.remove();
    act.done?.();
    return false;
  }

  drop(chosen) {
    this.acts.filter(chosen).forEach((act) => act.node.remove());
    this.acts = this.acts.filter((act) => !chosen(act));
  }
}

function put(node, { x, y }) {
  node.setAttribute("transform", `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
}

function eased(part) {
  return part * part * (3 - 2 * part);
}

// One way of a message through the picture: live, or as a replay of what was.
class Trip {
  constructor(stage, picture, message, isReplay) {
    Object.assign(this, { stage, picture, message, isReplay });
    this.ready = new Map(); // When each queue has the copy, and so may deliver it.
    this.delivered = 0;
  }

  publish(start) {
    const { message } = this;
    const there = this.travel("publish", [message.publish], message.exchange, start);
    if (message.copies === 0) this.lose(there);
    for (const chain of message.routed) {
      const queue = this.picture.lines.all.get(chain.at(-1))?.line.target;
      this.ready.set(queue, this.travel("copy", chain, queue, there));
    }
  }

  deliver(deliveries) {
    for (const { queue, line, redelivered } of deliveries.slice(this.delivered)) {
      const consumer = this.picture.lines.all.get(line)?.line.target;
      const start = Math.max(performance.now(), this.ready.get(queue) ?? 0);
      this.ready.set(queue, this.travel("delivery", [line], consumer, start, redelivered));
    }
    this.delivered = deliveries.length;
  }

  // Returns when the dot arrives: at once where there is none.
  travel(kind, chain, to, start, hollow = false) {
    const lines = chain.map((key) => this.picture.lines.all.get(key)).filter(Boolean);
    if (!lines.length || this.stage.full) {
      this.arrive(to);
      return start;
    }
    const node = this.dot(kind, to, hollow);
    const end = start + LEG * lines.length;
    const move = (part) => put(node, isStill() ? lines.at(-1).at(1) : along(lines, part));
    const done = () => this.arrive(to, true);
    this.stage.play({ node, start, end, move, done, isReplay: this.isReplay });
    return end;
  }

  lose(start) {
    const exchange = this.picture.boxes.all.get(this.message.exchange);
    if (!exchange || this.stage.full) return;
    const under = () => ({ x: exchange.middle.x, y: exchange.box.y + exchange.box.height });
    this.say("0 queues: nobody gets it", under, start);
    if (isStill()) return;
    const node = this.dot("lost", this.message.exchange, false);
    const move = (part) => {
      const { x, y } = under();
      put(node, { x, y: y + FALL * part * part });
      node.style.opacity = 1 - part * part;
    };
    this.stage.play({ node, start, end: start + 1.5 * LEG, move, isReplay: this.isReplay });
  }

  // It moves with the exchange, and ends when a binding comes: from then on it would not be so.
  say(text, under, start) {
    const node = svg("text", "fanout-lost", { "data-testid": "lost" });
    node.textContent = text;
    const move = () => {
      const { x, y } = under();
      put(node, { x, y: y + 18 });
      // Where it would leave the picture on the right, it stands on the left.
      const isLate = x > this.picture.width / 2;
      setAttributes(node, { dx: isLate ? -14 : 14, "data-side": isLate ? "left" : "right" });
    };
    const before = this.bindings();
    const isOver = () => this.bindings() > before;
    this.stage.play({ node, start, end: start + NOTE, move, isOver, isReplay: this.isReplay });
  }

  bindings() {
    const isOfIt = ({ line }) => line.kind === "binding" && line.source === this.message.exchange;
    return [...this.picture.lines.all.values()].filter(isOfIt).length;
  }

  dot(kind, to, hollow) {
    const { number, severity } = this.message;
    const node = svg("path", hollow ? "fanout-dot fanout-hollow" : "fanout-dot", { d: DOTS[severity] });
    const target = this.picture.boxes.all.get(to)?.box.testid ?? "";
    Object.assign(node.dataset, { testid: "dot", message: number, to: target, kind, severity });
    return node;
  }

  arrive(key, isSeen = false) {
    const box = this.picture.boxes.all.get(key);
    if (!this.isReplay) box?.count();
    if (isSeen) box?.light(this.message.severity);
  }
}

function along(lines, part) {
  const place = Math.min(lines.length - 1, Math.floor(part * lines.length));
  return lines[place].at(eased(part * lines.length - place));
}

// Sends a dot for what is new in a drawing, and none for what was there before the view was.
class Traffic {
  constructor(picture) {
    this.picture = picture;
    this.stage = new Stage(picture.moving);
    this.trips = new Map();
    this.latest = undefined;
    this.stopped = false;
    this.next = 0; // When the next message may set out.
  }

  update({ messages, mode }) {
    if (mode !== "messages") this.stage.drop(() => true);
    const isLive = this.latest !== undefined && mode === "messages" && !this.stopped && !document.hidden;
    this.next = Math.max(this.next, performance.now());
    for (const message of messages) this.follow(message, isLive);
    const numbers = new Set(messages.map(({ number }) => number));
    for (const number of this.trips.keys()) if (!numbers.has(number)) this.trips.delete(number);
    this.latest = Math.max(this.latest ?? 0, ...numbers);
  }

  follow(message, isLive) {
    const known = this.trips.get(message.number);
    const trip = known ?? new Trip(this.stage, this.picture, message, false);
    this.trips.set(message.number, trip);
    const isNew = !known && message.number > this.latest;
    if (isLive && isNew) this.setOut(trip);
    if (isLive && (isNew || known)) trip.deliver(message.deliveries);
    trip.delivered = message.deliveries.length;
  }

  setOut(trip) {
    trip.publish(this.next);
    this.next += this.stage.full ? 0 : APART;
  }

  replay(message) {
    this.stage.drop((act) => act.isReplay);
    if (this.stopped) return;
    const trip = new Trip(this.stage, this.picture, message, true);
    trip.publish(performance.now());
    trip.deliver(message.deliveries);
  }

  stop() {
    this.stopped = true;
    this.stage.drop(() => true);
  }
}
