// oidc-provider, set up to do for the benchmark what authserver does there: JWT access tokens for an API, ID tokens,
// rotation at every refresh, consent given once. One person signs in without being asked.

import { generateKeyPairSync } from 'node:crypto'
import { Provider } from 'oidc-provider'
import RedisAdapter from './redis.mjs'

const { PORT, ISSUER, AUDIENCE, REDIRECT_URI, SECRETS } = process.env
const SCOPE = 'openid profile email offline_access'
const PERMISSIONS = 'read:users read:reports write:reports'
const PERSON = { sub: 'ada', name: 'Ada Lovelace', email: 'ada@example.com', email_verified: true }
const secrets = JSON.parse(SECRETS)

function key(alg, kind, options) {
  const { privateKey } = generateKeyPairSync(kind, options)
  return { ...privateKey.export({ format: 'jwk' }), alg, use: 'sig', kid: alg }
}

function web(clientId, alg = 'RS256') {
  return {
    client_id: clientId,
    client_secret: secrets[clientId],
    redirect_uris: [REDIRECT_URI],
    grant_types: ['authorization_code', 'refresh_token'],
    id_token_signed_response_alg: alg,
  }
}

function service(clientId) {
  return {
    client_id: clientId,
    client_secret: secrets[clientId],
    redirect_uris: [],
    response_types: [],
    grant_types: ['client_credentials'],
  }
}

async function loadExistingGrant(ctx) {
  const { client, session, provider } = ctx.oidc
  const known = session.grantIdFor(client.clientId)
  if (known) return provider.Grant.find(known)
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId })
  grant.addOIDCScope(SCOPE)
  grant.addResourceScope(AUDIENCE, PERMISSIONS)
  await grant.save()
  return grant
}

const provider = new Provider(ISSUER, {
  adapter: RedisAdapter,
  // Its access tokens are opaque without an API, and only such ones can be introspected and used at userinfo.
  clients: [
    web('portal'), web('portal-es256', 'ES256'), web('opaque'),
    service('nightly-job'), service('nightly-job-es256'), service('reports'),
  ],
  jwks: { keys: [key('RS256', 'rsa', { modulusLength: 2048 }), key('ES256', 'ec', { namedCurve: 'P-256' })] },
  routes: { authorization: '/authorize', introspection: '/introspect', jwks: '/jwks.json', userinfo: '/userinfo' },
  claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'] },
  cookies: { keys: [secrets.portal] },
  findAccount: (_ctx, accountId) => ({ accountId, claims: () => PERSON }),
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  issueRefreshToken: () => true,
  loadExistingGrant,
  rotateRefreshToken: true,
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: { enabled: true, allowedPolicy: () => true },
    resourceIndicators: {
      enabled: true,
      defaultResource: (_ctx, client) => (client.clientId === 'opaque' ? [] : AUDIENCE),
      useGrantedResource: () => true,
      getResourceServerInfo: (_ctx, audience, client) => ({
        audience,
        scope: PERMISSIONS,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: client.clientId.endsWith('-es256') ? 'ES256' : 'RS256' } },
      }),
    },
  },
})

provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith('/interaction/')) return next()
  ctx.respond = false
  return provider.interactionFinished(ctx.req, ctx.res, { login: { accountId: PERSON.sub } })
})

provider.listen(Number(PORT), '127.0.0.1')
