/** The triage board by single keys. Everything on it works by links and buttons without them. */

const OFF = "triage-keys-off";
const CODES = /^Key([A-Z])$/;
const ACTS = { a: "accept", r: "return", d: "decline", m: "merge", s: "split", f: "refer", c: "correct" };
let pending = ""; // the act that waits for its issue to be opened

// Looked up each time: when somebody goes back, htmx puts another page in the place of this one.
const board = () => document.querySelector("[data-board]");
const list = () => document.getElementById("rows");
const help = () => document.getElementById("keys");
const toggle = () => document.getElementById("keys-on");
const opened = () => document.getElementById("opened");
const links = () => [...(list()?.querySelectorAll(".card-link") ?? [])];
const rowOf = (element) => element?.closest?.("[data-row]");
const isShown = (element) => Boolean(element?.offsetParent);

function readOff() {
  try {
    return localStorage.getItem(OFF) === "1";
  } catch {
    return false; // no storage here: the keys are on, and off until the page is left
  }
}

function keepOff(isOff) {
  try {
    if (isOff) localStorage.setItem(OFF, "1");
    else localStorage.removeItem(OFF);
  } catch {
    // Then it holds for this page alone.
  }
}

/** Whether letters are typed into it, or its own keys choose in it. */
function isField(element) {
  if (element.matches("input")) return element.type !== "checkbox";
  return element.matches("select, textarea, [contenteditable]");
}

/** The Latin letter of the key, also where the keyboard writes Khmer. */
function letterOf(event) {
  if (event.key === "?" || (event.code === "Slash" && event.shiftKey)) return "?";
  if (event.shiftKey) return "";
  if (/^[a-z]$/.test(event.key)) return event.key;
  return CODES.exec(event.code)?.[1].toLowerCase() ?? "";
}

/** The row the keyboard is in, or else the one whose issue is opened. */
function currentRow() {
  return rowOf(document.activeElement) ?? list()?.querySelector("[data-row][data-current]");
}

/** To the next or previous row; where only the opened issue is shown, to the next issue. */
function move(step) {
  if (!isShown(list())) {
    opened().querySelector(`[data-step="${step}"]`)?.click();
    return;
  }
  const all = links();
  const row = currentRow();
  const at = row ? all.indexOf(row.querySelector(".card-link")) : step > 0 ? -1 : all.length;
  all[Math.min(Math.max(at + step, 0), all.length - 1)]?.focus();
}

function open() {
  rowOf(document.activeElement)?.querySelector(".card-link").click();
}

function select() {
  const box = isShown(list()) && currentRow()?.querySelector("input[type=checkbox]");
  if (box) box.checked = !box.checked;
}

/** The act for the issue the keyboard is at; it is opened first where another one is. */
function act(name) {
  const row = rowOf(document.activeElement);
  if (row && !row.hasAttribute("data-current")) {
    pending = name;
    row.querySelector(".card-link").click();
    return;
  }
  begin(name);
}

/** Open the form of an act and go to where it begins, or to the page of the act. */
function begin(name) {
  const place = opened().querySelector(`[data-act="${name}"]`);
  if (!place) return;
  if (!place.matches("details")) {
    place.click();
    return;
  }
  place.open = true;
  const fields = "textarea, select, input:not([type=hidden])";
  // What is accepted stands there already: the button comes first, what may be changed before it.
  const first = name === "accept" ? "button[type=submit].btn-primary" : fields;
  place.querySelector(first)?.focus();
}

function showHelp() {
  help().open = !help().open;
  help().querySelector("summary").focus();
}

function press(event) {
  if (!toggle()?.checked || event.defaultPrevented || event.isComposing) return;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (!board().contains(event.target) || isField(event.target)) return;
  const inList = Boolean(list()?.contains(event.target));
  const letter = letterOf(event);
  const does = {
    j: () => move(1),
    k: () => move(-1),
    o: open,
    x: select,
    "?": showHelp,
    ArrowDown: inList && (() => move(1)),
    ArrowUp: inList && (() => move(-1)),
  }[letter || event.key];
  if (does) does();
  else if (letter in ACTS) act(ACTS[letter]);
  else return;
  event.preventDefault();
}

/** The row of the opened issue is marked, for the eye and for who listens. */
function mark() {
  const reference = opened().dataset.reference;
  for (const link of links()) {
    const isIt = link.dataset.reference === reference;
    rowOf(link).toggleAttribute("data-current", isIt);
    if (isIt) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

/** After another issue was fetched into its place the reading goes on at its title. */
function settle(event) {
  if (event.detail.elt?.id !== "opened" && event.target.id !== "opened") return;
  mark();
  const name = pending;
  pending = "";
  opened().querySelector("h2")?.focus();
  if (name) begin(name);
}

/** The keyboard begins at the opened issue, or at the board: its keys work at once. */
function arrive() {
  if (document.activeElement !== document.body || location.hash) return;
  const title = opened().querySelector("h2[tabindex]");
  (title ?? (toggle().checked ? board() : null))?.focus({ preventScroll: true });
}

function selectAll() {
  const boxes = [...list().querySelectorAll("input[type=checkbox]")];
  const areAll = boxes.every((box) => box.checked);
  for (const box of boxes) box.checked = !areAll;
}

/** The list of keys is shown, and says whether they work here. */
function prepare() {
  if (!board()) return;
  help().hidden = false;
  toggle().checked = !readOff();
  arrive();
}

// A text field made higher by hand has a style of its own, which must not pass to the next issue's:
// the security policy refuses styles that a script copies.
if (window.htmx) window.htmx.config.attributesToSettle = ["class"];
document.addEventListener("keydown", press);
document.addEventListener("change", (event) => {
  if (event.target === toggle()) keepOff(!event.target.checked);
});
document.addEventListener("click", (event) => {
  if (!event.target.closest("#select-all")) return;
  event.preventDefault();
  selectAll();
});
document.addEventListener("htmx:afterSettle", settle);
document.addEventListener("htmx:historyRestore", prepare);
prepare();
