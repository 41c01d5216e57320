// A text field, the presses of the buttons on its board, and the lines that answer: see message_field.py.
// Text from messages only ever becomes textContent, never markup.

const SEVERITIES = ["info", "warning", "error"];
const ANSWERS_TAKE = 300; // Milliseconds after which a press without an answer is said to wait.
const GONE = "This press did nothing: the kernel is gone. Run the cells again from the top.";

// What is chosen in the prediction's form: its boxes have classes with their numbers.
function choices(form) {
  const boxes = [...form.querySelectorAll("[class*='fanout-tick-']")].filter((box) => box.querySelector("input").checked);
  const ticks = boxes.map((box) => Number(/fanout-tick-(\d+)/.exec(box.className)[1]));
  return { ticks, copies: form.querySelector("select").selectedIndex };
}

// The presses that the kernel has not answered yet, oldest first.
class Presses {
  constructor(model, onChange) {
    this.model = model;
    this.onChange = onChange;
    this.open = [];
    this.late = 0;
    this.isGone = false;
  }

  // Hands something over to the kernel, and has it answered.
  send(content) {
    const asked = crypto.randomUUID?.() ?? String(Math.random());
    this.open.push(asked);
    if (this.isGone) return this.onChange();
    this.model.send({ ...content, asked });
    setTimeout(() => this.open.includes(asked) && this.wait(), ANSWERS_TAKE);
  }

  wait() {
    this.isBusy = this.model.widget_manager?.context?.sessionContext?.session?.kernel?.status === "busy";
    this.late = this.open.length;
    this.onChange();
  }

  // What comes from one page is handled in its order, so what was sent before is answered too.
  answer(asked) {
    const place = this.open.indexOf(asked);
    if (place < 0) return;
    this.open = this.open.slice(place + 1);
    this.late = Math.min(this.late, this.open.length);
    this.onChange();
  }

  end() {
    this.isGone = true;
    this.onChange();
  }

  // What there is to say of them.
  get text() {
    if (this.isGone) return this.open.length ? GONE : "";
    if (!this.late) return "";
    const presses = this.late === 1 ? "Your press takes" : `Your ${this.late} presses take`;
    return this.isBusy
      ? `Waiting for the kernel: a cell is running. ${presses} effect when it ends.`
      : `Waiting for the kernel. ${presses} effect when it answers.`;
  }
}

class StatusLine {
  constructor() {
    this.root = element("div", "fanout-notice", "status");
    this.root.role = "status";
  }

  show({ number, kind, text }) {
    const isNew = this.root.dataset.number !== String(number);
    this.root.dataset.number = number;
    this.root.dataset.kind = kind;
    setText(this.root, text);
    // What was said became past: that is nothing new.
    if (!isNew) return;
    // Starting the animation anew shows that the same text was said again.
    this.root.classList.remove("fanout-new");
    void this.root.offsetWidth;
    this.root.classList.add("fanout-new");
  }
}

function render({ model, el }) {
  const label = element("label", "fanout-field");
  const name = element("span", "");
  name.textContent = model.get("label");
  const input = element("input", "", "message");
  input.type = "text";
  input.autocomplete = "off";
  input.spellcheck = false;
  input.value = model.get("value");
  keepKeys(input);
  label.append(name, input);
  el.append(label);

  const answers = element("div", "fanout-answers");
  const status = new StatusLine();
  const standstill = element("div", "fanout-standstill", "standstill");
  standstill.role = "status";
  answers.append(status.root, standstill);
  const presses = new Presses(model, () => showAnswers());
  const showAnswers = () => {
    const waiting = presses.text;
    status.show(waiting ? { number: waiting, kind: presses.isGone ? "error" : "busy", text: waiting } : model.get("notice"));
    setText(standstill, model.get("standstill"));
  };
  showAnswers();
  const onAnswered = () => presses.answer(model.get("answered"));

  // What the kernel was told and has not echoed yet: an echo must not overwrite what was typed since.
  let told = [];
  const tell = (content) => {
    told.push(input.value);
    presses.send({ text: input.value, ...content });
  };
  const onChange = () => {
    if (input.value === (told.at(-1) ?? model.get("value"))) return;
    told.push(input.value);
    model.send({ text: input.value });
  };
  const onKey = (event) => {
    if (isRunKey(event)) return;
    event.stopPropagation();
    if (event.key === "Enter" && !event.isComposing) tell({ press: "info" });
  };
  const onValue = () => {
    const value = model.get("value");
    const echoed = told.indexOf(value);
    told = told.slice(echoed + 1);
    if (echoed < 0) input.value = value;
  };
  const showPlaceholder = () => (input.placeholder = model.get("placeholder"));
  showPlaceholder();
  const onClick = (event) => {
    const button = event.target.closest(".fanout-controls button, .fanout-commit");
    if (!button || button.disabled) return;
    const severity = SEVERITIES.find((each) => button.classList.contains(`fanout-${each}`));
    const form = button.closest(".fanout-prediction");
    // What is this field's alone: ipywidgets would send the press a second time.
    if (severity || form) event.stopPropagation();
    if (severity) tell({ press: severity });
    else if (form) tell({ commit: choices(form) });
    else tell({});
  };
  // Right under the buttons, where whoever presses one looks. The box has no class of ours yet.
  const callOffAnswers = whenInPage(el, () => el.closest(".widget-box")?.append(answers));
  let board;
  const callOffPresses = whenPlaced(el, () => {
    board = el.closest(".fanout-board");
    board?.addEventListener("click", onClick, { capture: true });
  });
  input.addEventListener("change", onChange);
  input.addEventListener("keydown", onKey);
  model.on("change:value", onValue);
  model.on("change:placeholder", showPlaceholder);
  model.on("change:answered", onAnswered);
  model.on("change:notice change:standstill", showAnswers);
  const unwatch = watchKernel(model, () => presses.end());
  return () => {
    callOffAnswers();
    callOffPresses();
    unwatch();
    answers.remove();
    board?.removeEventListener("click", onClick, { capture: true });
    model.off("change:value", onValue);
    model.off("change:placeholder", showPlaceholder);
    model.off("change:answered", onAnswered);
    model.off("change:notice change:standstill", showAnswers);
  };
}

export default live(render);
