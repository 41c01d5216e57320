// The quiz of quiz.py. The page knows of right and wrong only what the kernel answered. Everything is textContent.

const MARKS = { right: "✓ right", wrong: "✗ wrong" };
const VERDICTS = { right: (letter) => `✓ ${letter} is right.`, wrong: (letter) => `✗ ${letter} is not right.` };
const UNCHOSEN = "Choose an answer first.";
const ALONE = "Disconnected from the kernel, which has the answers. Run the cells again from the top.";

// A question is a form of its own: so its radio buttons belong together, and Enter on one of them is Check.
class AskedQuestion {
  constructor(number, { text, choices }, onCheck) {
    this.form = element("form", "fanout-question", `question-${number}`);
    const fieldset = element("fieldset", "");
    const legend = element("legend", "");
    legend.textContent = `${number}. ${text}`;
    this.choices = choices.map((choice) => this.makeChoice(choice));
    fieldset.append(legend, ...this.choices.map(({ label }) => label));
    this.button = element("button", "fanout-check");
    this.button.type = "submit";
    this.button.textContent = "Check";
    this.button.ariaLabel = `Check question ${number}`;
    keepKeys(this.button);
    this.verdict = element("div", "fanout-verdict", `verdict-${number}`);
    this.verdict.role = "status";
    this.form.append(fieldset, this.button, this.verdict);
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      const letter = new FormData(this.form).get("choice");
      if (letter) onCheck(number, letter);
      else setText(this.verdict, UNCHOSEN);
    });
  }

  makeChoice({ letter, text }) {
    const label = element("label", "fanout-choice");
    const input = element("input", "");
    input.type = "radio";
    input.name = "choice";
    input.value = letter;
    keepKeys(input);
    const name = element("span", "");
    name.textContent = `${letter}) ${text}`;
    const mark = element("span", "fanout-tried");
    label.append(input, name, mark);
    return { label, input, mark };
  }

  update({ choices, chosen, why }) {
    choices.forEach(({ mark }, place) => {
      this.choices[place].label.dataset.mark = mark;
      setText(this.choices[place].mark, mark ? ` ${MARKS[mark]}` : "");
    });
    if (!chosen) return;
    // Another view, or a cell, may have answered. What is ticked and not checked yet is left alone.
    if (chosen !== this.chosen) this.choices.forEach(({ input }) => (input.checked = input.value === chosen));
    this.chosen = chosen;
    const { mark } = choices.find(({ letter }) => letter === chosen);
    this.verdict.dataset.mark = mark;
    setText(this.verdict, `${VERDICTS[mark](chosen)} ${why}`);
  }

  disconnect() {
    this.button.disabled = true;
  }
}

function render({ model, el }) {
  const root = element("div", "fanout-quiz", "quiz");
  const gone = element("div", "fanout-gone", "quiz-disconnected");
  const check = (question, letter) => model.send({ question, letter });
  const asked = model.get("questions").map((question, place) => new AskedQuestion(place + 1, question, check));
  const score = element("p", "fanout-score", "score");
  root.append(gone, ...asked.map(({ form }) => form), score);
  el.append(root);

  const update = () => {
    model.get("questions").forEach((question, place) => asked[place].update(question));
    setText(score, model.get("score"));
  };
  update();
  const showPrinted = hidePrinted(el, model.get("printed"));
  const unwatch = watchKernel(model, () => {
    setText(gone, ALONE);
    asked.forEach((question) => question.disconnect());
  });
  model.on("change", update);
  return () => {
    model.off("change", update);
    unwatch();
    showPrinted();
  };
}

export default live(render);
