// Skills marked without an account stay in this browser; with one they can be taken along.

const KEY = "my-skills";
const form = document.getElementById("my-skills");
const filter = document.getElementById("skill-filter");
if (form) start();

function start() {
  const query = new URLSearchParams(location.search);
  if (form.dataset.kept === "account") offerThoseOfTheDevice();
  else if (query.has("skill") || query.has("chosen")) write(query.getAll("skill"));
  else if (read().length) bringBack(query);
  filter?.closest(".field").removeAttribute("hidden");
  filter?.addEventListener("input", narrow);
  filter?.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
}

function bringBack(query) {
  for (const slug of read()) query.append("skill", slug);
  location.replace(`${location.pathname}?${query}${location.hash}`);
}

// Marked, not sent: the person sees them in the form and keeps them, or not.
function offerThoseOfTheDevice() {
  const boxes = read().map((slug) => form.querySelector(`input[name=skill][value="${CSS.escape(slug)}"]`));
  const fresh = boxes.filter((box) => box && !box.checked);
  if (fresh.length) {
    for (const box of fresh) box.checked = true;
    const said = form.querySelector("[data-from-device]");
    said.textContent = `${fresh.length} marked in this browser before you logged in: keep your skills to add them.`;
    said.hidden = false;
  }
  form.addEventListener("submit", () => write([]));
}

function narrow() {
  const typed = filter.value.trim().toLowerCase();
  for (const label of form.querySelectorAll("details label.check")) {
    label.hidden = typed !== "" && !label.textContent.toLowerCase().includes(typed);
  }
}

function read() {
  try {
    const slugs = JSON.parse(localStorage.getItem(KEY));
    return Array.isArray(slugs) ? slugs.filter((slug) => typeof slug === "string") : [];
  } catch {
    return []; // nothing kept, something else's text, or storage is forbidden
  }
}

function write(slugs) {
  try {
    if (slugs.length) localStorage.setItem(KEY, JSON.stringify(slugs));
    else localStorage.removeItem(KEY);
  } catch {
    // Storage is full or forbidden: the address still holds them.
  }
}
