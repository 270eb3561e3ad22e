// A relying party whose tokens are bound to its key, with openid-client. It talks to the test as flow.mjs does.
import { createInterface } from 'node:readline'
import * as client from 'openid-client'

const { issuer, clientId, redirectUri, alg } = JSON.parse(process.argv[2])
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const config = await client.discovery(new URL(issuer), clientId, undefined, client.None(), {
  execute: [client.allowInsecureRequests],
})
const keyed = async () => ({ DPoP: client.getDPoPHandle(config, await client.randomDPoPKeyPair(alg)) })
const errorOf = (promise) => promise.then(() => null, (error) => error.error ?? error.cause?.error ?? error.code)

const own = await keyed()
const pkceCodeVerifier = client.randomPKCECodeVerifier()
const expectedState = client.randomState()
const url = await client.buildAuthorizationUrlWithPAR(config, {
  redirect_uri: redirectUri,
  scope: 'openid offline_access',
  code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
  code_challenge_method: 'S256',
  state: expectedState,
}, own)
console.log(JSON.stringify({ open: url.href }))
const landed = new URL(JSON.parse((await lines.next()).value).landed)
const checks = { pkceCodeVerifier, expectedState }

const seen = {}
seen.foreignCode = await errorOf(client.authorizationCodeGrant(config, landed, checks, undefined, await keyed()))
const tokens = await client.authorizationCodeGrant(config, landed, checks, undefined, own)
const { sub } = tokens.claims()
seen.type = tokens.token_type
seen.sub = (await client.fetchUserInfo(config, tokens.access_token, sub, own)).sub
seen.foreignToken = await client.fetchUserInfo(config, tokens.access_token, sub, await keyed()).then(() => 200, (error) => error.cause?.[0]?.parameters?.error)
seen.foreignRefresh = await errorOf(client.refreshTokenGrant(config, tokens.refresh_token, undefined, await keyed()))
seen.refreshed = (await client.refreshTokenGrant(config, tokens.refresh_token, undefined, own)).token_type
console.log(JSON.stringify({ seen }))
process.exit(0)
