"""A caller of the management API: a person through the console, with what their roles give."""

from dataclasses import dataclass
from typing import Any

from werkzeug.test import TestResponse

from tests.flows.provider import Provider
from tests.flows.registry import CLIENTS_YAML

CONSOLE = """\
  - client_id: console
    name: Console
    type: spa
    redirect_uris: [https://console.example.com/callback]
    apis: [authserver]
    consent: never
"""
GROUPS = "groups: {staff: [user], watch: [moderator], chiefs: [admin]}\n"
DECLARED = CLIENTS_YAML.rstrip() + "\n" + CONSOLE + GROUPS


@dataclass(frozen=True, slots=True)
class Api:
    """One access token and what is done with it."""

    provider: Provider
    token: str

    def call(self, method: str, path: str, json: Any = None, **headers: str) -> TestResponse:
        """The answer, which holds to the rules for all of them."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent["Authorization"] = f"Bearer {self.token}"
        given = {} if json is None else {"json": json}
        response = self.provider.call(method, f"/api/v1{path}", headers=sent, **given)
        assert response.status_code < 500, response.text
        assert "no-store" in response.headers["Cache-Control"]
        assert not {"Set-Cookie", "Access-Control-Allow-Origin"} & set(response.headers.keys())
        if response.status_code >= 400:
            assert response.mimetype == "application/problem+json"
            assert response.get_json()["status"] == response.status_code
        return response

    def get(self, path: str) -> Any:
        response = self.call("GET", path)
        assert response.status_code == 200, response.text
        return response.get_json()

    def person(self, username: str) -> tuple[dict[str, Any], str]:
        """A person, and the ETag."""
        response = self.call("GET", f"/users/{self.provider.people[username]}")
        assert response.status_code == 200, response.text
        body: dict[str, Any] = response.get_json()
        return body, response.headers["ETag"]

    def change(self, method: str, username: str, path: str = "", json: Any = None) -> TestResponse:
        """A change to a person as they are now."""
        sub, seen = self.provider.people[username], self.person(username)[1]
        return self.call(method, f"/users/{sub}{path}", json, If_Match=seen)


def signed_in(provider: Provider, username: str) -> Api:
    """The API as this person may use it."""
    tokens = provider.client("console").sign_in(provider.browser(), username)
    return Api(provider, tokens.access_token)
