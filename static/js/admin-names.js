// Says to screen readers what Django's admin shows to the eye only: names of what its scripts draw, heads of columns.

const SAYS_NOTHING = "th.original, th:last-child";

// The select has the field's label; what is chosen follows it and is read anew when it changes.
function nameBox(select) {
  const drawn = select.nextElementSibling;
  if (!drawn?.classList.contains("select2-container")) return;
  const chosen = drawn.querySelector(".select2-selection__rendered");
  drawn.querySelector(".select2-selection").setAttribute("aria-labelledby", `${select.id} ${chosen.id}`);
  chosen.removeAttribute("role");
  chosen.removeAttribute("aria-readonly");
}

function nameBoxes() {
  document.querySelectorAll("select.admin-autocomplete").forEach(nameBox);
}

function nameColumns() {
  for (const head of document.querySelectorAll(".tabular thead tr")) {
    for (const cell of head.querySelectorAll(SAYS_NOTHING)) {
      if (!cell.textContent.trim()) cell.append(hidden(cell.classList.contains("original") ? "Row" : "Remove"));
    }
  }
}

function hidden(words) {
  const said = document.createElement("span");
  said.className = "visually-hidden";
  said.textContent = words;
  return said;
}

function nameIcons() {
  for (const icon of document.querySelectorAll(".selector .help-tooltip[aria-label]")) icon.setAttribute("role", "img");
}

// jQuery draws the boxes when it finds time, before or after the page's load, and in each row that is added.
new MutationObserver(nameBoxes).observe(document.body, { childList: true, subtree: true });
window.addEventListener("load", () => {
  nameBoxes();
  nameColumns();
  nameIcons();
});
