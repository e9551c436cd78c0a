// Names the boxes that complete what is typed for screen readers: Django labels the hidden select, not what select2 draws.

function nameBoxes() {
  for (const select of document.querySelectorAll("select.admin-autocomplete[aria-label]")) {
    const drawn = select.nextElementSibling;
    if (select.id.includes("__prefix__") || !drawn?.classList.contains("select2-container")) continue;
    const name = select.getAttribute("aria-label");
    const box = drawn.querySelector(".select2-selection");
    const chosen = drawn.querySelector(".select2-selection__rendered");
    box.removeAttribute("aria-labelledby");
    box.setAttribute("aria-label", chosen.title ? `${name}: ${chosen.title}` : name);
    chosen.removeAttribute("role");
    chosen.removeAttribute("aria-readonly");
  }
}

window.addEventListener("load", nameBoxes);
document.addEventListener("formset:added", () => setTimeout(nameBoxes));
document.addEventListener("change", () => setTimeout(nameBoxes));
