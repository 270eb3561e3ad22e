"""Clients that plan from elsewhere: one that may plan, and one that may see people, too."""

from tests.flows.provider import Provider
from tests.flows.registry import digest
from tests.management.api import DECLARED, Api

SECRET = "planner".ljust(43, "x")
ROLES = '  admin: ["admin:all"]\n'
PLANNING = DECLARED.replace(ROLES, f"{ROLES}  planner: [plan:clients]\n  seer: [plan:clients, read:users]\n").replace(
    "groups: ",
    "".join(
        f"  - {{client_id: {name}, name: {name}, type: service, secrets: [{{sha256: {digest(SECRET)}}}],"
        f" apis: [authserver], roles: [{name}]}}\n"
        for name in ("planner", "seer")
    )
    + "groups: ",
)


def by_itself(provider: Provider, client_id: str) -> Api:
    """The API as this client may use it by itself."""
    form = {"grant_type": "client_credentials", "resource": f"{provider.issuer}/api/v1"}
    answer = provider.call("POST", "/token", data=form | {"client_id": client_id, "client_secret": SECRET})
    assert answer.status_code == 200, answer.text
    return Api(provider, answer.get_json()["access_token"])
