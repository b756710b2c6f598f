/** Presses that lie on this device until the server has answered for each of them: one person's of
 *  one session, in the order in which they were made, whichever window they were made in. */

const DATABASE = "vedika-console";
const PRESSES = "presses";
const PATIENCE = 30_000; // milliseconds for one answer
const SHORTEST = 1_000; // between two tries; doubled each time
const LONGEST = 30_000;

/** As crypto.randomUUID, which browsers have only on pages that came encrypted. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** The cookie's own value: another window may have signed in again since this page came. */
function csrfToken() {
  const found = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
  const told = JSON.parse(document.body.getAttribute("hx-headers") ?? "{}");
  return found ? decodeURIComponent(found[1]) : (told["x-csrftoken"] ?? "");
}

// --- what lies on the device ---------------------------------------------------------------------
let opened = null;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(PRESSES, { keyPath: "turn", autoIncrement: true });
    };
    request.onsuccess = () => {
      const close = () => { opened = null; };
      request.result.onclose = close;
      request.result.onversionchange = () => { // cleared by another window
        request.result.close();
        close();
      };
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
  }).catch((error) => {
    opened = null; // the next press tries again
    throw error;
  });
  return opened;
}

/** Do something with the presses, and come back once the disk itself has it. */
async function onDisk(mode, act) {
  const database = await open();
  return await new Promise((resolve, reject) => {
    const work = database.transaction(PRESSES, mode, { durability: "strict" });
    const request = act(work.objectStore(PRESSES));
    work.oncomplete = () => resolve(request?.result);
    work.onabort = work.onerror = () => reject(work.error);
  });
}

export class Queue {
  /** ``changed`` is called whenever what lies here, or why it waits, is another; ``answered`` once
   *  something has been taken or refused. */
  constructor({ owner, session, changed, answered }) {
    this.owner = owner;
    this.session = session;
    this.name = `vedika.console.${owner}.${session}`;
    this.changed = changed;
    this.answered = answered;
    this.rows = [];
    this.kept = []; // as the disk had them when it was read last
    this.loose = new Map(); // by key what the disk did not take: the row, null where it is done with
    this.taken = new Set(); // items on which an outcome was taken from here
    this.trouble = "";
    this.pause = SHORTEST;
    this.timer = 0;
    this.work = null;
    this.others = "BroadcastChannel" in window ? new BroadcastChannel(this.name) : null;
    if (this.others) this.others.onmessage = () => this.read();
  }

  get waiting() {
    return this.rows.filter((row) => !row.refused);
  }

  get refused() {
    return this.rows.filter((row) => row.refused);
  }

  /** False while something lies in this window alone: this browser keeps nothing, or is full. */
  get isKept() {
    return ![...this.loose.values()].some(Boolean);
  }

  /** What lies here now, of this person and session, in the order in which it was pressed. */
  async read() {
    try {
      const all = await onDisk("readonly", (rows) => rows.getAll());
      this.kept = all.filter((row) => row.owner === this.owner && row.session === this.session);
    } catch {
      // What was read before stands.
    }
    const known = new Set(this.kept.map(({ key }) => key));
    const rows = this.kept.map((row) => (this.loose.has(row.key) ? this.loose.get(row.key) : row));
    const others = [...this.loose].filter(([key]) => !known.has(key)).map(([, row]) => row);
    this.rows = [...rows, ...others].filter(Boolean);
    this.mark();
    this.changed();
  }

  /** For the question before signing out, which static/js/vedika.js asks. */
  mark() {
    try {
      if (this.rows.length) localStorage.setItem(this.name, String(this.rows.length));
      else localStorage.removeItem(this.name);
    } catch {
      // No storage here: signing out asks nothing.
    }
  }

  /** Keep a press, then send what lies here. */
  async add(press) {
    const row = { ...press, owner: this.owner, session: this.session };
    const isKept = this.isKept && (await this.write((rows) => rows.add(row)));
    if (!isKept) this.loose.set(row.key, row); // and all after it, so that the order stays
    await this.tell();
    this.send();
  }

  /** These rows in the place of those with their keys, all or none. */
  async change(...changed) {
    const isKept = await this.write((rows) => changed.map((row) => rows.put(row)).at(-1));
    for (const row of changed) {
      if (isKept) this.loose.delete(row.key);
      else this.loose.set(row.key, row);
    }
    await this.tell();
  }

  async forget({ key, turn }) {
    const isGone = turn === undefined || (await this.write((rows) => rows.delete(turn)));
    if (isGone) this.loose.delete(key);
    else this.loose.set(key, null);
    await this.tell();
  }

  /** Whether the disk has taken it. */
  async write(act) {
    return await onDisk("readwrite", act).then(() => true, () => false);
  }

  async tell() {
    await this.read();
    this.others?.postMessage("changed");
  }

  // --- sending -----------------------------------------------------------------------------------
  /** Send all that waits, one after the other; one window at a time. */
  send() {
    clearTimeout(this.timer);
    this.work ??= this.alone(() => this.drain())
      .catch(() => false)
      .then((isDone) => {
        this.work = null;
        if (isDone && !this.waiting.length) return;
        this.timer = setTimeout(() => this.send(), isDone ? 0 : this.pause);
        if (!isDone) this.pause = Math.min(this.pause * 2, LONGEST);
      });
    return this.work;
  }

  alone(act) {
    if (!navigator.locks) return act(); // the server takes each key once in any case
    return navigator.locks.request(this.name, act);
  }

  /** Whether all has been answered for. */
  async drain() {
    await this.read();
    let isAnswered = false;
    while (this.waiting.length) {
      if (!(await this.post(this.waiting[0]))) break;
      isAnswered = true;
      this.pause = SHORTEST;
    }
    if (isAnswered) await this.answered();
    return !this.waiting.length;
  }

  /** Send one; false where it has to wait on. */
  async post(row) {
    let answer = null;
    try {
      answer = await fetch(row.url, {
        method: "POST",
        body: new URLSearchParams(row.values),
        headers: { Accept: "application/json", "X-CSRFToken": csrfToken(), "X-Recorder": this.owner },
        redirect: "manual", // to the sign-in page
        signal: AbortSignal.timeout?.(PATIENCE),
      });
    } catch {
      return this.stop("offline");
    }
    if (answer.type === "opaqueredirect" || [401, 403].includes(answer.status)) return this.stop("signin");
    const said = await answer.json().catch(() => null);
    if (answer.status === 200 && said?.state === "recorded") {
      this.trouble = "";
      if (row.isOutcome || row.act === "reword") this.taken.add(row.item);
      await this.forget(row);
      return true;
    }
    // Too long for the server at any time: it would stand before all others for ever.
    const isHopeless = answer.status === 413 || (answer.status === 400 && !said);
    if (!isHopeless && (![400, 404, 409].includes(answer.status) || !said?.state)) return this.stop("lost");
    await this.refuse(row, isHopeless ? { state: "failed" } : said);
    return true;
  }

  stop(trouble) {
    this.trouble = trouble;
    this.changed();
    return false;
  }

  /** It was not taken; nor may be what was pressed after it because of it. */
  async refuse(row, said) {
    this.trouble = "";
    const after = this.waiting.filter((one) => row.isOutcome && one.follows === row.key);
    const first = after.map((one) => ({ ...one, refused: { state: "first" } }));
    await this.change({ ...row, refused: said }, ...first);
  }
}
