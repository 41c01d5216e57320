// What the modules of the live views share. It is put in front of their text (modules.py), so it exports nothing.

const DISCONNECTED = "Disconnected from the kernel: this is the last picture. Run the cells again from the top.";

function element(tag, className, testid) {
  const made = document.createElement(tag);
  made.className = className;
  if (testid) made.dataset.testid = testid;
  return made;
}

function setText(node, text) {
  // An unchanged text is left alone: screen readers would announce it again.
  if (node.textContent !== text) node.textContent = text;
}

// The notebook would take the arrow keys, Enter and much more for its own. Lumino looks for this attribute, and on what
// has the focus only: an element around it does not count.
function keepKeys(node) {
  node.dataset.lmSuppressShortcuts = "true";
}

// Calls `act` once the element has its place in the page, which is after it was rendered; returns what calls that off.
function whenPlaced(el, act) {
  const observer = new ResizeObserver(() => {
    if (!el.isConnected) return;
    observer.disconnect();
    act();
  });
  observer.observe(el);
  return () => observer.disconnect();
}

// Calls `onEnd` once the kernel behind the model is gone. A restarted kernel knows nothing of this model, and yet the
// view stays up and looks alive. Widget managers say so with `comm_live_update`, which comes only when a comm that was
// live when the view was made is not any more; JupyterLab's session tells of kernels that end in other ways.
function watchKernel(model, onEnd) {
  const session = model.widget_manager?.context?.sessionContext;
  const endings = ["restarting", "autorestarting", "terminating", "dead"];
  const onStatus = (_session, status) => endings.includes(status) && onEnd();
  model.on("comm_live_update", onEnd);
  session?.statusChanged.connect(onStatus);
  session?.kernelChanged.connect(onEnd);
  if (session && !session.session?.kernel) onEnd();
  return () => {
    model.off("comm_live_update", onEnd);
    session?.statusChanged.disconnect(onStatus);
    session?.kernelChanged.disconnect(onEnd);
  };
}
