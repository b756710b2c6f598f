/** The agenda: items are ordered and added by mouse, finger or keys. Without it the forms do it.
 *
 * Every change is sent as its form would be, one after the other; the page that comes back brings
 * the list as it stands then. What could not be sent goes back to where it lay.
 */

import Sortable from "./vendor/sortable.esm.min.js";

const agenda = document.querySelector("[data-agenda]");
const said = document.getElementById("said");
const PARTS = { arrange: ["items"], schedule: ["items", "waiting"] };
const nothing = () => {};
let lists = [];
let changes = Promise.resolve();

const rows = () => [...agenda.querySelectorAll("[data-item]")];
const rowOf = (element) => element?.closest?.("[data-item]");
const keyOf = (row) => row.dataset.item;

function say(sentence, isWrong = false) {
  const note = document.createElement("p");
  note.className = isWrong ? "alert alert-error" : "alert alert-info";
  note.textContent = sentence;
  said.replaceChildren(note);
}

/** Send the form with these values once the changes before it are through. */
function send(formId, values, after, putBack = nothing) {
  changes = changes
    .then(() => post(formId, values, after, putBack))
    .catch(() => fail(putBack, agenda.dataset.offline));
}

async function post(formId, values, after, putBack) {
  const form = document.getElementById(formId);
  const body = new FormData(form);
  for (const name of ["issues", "before"]) body.delete(name);
  for (const [name, value] of Object.entries(values())) body.set(name, value);
  setBusy(true);
  try {
    const answer = await fetch(form.action, { method: "POST", body });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!page.getElementById("items")) fail(putBack, agenda.dataset.failed);
    else take(page, PARTS[formId], after);
  } finally {
    setBusy(false);
  }
}

/** The parts of the page as they stand now; a refusal is said instead of the move. */
function take(page, parts, after) {
  const refusal = page.querySelector(".alert-error[role=alert], .error-summary"); // before it moves
  const ticked = [...agenda.querySelectorAll("[name=issues]:checked")].map((one) => one.value);
  for (const id of parts) {
    const part = document.adoptNode(page.getElementById(id));
    document.getElementById(id).replaceWith(part);
    window.htmx.process(part);
  }
  for (const box of agenda.querySelectorAll("[name=issues]")) box.checked = ticked.includes(box.value);
  begin();
  if (refusal) say(refusal.textContent.trim(), true);
  after(!refusal);
}

function setBusy(isBusy) {
  agenda.toggleAttribute("data-busy", isBusy);
  for (const list of lists) list.option("disabled", isBusy);
}

function fail(putBack, sentence) {
  putBack();
  say(sentence, true);
}

// --- order ---
function arrange(order, key, focus, putBack) {
  send("arrange", () => ({ order: order().join(",") }), (isDone) => follow(key, focus, isDone), putBack);
}

/** Where the item stands, as the server has it in words; no attribute holds what an item is. */
const placeOf = (row) => row.querySelector("[data-place]").textContent;

/** Say where the item stands now; the keyboard stays at it. */
function follow(key, focus, isDone) {
  const row = agenda.querySelector(`[data-item="${key}"]`);
  if (!row) return;
  if (isDone) say(placeOf(row));
  const wanted = focus && row.querySelector(`button[name=${focus}]:enabled`);
  if (focus) (wanted ?? row.querySelector("button:enabled")).focus();
}

/** The order with one item so many places further. */
function moved(key, step) {
  const keys = rows().map(keyOf);
  const place = keys.indexOf(key);
  const goal = Math.max(0, Math.min(keys.length - 1, place + step));
  keys.splice(goal, 0, ...keys.splice(place, 1));
  return keys;
}

function press(event) {
  const row = rowOf(event.target);
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!row || !step || !event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const key = keyOf(row);
  arrange(() => moved(key, step), key, step < 0 ? "up" : "down");
}

function pressed(event) {
  const button = event.target.closest?.("button[form=arrange]");
  if (!button) return;
  event.preventDefault();
  const step = button.name === "up" ? -1 : 1;
  arrange(() => moved(button.value, step), button.value, button.name);
}

// --- by mouse and finger ---
function dropped({ item, from, to, oldIndex }) {
  const putBack = () => from.insertBefore(item, from.children[oldIndex] ?? null);
  if ("issue" in item.dataset) added(item, to, putBack);
  else {
    const order = rows().map(keyOf);
    arrange(() => order, keyOf(item), "", putBack);
  }
}

function added(item, to, putBack) {
  if (!("items" in to.dataset)) return;
  const before = item.nextElementSibling?.dataset.item ?? "";
  const issue = item.dataset.issue;
  const known = new Set(rows().map(keyOf));
  const after = (isDone) => {
    const row = rows().find((one) => !known.has(keyOf(one)));
    if (isDone && row) say(placeOf(row));
  };
  send("schedule", () => ({ issues: issue, before }), after, putBack);
}

function begin() {
  lists = [...agenda.querySelectorAll("[data-items], [data-waiting]")].map((list) => {
    const isAgenda = "items" in list.dataset;
    return Sortable.create(list, {
      group: { name: "agenda", pull: !isAgenda, put: isAgenda },
      sort: isAgenda,
      handle: ".grip",
      draggable: "li",
      animation: 120,
      forceFallback: true,
      fallbackTolerance: 5,
      scrollSensitivity: 60,
      bubbleScroll: true,
      ghostClass: "drag-ghost",
      dragClass: "drag-moved",
      onEnd: dropped,
    });
  });
  for (const hidden of agenda.querySelectorAll(".grip, .agenda-keys")) hidden.hidden = false;
}

begin();
document.addEventListener("keydown", press);
agenda.addEventListener("click", pressed);
