// Shows what the site tells a device, and opens the jobs when it is touched.

self.addEventListener("install", () => self.skipWaiting());

self.addEventListener("push", (event) => {
  const { title, body, url, icon, tag } = event.data.json();
  event.waitUntil(self.registration.showNotification(title, { body, icon, tag, data: { url } }));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const target = new URL(event.notification.data.url, self.location.origin);
  if (target.origin === self.location.origin) event.waitUntil(self.clients.openWindow(target.href));
});

// The push service has replaced the subscription: tell the site, or it would go on writing to one that is gone.
self.addEventListener("pushsubscriptionchange", (event) => {
  if (event.oldSubscription) event.waitUntil(renew(event.oldSubscription, event.newSubscription));
});

async function renew(before, given) {
  const now = given ?? (await self.registration.pushManager.subscribe(before.options));
  await fetch(new URL("devices/renewal/", self.location), {
    method: "POST",
    credentials: "omit",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ old: before.toJSON(), new: now.toJSON() }),
  });
}
