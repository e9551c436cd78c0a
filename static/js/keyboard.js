// Single-key shortcuts for a list of jobs. They can be switched off (WCAG 2.1.4): voice control types letters too.

const KEY = "single-key-shortcuts";
const dialog = document.getElementById("keyboard-help");
const box = dialog.querySelector("[data-keyboard-switch]");
const opener = document.querySelector("[data-keyboard-help]");

box.checked = read() !== "off";
opener.hidden = false;
opener.addEventListener("click", () => dialog.showModal());
box.addEventListener("change", () => write(box.checked ? "on" : "off"));

document.addEventListener("keydown", (event) => {
  if (!box.checked || dialog.open || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const act = { "/": focusSearch, j: () => move(1), k: () => move(-1), "?": () => dialog.showModal() }[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

function isTyping(element) {
  return element.matches("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
}

function focusSearch() {
  const field = document.querySelector("#search [name=q]");
  field.focus();
  field.select();
}

function move(step) {
  const links = [...document.querySelectorAll(".job-row__title a")];
  const here = links.findIndex((link) => link === document.activeElement);
  const next = here < 0 ? (step > 0 ? 0 : -1) : here + step;
  links.at(next)?.focus();
}

function read() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // storage is forbidden, so the shortcuts are as they come
  }
}

function write(value) {
  try {
    localStorage.setItem(KEY, value);
  } catch {
    // Storage is forbidden: the switch holds for this page.
  }
}
