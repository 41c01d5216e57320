// What the modules of the live views share. It is put in front of their text (modules.py), so it exports nothing.

const DISCONNECTED = "Disconnected from the kernel: this is the last picture. Run the cells again from the top.";
const UNSHOWN = "This could not be shown. Run the cell again; if that does not help, reload the page.";
const UNHEARD = "The kernel has not answered yet: what is shown here may be old. If this stays, run the cell again.";
const BROKEN = "Something went wrong here, and what is shown may be incomplete. Run the cell again; if that does not help, reload the page.";
const PATIENCE = 10_000; // Milliseconds that the kernel may take to answer before the page says that it has not.

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

// The keys with which a notebook runs a cell. They are the notebook's wherever the focus is, and press nothing of ours.
function isRunKey(event) {
  return event.key === "Enter" && !event.isComposing && (event.shiftKey || event.ctrlKey || event.metaKey || event.altKey);
}

// JupyterLab looks at what has the focus: a text field keeps some of these keys to itself, and a `keepKeys` all of them.
// So the selected cell gets the focus, as it has where there are no widgets, and then the key.
function handOverRunKey(event) {
  if (!event.isTrusted || !isRunKey(event) || !event.target.closest?.('[class*="fanout-"]')) return;
  event.preventDefault(); // It would click a button.
  const cell = event.target.closest(".jp-Notebook")?.querySelector(".jp-Cell.jp-mod-active");
  if (!cell) return;
  event.stopImmediatePropagation();
  cell.focus({ preventScroll: true });
  const { key, code, keyCode, shiftKey, ctrlKey, metaKey, altKey } = event;
  const keys = { key, code, keyCode, shiftKey, ctrlKey, metaKey, altKey };
  cell.dispatchEvent(new KeyboardEvent("keydown", { ...keys, bubbles: true, cancelable: true, composed: true }));
}

// Once a page, however many modules begin with this text: before the notebook, which listens at the document.
const KEYS_ARE_HANDED_OVER = Symbol.for("fanout: run keys are handed over");
if (!window[KEYS_ARE_HANDED_OVER]) window.addEventListener("keydown", handOverRunKey, { capture: true });
window[KEYS_ARE_HANDED_OVER] = true;

// Calls `act` once the element was laid out in the page, which is after it was rendered; returns what calls that off.
function whenPlaced(el, act) {
  const observer = new ResizeObserver(() => {
    if (!el.isConnected) return;
    observer.disconnect();
    act();
  });
  observer.observe(el);
  return () => observer.disconnect();
}

// Calls `act` as soon as the element is in the page: before anybody sees it, and where it is out of sight too, where
// nothing is laid out; returns what calls that off.
function whenInPage(el, act) {
  const observer = new MutationObserver(() => look());
  const look = () => {
    if (!el.isConnected) return;
    observer.disconnect();
    act();
  };
  observer.observe(document, { childList: true, subtree: true });
  look();
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

// What a module exports, made from a function that draws: that gets the model with the widget's state (live.py), and not
// anywidget's own, whose updates are dropped for good where the page was slow. `send` goes to the widget itself.
function live(render) {
  const start = async ({ model, el }) => {
    const name = model.get("_mirror").replace(/^IPY_MODEL_/, "");
    const state = await model.widget_manager.get_model(name).catch(() => null);
    if (!state) {
      el.append(warning(UNSHOWN));
      return undefined;
    }
    const callOff = askForNews(state, el);
    const unwatch = watchFailures(el);
    const guards = new Map();
    const guarded = (act) => guards.get(act) ?? guards.set(act, guard(act)).get(act);
    const shown = {
      get: (key) => state.get(key),
      on: (event, act) => state.on(event, guarded(act)),
      off: (event, act) => state.off(event, guarded(act)),
      send: (content) => model.send(content),
      widget_manager: model.widget_manager,
    };
    const end = guard(render)({ model: shown, el });
    return () => {
      callOff();
      unwatch();
      end?.();
    };
  };
  return { render: start };
}

// Whatever fails in this module's own text, which each kind of widget has its own copy of, is said where it is looked at.
// The console has it too.
function watchFailures(el) {
  const broken = warning(BROKEN);
  const onError = ({ filename }) => filename === import.meta.url && el.prepend(broken);
  window.addEventListener("error", onError);
  return () => {
    window.removeEventListener("error", onError);
    broken.remove();
  };
}

// Has what fails fail a moment later. ipywidgets would take no news of a model any more once something threw at some.
function guard(act) {
  return (...given) => {
    try {
      return act(...given);
    } catch (error) {
      return void queueMicrotask(() => {
        throw error;
      });
    }
  };
}

// Has the kernel send the state anew, for what may have been lost before now, and says so while it does not answer.
function askForNews(state, el) {
  if (!state.comm_live) return () => {};
  const unheard = warning(UNHEARD);
  const late = setTimeout(() => el.prepend(unheard), PATIENCE);
  const callOff = () => {
    clearTimeout(late);
    unheard.remove();
    state.off("msg:custom", callOff);
  };
  state.on("msg:custom", callOff);
  state.send({ news: true });
  return callOff;
}

function warning(text) {
  const said = element("p", "fanout-not-live", "not-live");
  said.role = "status";
  said.textContent = text;
  return said;
}
