/** Keeps what is typed on this device, if its owner agrees, until the server has it; sends a step
 *  again when a lost connection is back. Everything works without it, but a lost connection. */

const DATABASE = "vedika";
const TYPED = "typed";
const AGREED = "vedika.keep"; // and of whom: several persons may use one device
const UNKEPT_FIELDS = ["village", "contact"]; // sealed on the server, so never plain here
const MOST = 100; // keys the server is asked for at once
const PAUSE = 400; // milliseconds after the last letter
const PATIENCE = 60_000; // milliseconds; not for files, which may take long
const KHMER_ZERO = 0x17e0;

const told = document.querySelector("meta[name=phone-owner]");
const OWNER = told?.content ?? ""; // whose page this is; empty where nobody is signed in

// --- what lies on the device ---------------------------------------------------------------------
let opened = null;

/** Version 1 kept village and contact, and did not know whose a row is. */
function upgrade({ target, oldVersion }) {
  if (!oldVersion) {
    target.result.createObjectStore(TYPED, { keyPath: "id" });
    return;
  }
  target.transaction.objectStore(TYPED).openCursor().onsuccess = ({ target: { result: cursor } }) => {
    if (!cursor) return;
    cursor.update(withoutSealed(cursor.value));
    cursor.continue();
  };
}

function withoutSealed(row) {
  const open = (values) => values.filter(([name]) => !UNKEPT_FIELDS.includes(name));
  return { ...row, values: open(row.values), shown: open(row.shown) };
}

function open() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 2);
    request.onupgradeneeded = upgrade;
    request.onsuccess = () => {
      request.result.onversionchange = () => request.result.close(); // cleared in another tab
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
  });
  return opened;
}

