// Asks the browser for permission and a subscription, and sends it in a plain form.

const form = document.querySelector("[data-push]");
const said = document.querySelector("[data-push-said]");
const can = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

if (can) form.hidden = false;
else said.textContent = "This browser can't be told of new jobs. On an iPhone, add the site to the home screen first.";

form.addEventListener("submit", async (event) => {
  if (form.elements.endpoint.value) return; // filled in below: let it go
  event.preventDefault();
  form.querySelector("button").disabled = true;
  try {
    await fillIn();
    form.requestSubmit();
  } catch (error) {
    said.textContent = error.message;
    form.querySelector("button").disabled = false;
  }
});

async function fillIn() {
  if ((await Notification.requestPermission()) !== "granted") {
    throw new Error("The browser didn't allow notifications. You can change that in its settings for this site.");
  }
  const registration = await navigator.serviceWorker.register(form.dataset.worker);
  const subscription = await subscribe(registration).catch(() => {
    throw new Error("The browser's push service couldn't be reached. Please try again later.");
  });
  const { endpoint, keys } = subscription.toJSON();
  form.elements.endpoint.value = endpoint;
  form.elements.key.value = keys.p256dh;
  form.elements.auth.value = keys.auth;
}

async function subscribe(registration) {
  await navigator.serviceWorker.ready.catch(() => {});
  return registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: form.dataset.push });
}
