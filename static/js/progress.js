// Keeps the progress of an import up to date; without it the page's own link does.

const EVERY = 2000;

async function lookAgain() {
  const page = await thePageNow();
  const progress = page?.getElementById("progress");
  if (page && !progress) {
    location.reload();
    return;
  }
  if (progress) document.getElementById("progress").replaceChildren(...progress.childNodes);
  setTimeout(lookAgain, EVERY);
}

// Nothing while the server or the network is away: the next look may find them back.
async function thePageNow() {
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (answer.ok) return new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    // asked again soon
  }
  return null;
}

if (document.getElementById("progress")) setTimeout(lookAgain, EVERY);