/** Do one thing with what is kept; undefined where this browser keeps nothing. */
async function kept(mode, act) {
  try {
    const database = await open();
    return await new Promise((resolve, reject) => {
      const request = act(database.transaction(TYPED, mode).objectStore(TYPED));
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  } catch {
    return undefined;
  }
}

const read = (id) => kept("readonly", (rows) => rows.get(id));
const readAll = async () => (await kept("readonly", (rows) => rows.getAll())) ?? [];
const write = (row) => kept("readwrite", (rows) => rows.put(row));
const forget = (id) => kept("readwrite", (rows) => rows.delete(id));
const readMine = async () => (await readAll()).filter((row) => OWNER && row.owner === OWNER);

async function forgetMine() {
  for (const row of await readMine()) await forget(row.id);
}

/** Of everybody: the draft itself is gone. */
async function forgetDraft(key) {
  for (const row of await readAll()) if (row.key === key) await forget(row.id);
}

const agreement = `${AGREED}.${OWNER}`;

function isAgreed() {
  try {
    return Boolean(OWNER) && localStorage.getItem(agreement) === "yes";
  } catch {
    return false;
  }
}

/** Whether anything may lie here, of whomever. */
function hasAnybodyAgreed() {
  try {
    return Object.keys(localStorage).some((name) => name.startsWith(AGREED));
  } catch {
    return false;
  }
}

// --- one step of a draft -------------------------------------------------------------------------
function placeOf(form) {
  const key = form.dataset.key ?? form.elements.client_key.value;
  const seen = form.elements.seen?.value ?? "";
  return { id: `${OWNER}/${key}/${form.dataset.step}`, key, seen };
}

const isChoice = (field) => field.type === "checkbox" || field.type === "radio";

function fieldsOf(form) {
  const silent = ["hidden", "file", "submit", "button", "password"];
  return [...form.elements].filter(
    ({ name, type }) => name && !silent.includes(type) && !UNKEPT_FIELDS.includes(name),
  );
}

/** What the form holds: the name of each field, the choice it stands for, and its value. */
function valuesOf(form) {
  return fieldsOf(form).map((field) =>
    isChoice(field) ? [field.name, field.value, field.checked] : [field.name, "", field.value],
  );
}

/** Draft 1, Draft 2 …: of the matter the name says nothing. */
async function numberOf(key) {
  const rows = await readMine();
  const same = rows.find((row) => row.key === key);
  return same?.number ?? 1 + Math.max(0, ...rows.map((row) => row.number));
}

const UNKEPT = ["files", "check", "delete"];
let work = Promise.resolve(); // one after the other, so that nothing is written after its deletion

function keep(form, shown) {
  work = work.then(() => keepNow(form, shown));
  return work;
}

async function keepNow(form, shown) {
  if (!isAgreed() || "sent" in form.dataset || UNKEPT.includes(form.dataset.step)) return;
  const values = valuesOf(form);
  const place = placeOf(form);
  if (String(values) === String(shown)) return;
  const address = new URL(location.href);
  if (!form.dataset.key) address.searchParams.set("key", place.key);
  const url = address.pathname + address.search;
  const number = await numberOf(place.key);
  const saved = "key" in form.dataset; // the server has this draft: once it has not, it is gone
  await write({ ...place, owner: OWNER, saved, url, values, shown, number, at: Date.now() });
}

/** What version 1 kept of this step, now of the reader: the server has shown them this draft. */
async function adopt(form) {
  if (!form.dataset.key) return undefined;
  const { id, key } = placeOf(form);
  const old = await read(`${key}/${form.dataset.step}`);
  if (!old) return undefined;
  const row = { ...old, id, owner: OWNER, saved: true };
  await write(row);
  await forget(old.id);
  return row;
}

/** Put back what was typed here before; what the server has by now is kept no longer. */
async function restore(form, shown) {
  const row = (await read(placeOf(form).id)) ?? (await adopt(form));
  if (!row || document.querySelector(".error-summary")) return;
  if (String(row.values) === String(shown)) {
    await forget(row.id);
    return;
  }
  // Somebody else changed this step meanwhile: the server has to say so.
  if (String(row.shown) !== String(shown) && form.elements.seen) form.elements.seen.value = row.seen;
  putBack(form, row.values);
  say(form, form.dataset.restored);
}

/** Some choices are fetched only when the one before them is made: those take their turn later. */
function putBack(form, values) {
  const waiting = values.filter((value) => !putOneBack(form, value));
  if (!waiting.length) return;
  document.addEventListener("htmx:afterSettle", () => putBack(form, waiting), { once: true });
}

function putOneBack(form, [name, choice, value]) {
  const fields = fieldsOf(form).filter((field) => field.name === name);
  const field = fields.find((one) => !isChoice(one) || one.value === choice);
  if (!field) return true;
  if (isChoice(field)) {
    if (field.checked === value) return true;
    field.checked = value;
  } else {
    if (field.value === value) return true;
    if (field.matches("select") && ![...field.options].some((one) => one.value === value)) return false;
    field.value = value;
  }
  field.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}

function say(form, sentence) {
  const place = form.querySelector("#device-says");
  place.textContent = sentence ?? "";
  place.hidden = !sentence;
  if (sentence) place.scrollIntoView({ block: "nearest" });
}

function setLocked(form, locked) {
  for (const field of form.elements) if (field.type === "submit") field.disabled = locked;
}

// --- sending -------------------------------------------------------------------------------------
/** Send the form; the same key and version travel again after a loss, so it is kept once. */
async function deliver(form, button) {
  const body = new FormData(form);
  if (button?.name) body.append(button.name, button.value);
  const hasFiles = form.querySelector("[type=file]");
  say(form, "");
  let answer = null;
  try {
    answer = await fetch(form.action, {
      method: "POST",
      body,
      headers: { "X-Kept": "yes" },
      signal: hasFiles ? undefined : AbortSignal.timeout?.(PATIENCE),
    });
  } catch {
    setLocked(form, false);
    return false;
  }
  const next = answer.headers.get("X-Next");
  if (answer.status === 204 && next) {
    form.dataset.sent = "";
    await work;
    await forgetSent(form, next);
    location.assign(next);
  } else {
    setLocked(form, false);
    form.dataset.plain = ""; // refused: the browser sends it itself and shows the sentence
    form.requestSubmit(button);
  }
  return true;
}

async function forgetSent(form, next) {
  if (!hasAnybodyAgreed()) return;
  const { id, key } = placeOf(form);
  if (form.dataset.step === "delete") await forgetDraft(key);
  else if (form.dataset.step !== "check") await forget(id);
  else if (!next.includes("/drafts/")) await forgetDraft(key);
}

function watch(form, shown) {
  let again = null; // sends once when the connection is back
  form.addEventListener("submit", async (event) => {
    const button = event.submitter;
    if ("plain" in form.dataset || button?.name === "refresh") return;
    event.preventDefault();
    window.removeEventListener("online", again);
    setLocked(form, true);
    await keep(form, shown);
    if (await deliver(form, button)) return;
    const lies = isAgreed() && form.dataset.lost && !form.querySelector("[type=file]");
    say(form, lies ? form.dataset.lost : form.dataset.waiting);
    again = () => form.requestSubmit(button);
    window.addEventListener("online", again, { once: true });
  });
  window.addEventListener("pageshow", () => delete form.dataset.sent);
}

// --- agreeing ------------------------------------------------------------------------------------
function offer(form, box, shown) {
  let pause = 0;
  const keepAtOnce = () => keep(form, shown);
  const keepSoon = () => {
    clearTimeout(pause);
    pause = setTimeout(keepAtOnce, PAUSE);
  };
  box.closest("#keep").hidden = false;
  box.checked = isAgreed();
  box.addEventListener("change", async (event) => {
    event.stopPropagation();
    if (box.checked) localStorage.setItem(agreement, "yes");
    else localStorage.removeItem(agreement);
    await (box.checked ? keepAtOnce() : work.then(forgetMine));
  });
  form.addEventListener("input", keepSoon);
  form.addEventListener("change", keepSoon);
  document.addEventListener("visibilitychange", keepAtOnce);
}

async function begin(form) {
  const shown = valuesOf(form);
  const box = form.querySelector("#id_keep");
  watch(form, shown);
  if (!box || !("indexedDB" in window)) return;
  offer(form, box, shown);
  if (isAgreed()) await restore(form, shown);
}

// --- what is gone --------------------------------------------------------------------------------
/** Drafts sent or deleted elsewhere; not those of others, nor what the server never had. */
async function forgetGone() {
  if (!told?.dataset.known || !isAgreed()) return;
  const saved = (await readMine()).filter((row) => row.saved);
  const keys = [...new Set(saved.map((row) => row.key))];
  for (let first = 0; first < keys.length; first += MOST) {
    const asked = keys.slice(first, first + MOST);
    const known = await knownOf(asked);
    if (!known || !isAgreed()) return; // cleared meanwhile
    const gone = asked.filter((key) => !known.includes(key));
    for (const row of saved) if (gone.includes(row.key)) await forget(row.id);
  }
}

/** Which of these drafts are still there; null where the server does not say. */
async function knownOf(keys) {
  const token = JSON.parse(document.body.getAttribute("hx-headers") ?? "{}");
  try {
    const answer = await fetch(told.dataset.known, {
      method: "POST",
      body: JSON.stringify(keys),
      headers: { ...token, "Content-Type": "application/json" },
      redirect: "error", // signed out meanwhile
      signal: AbortSignal.timeout?.(PATIENCE),
    });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

// --- the page of what lies here ------------------------------------------------------------------
function localDigits(number) {
  if (document.documentElement.lang !== "km") return String(number);
  return String(number).replace(/\d/g, (digit) => String.fromCharCode(KHMER_ZERO + Number(digit)));
}

async function list(page) {
  const drafts = new Map();
  const rows = await readMine();
  for (const row of rows.sort((one, other) => one.at - other.at)) drafts.set(row.key, row);
  const cards = [...drafts.values()].map((row) => {
    const link = document.createElement("a");
    link.href = row.url;
    link.textContent = page.dataset.draft.replace("%(number)s", localDigits(row.number));
    const card = document.createElement("li");
    card.className = "card";
    card.append(link);
    return card;
  });
  document.querySelector("#phone-drafts").replaceChildren(...cards);
  return cards.length;
}

/** Everything the browser keeps of us but the sign-in. */
async function clear() {
  if (opened) (await opened.catch(() => null))?.close();
  opened = null;
  await new Promise((resolve) => {
    const request = indexedDB.deleteDatabase(DATABASE);
    request.onsuccess = request.onerror = request.onblocked = resolve;
  });
  localStorage.clear();
  sessionStorage.clear();
  if ("caches" in window) for (const name of await caches.keys()) await caches.delete(name);
}

async function showPhone(page) {
  const says = document.querySelector("#phone-says");
  const button = document.querySelector("#phone-clear");
  let cleared = false;
  const tell = async () => {
    const mine = await list(page);
    const isOthers = (await readAll()).length > (await readMine()).length;
    if (!cleared) says.textContent = isOthers ? page.dataset.hidden : mine ? "" : page.dataset.empty;
  };
  button.addEventListener("click", async () => {
    cleared = true;
    await clear();
    document.querySelector("#phone-drafts").replaceChildren();
    says.textContent = page.dataset.cleared;
  });
  await tell();
  button.hidden = false;
  await forgetGone();
  if (!cleared) await tell();
}

for (const form of document.querySelectorAll("form[data-step]")) begin(form);
// An old database loses here what is kept no longer.
if ("indexedDB" in window && hasAnybodyAgreed()) open().catch(() => {});
const phone = document.querySelector("#on-this-phone");
if (phone) showPhone(phone);
else forgetGone();
