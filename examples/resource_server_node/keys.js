// The issuer's keys: fetched once, refreshed in the background, and outliving an issuer that is down.
import { createLocalJWKSet, createRemoteJWKSet, errors } from "jose";

const REFRESH_AFTER = 10 * 60_000;
const RETRY_AFTER = 5_000;
// Past this age keys that could not be refreshed are dropped: a revoked one must not live for ever.
const USABLE_FOR = 24 * 60 * 60_000;
// An unknown `kid` is a brand-new key, or rubbish: so often the issuer is asked.
const UNKNOWN_KEY_COOLDOWN = 30_000;

/** Finds the key for jose's jwtVerify. Throws KeysUnavailable while there are no keys at all. */
export function issuerKeys(jwksUri) {
  const remote = createRemoteJWKSet(new URL(jwksUri), { timeoutDuration: 3_000, cacheMaxAge: USABLE_FOR });
  let local;
  let refreshAt = 0;
  let unknownAt = 0;

  async function refresh() {
    try {
      await remote.reload();
      local = createLocalJWKSet(remote.jwks());
      refreshAt = Date.now() + REFRESH_AFTER;
    } catch (error) {
      refreshAt = Date.now() + RETRY_AFTER;
      console.warn("The keys of the issuer cannot be read:", error.message);
    }
  }

  return async function keyFor(header, token) {
    const isHeld = local && remote.fresh;
    // Where there are keys nobody waits for newer ones.
    if (Date.now() >= refreshAt) isHeld ? void refresh() : await refresh();
    if (!local || !remote.fresh) throw new KeysUnavailable();
    // jose would take the only key for a token that names none.
    if (typeof header.kid !== "string") throw new errors.JWKSNoMatchingKey();
    const isKnown = remote.jwks().keys.some((key) => key.kid === header.kid);
    if (!isKnown && Date.now() >= unknownAt) {
      unknownAt = Date.now() + UNKNOWN_KEY_COOLDOWN;
      await refresh();
    }
    return local(header, token);
  };
}

export class KeysUnavailable extends Error {}
