/** The door with a weak connection: presses and people who came unexpected lie on this device until
 *  the server has them, and are sent once. Without this script the page works by its buttons. */

const KHMER_ZERO = 0x17e0;
const MOST = 200; // rows sent at once
const PERIOD = 10_000; // milliseconds between two looks at what others ticked
const PATIENCE = 30_000;
const BOUNCE = 400; // a second press so soon is a trembling finger, not a correction
const INVISIBLE = /[\u200b-\u200d\u2060]/g;

const page = document.querySelector("#check-in");
const walkIn = document.querySelector("#walk-in form");
const search = document.querySelector("#door-q");
// Whose device this is just now: what one person ticked, another neither sees nor sends.
const MINE = `vedika.checkin.${page.dataset.owner}.${page.dataset.session}.`;

let known = read(JSON.parse(page.dataset.state)); // what the server has said latest
let listed = known.list;
let etag = "";
let trouble = ""; // why what waits is not sent
let isBusy = false;
let isAskedAgain = false;
let counter = 0;

function read(state) {
  return { ...state, here: new Set(state.here) };
}

function localDigits(number) {
  if (document.documentElement.lang !== "km") return String(number);
  return String(number).replace(/\d/g, (digit) => String.fromCharCode(KHMER_ZERO + Number(digit)));
}

/** As crypto.randomUUID, which browsers have only on pages that came encrypted. */
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

// --- what lies on the device -----------------------------------------------------------------
/** Everything kept here, in the order in which it was done; each row has a place of its own, so
 *  that two windows never write over one another. */
function kept() {
  const names = Object.keys(localStorage).filter((name) => name.startsWith(MINE));
  const rows = names.map((name) => JSON.parse(localStorage.getItem(name)));
  return rows.sort((one, other) => one.at.localeCompare(other.at) || one.turn - other.turn);
}

const waiting = () => kept().filter((row) => !row.refused);

/** Whether it lies here now; false where this browser keeps nothing. */
function keep(row) {
  try {
    localStorage.setItem(MINE + row.key, JSON.stringify(row));
    return true;
  } catch {
    return false;
  }
}

const forget = (key) => localStorage.removeItem(MINE + key);

function stamp(row) {
  counter += 1;
  return { at: new Date().toISOString(), turn: counter, ...row };
}

// --- what is shown ---------------------------------------------------------------------------
const buttons = () => [...document.querySelectorAll("#door-list .press")];

/** What the server knows, and on top of it what it has not been sent yet. */
function show() {
  const rows = waiting();
  const wished = new Map(rows.filter((row) => "delegate" in row).map((row) => [row.delegate, row.here]));
  const count = { total: known.total, women: known.women, parties: structuredClone(known.parties) };
  for (const button of buttons()) {
    const id = Number(button.value);
    const isKnown = known.here.has(id);
    const isHere = wished.get(id) ?? isKnown;
    paint(button, isHere, wished.has(id));
    if (isHere !== isKnown) {
      add(count, button.closest("[data-party]").dataset.party, button.dataset.sex, isHere ? 1 : -1);
    }
  }
  for (const row of rows) if (!("delegate" in row)) add(count, row.party, row.sex, 1);
  showCount(count);
  showUnsent(rows);
}

function paint(button, isHere, isUnsent) {
  button.setAttribute("aria-pressed", String(isHere));
  button.name = isHere ? "gone" : "here"; // for a press without this script's help
  button.toggleAttribute("data-unsent", isUnsent);
}

/** A party that was counted by hand stays as it was counted. */
function add(count, party, sex, step) {
  const numbers = (count.parties[party] ??= [0, 0, false]);
  if (numbers[2]) return;
  const women = sex === "woman" ? step : 0;
  numbers[0] += step;
  numbers[1] += women;
  count.total += step;
  count.women += women;
}

function say(place, text) {
  if (place && place.textContent !== text) place.textContent = text;
}

function inWords(total, women) {
  const pattern = page.dataset.count;
  return pattern.replace("{total}", localDigits(total)).replace("{women}", localDigits(women));
}

function showCount(count) {
  say(document.querySelector("#door-total"), inWords(count.total, count.women));
  for (const section of document.querySelectorAll("#door-list [data-party]")) {
    const [total, women] = count.parties[section.dataset.party] ?? [0, 0];
    say(section.querySelector("[data-said]"), inWords(total, women));
  }
}

function showUnsent(rows) {
  const refused = kept().filter((row) => row.refused);
  document.querySelector("#door-unsent").hidden = !rows.length && !refused.length;
  const number = page.dataset.waiting.replace("{number}", localDigits(rows.length));
  say(document.querySelector("#door-waiting"), rows.length ? `${number}.` : "");
  say(document.querySelector("#door-why"), rows.length ? trouble || page.dataset.sending : "");
  const list = document.querySelector("#door-refused");
  list.hidden = !refused.length;
  list.replaceChildren(...refused.map(refusal));
}

/** What the server did not take, why, and a button to let it go. */
function refusal(row) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-quiet";
  button.textContent = page.dataset.remove;
  button.addEventListener("click", () => {
    forget(row.key);
    show();
  });
  const pressed = buttons().find((one) => Number(one.value) === row.delegate);
  const who = row.title ?? pressed?.querySelector(".press-person b").textContent ?? "";
  item.append(`${who}: ${row.refused} `, button);
  return item;
}

// --- pressing --------------------------------------------------------------------------------
const pressedAt = new WeakMap();

