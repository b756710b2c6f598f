/** What makes a page quicker or safer to use. Everything works without it. */

const KHMER_ZERO = 0x17e0;

/** Whether somebody's presses at the door (checkin.js) or at the console (console_queue.js) lie here
 *  unsent: signing out clears them. */
function hasUnsent() {
  const unsent = /^vedika\.(checkin|console)\./;
  try {
    return Object.keys(localStorage).some((name) => unsent.test(name));
  } catch {
    return false;
  }
}

/** A console's page that is kept here (console_worker.js) is its recorder's alone: the next person on
 *  this device, or nobody once the session has ended, finds none. */
async function forgetOthers() {
  const { reader } = document.body.dataset;
  if (reader === undefined || !("caches" in window)) return;
  const kept = (await caches.keys()).filter((name) => name.startsWith("vedika-console-"));
  for (const name of kept) if (name !== `vedika-console-${reader}`) await caches.delete(name);
}

/** Ask before an act: `data-confirm="Sentence?"` on a form or on its button; `data-unsent` on the
 *  forms that sign out, where something lies here unsent. */
function confirmAct(event) {
  const unsent = hasUnsent() ? event.target.dataset.unsent : undefined;
  const sentence = event.submitter?.dataset.confirm ?? event.target.dataset.confirm ?? unsent;
  if (sentence && !window.confirm(sentence)) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }
}

/** A form with `data-once` is sent once; its buttons wait until the page or answer is back. */
function lockOnce(event) {
  const form = event.target;
  if (event.defaultPrevented || !("once" in form.dataset)) return;
  // After this task: a disabled button would not send its own name and value.
  setTimeout(() => setLocked(form, true));
}

function setLocked(form, locked) {
  const buttons = [...form.elements].filter((element) => element.type === "submit");
  for (const button of buttons) button.disabled = locked;
}

function unlockAll() {
  for (const form of document.querySelectorAll("form[data-once]")) setLocked(form, false);
}

/** Filters with `data-autosubmit` answer to a choice without pressing the button. */
function submitOnChange(event) {
  if (event.target.form && "autosubmit" in event.target.form.dataset) {
    event.target.form.requestSubmit();
  }
}

/** Digits of the page's language. */
function localDigits(number) {
  if (document.documentElement.lang !== "km") return String(number);
  return String(number).replace(/\d/g, (digit) => String.fromCharCode(KHMER_ZERO + Number(digit)));
}

/** `data-counter="{left} characters left"` on a field with maxlength shows what is left;
 *  `data-counter-over="too long by {over}"` how much too much a text has that came that long. */
function count(field) {
  let output = field.nextElementSibling;
  if (!output?.classList.contains("counter")) {
    output = document.createElement("p");
    output.className = "counter";
    field.after(output);
  }
  const left = field.maxLength - field.value.length;
  const sentence = left < 0 ? field.dataset.counterOver : field.dataset.counter;
  // Announced only near the end: a sentence at every letter would drown the typing.
  output.setAttribute("aria-live", left < 100 ? "polite" : "off");
  output.toggleAttribute("data-over", left < 0);
  const number = localDigits(Math.abs(left));
  output.textContent = sentence.replace("{left}", number).replace("{over}", number);
}

function countAll(root) {
  for (const field of root.querySelectorAll("[data-counter][maxlength]")) count(field);
}

/** A refused form: its summary is read first, and is where the keyboard goes on from. */
function focusErrors() {
  document.querySelector(".error-summary")?.focus();
}

const TYPED = "typed";
const KEPT_FIELDS =
  "form[method=post]:not(.language) :is(input:not([type=hidden], [type=password], [type=file]), select:not([multiple]), textarea)[name]";
let unrestored = [];

/** The fields whose content may be kept, each with a name of its own on the page. */
function keptFields() {
  const forms = [...document.querySelectorAll("form[method=post]:not(.language)")];
  return [...document.querySelectorAll(KEPT_FIELDS)].map((field) => {
    const choice = isChoice(field) ? field.value : "";
    return { field, key: [forms.indexOf(field.form), field.name, choice].join("|") };
  });
}

