// The line of prediction_form.py. What comes from outside only ever becomes textContent, never markup.

const SYMBOLS = { quiet: "○", waiting: "…", right: "✓", wrong: "✗", error: "!" };

function render({ model, el }) {
  const line = document.createElement("div");
  line.className = "fanout-prediction-line";
  line.dataset.testid = "prediction";
  const symbol = document.createElement("span");
  symbol.className = "fanout-prediction-symbol";
  symbol.ariaHidden = "true";
  const text = document.createElement("div");
  text.className = "fanout-prediction-text";
  text.role = "status";
  line.append(symbol, text);
  el.append(line);

  const onNotice = () => {
    const notice = model.get("notice");
    line.dataset.kind = notice.kind;
    symbol.textContent = SYMBOLS[notice.kind];
    if (text.textContent !== notice.text) text.textContent = notice.text;
  };
  model.on("change:notice", onNotice);
  onNotice();

  // The form around the line is of ipywidgets' making, and may stand in the page only after this. Python cannot name
  // it to screen readers.
  let frame = 0;
  const dress = () => {
    const form = el.closest(".fanout-prediction");
    if (!form) {
      frame = requestAnimationFrame(dress);
      return;
    }
    form.role = "group";
    form.ariaLabel = "Prediction: who gets the next message";
  };
  dress();
  return () => {
    cancelAnimationFrame(frame);
    model.off("change:notice", onNotice);
  };
}

export default { render };
