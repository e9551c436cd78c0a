// Offers the browser's time zone where none was chosen. The field works without.

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

for (const field of document.querySelectorAll("[data-time-zone]")) {
  if (zone && ["", "UTC"].includes(field.value)) offer(field);
}

function offer(field) {
  if (field.tagName !== "SELECT") field.value = zone;
  else if ([...field.options].some((option) => option.value === zone)) field.value = zone;
}
