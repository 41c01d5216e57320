// A text field whose text reaches the kernel in the order of the person's acts: see message_field.py.

function render({ model, el }) {
  const label = document.createElement("label");
  label.className = "fanout-field";
  const name = document.createElement("span");
  name.textContent = model.get("label");
  const input = document.createElement("input");
  input.type = "text";
  input.autocomplete = "off";
  input.spellcheck = false;
  input.placeholder = "type a message, then press a button";
  input.value = model.get("value");
  input.dataset.testid = "message";
  // The notebook's one-key shortcuts must not act on what is typed here (Lumino looks for this attribute).
  input.dataset.lmSuppressShortcuts = "true";
  label.append(name, input);
  el.append(label);

  // What the kernel was told and has not echoed yet: an echo must not overwrite what was typed since.
  let told = [];
  const tell = (enter) => {
    told.push(input.value);
    model.send({ text: input.value, enter });
  };
  const onChange = () => {
    if (input.value !== (told.at(-1) ?? model.get("value"))) tell(false);
  };
  const onKey = (event) => {
    event.stopPropagation();
    if (event.key === "Enter" && !event.isComposing) tell(true);
  };
  const onValue = () => {
    const value = model.get("value");
    const echoed = told.indexOf(value);
    told = told.slice(echoed + 1);
    if (echoed < 0) input.value = value;
  };
  input.addEventListener("change", onChange);
  input.addEventListener("keydown", onKey);
  model.on("change:value", onValue);
  return () => model.off("change:value", onValue);
}

export default { render };
