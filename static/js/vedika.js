/** What makes a page quicker or safer to use. Everything works without it. */

const KHMER_ZERO = 0x17e0;

/** Ask before an act: `data-confirm="Sentence?"` on a form or on its button. */
function confirmAct(event) {
  const sentence = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
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

/** `data-counter="{left} characters left"` on a field with maxlength shows what is left. */
function count(field) {
  let output = field.nextElementSibling;
  if (!output?.classList.contains("counter")) {
    output = document.createElement("p");
    output.className = "counter";
    field.after(output);
  }
  const left = field.maxLength - field.value.length;
  // Announced only near the end: a sentence at every letter would drown the typing.
  output.setAttribute("aria-live", left < 100 ? "polite" : "off");
  output.textContent = field.dataset.counter.replace("{left}", localDigits(left));
}

function countAll(root) {
  for (const field of root.querySelectorAll("[data-counter][maxlength]")) count(field);
}

/** Escape and a press elsewhere close an open account menu. */
function closeMenus(event) {
  for (const menu of document.querySelectorAll("details.user[open]")) {
    if (event.key === "Escape" || (event.type === "click" && !menu.contains(event.target))) {
      menu.open = false;
    }
  }
}

document.addEventListener("submit", confirmAct, true);
document.addEventListener("submit", lockOnce);
document.addEventListener("change", submitOnChange);
document.addEventListener("input", (event) => {
  if (event.target.matches("[data-counter][maxlength]")) count(event.target);
});
document.addEventListener("click", closeMenus);
document.addEventListener("keydown", closeMenus);
document.addEventListener("htmx:afterRequest", unlockAll);
document.addEventListener("htmx:load", (event) => countAll(event.target));
window.addEventListener("pageshow", unlockAll);
countAll(document);
