// Which jobs this browser opened: kept here only, the server never learns of it.

const KEY = "seen-jobs";
const MOST = 500;

const opened = document.querySelector("article[data-job]");
if (opened) write([opened.dataset.job, ...read().filter((id) => id !== opened.dataset.job)].slice(0, MOST));
markRows();
document.addEventListener("results-swapped", markRows);
// The page as the browser kept it, on the way back from a job, doesn't know of that job yet.
addEventListener("pageshow", (event) => event.persisted && markRows());

function markRows() {
  const seen = new Set(read());
  for (const row of document.querySelectorAll(".job-row[data-job]:not(.job-row--seen)")) {
    if (!seen.has(row.dataset.job)) continue;
    row.classList.add("job-row--seen");
    const badge = row.querySelector(".badge");
    if (!badge) row.querySelector(".job-row__state").append(seenBadge());
    else if (badge.textContent === "New") badge.replaceWith(seenBadge());
  }
}

function seenBadge() {
  const badge = document.createElement("span");
  badge.className = "badge";
  badge.textContent = "Seen";
  return badge;
}

function read() {
  try {
    const ids = JSON.parse(localStorage.getItem(KEY));
    return Array.isArray(ids) ? ids : [];
  } catch {
    return []; // nothing kept, something else's text, or storage is forbidden
  }
}

function write(ids) {
  try {
    localStorage.setItem(KEY, JSON.stringify(ids));
  } catch {
    // Storage is full or forbidden: rows just aren't marked.
  }
}
