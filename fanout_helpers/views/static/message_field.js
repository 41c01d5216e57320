// A text field, and the presses of the buttons beside it, in one message: see message_field.py.

const SEVERITIES = ["info", "warning", "error"];

function render({ model, el }) {
  const label = document.createElement("label");
  label.className = "fanout-field";
  const name = document.createElement("span");
  name.textContent = model.get("label");
  const input = document.createElement("input");
  input.type = "text";
  input.autocomplete = "off";
  input.spellcheck = false;
  input.placeholder = "your message";
  input.value = model.get("value");
  input.dataset.testid = "message";
  keepKeys(input);
  label.append(name, input);
  el.append(label);

  // What the kernel was told and has not echoed yet: an echo must not overwrite what was typed since.
  let told = [];
  const tell = (press) => {
    told.push(input.value);
    model.send({ text: input.value, press });
  };
  const onChange = () => {
    if (input.value !== (told.at(-1) ?? model.get("value"))) tell(null);
  };
  const onKey = (event) => {
    event.stopPropagation();
    if (event.key === "Enter" && !event.isComposing) tell("info");
  };
  const onValue = () => {
    const value = model.get("value");
    const echoed = told.indexOf(value);
    told = told.slice(echoed + 1);
    if (echoed < 0) input.value = value;
  };
  const onClick = (event) => {
    const severity = SEVERITIES.find((each) => event.target.closest(`.fanout-${each}`));
    if (!severity) return;
    event.stopPropagation(); // ipywidgets would send the press a second time.
    tell(severity);
  };
  let controls;
  const callOff = whenPlaced(el, () => {
    controls = el.closest(".fanout-controls");
    controls?.addEventListener("click", onClick, { capture: true });
  });
  input.addEventListener("change", onChange);
  input.addEventListener("keydown", onKey);
  model.on("change:value", onValue);
  return () => {
    callOff();
    controls?.removeEventListener("click", onClick, { capture: true });
    model.off("change:value", onValue);
  };
}

export default { render };
