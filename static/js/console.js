/** The console of the session day: goes from item to item without a connection, keeps each press on
 *  the device until the server has answered (console_queue.js), shows what others record. Without
 *  this script every press is a plain form. */

import { Queue } from "./console_queue.js";
import { Forms, dirty } from "./console_forms.js";
import { Clock, localDigits } from "./console_clock.js";

const PERIOD = 5_000; // milliseconds between two looks at what others recorded

const page = document.querySelector("#console");
const said = Object.entries(document.querySelector("#console-words").dataset);
const words = Object.fromEntries(said.map(([name, text]) => [name.slice(3).toLowerCase(), text])); // data-say-…
const status = document.querySelector("#console-status");
const acts = document.querySelector("#console-acts");
const list = document.querySelector("#console-list");
const forms = new Forms(acts, words);
const clock = new Clock(page);
const queue = new Queue({
  owner: page.dataset.owner,
  session: page.dataset.session,
  changed: show,
  answered: look,
});

let etag = "";
let isLooking = false;
let looksAgain = false;
let opened = page.querySelector("[data-item]:not([hidden])");

const partOf = (pk) => page.querySelector(`[data-item="${pk}"]`);
const parts = () => [...page.querySelectorAll("[data-item]")];
const titleOf = (part) => part.querySelector("h2").textContent.trim().replace(/\s+/g, " ");
const waitingOn = (pk) => queue.waiting.filter((row) => row.item === pk);
const decisionOn = (pk) => waitingOn(pk).find((row) => row.isOutcome);

// --- which item is opened ------------------------------------------------------------------------
function go(pk, { isNew = true } = {}) {
  const part = partOf(pk);
  if (!part) return;
  forms.leave();
  opened = part;
  for (const one of parts()) one.hidden = one !== part;
  document.querySelector("#console-done")?.remove();
  acts.hidden = false;
  forms.enter(part);
  if (isNew) history.pushState({ item: pk }, "", `?item=${pk}`);
  show();
  part.scrollIntoView({ block: "nearest" });
  part.querySelector("h2").tabIndex = -1;
  part.querySelector("h2").focus({ preventScroll: true });
}

/** The item after the opened one that nobody has decided on, else the first such one. */
function next() {
  const all = parts();
  const here = all.indexOf(opened);
  const left = all.filter((one) => one !== opened && !one.dataset.version && !decisionOn(one.dataset.item));
  return left.find((one) => all.indexOf(one) > here) ?? left[0];
}

