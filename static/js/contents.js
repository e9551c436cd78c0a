// Marks in the table of contents which part of the page is being read.

const links = [...document.querySelectorAll(".contents a")];
const headings = links.map((link) => document.getElementById(link.hash.slice(1)));
let asked = false;

function mark() {
  asked = false;
  // The last heading above the upper third; at the very end the last one, however short its part.
  const line = innerHeight / 3;
  const isAtEnd = scrollY + innerHeight >= document.documentElement.scrollHeight - 2;
  const passed = headings.filter((heading) => heading.getBoundingClientRect().top <= line).length;
  const current = isAtEnd ? links.at(-1) : links[passed - 1];
  for (const link of links) {
    if (link === current) link.setAttribute("aria-current", "location");
    else link.removeAttribute("aria-current");
  }
}

function ask() {
  if (asked) return;
  asked = true;
  requestAnimationFrame(mark);
}

if (links.length) {
  addEventListener("scroll", ask, { passive: true });
  addEventListener("resize", ask, { passive: true });
  mark();
}
