// Draws the long texts of a guide beside their fields while somebody writes; the server does it, by the function that
// draws them for readers. Without this module a button shows the same on a page of its own.

const WAIT_MS = 400;
const SLOW_MS = 2000;
const GIVE_UP_MS = 15_000;
const LOGGED_OUT = "You are logged out. Your text stays here: log in in another tab, then write on.";
const REFUSED = "You may not change guides any more. Your text stays here.";
const FAILED = "The preview has failed on the server. Your text stays here.";
const NO_ANSWER = "The server doesn't answer. Your text stays here; writing on asks again.";

const waiting = new WeakMap(); // of each field the timer of a pause in typing
const asked = new WeakMap(); // of each field the newest request; what an older one answers is dropped

class Refusal extends Error {}

// In the row too that is copied when a question is added.
for (const button of document.querySelectorAll("[data-markdown] button")) button.hidden = true;

document.addEventListener("input", ({ target }) => {
  const box = target.closest("[data-markdown]");
  if (!box) return;
  clearTimeout(waiting.get(box));
  waiting.set(box, setTimeout(() => draw(box), WAIT_MS));
});

async function draw(box) {
  asked.get(box)?.abort();
  const mine = new AbortController();
  asked.set(box, mine);
  const pane = box.querySelector(".markdown__pane");
  const timers = [setTimeout(() => say(box, "Waiting for the preview…"), SLOW_MS), setTimeout(() => mine.abort(), GIVE_UP_MS)];
  pane.setAttribute("aria-busy", "true");
  try {
    const text = await textOf(await answer(box, mine.signal));
    if (asked.get(box) === mine) show(box, pane, text);
  } catch (error) {
    if (asked.get(box) === mine) say(box, error instanceof Refusal ? error.message : NO_ANSWER);
  } finally {
    timers.forEach(clearTimeout);
    if (asked.get(box) === mine) pane.removeAttribute("aria-busy");
  }
}

// Whoever logged in anew in another tab has another token: it is fetched once, for saving, too.
async function answer(box, signal) {
  const response = await post(box, signal);
  if (response.status !== 403) return response;
  await renewToken(signal);
  return post(box, signal);
}

function post(box, signal) {
  const csrfmiddlewaretoken = document.querySelector("[name=csrfmiddlewaretoken]").value;
  const body = new URLSearchParams({ csrfmiddlewaretoken, live: "1", field: "text", text: box.querySelector("textarea").value });
  return fetch(box.dataset.markdown, { method: "POST", body, signal, redirect: "manual" });
}

async function renewToken(signal) {
  const page = await htmlOf(await fetch(location.href, { signal, redirect: "manual" }));
  const fresh = page.querySelector("[name=csrfmiddlewaretoken]");
  if (fresh) document.querySelectorAll("[name=csrfmiddlewaretoken]").forEach((old) => (old.value = fresh.value));
}

async function textOf(response) {
  return (await htmlOf(response)).querySelector("[data-said]");
}

async function htmlOf(response) {
  if (response.type === "opaqueredirect") throw new Refusal(LOGGED_OUT);
  if (response.status === 403) throw new Refusal(REFUSED);
  if (!response.ok) throw new Refusal(FAILED);
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

function show(box, pane, text) {
  pane.replaceChildren(document.importNode(text, true));
  say(box, text.dataset.said);
}

function say(box, words) {
  const said = box.querySelector("[role=status]");
  said.textContent = words;
  if (words === LOGGED_OUT) said.append(" ", logInLink());
}

function logInLink() {
  const link = document.createElement("a");
  link.href = location.pathname;
  link.target = "_blank";
  link.textContent = "Log in";
  return link;
}
