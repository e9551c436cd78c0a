// Swaps the results of the search page in place while people type and choose. Without it the form just works.

const WAIT_MS = 150;
const DEFAULTS = { sort: "newest", pay_currency: "USD", pay_period: "year" };
const form = document.getElementById("search");
const count = document.getElementById("count");
const fold = document.getElementById("filters-fold");
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const wide = matchMedia("(min-width: 60rem)");
let waiting; // the timer of a pause in typing
let request; // the newest request; an older one is dropped
let isTyping = false; // one entry of the history for a word, not one for each letter
let shown = withoutHash(location.href);

fold.classList.add("filters-fold--live");
document.querySelector(".results__sort [data-submit]").hidden = true;
if (!CSS.supports("selector(::details-content)")) fold.open = wide.matches;

document.addEventListener("input", ({ target }) => {
  if (target.form !== form) return;
  clearTimeout(waiting);
  const isText = target.matches("input:not([type=checkbox])");
  waiting = setTimeout(() => {
    show(addressOfForm(), { mode: isText && isTyping ? "replace" : "push", animate: !isText });
    isTyping = isText;
  }, isText ? WAIT_MS : 0);
});

document.addEventListener("focusout", () => (isTyping = false));

document.addEventListener("submit", (event) => {
  if (event.target !== form) return;
  event.preventDefault();
  clearTimeout(waiting);
  fold.open = fold.open && wide.matches;
  show(addressOfForm(), { animate: true, toTop: true });
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-swap]");
  if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  show(link.href, { animate: true, toTop: true });
});

document.getElementById("show-results").addEventListener("click", () => {
  fold.open = false;
  document.getElementById("results").focus({ preventScroll: true });
  count.scrollIntoView();
});

addEventListener("popstate", () => {
  if (withoutHash(location.href) !== shown) show(location.href, { mode: "none", force: true });
});

// As short as people would write it: no empty parts and no defaults.
function addressOfForm() {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (value.trim() && DEFAULTS[name] !== value) query.append(name, value.trim());
  }
  if (!query.has("pay")) ["pay_currency", "pay_period"].forEach((name) => query.delete(name));
  const url = new URL(form.action);
  url.search = query;
  return url.href;
}

// `mode` is what happens to the history, `force` replaces even the part that has the focus.
async function show(address, { mode = "push", animate = false, toTop = false, force = false } = {}) {
  request?.abort();
  const mine = (request = new AbortController());
  document.getElementById("results").setAttribute("aria-busy", "true");
  try {
    const response = await fetch(address, { signal: mine.signal });
    if (!response.ok) throw new Error(response.status);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    remember(response.url, page.title, mode);
    const swap = () => swapTo(page, { toTop, force });
    if (animate && document.startViewTransition && !calm.matches) {
      document.startViewTransition(swap).ready.catch(() => {}); // skipped, as by a newer one; the swap is made all the same
    } else swap();
  } catch (error) {
    // A newer request took over; anything else is for the browser to show as it shows any page.
    if (error.name !== "AbortError") location.assign(address);
  }
}

function remember(address, title, mode) {
  const isSame = withoutHash(address) === withoutHash(location.href);
  if (mode !== "none" && !isSame) history[mode === "push" ? "pushState" : "replaceState"](null, "", address);
  shown = withoutHash(address);
  document.title = title;
}

function swapTo(page, { toTop, force }) {
  const results = document.getElementById("results");
  const hadFocus = results.contains(document.activeElement);
  count.replaceChildren(...document.importNode(page.getElementById("count"), true).childNodes);
  results.replaceWith(document.importNode(page.getElementById("results"), true));
  swapParts(page, force);
  if (hadFocus) document.getElementById("results").focus({ preventScroll: true });
  if (toTop) count.scrollIntoView({ block: "nearest" });
  document.dispatchEvent(new Event("results-swapped"));
}

// Filters and links beside the results; the part somebody is in stays, with only its errors renewed.
function swapParts(page, force) {
  for (const old of document.querySelectorAll("[data-part]")) {
    if (!page.getElementById(old.id)) old.remove();
  }
  for (const part of page.querySelectorAll("[data-part]")) {
    const fresh = document.importNode(part, true);
    const old = document.getElementById(part.id);
    if (!old) document.getElementById(part.previousElementSibling.id).after(fresh);
    else if (force || !old.contains(document.activeElement)) old.replaceWith(fresh);
    else renewErrors(old, fresh);
  }
}

function renewErrors(old, fresh) {
  for (const list of old.querySelectorAll(".errorlist")) list.remove();
  for (const control of fresh.querySelectorAll("input[id], select[id]")) {
    const live = document.getElementById(control.id);
    for (const name of ["aria-invalid", "aria-describedby"]) {
      if (control.hasAttribute(name)) live.setAttribute(name, control.getAttribute(name));
      else live.removeAttribute(name);
    }
    if (control.nextElementSibling?.matches(".errorlist")) live.after(control.nextElementSibling);
  }
}

function withoutHash(address) {
  return address.split("#")[0];
}
