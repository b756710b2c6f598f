/** The room's screen: asks every few seconds whether there is something new, and lets the clocks go
 *  on meanwhile by the server's time. Without this script the page reloads itself. */

const PERIOD = 4_000; // milliseconds between two questions while the session sits
const PATIENT = 15_000; // before it begins and once it is over
const LONGEST = 30_000; // between two questions of a device that gets no answer
const PATIENCE = 8_000; // for an answer
const MISSES = 2; // questions without an answer until it is said
const SPREAD = 0.2; // so that two hundred phones do not ask at once
const ZONE = 7 * 3_600_000; // the provinces have one time, all year
const WIDE = matchMedia("(min-width: 60rem)"); // where nobody scrolls
const SMALLEST = 0.55; // of the usual size
const KHMER_ZERO = 0x17e0;

const lost = document.querySelector("#screen-lost");
let { part, home, now } = document.body.dataset;
let ahead = Number(now) - Date.now(); // of this device's clock
let heardAt = Date.now();
let missed = 0;
let etag = "";
let asked = ""; // the address the tag belongs to
let timer = 0;
let isBusy = false;

const shown = () => document.querySelector("#screen");
const serverNow = () => Date.now() + ahead;

function localDigits(text) {
  if (document.documentElement.lang !== "km") return text;
  return text.replace(/\d/g, (digit) => String.fromCharCode(KHMER_ZERO + Number(digit)));
}

function say(place, text) {
  if (place && place.textContent !== text) place.textContent = text;
}

// --- clocks ----------------------------------------------------------------------------------
function stopwatch(seconds) {
  const pair = [Math.floor(seconds / 60), seconds % 60];
  return localDigits(pair.map((one) => String(one).padStart(2, "0")).join(":"));
}

function timeOfDay(moment) {
  return localDigits(new Date(moment + ZONE).toISOString().slice(11, 16));
}

function tick() {
  say(document.querySelector("#screen-now"), timeOfDay(serverNow()));
  const place = document.querySelector("#screen-time");
  if (!place?.dataset.since) return; // it stands as the server wrote it
  const running = Math.max(0, Math.floor((serverNow() - Number(place.dataset.since)) / 1000));
  const used = Number(place.dataset.before) + running;
  const left = Number(place.dataset.allotted) - used;
  place.toggleAttribute("data-over", left < 0);
  say(place.querySelector("[data-clock=main]"), stopwatch(Math.abs(left)));
  say(place.querySelector("[data-clock=used]"), stopwatch(used));
}

/** As large as it fits: a projector is not scrolled. */
function fit() {
  const { style } = document.body;
  style.removeProperty("--fit");
  if (!WIDE.matches) return;
  const isTooTall = () => document.documentElement.scrollHeight > innerHeight;
  for (let size = 0.95; size >= SMALLEST && isTooTall(); size -= 0.05) {
    style.setProperty("--fit", size.toFixed(2));
  }
}

// --- news ------------------------------------------------------------------------------------
/** Where to ask: the part that all share while the session sits, else the page of its own. */
function address() {
  return shown().dataset.phase === "open" && part ? part : home || part;
}

async function ask() {
  if (isBusy || (document.hidden && !home)) return; // a phone in a pocket asks when it is taken out
  isBusy = true;
  clearTimeout(timer);
  const isReached = await reach(address());
  isBusy = false;
  missed = isReached ? 0 : missed + 1;
  const since = document.body.dataset.lost.replace("{time}", timeOfDay(heardAt + ahead));
  say(lost, missed >= MISSES ? since : "");
  timer = setTimeout(ask, pause());
}

function pause() {
  const usual = shown().dataset.phase === "open" ? PERIOD : PATIENT;
  const base = missed ? Math.min(LONGEST, PERIOD * 2 ** Math.min(missed, 4)) : usual;
  return base * (1 - SPREAD / 2 + SPREAD * Math.random());
}

/** Ask once; whether there was an answer. */
async function reach(url) {
  if (url !== asked) etag = "";
  asked = url;
  try {
    const answer = await fetch(url, {
      // A page of its own needs to know who asks; the part of all must not.
      credentials: url === home ? "same-origin" : "omit",
      cache: "no-store", // the tag is kept here
      headers: etag ? { "If-None-Match": etag } : {},
      redirect: "manual",
      signal: AbortSignal.timeout?.(PATIENCE),
    });
    if (!answer.ok && ![304, 404].includes(answer.status)) return false;
    if (answer.status !== 304) await take(answer);
    heard(answer);
    return true;
  } catch {
    return false;
  }
}

function heard(answer) {
  heardAt = Date.now();
  const clock = Number(answer.headers.get("Vedika-Clock"));
  if (clock) ahead = clock - heardAt;
  tick();
}

/** Put what is new into its place; a screen of its own asks at home where the room's has closed. */
async function take(answer) {
  const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = parsed.querySelector("#screen");
  if (!fresh) return;
  const isWhole = "part" in parsed.body.dataset;
  if (isWhole) ({ part } = parsed.body.dataset);
  etag = answer.headers.get("ETag") ?? "";
  if (home && !isWhole && fresh.dataset.phase !== "open") {
    await reach(home);
    return;
  }
  shown().replaceWith(document.adoptNode(fresh));
  fit();
  etag = answer.headers.get("ETag") ?? "";
}

/** A projector must not fall asleep between two items. */
async function stayAwake() {
  if (home && !document.hidden) await navigator.wakeLock?.request("screen").catch(() => null);
}

addEventListener("online", ask);
addEventListener("resize", fit);
document.fonts?.ready.then(fit);
document.addEventListener("visibilitychange", () => {
  stayAwake();
  if (!document.hidden) ask();
});
setInterval(tick, 500);
tick();
fit();
stayAwake();
if (address()) timer = setTimeout(ask, pause());
