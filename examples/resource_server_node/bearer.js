// An access token checked and its permissions required: RFC 9068 §4, RFC 6750 §3.
import { errors, jwtVerify } from "jose";
import { issuerKeys, KeysUnavailable } from "./keys.js";

const ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"];
const B64TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/;
const HOW = "Send an access token in the header: Authorization: Bearer <token>.";

/** Middleware for the routes of one API; `audience` is the `aud` of its tokens. */
export function guard({ issuer, audience, jwksUri = `${issuer}/jwks.json` }) {
  const keys = issuerKeys(jwksUri);

  async function verify(authorization) {
    const [scheme, token = ""] = (authorization ?? "").split(/ +(.*)/s);
    if (scheme.toLowerCase() !== "bearer") throw new Refusal(401, null, HOW);
    if (!B64TOKEN.test(token)) throw new Refusal(400, "invalid_request", HOW);
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience,
        algorithms: ALGORITHMS,
        // What keeps ID tokens and logout tokens out.
        typ: "at+jwt",
        clockTolerance: 30,
        requiredClaims: ["exp", "iat", "sub", "client_id", "jti"],
      });
      return payload;
    } catch (error) {
      if (error instanceof KeysUnavailable) throw new Refusal(503, null, "Try again shortly.");
      if (error instanceof errors.JWTExpired) throw new Refusal(401, "invalid_token", "The token has expired.");
      if (error instanceof errors.JOSEError || error instanceof TypeError) {
        throw new Refusal(401, "invalid_token", "The token is not valid here.");
      }
      throw error;
    }
  }

  /** Let a token with every one of these permissions through; the route finds it in `request.token`. */
  function requirePermission(...needed) {
    return async (request, response, next) => {
      try {
        const token = await verify(request.headers.authorization);
        const held = Array.isArray(token.permissions) ? token.permissions : [];
        const missing = needed.filter((permission) => !held.includes(permission));
        if (missing.length > 0) {
          const text = `The token lacks the permission ${missing.join(", ")}.`;
          throw new Refusal(403, "insufficient_scope", text, missing, needed);
        }
        request.token = token;
      } catch (error) {
        return error instanceof Refusal ? error.answer(response, audience) : next(error);
      }
      return next();
    };
  }

  return { requirePermission };
}

class Refusal extends Error {
  constructor(status, code, description, missing = [], needed = []) {
    super(description);
    Object.assign(this, { status, code, missing, needed });
  }

  answer(response, realm) {
    const parameters = [["realm", realm]];
    if (this.code) parameters.push(["error", this.code], ["error_description", this.message]);
    if (this.needed.length > 0) parameters.push(["scope", this.needed.join(" ")]);
    const challenge = parameters.map(([name, value]) => `${name}="${value}"`).join(", ");
    if (this.status === 503) response.set("Retry-After", "5");
    else response.set("WWW-Authenticate", `Bearer ${challenge}`);
    response.set("Cache-Control", "no-store").status(this.status).json({
      error: this.code ?? (this.status === 503 ? "temporarily_unavailable" : "missing_token"),
      error_description: this.message,
      ...(this.missing.length > 0 && { missing_permissions: this.missing }),
    });
  }
}
