// A single-page application: authorization code with PKCE, tokens in memory alone, refresh with rotation.
// Draft "OAuth 2.0 for Browser-Based Applications" §6.3, https://datatracker.ietf.org/doc/draft-ietf-oauth-browser-based-apps/
import { InMemoryWebStorage, UserManager, WebStorageStateStore } from "oidc-client-ts";

const config = await (await fetch("config.json")).json();
const manager = new UserManager({
  authority: config.issuer,
  client_id: config.clientId,
  redirect_uri: `${location.origin}/callback`,
  post_logout_redirect_uri: `${location.origin}/`,
  scope: "openid profile",
  // RFC 8707: without `resource` the access token is for the one API of this client, and for userinfo.
  // Tokens are gone when the page is: a stranger's script finds none in any storage.
  userStore: new WebStorageStateStore({ store: new InMemoryWebStorage() }),
  // What must outlive the way to the server and back: state and code verifier, for this tab alone.
  stateStore: new WebStorageStateStore({ store: sessionStorage }),
  // OpenID Connect Core §5.4: with a code, the name is at the userinfo endpoint.
  loadUserInfo: true,
  automaticSilentRenew: true,
  revokeTokensOnSignout: true,
});

const element = (id) => document.getElementById(id);

async function arrive() {
  const parameters = new URLSearchParams(location.search);
  if (location.pathname !== "/callback") return null;
  history.replaceState(null, "", "/");
  // RFC 9207 §2.4: the answer must come from the server that was asked.
  if (parameters.get("iss") !== config.issuer) throw new Error("The answer comes from another server.");
  return manager.signinRedirectCallback(`${location.origin}/callback?${parameters}`);
}

async function call(method, path) {
  const user = await manager.getUser();
  const answer = await fetch(config.api + path, { method, headers: { Authorization: `Bearer ${user.access_token}` } });
  element("answer").textContent = `${answer.status} ${JSON.stringify(await answer.json(), null, 2)}`;
}

async function refresh() {
  const user = await manager.signinSilent();
  show(user, "Refreshed.");
}

function show(user, text) {
  element("status").textContent = text ?? (user ? `Signed in as ${user.profile.name ?? user.profile.sub}` : "Not signed in");
  element("sign-in").hidden = Boolean(user);
  element("signed-in").hidden = !user;
}

function on(id, action) {
  element(id).addEventListener("click", () => action().catch(fail));
}

function fail(error) {
  console.warn(error.message);
  show(null, "That did not succeed. Sign in again.");
}

on("sign-in", () => manager.signinRedirect());
on("read", () => call("GET", "/reports"));
on("delete", () => call("DELETE", "/reports/newest"));
on("refresh", refresh);
on("sign-out", () => manager.signoutRedirect());
manager.events.addAccessTokenExpired(() => show(null, "Your sign-in has ended."));
manager.events.addSilentRenewError(fail);
await arrive().then((user) => show(user), fail);
