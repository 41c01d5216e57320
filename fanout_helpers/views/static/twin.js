// Hides the output right before this one while this one lives, if that is what is stored of this one.
// It is put in front of modules' text (modules.py), so it exports nothing.
function hideTwin(el, isTwin) {
  let before;
  const hide = () => {
    if (isTwin(before)) before.style.display = "none";
  };
  // JupyterLab draws an output when it finds the time.
  const observer = new MutationObserver(hide);
  // Hidden later, it would make what stands below it jump, perhaps while somebody presses there: such a press is lost.
  const callOff = whenInPage(el, () => {
    before = el.closest(".jp-OutputArea-child")?.previousElementSibling;
    if (!before) return;
    observer.observe(before, { childList: true, subtree: true });
    hide();
  });
  return () => {
    callOff();
    observer.disconnect();
    if (before) before.style.display = "";
  };
}

function hidePrinted(el, printed) {
  return hideTwin(el, (before) => before.querySelector(".jp-RenderedText")?.textContent.trim() === printed.trim());
}
