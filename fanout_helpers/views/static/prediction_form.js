// The line of prediction_form.py. What comes from outside only ever becomes textContent, never markup.

const SYMBOLS = { quiet: "○", waiting: "…", right: "✓", wrong: "✗", past: "○", error: "!" };
const DOTS_TAKE = 1500; // Milliseconds from a publish to the arrival of its last copy on the page.

// A line that goes on in the next row keeps clear of its label.
function lines(text) {
  return (text.match(/.*\n|.+/g) ?? []).map((line) => {
    const part = document.createElement("span");
    if (/^\w+ {2}/.test(line)) part.className = "fanout-prediction-labelled";
    part.textContent = line;
    return part;
  });
}

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

  let reading = 0;
  const onNotice = () => {
    clearTimeout(reading);
    const { kind } = model.get("notice");
    // The broker is faster than the dots: whoever made a prediction sees first what happens, and then reads it.
    const isJudged = kind === "right" || kind === "wrong";
    if (isJudged && !matchMedia("(prefers-reduced-motion: reduce)").matches) reading = setTimeout(show, DOTS_TAKE);
    else show();
  };
  const show = () => {
    const notice = model.get("notice");
    line.dataset.kind = notice.kind;
    symbol.textContent = SYMBOLS[notice.kind];
    if (text.textContent !== notice.text) text.replaceChildren(...lines(notice.text));
  };
  model.on("change:notice", onNotice);
  show();

  // The form around the line is of ipywidgets' making, and may stand in the page only after this. Python cannot name
  // it to screen readers.
  const callOff = whenPlaced(el, () => {
    const form = el.closest(".fanout-prediction");
    if (!form) return;
    form.role = "group";
    form.ariaLabel = "Prediction: who gets the next message";
  });
  return () => {
    clearTimeout(reading);
    callOff();
    model.off("change:notice", onNotice);
  };
}

export default live(render);
