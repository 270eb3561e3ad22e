// Passkeys: asks the browser to make or to use one, and sends its answer with the form. Without script, or where a browser
// has none, the buttons stay hidden, and the page offers its other ways.

const bytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (each) => each.charCodeAt(0));

const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

const read = (options) => {
  const described = (list) => list?.map((each) => ({ ...each, id: bytes(each.id) }));
  const found = { ...options, challenge: bytes(options.challenge) };
  if (options.user) found.user = { ...options.user, id: bytes(options.user.id) };
  if (options.excludeCredentials) found.excludeCredentials = described(options.excludeCredentials);
  if (options.allowCredentials) found.allowCredentials = described(options.allowCredentials);
  return found;
};

const written = (credential) => {
  const { response } = credential;
  const said = { clientDataJSON: text(response.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[name]) said[name] = text(response[name]);
  }
  if (response.getTransports) said.transports = response.getTransports();
  return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response: said });
};

const send = (button, credential) => {
  const { form } = button;
  form.elements.credential.value = written(credential);
  form.action = button.formAction;
  form.submit();
};

let waiting = new AbortController();

const offer = (button) => {
  const publicKey = read(JSON.parse(button.dataset.options));
  const failed = button.form.querySelector("[data-passkey-failed]");
  const ask = (more) => navigator.credentials[button.dataset.passkey]({ publicKey, ...more });
  button.hidden = false;
  button.addEventListener("click", async (event) => {
    event.preventDefault();
    waiting.abort();
    failed.hidden = true;
    try {
      send(button, await ask({}));
    } catch {
      failed.hidden = false;
    }
  });
  return ask;
};

if (window.PublicKeyCredential) {
  for (const button of document.querySelectorAll("button[data-passkey]")) {
    const ask = offer(button);
    if (button.dataset.conditional !== undefined) {
      PublicKeyCredential.isConditionalMediationAvailable?.().then(async (isAvailable) => {
        if (!isAvailable) return;
        try {
          send(button, await ask({ mediation: "conditional", signal: waiting.signal }));
        } catch {
          // Nobody chose one from the list, or the button was pressed.
        }
      });
    }
  }
}
for (const other of document.querySelectorAll("[data-without-passkeys]")) other.hidden = Boolean(window.PublicKeyCredential);
