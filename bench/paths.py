"""The paths that are measured, each as what one connection says."""

import json
from base64 import b64encode
from urllib.parse import urlencode

from bench.generator import Conversation, UnexpectedAnswer, converse
from bench.scene import EDDSA, ES256, REDIRECT_URI, SCOPE, Scene
from bench.signed import assertion, proof, workload

# Stands for a code or a refresh token, and is as long: 32 random bytes in base64url.
BLANK = "_" * 43
ACCESS = b'"access_token":"'


def get(path: str, *headers: str) -> bytes:
    """A GET request."""
    return "\r\n".join((f"GET {path} HTTP/1.1", "Host: 127.0.0.1", *headers, "", "")).encode()


def post(path: str, authorization: str | None, **parameters: str) -> bytes:
    """A POST request with a form."""
    body = urlencode(parameters)
    head = (
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}",
        *((f"Authorization: {authorization}",) if authorization else ()),
    )
    return ("\r\n".join((*head, "", "")) + body).encode()


def basic(scene: Scene, client_id: str) -> str:
    """The Authorization header of a client."""
    return "Basic " + b64encode(f"{client_id}:{scene.secrets[client_id]}".encode()).decode()


def between(answer: bytes, start: bytes, end: bytes) -> bytes:
    """What stands in an answer after `start` and before `end`."""
    _, found, rest = answer.partition(start)
    if not found:
        raise UnexpectedAnswer(answer.decode(errors="replace"))
    return rest.partition(end)[0]


class Same:
    """The same request again and again, answered 200 with `expected` somewhere."""

    def __init__(self, request: bytes, expected: bytes) -> None:
        self._request = request
        self._expected = expected

    def request(self) -> bytes:
        return self._request

    def answered(self, answer: bytes) -> bool:
        if not answer.startswith(b"HTTP/1.1 200") or self._expected not in answer:
            raise UnexpectedAnswer(answer.decode(errors="replace"))
        return True


class CodeFlow:
    """GET /authorize in a signed-in browser, and POST /token with the code it gave."""

    def __init__(self, scene: Scene, browser: int, client_id: str) -> None:
        query = {
            "response_type": "code",
            "client_id": client_id,
            "redirect_uri": REDIRECT_URI,
            "scope": " ".join(SCOPE),
            "state": "c3RhdGUtb2YtdGhlLXBvcnRhbA",
            "nonce": "bm9uY2Utb2YtdGhlLXBvcnRhbA",
            "code_challenge": scene.challenge,
            "code_challenge_method": "S256",
        }
        self._authorize = get(f"/authorize?{urlencode(query)}", f"Cookie: {scene.cookies[browser]}")
        self._token = post(
            "/token",
            basic(scene, client_id),
            grant_type="authorization_code",
            redirect_uri=REDIRECT_URI,
            code_verifier=scene.verifier,
            code=BLANK,
        )
        self._code: bytes | None = None
        self.tokens: dict[str, str] = {}

    def request(self) -> bytes:
        return self._authorize if self._code is None else self._token.replace(BLANK.encode(), self._code)

    def answered(self, answer: bytes) -> bool:
        if self._code is None:
            self._code = between(answer, b"code=", b"&")
            return False
        self._code = None
        between(answer, b'"id_token":"', b'"')
        if not self.tokens:
            self.tokens = json.loads(answer.partition(b"\r\n\r\n")[2])
        return True


class Refresh:
    """A chain of refresh tokens: each answer brings the next, and an ID token."""

    def __init__(self, scene: Scene, refresh_token: str, client_id: str) -> None:
        self._request = post("/token", basic(scene, client_id), grant_type="refresh_token", refresh_token=BLANK)
        self._refresh_token = refresh_token.encode()

    def request(self) -> bytes:
        return self._request.replace(BLANK.encode(), self._refresh_token)

    def answered(self, answer: bytes) -> bool:
        between(answer, b'"id_token":"', b'"')
        self._refresh_token = between(answer, b'"refresh_token":"', b'"')
        return True


class BoundRefresh(Refresh):
    """The same with access tokens that are bound to a key, each time by a new proof (DPoP)."""

    def request(self) -> bytes:
        line, rest = super().request().split(b"\r\n", 1)
        return line + b"\r\nDPoP: " + proof().encode() + b"\r\n" + rest


class Pushed:
    """The same authorization request, pushed again and again."""

    def __init__(self, scene: Scene) -> None:
        self._request = post(
            "/par",
            basic(scene, "portal"),
            response_type="code",
            redirect_uri=REDIRECT_URI,
            scope=" ".join(SCOPE),
            state="c3RhdGUtb2YtdGhlLXBvcnRhbA",
            code_challenge=scene.challenge,
            code_challenge_method="S256",
        )

    def request(self) -> bytes:
        return self._request

    def answered(self, answer: bytes) -> bool:
        between(answer, b'"request_uri":"', b'"')
        return True