// --- what is shown -------------------------------------------------------------------------------
function show() {
  showStatus();
  showRefused();
  for (const link of list.querySelectorAll("[data-go]")) {
    link.querySelector("[data-unsent]").hidden = !waitingOn(link.dataset.go).length;
    if (link.dataset.go === opened?.dataset.item) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  if (!opened) return;
  const waits = waitingOn(opened.dataset.item);
  forms.offer(opened, waits);
  acts.querySelector("[data-waiting]").replaceChildren(...waits.map(unsent));
  const following = next();
  const link = acts.querySelector("[data-next]");
  link.hidden = !following;
  const title = acts.querySelector("[data-next-title]");
  title.hidden = !following;
  if (following) {
    link.href = `?item=${following.dataset.item}`;
    title.textContent = words.next.replace("{title}", titleOf(following));
  }
  clock.show(opened, waits);
}

function unsent(row) {
  const line = document.createElement("li");
  line.className = "chip";
  line.textContent = words.unsent.replace("{what}", row.label);
  return line;
}

function showStatus() {
  const count = queue.waiting.length;
  status.hidden = !queue.rows.length;
  status.dataset.waiting = String(count);
  const number = status.querySelector("[data-queue-count]");
  number.textContent = localDigits(count);
  number.dataset.queueCount = String(count);
  number.closest("p").hidden = !count;
  const why = count ? words[queue.trouble] ?? words.sending : "";
  status.querySelector("[data-trouble]").textContent = queue.isKept ? why : `${why} ${words.unkept}`;
}

function showRefused() {
  const place = status.querySelector("[data-refused]");
  place.hidden = !queue.refused.length;
  place.querySelector("ul").replaceChildren(...queue.refused.map(refusal));
}

/** What was not taken, why, what stands instead, what was typed, and what can be done. */
function refusal(row) {
  const line = document.querySelector("#console-refusal").content.firstElementChild.cloneNode(true);
  const part = partOf(row.item);
  const { state, sentence = words[state], stands } = row.refused;
  line.dataset.refusal = row.item;
  line.querySelector("[data-what]").textContent = `${part ? titleOf(part) : ""} ${row.label}`.trim();
  line.querySelector("[data-sentence]").textContent = sentence;
  if (stands) fill(line.querySelector("[data-stands]"), standing(stands));
  if (row.shown.length) {
    const typed = row.shown.map(([label, value]) => `${label}: ${value}`);
    fill(line.querySelector("[data-typed]"), [words.typed, ...typed].join("\n"));
  }
  line.querySelector("[data-open]").hidden = !part;
  line.querySelector("[data-open]").addEventListener("click", () => reopen(row));
  line.querySelector("[data-discard]").addEventListener("click", () => {
    if (window.confirm(words.discard)) queue.forget(row);
  });
  return line;
}

function standing({ label, by, at, text, commitment }) {
  const head = words.stands.replace("{label}", label).replace("{by}", by).replace("{at}", localDigits(at));
  return [head, text, commitment].filter(Boolean).join(" ");
}

function fill(place, text) {
  place.textContent = text;
  place.hidden = false;
}

/** Back to the item with what was typed, so that it can be mended, or correct what stands. */
async function reopen(row) {
  await look();
  go(row.item);
  forms.putBack(row);
}

// --- pressing ------------------------------------------------------------------------------------
async function press(event) {
  const form = event.target;
  if (!form.matches("[data-act]") || !opened) return;
  event.preventDefault();
  const item = opened.dataset.item;
  const before = decisionOn(item);
  const row = forms.take(form, item, clock.now());
  if (!row) return;
  form.closest("details")?.removeAttribute("open");
  const mended = queue.refused.filter((one) => one.item === item && one.act === row.act);
  // Time and speakers stand whatever becomes of the decision.
  const needsIt = row.isOutcome || ["show", "hide", "reword"].includes(row.act);
  await queue.add({ ...row, follows: needsIt ? (before?.key ?? "") : "" });
  for (const one of mended) await queue.forget(one);
}

// --- what others record --------------------------------------------------------------------------
/** What has changed since the last look; nothing travels where nothing has. */
async function look() {
  looksAgain = isLooking;
  if (isLooking) return;
  isLooking = true;
  try {
    const headers = etag ? { "If-None-Match": etag } : {};
    const answer = await fetch(page.dataset.state, { headers, cache: "no-store", redirect: "manual" });
    clock.set(answer.headers.get("Date"));
    if (answer.ok) {
      const state = await answer.json();
      if (await renew(state)) etag = answer.headers.get("ETag") ?? "";
      if (queue.waiting.length && queue.trouble === "offline") queue.send();
    }
  } catch {
    // No connection: the next look will tell.
  }
  isLooking = false;
  show();
  if (looksAgain) await look(); // something was taken meanwhile
}

/** Whether all that changed is here now. */
async function renew(state) {
  document.querySelector("#console-progress").innerHTML = state.progress;
  list.innerHTML = state.list;
  for (const part of parts()) {
    if (part.dataset.item in state.marks || part === opened) continue;
    part.remove();
  }
  let isWhole = true;
  for (const [pk, mark] of Object.entries(state.marks)) {
    if (partOf(pk)?.dataset.mark === mark) continue;
    isWhole = (await fetchPart(pk)) && isWhole;
  }
  return isWhole;
}

async function fetchPart(pk) {
  const url = page.dataset.part.replace("/0/", `/${pk}/`);
  const answer = await fetch(url, { cache: "no-store", redirect: "manual" });
  if (!answer.ok) return false;
  const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = document.adoptNode(parsed.querySelector("[data-item]"));
  const old = partOf(pk);
  const isOpened = old !== null && old === opened;
  fresh.hidden = !isOpened;
  if (old) old.replaceWith(fresh);
  else acts.before(fresh);
  if (!isOpened) return true;
  // Somebody else was faster while something is typed here: say so and leave it.
  const isOthers = old.dataset.version !== fresh.dataset.version && !queue.taken.delete(pk);
  opened = fresh;
  forms.renew(fresh, isOthers && dirty(acts));
  return true;
}

document.addEventListener("submit", press);
page.addEventListener("click", (event) => {
  const link = event.target.closest("[data-go], [data-next]");
  if (!link || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  go(link.dataset.go ?? next()?.dataset.item);
});
window.addEventListener("popstate", () => {
  const pk = new URLSearchParams(location.search).get("item");
  if (pk) go(pk, { isNew: false });
});
window.addEventListener("online", () => {
  queue.pause = 1_000;
  queue.send();
});
window.addEventListener("beforeunload", (event) => {
  if (queue.rows.length) event.preventDefault();
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") look();
});
setInterval(() => {
  if (document.visibilityState === "visible") look();
}, PERIOD);

/** Keep the page and what it is made of, so that it opens again without a connection, for its
 *  recorder alone: console_worker.js. */
async function keepPage() {
  if (!("serviceWorker" in navigator) || !("caches" in window)) return;
  try {
    await navigator.serviceWorker.register(page.dataset.worker);
    const parts = performance.getEntriesByType("resource").map(({ name }) => new URL(name));
    const ours = parts.filter(({ origin, pathname }) => origin === location.origin && pathname.startsWith(page.dataset.static));
    const cache = await caches.open("vedika-parts");
    const known = (await cache.keys()).map(({ url }) => url);
    await cache.addAll([...new Set(ours.map(String))].filter((url) => !known.includes(url)));
    const { owner } = page.dataset;
    const own = await caches.open(`vedika-console-${owner}`);
    if (await own.match(location.pathname)) return;
    const answer = await fetch(location.pathname, { redirect: "manual" });
    if (answer.ok && answer.headers.get("X-Recorder") === owner) await own.put(location.pathname, answer);
  } catch {
    // Not here, or not now: what was pressed lies on the device in any case.
  }
}

const asked = partOf(new URLSearchParams(location.search).get("item") ?? "");
if (asked && asked !== opened) go(asked.dataset.item, { isNew: false }); // a page that was kept
else if (opened) forms.enter(opened);
window.addEventListener("load", keepPage);
queue.read().then(() => queue.send());
look();
