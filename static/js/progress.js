// Keeps the progress of an import up to date; without it the page's own link does.

const EVERY = 3000;

async function lookAgain() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const progress = page.getElementById("progress");
  if (!progress) {
    location.reload();
    return;
  }
  document.getElementById("progress").replaceChildren(...progress.childNodes);
  setTimeout(lookAgain, EVERY);
}

if (document.getElementById("progress")) setTimeout(lookAgain, EVERY);
