// An application that registers itself with openid-client (RFC 7591), signs somebody in, and manages its registration
// (RFC 7592), for which the library has the request of a protected resource. It talks to the test as flow.mjs does.
import { createInterface } from 'node:readline'
import * as client from 'openid-client'

const { issuer, initialAccessToken, redirectUri, idTokenAlg } = JSON.parse(process.argv[2])
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const metadata = {
  client_name: 'A stranger’s app',
  redirect_uris: [redirectUri],
  grant_types: ['authorization_code', 'refresh_token'],
  token_endpoint_auth_method: 'client_secret_post',
  id_token_signed_response_alg: idTokenAlg,
}
const execute = [client.allowInsecureRequests, client.enableNonRepudiationChecks]
const errorOf = (promise) => promise.then(() => null, (error) => error.error ?? error.cause?.[0]?.parameters?.error ?? error.code)
const register = (token) => client.dynamicClientRegistration(new URL(issuer), metadata, undefined, { initialAccessToken: token, execute })

const seen = {}
seen.withoutToken = await errorOf(register(undefined))
const config = await register(initialAccessToken)
const own = config.clientMetadata()
seen.registered = own.client_id.startsWith('dcr.')
seen.spent = await errorOf(register(initialAccessToken))

const manage = (method, body, token = own.registration_access_token) => client.fetchProtectedResource(
  config, token, new URL(own.registration_client_uri), method,
  body && JSON.stringify(body), body && new Headers({ 'content-type': 'application/json' }),
)
seen.read = (await (await manage('GET')).json()).id_token_signed_response_alg
seen.replaced = (await (await manage('PUT', { ...metadata, client_id: own.client_id, client_name: 'Renamed' })).json()).client_name
seen.foreign = await errorOf(manage('GET', undefined, 'x'.repeat(43)))

const pkceCodeVerifier = client.randomPKCECodeVerifier()
const expectedState = client.randomState()
const expectedNonce = client.randomNonce()
console.log(JSON.stringify({ open: client.buildAuthorizationUrl(config, {
  redirect_uri: redirectUri,
  scope: 'openid offline_access',
  code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
  code_challenge_method: 'S256',
  state: expectedState,
  nonce: expectedNonce,
}).href }))
const landed = new URL(JSON.parse((await lines.next()).value).landed)
const checks = { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true }
const tokens = await client.authorizationCodeGrant(config, landed, checks)
seen.sub = tokens.claims().sub
seen.alg = JSON.parse(Buffer.from(tokens.id_token.split('.')[0], 'base64url')).alg
seen.userinfo = (await client.fetchUserInfo(config, tokens.access_token, seen.sub)).sub
seen.refreshed = (await client.refreshTokenGrant(config, tokens.refresh_token)).claims().sub

seen.removed = (await manage('DELETE')).status
seen.gone = await errorOf(manage('GET'))
seen.dead = await errorOf(client.refreshTokenGrant(config, tokens.refresh_token))
console.log(JSON.stringify({ seen }))
process.exit(0)
