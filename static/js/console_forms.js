/** The forms of the console: one for each press, lent to whichever item is opened. What was typed
 *  for an item waits for it while others are opened. */

import { newKey } from "./console_queue.js";

const KHMER_ZERO = 0x17e0;
const OWN = ["csrfmiddlewaretoken", "client_key", "corrects", "at"];
const latin = (text) =>
  text.trim().replace(/[\u17e0-\u17e9]/g, (sign) => String(sign.charCodeAt(0) - KHMER_ZERO));

const fieldsOf = (form) => [...form.elements].filter(({ name, type }) => name && type !== "hidden" && type !== "submit");
const valuesOf = (form) => fieldsOf(form).map(({ name, value }) => [name, value]);
const seenOf = (form) => [...form.elements].filter(({ name }) => name.startsWith("seen_")).map(({ name, value }) => [name, value]);
const isDirty = (form) => form.dataset.entered !== undefined && form.dataset.entered !== JSON.stringify(valuesOf(form));

/** Whether something is typed in a form that is in sight. */
export function dirty(root) {
  return [...root.querySelectorAll("[data-act]")].some((form) => !form.closest("[hidden]") && isDirty(form));
}

/** The words of a field's label, without the mark of required ones. */
function labelOf(field) {
  const label = field.labels?.[0]?.cloneNode(true);
  label?.querySelector(".required, .visually-hidden")?.remove();
  return label?.textContent.trim().replace(/\s+/g, " ") ?? field.name;
}

function shownOf(form) {
  return fieldsOf(form)
    .filter(({ value, name, form: { elements } }) => {
      const office = name.startsWith("role_") ? elements[name.replace("role", "authority")] : null;
      return value.trim() && (!office || office.value);
    })
    .map((field) => [labelOf(field), field.selectedOptions?.[0]?.textContent ?? field.value]);
}

export class Forms {
  constructor(root, words) {
    this.root = root;
    this.words = words;
    this.typed = new Map(); // of each item what was typed and not pressed
    this.part = null;
    this.told = root.querySelector("[data-told]");
    root.addEventListener("input", ({ target }) => this.onInput(target));
  }

  get all() {
    return [...this.root.querySelectorAll("[data-act]")];
  }

  form(act) {
    return this.root.querySelector(`[data-act="${act}"]`);
  }

  // --- lending them to an item ---------------------------------------------------------------------
  leave() {
    if (!this.part) return;
    const kept = this.all.filter(isDirty).map((form) => [form.dataset.act, [...valuesOf(form), ...seenOf(form)]]);
    if (kept.length) this.typed.set(this.part.dataset.item, { kept, corrects: this.corrects });
    else this.typed.delete(this.part.dataset.item);
  }

  enter(part) {
    const isRefused = !this.part && this.root.querySelector(".error-summary"); // a plain form came back
    this.part = part;
    this.corrects = part.dataset.version;
    this.told.hidden = true;
    for (const form of this.all) {
      form.action = form.dataset.blank.replace("/0/", `/${part.dataset.item}/`);
      if (!isRefused) this.blank(form);
      this.close(form);
    }
    const { kept = [], corrects } = this.typed.get(part.dataset.item) ?? {};
    for (const [act, values] of kept) this.fill(act, values);
    if (kept.length && corrects !== this.corrects) this.tell(corrects);
  }

  /** The item's part came anew; what is typed stays. ``isTold``: by somebody else's press. */
  renew(part, isTold) {
    const corrects = this.corrects;
    this.leave();
    this.enter(part);
    if (isTold) this.tell(corrects);
  }

  /** What is typed was typed without having seen what stands: it is sent as such. */
  tell(corrects) {
    this.corrects = corrects;
    this.told.textContent = this.words.told;
    this.told.hidden = false;
  }

  blank(form) {
    form.reset();
    for (const sentence of form.querySelectorAll("[data-missing]")) sentence.remove();
    if (!form.closest("[hidden]")) form.closest("details")?.removeAttribute("open");
    const words = JSON.parse(this.part.dataset.words || "{}")[form.dataset.act] ?? {};
    for (const [name, value] of Object.entries(words)) {
      if (form.elements[name]) form.elements[name].value = value;
    }
    const { superior, suggested } = this.part.dataset;
    const office = form.elements.authority;
    if (office?.required) office.value = form.dataset.act === "higher" ? superior : suggested;
    form.dataset.entered = JSON.stringify(valuesOf(form));
    this.sayDay(form);
  }

  /** Offices that cannot be given the item are not offered. */
  close(form) {
    const closed = this.part.dataset.closed.split(" ");
    for (const select of form.querySelectorAll("select[name^=authority]")) {
      for (const option of select.options) {
        option.hidden = option.disabled = option.value !== "" && closed.includes(option.value);
      }
    }
  }

  fill(act, values) {
    const form = this.form(act);
    if (!form) return;
    for (const [name, value] of values) {
      const field = form.elements[name];
      if (!field || OWN.includes(name)) continue;
      field.value = value;
      field.dispatchEvent(new Event("input", { bubbles: true })); // counters
    }
    form.closest("details")?.setAttribute("open", "");
    for (const folded of form.querySelectorAll("details")) {
      folded.open = fieldsOf(form).some((field) => folded.contains(field) && field.value && !field.name.startsWith("role_"));
    }
  }

