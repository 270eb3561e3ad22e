// What Directus does with its environment, in its order: it is too large to be installed for a test.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { generators, Issuer } from "openid-client";

const given = {};
for (const line of readFileSync(process.argv[2], "utf8").split("\n")) {
  const [name, ...value] = line.split("=");
  given[name] = value.join("=").replaceAll('"', "");
}
const redirectUri = `${given.PUBLIC_URL}/auth/login/${given.AUTH_PROVIDERS}/callback`;
const issuer = await Issuer.discover(given.AUTH_SSO_ISSUER_URL);
const client = new issuer.Client({
  client_id: given.AUTH_SSO_CLIENT_ID,
  client_secret: given.AUTH_SSO_CLIENT_SECRET,
  redirect_uris: [redirectUri],
  response_types: ["code"],
});
const verifier = generators.codeVerifier();
const challenge = generators.codeChallenge(verifier);
const open = client.authorizationUrl({
  scope: given.AUTH_SSO_SCOPE,
  access_type: "offline",
  code_challenge: challenge,
  code_challenge_method: "S256",
  state: challenge,
  nonce: challenge,
});
console.log(JSON.stringify({ open }));

for await (const line of createInterface({ input: process.stdin })) {
  const answer = client.callbackParams(JSON.parse(line).landed);
  const tokens = await client.callback(redirectUri, answer, { code_verifier: verifier, state: challenge, nonce: challenge });
  const person = { ...tokens.claims(), ...(await client.userinfo(tokens.access_token)) };
  const refreshed = await client.refresh(tokens.refresh_token);
  console.log(JSON.stringify({ seen: { ...person, refreshed: refreshed.refresh_token !== tokens.refresh_token } }));
  break;
}
process.exit(0);
