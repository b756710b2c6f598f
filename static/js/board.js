/** The planning board: sessions are moved by mouse, finger or keys. Without it the forms move them.
 *
 * Every move asks the server, which answers with the cells that changed; until then no other one
 * is begun. A card that may not be moved goes back to where it lay.
 */

import Sortable from "./vendor/sortable.esm.min.js";

const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };
const plan = document.querySelector("[data-plan]");
const said = document.getElementById("said");
const isMonth = plan.dataset.plan === "month";
const lists = [];
let moves = Promise.resolve();

const slipOf = (element) => element?.closest?.(".slip[data-seen]");
const nothing = () => {};

function say(sentence) {
  const alert = document.createElement("p");
  alert.className = "alert alert-error";
  alert.tabIndex = 0;
  alert.textContent = sentence;
  said.replaceChildren(alert);
}

/** The day so many days after one written as 2026-12-08. */
function dayAfter(day, step) {
  const moment = new Date(`${day}T00:00:00Z`);
  moment.setUTCDate(moment.getUTCDate() + step);
  return moment.toISOString().slice(0, 10);
}

/** Move the card of this id once those before it are through; ``goal`` says where, from there. */
function move(id, goal, putBack = nothing) {
  moves = moves.then(() => send(id, goal, putBack)).catch(() => fail(putBack, plan.dataset.offline));
}

async function send(id, goal, putBack) {
  const slip = document.getElementById(id);
  if (!slip?.dataset.seen) return;
  const spot = { seen: slip.dataset.seen, view: plan.dataset.plan, month: plan.dataset.month };
  setBusy(true);
  try {
    const status = await post(`/sessions/${id.slice(1)}/move/`, { ...spot, ...goal(slip) });
    if (status === 200 || status === 409) follow(id);
    else fail(putBack, plan.dataset.failed);
  } finally {
    setBusy(false);
  }
}

/** Send it; the answer's parts go to their places. The status, or 0 for another page. */
async function post(path, values) {
  let status = 0;
  const look = ({ detail }) => {
    const isAnswer = detail.xhr.responseText.includes('id="said"');
    status = isAnswer ? detail.xhr.status : 0;
    detail.shouldSwap = isAnswer;
    detail.isError = !isAnswer;
  };
  plan.addEventListener("htmx:beforeSwap", look);
  try {
    await window.htmx.ajax("post", path, { source: plan, swap: "none", values });
  } finally {
    plan.removeEventListener("htmx:beforeSwap", look);
  }
  return status;
}

function setBusy(isBusy) {
  plan.toggleAttribute("data-busy", isBusy);
  for (const list of lists) list.option("disabled", isBusy);
}

function fail(putBack, sentence) {
  putBack();
  say(sentence);
}

/** The keyboard stays at the card, or at the way to it where it lies in another month. */
function follow(id) {
  const name = document.getElementById(id)?.querySelector(".slip-name") ?? said.querySelector("a");
  name?.focus();
}

// --- by mouse and finger ---
function dropped({ item, from, to, oldIndex }) {
  if (from === to) return;
  const { goal = "", province = "" } = to.dataset;
  const where = isMonth || !goal ? { day: goal } : { week: goal, province };
  const putBack = () => from.insertBefore(item, from.children[oldIndex] ?? null);
  move(item.id, () => ({ ...where, cell: [from.id, to.id] }), putBack);
}

function begin(cell) {
  lists.push(
    Sortable.create(cell, {
      group: "sessions",
      draggable: ".slip[data-seen]",
      sort: false,
      animation: 120,
      forceFallback: true,
      fallbackTolerance: 5,
      delay: 200,
      delayOnTouchOnly: true,
      touchStartThreshold: 5,
      emptyInsertThreshold: 0,
      scrollSensitivity: 60,
      bubbleScroll: true,
      ghostClass: "slip-ghost",
      chosenClass: "slip-chosen",
      dragClass: "slip-drag",
      onStart: () => plan.toggleAttribute("data-dragging", true),
      onEnd: (event) => {
        plan.removeAttribute("data-dragging");
        dropped(event);
      },
    }),
  );
}

// --- by keys and by the button ---
function step(days) {
  return ({ dataset }) => ({ day: dataset.day ? dayAfter(dataset.day, days) : plan.dataset.start });
}

function press(event) {
  const slip = slipOf(event.target);
  if (!slip || !event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const days = isMonth ? STEPS[event.key] : 7 * (STEPS[event.key] ?? 0);
  if (event.code === "KeyT") toTray(slip);
  else if (Math.abs(days) in { 1: 1, 7: 1 }) move(slip.id, step(days));
  else return;
  event.preventDefault(); // Alt and an arrow would leave the page
}

function toTray(slip) {
  if (slip.dataset.day) move(slip.id, () => ({ day: "" }));
}

window.htmx.config.attributesToSettle = []; // the security policy refuses styles a script copies
window.htmx.config.timeout = 20_000;
for (const cell of plan.querySelectorAll("[data-cell]")) begin(cell);
for (const help of plan.querySelectorAll(".plan-keys")) help.hidden = false;
document.addEventListener("keydown", press);
plan.addEventListener("click", (event) => {
  if (!event.target.closest("button[form=to-tray]")) return;
  event.preventDefault();
  toTray(slipOf(event.target));
});
