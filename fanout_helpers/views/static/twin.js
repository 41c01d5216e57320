// Hides the output right before this one while this one lives, if that is the same as this one as text.
// It is put in front of modules' text (modules.py), so it exports nothing.
function hidePrinted(el, printed) {
  let before;
  const hide = () => {
    const isTwin = before?.querySelector(".jp-RenderedText")?.textContent.trim() === printed.trim();
    if (isTwin) before.style.display = "none";
  };
  // JupyterLab writes a text when it finds the time.
  const observer = new MutationObserver(hide);
  const callOff = whenPlaced(el, () => {
    before = el.closest(".jp-OutputArea-child")?.previousElementSibling;
    if (before) observer.observe(before, { childList: true, subtree: true });
    hide();
  });
  return () => {
    callOff();
    observer.disconnect();
    if (before) before.style.display = "";
  };
}
