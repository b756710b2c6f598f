/** A button with `data-copy="id"` copies what stands in that field; without a script it is not there. */

const status = document.querySelector("[data-copy-status]");

async function copy(button, field) {
  field.select(); // what a reader copies by hand where the browser refuses
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    if (!document.execCommand("copy")) return;
  }
  status.textContent = button.dataset.copied;
}

for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  button.hidden = false;
  button.addEventListener("click", () => copy(button, field));
}