function press(event) {
  const button = event.submitter;
  if (!button?.matches(".press")) return;
  const now = performance.now();
  if (now - (pressedAt.get(button) ?? -BOUNCE) < BOUNCE) {
    event.preventDefault();
    return;
  }
  pressedAt.set(button, now);
  const isHere = button.getAttribute("aria-pressed") !== "true";
  if (!keep(stamp({ key: newKey(), delegate: Number(button.value), here: isHere }))) return;
  event.preventDefault();
  show();
  exchange();
}

/** Somebody who came unexpected; what is missing is said by the server, or here without one. */
function come(event) {
  const fields = walkIn.elements;
  if (!walkIn.checkValidity()) {
    if (navigator.onLine) return;
    event.preventDefault();
    walkIn.reportValidity();
    return;
  }
  const [key, title] = [fields.client_key.value, fields.title.value.trim()];
  const values = { party: fields.party.value, honorific: fields.honorific.value, sex: fields.sex.value };
  if (!keep(stamp({ key, title, ...values }))) return;
  event.preventDefault();
  walkIn.reset();
  fields.client_key.value = newKey();
  say(document.querySelector("#door-added"), `${title}: ${page.dataset.added}`);
  fields.title.focus();
  show();
  exchange();
}

function choose(event) {
  const link = event.target.closest("[data-add]");
  if (!link) return;
  event.preventDefault();
  walkIn.elements.party.value = link.dataset.add;
  walkIn.elements.title.focus();
}

// --- searching -------------------------------------------------------------------------------
function plain(text) {
  const digits = text.replace(/[\u17e0-\u17e9]/g, (sign) => String(sign.charCodeAt(0) - KHMER_ZERO));
  return digits.normalize("NFC").toLowerCase().replace(INVISIBLE, "");
}

function filter() {
  const words = plain(search.value).split(/\s+/).filter(Boolean);
  for (const section of document.querySelectorAll("#door-list [data-party]")) {
    const rows = [...section.querySelectorAll("[data-words]")];
    for (const row of rows) row.hidden = !words.every((word) => plain(row.dataset.words).includes(word));
    section.hidden = words.length > 0 && rows.every((row) => row.hidden);
  }
}

/** Enter goes to the first person found, so that another Enter ticks them. */
function goToFirst(event) {
  event.preventDefault();
  filter();
  buttons().find((button) => button.offsetParent)?.focus();
}

// --- the server ------------------------------------------------------------------------------
/** One exchange at a time, so that an older answer never comes after a newer one. */
async function exchange() {
  if (isBusy) {
    isAskedAgain = true;
    return;
  }
  isBusy = true;
  let isReached = false;
  do {
    isAskedAgain = false;
    isReached = await (waiting().length ? send() : ask());
  } while (isReached && (isAskedAgain || waiting().length));
  isBusy = false;
  if (isReached && known.list !== listed) await renew();
  show();
}

async function send() {
  const rows = waiting().slice(0, MOST);
  const sent = rows.map(({ turn, ...row }) => row);
  const answer = await reach(page.dataset.send, {
    method: "POST",
    // The clock of this device too: the server counts by its own.
    body: JSON.stringify({ owner: page.dataset.owner, now: new Date().toISOString(), rows: sent }),
    headers: {
      ...JSON.parse(document.body.getAttribute("hx-headers") ?? "{}"),
      "Content-Type": "application/json",
    },
  });
  if (!answer?.ok) return false;
  const { taken, refused, state } = await answer.json();
  taken.forEach(forget);
  for (const row of rows) if (row.key in refused) keep({ ...row, refused: refused[row.key] });
  known = read(state);
  trouble = "";
  show();
  return true;
}

/** What others have ticked meanwhile; nothing travels where nothing has changed. */
async function ask() {
  const headers = etag ? { "If-None-Match": etag } : {};
  const answer = await reach(page.dataset.ask, { headers, cache: "no-store" });
  if (answer?.status === 304) return true;
  if (!answer?.ok) return false;
  known = read(await answer.json());
  etag = answer.headers.get("ETag") ?? "";
  show();
  return true;
}

/** The answer; null, with a reason, where there is none or it is not meant for this person. */
async function reach(url, options) {
  try {
    const signal = AbortSignal.timeout?.(PATIENCE);
    const answer = await fetch(url, { ...options, signal, redirect: "manual" });
    const isOurs = answer.ok || answer.status === 304;
    trouble = isOurs ? "" : page.dataset.stopped;
    return isOurs ? answer : null;
  } catch {
    trouble = page.dataset.offline;
    return null;
  }
}

/** The rows anew: somebody was added, named or replaced. */
async function renew() {
  const answer = await reach(location.pathname, { cache: "no-store" });
  if (!answer) return;
  const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
  const [fresh, place] = [parsed.querySelector("#door-list > .flow"), document.querySelector("#door-list > .flow")];
  if (!fresh || waiting().length) return; // next time
  const focused = document.activeElement?.closest?.("#door-list") && document.activeElement.value;
  place.replaceWith(document.adoptNode(fresh));
  known = read(JSON.parse(parsed.querySelector("#check-in").dataset.state));
  listed = known.list;
  filter();
  if (focused) buttons().find((button) => button.value === focused)?.focus();
}

document.querySelector("#door-list").addEventListener("submit", press);
document.querySelector("#door-list").addEventListener("click", choose);
document.querySelector("#door-search").addEventListener("submit", goToFirst);
walkIn.addEventListener("submit", come);
search.addEventListener("input", filter);
window.addEventListener("online", exchange);
window.addEventListener("beforeunload", (event) => {
  if (waiting().length) event.preventDefault();
});
setInterval(() => {
  if (document.visibilityState === "visible" || waiting().length) exchange();
}, PERIOD);
if (search.value) filter();
show();
if (waiting().length) exchange();
