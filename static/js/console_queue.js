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
      request.result.onversionchange = () => request.result.close(); // cleared by another window
      request.result.onclose = () => { opened = null; };
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
  });
  return opened;
}

/** Do one thing with the presses, and come back once the disk has it. */
async function onDisk(mode, act) {
  const database = await open();
  return await new Promise((resolve, reject) => {
    const work = database.transaction(PRESSES, mode);
    const request = act(work.objectStore(PRESSES));
    work.oncomplete = () => resolve(request.result);
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
    this.taken = new Set(); // items on which an outcome was taken from here
    this.trouble = "";
    this.isKept = true; // false where this browser keeps nothing: then it lies in this window alone
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

  /** What lies here now, of this person and session. */
  async read() {
    if (this.isKept) {
      try {
        const all = await onDisk("readonly", (rows) => rows.getAll());
        this.rows = all.filter((row) => row.owner === this.owner && row.session === this.session);
      } catch {
        this.isKept = false;
      }
    }
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
    try {
      if (!this.isKept) throw new Error("not kept");
      await onDisk("readwrite", (rows) => rows.add(row));
    } catch {
      this.isKept = false;
      row.turn = Date.now();
      this.rows.push(row);
    }
    await this.tell();
    this.send();
  }

  async change(row) {
    if (this.isKept) await onDisk("readwrite", (rows) => rows.put(row));
    else this.rows = this.rows.map((one) => (one.turn === row.turn ? row : one));
    await this.tell();
  }

  async forget(row) {
    if (this.isKept) await onDisk("readwrite", (rows) => rows.delete(row.turn));
    else this.rows = this.rows.filter((one) => one.turn !== row.turn);
    await this.tell();
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
    if (![400, 404, 409].includes(answer.status) || !said?.state) return this.stop("lost");
    await this.refuse(row, said);
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
    await this.change({ ...row, refused: said });
    if (!row.isOutcome) return;
    for (const next of this.waiting.filter((one) => one.item === row.item && one.follows === row.key)) {
      await this.change({ ...next, refused: { state: "first" } });
    }
  }
}
