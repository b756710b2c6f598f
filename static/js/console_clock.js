/** How long the opened item has run, by the server's clock and with presses not sent yet. */

const KHMER_ZERO = 0x17e0;

export function localDigits(text) {
  if (document.documentElement.lang !== "km") return String(text);
  return String(text).replace(/\d/g, (digit) => String.fromCharCode(KHMER_ZERO + Number(digit)));
}

export class Clock {
  constructor(page) {
    const ahead = Date.parse(page.dataset.now) - Date.now(); // of this device's clock
    this.ahead = ahead < -60_000 ? 0 : ahead; // an old page was kept by console_worker.js
    setInterval(() => this.tick(), 1_000);
  }

  /** By the server's own word. */
  set(date) {
    if (date) this.ahead = Date.parse(date) - Date.now();
  }

  /** By the server's clock, as far as it is known: a device's own may be wrong. */
  now() {
    return Date.now() + this.ahead;
  }

  show(part, waits) {
    this.part = part;
    this.waits = waits;
    this.tick();
  }

  /** Seconds so far: earlier runs, the one that goes on, and what was pressed here meanwhile. */
  seconds() {
    let used = Number(this.part.dataset.used) * 1_000;
    let since = this.part.dataset.started ? Date.parse(this.part.dataset.started) : 0;
    for (const { act, at } of this.waits) {
      const moment = Date.parse(at);
      if (act === "start") since ||= moment;
      if (act === "stop" && since) {
        used += Math.max(0, moment - since);
        since = 0;
      }
    }
    return Math.floor((used + (since ? Math.max(0, this.now() - since) : 0)) / 1_000);
  }

  tick() {
    const place = this.part?.querySelector("[data-clock]");
    if (!place) return;
    const seconds = this.seconds();
    const text = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    place.textContent = localDigits(text);
    place.closest(".console-time").toggleAttribute("data-over", seconds > this.part.dataset.minutes * 60);
  }
}
