// Sharing by the device's own sheet or by a copied link; the e-mail link beside them works without script.

for (const menu of document.querySelectorAll("[data-share]")) {
  const { title, address } = menu.dataset;
  const said = menu.querySelector("[data-share-said]");
  const native = menu.querySelector("[data-share-native]");
  const copy = menu.querySelector("[data-share-copy]");

  native.hidden = !navigator.share;
  copy.hidden = !navigator.clipboard;
  native.addEventListener("click", () => navigator.share({ title, url: address }).catch(() => {})); // closing the sheet rejects
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(address);
      said.textContent = "The link is copied.";
    } catch {
      said.textContent = `Copy this: ${address}`;
    }
  });
}