class Polled:
    """A device that waits for its person, and asks again and again."""

    def __init__(self) -> None:
        self._request = post("/device_authorization", None, client_id="living-room", scope="openid")
        self._is_waiting = False

    def request(self) -> bytes:
        return self._request

    def answered(self, answer: bytes) -> bool:
        if self._is_waiting:
            between(answer, b'"error":"', b'"')
        else:
            code = between(answer, b'"device_code":"', b'"').decode()
            grant = "urn:ietf:params:oauth:grant-type:device_code"
            self._request = post("/token", None, grant_type=grant, client_id="living-room", device_code=code)
            self._is_waiting = True
        return True


class Asserted:
    """Client credentials by private_key_jwt with ES256, each with an assertion of its own."""

    def request(self) -> bytes:
        return post(
            "/token",
            None,
            grant_type="client_credentials",
            client_assertion_type="urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            client_assertion=assertion("job-with-key"),
        )

    def answered(self, answer: bytes) -> bool:
        between(answer, b'"access_token":"', b'"')
        return True


class Working:
    """JWT bearer: a workload acts as a client, each time by a new token of its platform with ES256."""

    def request(self) -> bytes:
        return post("/token", None, grant_type="urn:ietf:params:oauth:grant-type:jwt-bearer", assertion=workload())

    def answered(self, answer: bytes) -> bool:
        between(answer, b'"access_token":"', b'"')
        return True


def conversations(scene: Scene, port: int) -> dict[str, list[Conversation]]:
    """The paths that the peer has, too, by name, as one conversation for each browser. Begins the refresh tokens."""
    found: dict[str, list[Conversation]] = {}
    for suffix, alg in (("", ""), (ES256, ", ES256")):
        flows, job = _flows(scene, port, f"portal{suffix}"), basic(scene, f"nightly-job{suffix}")
        found[f"refresh{alg}"] = [Refresh(scene, each.tokens["refresh_token"], f"portal{suffix}") for each in flows]
        found[f"client credentials{alg}"] = _same(scene, post("/token", job, grant_type="client_credentials"), ACCESS)
        found[f"code flow{alg}"] = [*flows]
    access_token = _flows(scene, port, scene.seen)[0].tokens["access_token"]
    introspection = post("/introspect", basic(scene, "reports"), token=access_token)
    userinfo = get("/userinfo", f"Authorization: Bearer {access_token}")
    return found | {
        "introspection": _same(scene, introspection, b'"active":true'),
        "userinfo": _same(scene, userinfo, b'"email":"ada@example.com"'),
        "JWKS": _same(scene, get("/jwks.json"), b'"kty":"RSA"'),
        "discovery": _same(scene, get("/.well-known/openid-configuration"), b'"issuer":'),
    }


def of_ours_alone(scene: Scene, port: int) -> dict[str, list[Conversation]]:
    """The paths that this server alone is measured on."""
    eddsa = basic(scene, f"nightly-job{EDDSA}")
    access_token = _flows(scene, port, scene.seen)[0].tokens["access_token"]
    return {
        **_bound(scene, port),
        "PAR": [Pushed(scene) for _ in scene.cookies],
        "device poll": [*_polled(scene, port)],
        "token exchange": _same(scene, _exchange(scene, access_token, "people"), ACCESS),
        "token exchange, ES256": _same(scene, _exchange(scene, access_token, f"people{ES256}"), ACCESS),
        "client credentials, EdDSA": _same(scene, post("/token", eddsa, grant_type="client_credentials"), ACCESS),
        "private_key_jwt, ES256": [Asserted() for _ in scene.cookies],
        "JWT bearer, ES256": [Working() for _ in scene.cookies],
    }


def _flows(scene: Scene, port: int, client_id: str) -> list[CodeFlow]:
    flows = [CodeFlow(scene, browser, client_id) for browser in range(len(scene.cookies))]
    for flow in flows:
        converse(port, flow)
    return flows


def _polled(scene: Scene, port: int) -> list[Polled]:
    devices = [Polled() for _ in scene.cookies]
    for device in devices:
        converse(port, device)
    return devices


def _bound(scene: Scene, port: int) -> dict[str, list[Conversation]]:
    found: dict[str, list[Conversation]] = {}
    for suffix, alg in (("", ""), (ES256, ", ES256")):
        tokens = [each.tokens["refresh_token"] for each in _flows(scene, port, f"portal{suffix}")]
        found[f"refresh, DPoP{alg}"] = [BoundRefresh(scene, each, f"portal{suffix}") for each in tokens]
    return found


def _exchange(scene: Scene, access_token: str, audience: str) -> bytes:
    return post(
        "/token",
        basic(scene, "reports"),
        grant_type="urn:ietf:params:oauth:grant-type:token-exchange",
        subject_token=access_token,
        subject_token_type="urn:ietf:params:oauth:token-type:access_token",  # noqa: S106 - the name of a type
        audience=audience,
    )


def _same(scene: Scene, request: bytes, expected: bytes) -> list[Conversation]:
    return [Same(request, expected) for _ in scene.cookies]
