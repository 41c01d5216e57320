// What a doctor found (diagnosis.py). That it is on the page shows that widgets are; everything is textContent.

function render({ model, el }) {
  const root = element("div", "fanout-diagnosis", "diagnosis");
  root.textContent = model.get("text");
  el.append(root);
  return hidePrinted(el, model.get("printed"));
}

export default live(render);
