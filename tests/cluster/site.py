"""What people and clients ask of an address, be it a node's or that of the proxy before them all."""

from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from authserver.protocol.request.pkce import s256
from tests.patience import PATIENCE
from tests.serve.conftest import PERMITTED_YAML

ISSUER = "http://localhost:8080"
CLIENTS_YAML = f"""{PERMITTED_YAML}
  - {{client_id: portal, name: Portal, type: web, secrets: [{{env: PORTAL}}], consent: never, apis: [reports],
     redirect_uris: [https://portal.example.com/callback]}}
  - {{client_id: nightly, name: Nightly, type: service, secrets: [{{env: NIGHTLY}}], roles: [user], apis: [reports]}}
"""
SECRETS = {name: f"{name}-secret".ljust(43, "x") for name in ("portal", "nightly")}
REDIRECT_URI = "https://portal.example.com/callback"
VERIFIER = "verifier".ljust(43, "x")


class Site:
    """An address. Each request has a connection of its own, as those of many people do."""

    def __init__(self, url: str) -> None:
        self.url = url
        limits = httpx.Limits(max_keepalive_connections=0)
        self._http = httpx.Client(base_url=url, limits=limits, timeout=PATIENCE)

    def get(self, path: str) -> httpx.Response:
        return self._http.get(path)

    def token(self, client: str, **form: str) -> httpx.Response:
        """A token request of a client."""
        return self._http.post("/token", data=form, auth=(client, SECRETS[client]))

    def service_token(self) -> httpx.Response:
        return self.token("nightly", grant_type="client_credentials")

    def introspect(self, token: str) -> httpx.Response:
        """What the service is told of a token that it was given."""
        return self._http.post("/introspect", data={"token": token}, auth=("nightly", SECRETS["nightly"]))

    def userinfo(self, token: str) -> httpx.Response:
        return self._http.get("/userinfo", headers={"Authorization": f"Bearer {token}"})

    def authorize(self, cookie: str) -> httpx.Response:
        """What a browser with this session gets for a request of the portal's."""
        query = {
            "response_type": "code",
            "client_id": "portal",
            "redirect_uri": REDIRECT_URI,
            "scope": "openid offline_access",
            "code_challenge": s256(VERIFIER) or "",
            "code_challenge_method": "S256",
        }
        headers = {"Host": urlsplit(ISSUER).netloc, "Cookie": f"authserver_session={cookie}"}
        return self._http.get(f"/authorize?{urlencode(query)}", headers=headers)

    def code(self, cookie: str) -> str:
        """A code for the portal."""
        return code_of(self.authorize(cookie))

    def redeem(self, code: str) -> httpx.Response:
        return self.token(
            "portal",
            grant_type="authorization_code",
            code=code,
            redirect_uri=REDIRECT_URI,
            code_verifier=VERIFIER,
        )

    def refresh(self, refresh_token: str) -> httpx.Response:
        return self.token("portal", grant_type="refresh_token", refresh_token=refresh_token)


def code_of(answer: httpx.Response) -> str:
    """The code that an answer leads on with; KeyError where it leads elsewhere."""
    return parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]
