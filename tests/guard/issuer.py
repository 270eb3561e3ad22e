"""An issuer on the loopback: a real HTTP server with metadata and a JWKS, which can be made to misbehave."""

import base64
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey

AUDIENCE = "https://reports.example.com"
NOW = 1_800_000_000
Key = RSAKey | ECKey | OKPKey


@dataclass
class Answer:
    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class Issuer:
    """`requests` counts what was asked for by path; `answers` overrides an answer by path."""

    def __init__(self, key: Key) -> None:
        self.requests: list[str] = []
        self.user_agents: list[str] = []
        self.answers: dict[str, Callable[[], Answer]] = {}
        self.keys: list[Key] = [key]
        self.max_age = 600
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def claims(self, **changes: Any) -> dict[str, Any]:
        """The claims of a good access token with some changed; None takes one away."""
        claims = {
            "iss": self.url,
            "sub": "ada",
            "aud": AUDIENCE,
            "client_id": "portal",
            "scope": "openid profile",
            "roles": ["user"],
            "permissions": ["read:reports", "write:reports"],
            "iat": NOW,
            "exp": NOW + 1800,
            "jti": "t-1",
        } | changes
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, key: Key | None = None, header: Mapping[str, Any] | None = None, **changes: Any) -> str:
        """A token under the issuer's first key unless another is given."""
        return sign(self.claims(**changes), key or self.keys[0], header)

    def _answer(self, path: str) -> Answer:
        if path in self.answers:
            return self.answers[path]()
        if path == "/.well-known/openid-configuration":
            return Answer(json.dumps({"issuer": self.url, "jwks_uri": self.url + "/jwks.json"}).encode())
        if path == "/jwks.json":
            keys = [jwk(key) for key in self.keys]
            return Answer(json.dumps({"keys": keys}).encode(), headers={"Cache-Control": f"max-age={self.max_age}"})
        return Answer(b"{}", 404)

    def _handler(issuer: "Issuer") -> type[BaseHTTPRequestHandler]:  # noqa: N805 - the handler has its own self
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.requests.append(self.path)
                issuer.user_agents.append(self.headers.get("User-Agent", ""))
                answer = issuer._answer(self.path)
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        return Handler


def algorithm(key: Key) -> str:
    return {"RSA": "RS256", "EC": "ES256", "OKP": "EdDSA"}[key.key_type]


def jwk(key: Key) -> dict[str, Any]:
    return {**key.as_dict(private=False), "kid": key.thumbprint(), "use": "sig", "alg": algorithm(key)}


def sign(claims: Mapping[str, Any] | bytes, key: Key, header: Mapping[str, Any] | None = None) -> str:
    """A compact JWS; `header` changes the header of a good access token, None takes a member away."""
    whole = {"alg": algorithm(key), "typ": "at+jwt", "kid": key.thumbprint()} | dict(header or {})
    kept = {name: value for name, value in whole.items() if value is not None}
    payload = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    return sign_segments(json.dumps(kept).encode(), payload, key)


def sign_segments(header: bytes, payload: bytes, key: Key, alg: str | None = None) -> str:
    """A compact JWS of these very bytes: a library's encoder refuses the odd headers that a forger would send."""
    message, name = f"{encode(header)}.{encode(payload)}", (alg or algorithm(key)).replace("EdDSA", "Ed25519")
    signature = jws.JWSRegistry(algorithms=[name]).get_alg(name).sign(message.encode(), key)
    return f"{message}.{encode(signature)}"


def encode(part: bytes) -> str:
    """base64url without padding (RFC 7515 §2)."""
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()
