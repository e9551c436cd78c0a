// Shows what an alert would find while its form changes. Without it a button does the same.

const WAIT_MS = 250;
const form = document.querySelector("[data-alert-form]");
const zone = form.querySelector("[data-time-zone]");
let waiting; // the timer of a pause in typing
let request; // the newest request; an older one is dropped

form.querySelector("[data-without-script]").hidden = true;
nameTheZone();
showTiming();

form.addEventListener("input", ({ target }) => {
  if (target.name === "rhythm") showTiming();
  if (["rhythm", "hour", "weekday", "quiet_weekends", "email", "name"].includes(target.name)) return;
  clearTimeout(waiting);
  waiting = setTimeout(showPreview, WAIT_MS);
});

function nameTheZone() {
  if (!zone) return;
  zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
  form.querySelector("[data-zone-name]").textContent = zone.value;
}

// The weekday matters to weekly alerts only, the hour to all but instant ones.
function showTiming() {
  const rhythm = form.querySelector("[name=rhythm]:checked")?.value;
  for (const part of form.querySelectorAll("[data-for-rhythm]")) {
    part.hidden = !part.dataset.forRhythm.split(" ").includes(rhythm);
  }
}

async function showPreview() {
  request?.abort();
  const mine = (request = new AbortController());
  const old = document.getElementById("preview");
  old.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(addressOfPreview(), { signal: mine.signal });
    if (!response.ok) throw new Error(response.status);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    old.replaceWith(document.importNode(page.getElementById("preview"), true));
  } catch (error) {
    // A newer request took over; else the last preview stays and the form still works.
    if (error.name !== "AbortError") old.removeAttribute("aria-busy");
  }
}

// Only what is searched for: no address and no form token in a URL.
function addressOfPreview() {
  const left = ["csrfmiddlewaretoken", "email", "time_zone", "rhythm", "hour", "weekday", "quiet_weekends", "name"];
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (value.trim() && !left.includes(name)) query.append(name, value.trim());
  }
  if (form.dataset.alert) query.set("for", form.dataset.alert);
  return `${form.dataset.preview}?${query}`;
}