  putBack(row) {
    this.fill(row.act, row.values.filter(([name]) => !name.startsWith("seen_"))); // it sees what stands now
    this.form(row.act)?.closest("details")?.scrollIntoView({ block: "nearest" });
  }

  // --- what is offered -----------------------------------------------------------------------------
  /** By the item as it stands, and by what was pressed here but not sent yet. */
  offer(part, waits) {
    const acts = part.dataset.acts.split(" ");
    const isOpen = acts.includes("start") || acts.includes("stop");
    let [runs, shown, decided] = [acts.includes("stop"), acts.includes("hide"), Boolean(part.dataset.version)];
    let isWaiting = false;
    for (const { act, isOutcome } of waits) {
      if (act === "start" || act === "stop") runs = act === "start";
      if (act === "show" || act === "hide") shown = act === "show";
      if (isOutcome) [shown, decided, isWaiting] = [false, true, true];
    }
    const floor = { start: isOpen && !runs, stop: isOpen && runs, show: isOpen && decided && !shown, hide: isOpen && decided && shown };
    for (const form of this.all) {
      const { act } = form.dataset;
      const isKept = !this.told.hidden && isDirty(form);
      const isWords = "outcome" in form.dataset || act === "reword";
      const isOffered = floor[act] ?? (isKept || (acts.includes(act) && !(isWords && isWaiting)));
      (form.closest("details") ?? form).hidden = !isOffered;
    }
    const isCorrecting = Boolean(part.dataset.version);
    for (const one of this.root.querySelectorAll("[data-when]")) {
      const isIt = (one.dataset.when === "again") === isCorrecting;
      const any = isCorrecting ? acts.includes("reword") : acts.includes("note") || acts.includes("defer");
      one.hidden = !isIt || !any || isWaiting;
    }
  }

  // --- pressing ------------------------------------------------------------------------------------
  /** The press as it is kept and sent, made at ``now``; nothing where something is missing. */
  take(form, item, now) {
    if (this.isMissing(form)) return null;
    this.sayDate(form);
    const [key, at] = [newKey(), new Date(now).toISOString()];
    const values = [...new FormData(form)].filter(([name]) => !OWN.includes(name));
    const isOutcome = "outcome" in form.dataset;
    const corrects = isOutcome || form.dataset.act === "reword" ? [["corrects", this.corrects]] : [];
    const row = {
      key, at, item, isOutcome,
      act: form.dataset.act,
      label: form.dataset.label,
      url: form.action,
      values: [["client_key", key], ["at", at], ...corrects, ...values],
      shown: shownOf(form),
    };
    this.typed.delete(item);
    this.told.hidden = true;
    this.corrects = this.part.dataset.version;
    if (form.dataset.act === "speakers") this.see(form);
    if (form.dataset.act === "speakers" || form.dataset.act === "reword") form.dataset.entered = JSON.stringify(valuesOf(form));
    else this.blank(form);
    return row;
  }

  /** A second press comes after this one, as the server keeps it. */
  see({ elements }) {
    const lines = elements.spoke.value.split("\n").map((line) => line.trim());
    elements.seen_spoke.value = lines.filter(Boolean).join("\n");
    elements.seen_communities.value = latin(elements.communities.value) || "0";
  }

  isMissing(form) {
    for (const sentence of form.querySelectorAll("[data-missing]")) sentence.remove();
    const missing = fieldsOf(form).filter((field) => field.required && !field.value.trim());
    for (const field of missing) {
      const sentence = document.createElement("p");
      sentence.className = "error";
      sentence.dataset.missing = "";
      sentence.id = `${field.id}_missing`;
      sentence.textContent = this.words.required;
      field.setAttribute("aria-describedby", sentence.id);
      field.after(sentence);
    }
    missing[0]?.focus();
    return missing.length > 0;
  }

  onInput(field) {
    if (field.value.trim()) document.getElementById(`${field.id}_missing`)?.remove();
    if (field.name === "due_on" && field.value && field.form.elements.days) field.form.elements.days.value = "";
    if (field.name === "days" && field.value) field.form.elements.due_on.value = "";
    if (field.name === "days" || field.name === "due_on") this.sayDay(field.form);
  }

  dayOf(form) {
    const days = form.elements.days;
    if (!days || days.dataset.from || !days.value) return null;
    return this.root.querySelector(`#workdays option[value="${CSS.escape(latin(days.value))}"]`);
  }

  /** The day that so many working days lead to, in the server's words. */
  sayDay(form) {
    const days = form.elements.days;
    if (!days || days.dataset.from) return;
    let place = form.querySelector(".days-said");
    if (!place) {
      place = document.createElement("p");
      place.className = "days-said";
      place.setAttribute("role", "status");
      days.after(place);
    }
    place.textContent = this.dayOf(form)?.label ?? "";
  }

  /** What was read is what is sent, on whatever day that happens. */
  sayDate(form) {
    const option = this.dayOf(form);
    if (!option || form.elements.due_on.value) return;
    form.elements.due_on.value = option.dataset.day;
    form.elements.days.value = "";
  }
}
