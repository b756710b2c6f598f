/** Choosing among many: `data-pick` on a form, whose boxes are folded in `data-pick-group`s. */

/** One form of a name, whatever its case, spaces and invisible breaks (as khmer.text does). */
function fold(text) {
  return text.normalize("NFC").replace(/[\u200b\u200c\u200d]/g, "").replace(/\s+/g, " ").trim().toLowerCase();
}

/** Show the boxes with these words, and unfold their groups; without words all, folded as before. */
function narrow(groups, words) {
  for (const group of groups) {
    let found = 0;
    for (const label of group.querySelectorAll("label")) {
      const fits = fold(label.textContent).includes(words);
      label.hidden = !fits;
      found += fits;
    }
    group.hidden = !found;
    group.open = words ? true : "first" in group.dataset || Boolean(group.querySelector(":checked"));
  }
}

/** Tick all boxes of the group that are shown; where all are ticked, none. */
function pickAll(group) {
  const boxes = [...group.querySelectorAll("label:not([hidden]) input")];
  const every = boxes.every((box) => box.checked);
  for (const box of boxes) box.checked = !every;
}

for (const form of document.querySelectorAll("form[data-pick]")) {
  const groups = [...form.querySelectorAll("[data-pick-group]")];
  const search = form.querySelector("[data-pick-search]");
  for (const group of groups) {
    if (group.open) group.dataset.first = "";
    const all = group.querySelector("[data-pick-all]");
    all.hidden = false;
    all.addEventListener("click", () => pickAll(group));
  }
  search.hidden = !groups.length;
  const field = search.querySelector("input");
  field.addEventListener("input", () => narrow(groups, fold(field.value)));
  // Enter looks, it does not invite.
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
}
