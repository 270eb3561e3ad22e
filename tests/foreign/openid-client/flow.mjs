// A relying party with openid-client. It says on its output what a browser must open, reads on its input where that
// browser was sent, and goes on; the last line is what it has seen.
import { createInterface } from 'node:readline'
import * as client from 'openid-client'

const { issuer, clientId, secret, privateKey, method, redirectUri, postLogout } = JSON.parse(process.argv[2])
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()

const signingKey = privateKey && {
  key: await crypto.subtle.importKey('jwk', privateKey, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']),
  kid: privateKey.kid,
}
const authentication = {
  client_secret_basic: () => client.ClientSecretBasic(secret),
  client_secret_post: () => client.ClientSecretPost(secret),
  none: () => client.None(),
  private_key_jwt: () => client.PrivateKeyJwt(signingKey),
}[method]()

const config = await client.discovery(new URL(issuer), clientId, undefined, authentication, {
  execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks],
})

async function visit(url) {
  console.log(JSON.stringify({ open: url.href }))
  const { value } = await lines.next()
  return new URL(JSON.parse(value).landed)
}

async function errorOf(promise) {
  try {
    await promise
  } catch (error) {
    return error.error ?? error.cause?.error ?? error.code
  }
  return null
}

async function authorize(parameters = {}, checks = {}) {
  const pkceCodeVerifier = client.randomPKCECodeVerifier()
  const expectedState = client.randomState()
  const expectedNonce = client.randomNonce()
  // With a key it signs its requests and pushes them, too.
  const build = privateKey
    ? async (asked) => client.buildAuthorizationUrlWithPAR(config, (await client.buildAuthorizationUrlWithJAR(config, asked, signingKey)).searchParams)
    : async (asked) => client.buildAuthorizationUrl(config, asked)
  const landed = await visit(await build({
    redirect_uri: redirectUri,
    scope: 'openid profile email offline_access',
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: expectedState,
    nonce: expectedNonce,
    ...parameters,
  }))
  const all = { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true, ...checks }
  return { landed, all, tokens: client.authorizationCodeGrant(config, landed, all) }
}

const seen = {}
const first = await authorize()
const tokens = await first.tokens
const claims = tokens.claims()
seen.claims = claims
seen.userinfo = await client.fetchUserInfo(config, tokens.access_token, claims.sub)

const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token)
seen.rotated = refreshed.refresh_token !== tokens.refresh_token
seen.sameSubject = refreshed.claims().sub === claims.sub && refreshed.claims().auth_time === claims.auth_time
if (method !== 'none') {
  seen.active = (await client.tokenIntrospection(config, refreshed.access_token)).active
}

const again = await authorize({ prompt: 'login', max_age: '0' }, { maxAge: 0 })
seen.reauthenticated = (await again.tokens).claims().auth_time >= claims.auth_time
seen.replay = await errorOf(client.authorizationCodeGrant(config, again.landed, again.all))

await client.tokenRevocation(config, refreshed.refresh_token)
seen.revoked = await errorOf(client.refreshTokenGrant(config, refreshed.refresh_token))

seen.silent = (await (await authorize({ prompt: 'none' })).tokens).claims().sub === claims.sub
// Pushed, it is refused before any browser is asked.
seen.refused = await errorOf(authorize({ prompt: 'none', scope: 'openid', resource: 'https://unknown.example' }).then(({ tokens }) => tokens))

if (postLogout) {
  const state = client.randomState()
  const landed = await visit(client.buildEndSessionUrl(config, {
    post_logout_redirect_uri: postLogout, id_token_hint: tokens.id_token, state,
  }))
  seen.signedOut = landed.href === `${postLogout}?state=${state}`
  seen.afterwards = await errorOf((await authorize({ prompt: 'none' })).tokens)
}
console.log(JSON.stringify({ seen }))
process.exit(0)
