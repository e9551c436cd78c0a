// Rows of an ordered list in the admin: moved by dragging or by two buttons instead of typing numbers. Without this
// module each row shows its number, which says the same.

const said = document.createElement("p");
said.className = "visually-hidden";
said.setAttribute("role", "status");

let dragged = null;

const rowsOf = (group) => [...group.querySelectorAll(".ordered-row:not(.empty-form)")];
const numberOf = (row) => row.querySelector("input[name$='-position']");

function isBlank(row) {
  if (row.classList.contains("has_original")) return false;
  const typed = [...row.querySelectorAll("input, select, textarea")].filter(isTyped);
  return typed.every((field) => !field.value.trim());
}

// A level that is chosen beforehand and the row's own keys say nothing that somebody wrote.
function isTyped(field) {
  return field.type !== "hidden" && field.type !== "checkbox" && !/-(position|expected_from|measure)$/.test(field.name);
}

function nameOf(row) {
  const chosen = row.querySelector("select[name$='-skill'] option:checked");
  const written = row.querySelector("input[type='text'], textarea");
  return (chosen ?? { textContent: written?.value ?? "" }).textContent.trim() || "new row";
}

function renumber(group) {
  rowsOf(group)
    .filter((row) => !isBlank(row))
    .forEach((row, place) => (numberOf(row).value = place + 1));
}

function tell(row, group) {
  const rows = rowsOf(group);
  said.textContent = `${nameOf(row)}: place ${rows.indexOf(row) + 1} of ${rows.length}`;
}

function place(row, other, after) {
  if (!other || other === row) return;
  other[after ? "after" : "before"](row);
}

function move(row, group, steps, button) {
  const rows = rowsOf(group);
  place(row, rows[rows.indexOf(row) + steps], steps > 0);
  renumber(group);
  tell(row, group);
  button.focus();
}

function button(label, sign, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "ordered__button";
  made.textContent = sign;
  made.setAttribute("aria-label", label);
  made.addEventListener("click", () => act(made));
  return made;
}

// The buttons' names follow what the row says when somebody comes to them.
function named(row, tools) {
  tools.addEventListener("focusin", (event) => {
    const way = event.target.dataset.way;
    if (way) event.target.setAttribute("aria-label", `Move ${way}: ${nameOf(row)}`);
  });
}

function handleOf(row) {
  const handle = document.createElement("span");
  handle.className = "ordered__handle";
  handle.draggable = true;
  handle.title = "Drag to another place";
  handle.setAttribute("aria-hidden", "true");
  handle.textContent = "⠿";
  handle.addEventListener("dragstart", (event) => {
    dragged = row;
    row.classList.add("is-dragged");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", "");
    event.dataTransfer.setDragImage(row, 10, 10);
  });
  handle.addEventListener("dragend", () => {
    row.classList.remove("is-dragged");
    dragged = null;
  });
  return handle;
}

function dress(row, group) {
  if (!numberOf(row) || row.querySelector(".ordered__tools")) return;
  row.classList.add("ordered-row");
  if (row.classList.contains("empty-form")) return;
  const tools = document.createElement("span");
  tools.className = "ordered__tools";
  const up = button("Move up", "↑", (made) => move(row, group, -1, made));
  const down = button("Move down", "↓", (made) => move(row, group, 1, made));
  up.dataset.way = "up";
  down.dataset.way = "down";
  named(row, tools);
  tools.append(handleOf(row), up, down);
  (row.querySelector("td.field-position") ?? row.querySelector("h3")).append(tools);
}

function dragOver(event, group) {
  const row = event.target.closest?.(".ordered-row:not(.empty-form)");
  if (!dragged || !group.contains(dragged) || !row || !group.contains(row)) return;
  event.preventDefault();
  const box = row.getBoundingClientRect();
  place(dragged, row, event.clientY > box.top + box.height / 2);
}

function drop(event, group) {
  if (!dragged || !group.contains(dragged)) return;
  event.preventDefault();
  renumber(group);
  tell(dragged, group);
}

function order(group) {
  if (!group.querySelector("input[name$='-position']")) return;
  group.classList.add("ordered");
  group.querySelectorAll(".form-row[id], .inline-related[id]").forEach((row) => dress(row, group));
  group.addEventListener("dragover", (event) => dragOver(event, group));
  group.addEventListener("drop", (event) => drop(event, group));
  group.closest("form").addEventListener("submit", () => renumber(group));
}

document.body.append(said);
document.querySelectorAll(".js-inline-admin-formset").forEach(order);
document.addEventListener("formset:added", (event) => {
  const group = event.target.closest(".js-inline-admin-formset.ordered");
  if (group) dress(event.target, group);
});
