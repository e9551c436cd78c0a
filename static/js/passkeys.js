// Passkeys: makes one, or proves that one is there, and puts what the browser answers into the form's hidden field.
//
// <form data-passkey="create|get|login">  create and get find their options in #passkey-options, login fetches them.

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  form.hidden = false;
  form.addEventListener("submit", (event) => prove(event, form));
}

async function prove(event, form) {
  if (form.elements.credential.value) return;
  event.preventDefault();
  const problem = form.querySelector("[data-passkey-error]");
  problem.hidden = true;
  try {
    form.elements.credential.value = JSON.stringify(await credentialFor(form));
  } catch (error) {
    problem.textContent = wordsFor(error);
    problem.hidden = false;
    return;
  }
  form.requestSubmit();
}

async function credentialFor(form) {
  const options = form.dataset.passkey === "login" ? await fetchOptions(form) : readOptions();
  if (form.dataset.passkey !== "create") return plain(await navigator.credentials.get({ publicKey: bytesIn(options) }));
  return plain(await navigator.credentials.create({ publicKey: bytesIn(withChoice(options, form)) }));
}

async function fetchOptions(form) {
  const response = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error("The site didn’t answer.");
  return (await response.json()).request_options.publicKey;
}

function readOptions() {
  return JSON.parse(document.getElementById("passkey-options").textContent).publicKey;
}

function withChoice(options, form) {
  const alone = form.elements.passwordless.checked;
  const selection = { ...options.authenticatorSelection, residentKey: alone ? "required" : "discouraged" };
  selection.requireResidentKey = alone;
  if (alone) selection.userVerification = "required";
  return { ...options, authenticatorSelection: selection };
}

function bytesIn(options) {
  const copy = { ...options, challenge: toBytes(options.challenge) };
  if (copy.user) copy.user = { ...copy.user, id: toBytes(copy.user.id) };
  for (const name of ["allowCredentials", "excludeCredentials"]) {
    if (copy[name]) copy[name] = copy[name].map((key) => ({ ...key, id: toBytes(key.id) }));
  }
  return copy;
}

function plain(credential) {
  const answer = { type: credential.type, id: credential.id, rawId: toText(credential.rawId), response: {} };
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) answer.response[name] = toText(credential.response[name]);
  }
  if (credential.response.getTransports) answer.response.transports = credential.response.getTransports();
  answer.clientExtensionResults = credential.getClientExtensionResults();
  answer.authenticatorAttachment = credential.authenticatorAttachment;
  return answer;
}

function toBytes(text) {
  const base64 = text.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

function toText(buffer) {
  const text = btoa(String.fromCharCode(...new Uint8Array(buffer)));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function wordsFor(error) {
  if (error.name === "InvalidStateError") return "This device has a passkey for your account already.";
  if (error.name === "NotAllowedError") return "That was cancelled or took too long. Try again.";
  if (error.name === "SecurityError") return "Passkeys need the site’s proper address, with https or localhost.";
  return "That didn’t work. Try again, or log in in another way.";
}