function isChoice(field) {
  return field.type === "checkbox" || field.type === "radio";
}

function isChanged(field) {
  if (isChoice(field)) return field.checked !== field.defaultChecked;
  if (field.type !== "select-one") return field.value !== field.defaultValue;
  const first = [...field.options].findIndex((option) => option.defaultSelected);
  return field.selectedIndex !== Math.max(first, 0);
}

/** Before the language is switched: what was typed here lies in this tab until the page is back. */
function keepTyped(event) {
  if (!event.target.matches("form.language")) return;
  const fields = keptFields();
  // A page that answers a refused form holds what was typed as if it had always stood there.
  const refused = document.querySelector(".error-summary");
  if (!refused && !fields.some(({ field }) => isChanged(field))) return;
  const values = fields.map(({ field, key }) => [key, isChoice(field) ? field.checked : field.value]);
  const path = new URL(event.target.elements.next.value, location.href).pathname;
  try {
    sessionStorage.setItem(TYPED, JSON.stringify({ path, values }));
  } catch {
    // No storage here: the switch goes on as it does without a script.
  }
}

/** After the switch: put it back once; whatever page came, nothing stays in the browser. */
function takeTyped() {
  let kept = null;
  try {
    kept = JSON.parse(sessionStorage.getItem(TYPED));
    sessionStorage.removeItem(TYPED);
  } catch {
    return;
  }
  if (kept?.path !== location.pathname) return;
  unrestored = kept.values;
  restoreTyped();
}

/** Put back what has its field; choices that are still being fetched take their turn later. */
function restoreTyped() {
  const fields = new Map(keptFields().map(({ field, key }) => [key, field]));
  const waiting = [];
  for (const [key, value] of unrestored) {
    const field = fields.get(key);
    if (field && !putBack(field, value)) waiting.push([key, value]);
  }
  unrestored = waiting;
}

/** Whether the field now holds the value; a changed choice tells what depends on it. */
function putBack(field, value) {
  if (isChoice(field)) {
    field.checked = value;
    return true;
  }
  if (field.value === value) return true;
  if (field.matches("select") && ![...field.options].some((one) => one.value === value)) return false;
  field.value = value;
  if (field.matches("select")) field.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}

/** Escape and a press elsewhere close an open account menu. */
function closeMenus(event) {
  for (const menu of document.querySelectorAll("details.user[open]")) {
    if (event.key === "Escape" || (event.type === "click" && !menu.contains(event.target))) {
      menu.open = false;
    }
  }
}

/** A button with `data-print` prints the page; without a script it is not there. */
function showPrint() {
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
}

/** A new form's key stands in the address, so that Back opens the same form, not a second one. */
function keepKey() {
  const key = document.querySelector("form[data-once] input[name=client_key]");
  const address = new URL(location.href);
  if (!key || address.searchParams.has("key")) return;
  address.searchParams.set("key", key.value);
  history.replaceState(history.state, "", address);
}

document.addEventListener("submit", confirmAct, true);
document.addEventListener("submit", lockOnce);
document.addEventListener("submit", keepTyped);
document.addEventListener("change", submitOnChange);
document.addEventListener("input", (event) => {
  if (event.target.matches("[data-counter][maxlength]")) count(event.target);
});
document.addEventListener("click", closeMenus);
document.addEventListener("keydown", closeMenus);
document.addEventListener("htmx:afterRequest", unlockAll);
document.addEventListener("htmx:load", (event) => countAll(event.target));
document.addEventListener("htmx:afterSettle", restoreTyped);
window.addEventListener("pageshow", unlockAll);
document.addEventListener("DOMContentLoaded", takeTyped); // after htmx, which fetches the choices
forgetOthers().catch(() => {}); // this browser keeps nothing
countAll(document);
keepKey();
showPrint();
focusErrors();
