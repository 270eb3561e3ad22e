"""The buttons: each is one call of the resource server, with the access token for that audience."""

import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import requests
from werkzeug.datastructures import WWWAuthenticate

from examples.relying_party.settings import Settings


@dataclass(frozen=True, slots=True)
class Action:
    """`permission` is what the resource server asks of the token."""

    label: str
    method: str
    audience: str
    path: str
    permission: str


def actions(settings: Settings) -> dict[str, Action]:
    """Every button by its name in the URL."""
    reports, users = settings.reports, settings.users
    return {
        "read-reports": Action("Read reports", "GET", reports, "", "read:reports"),
        "write-report": Action("Write report", "POST", reports, "", "write:reports"),
        "delete-report": Action("Delete report", "DELETE", reports, "/newest", "delete:reports"),
        "list-users": Action("List users", "GET", users, "", "read:users"),
        "add-user": Action("Add user", "POST", users, "", "write:users"),
        "delete-user": Action("Delete user", "DELETE", users, "/newest", "delete:users"),
    }


def call(action: Action, access_token: str) -> dict[str, Any]:
    """Make the call and describe what came back. Raises requests.RequestException."""
    url = action.audience + action.path
    written = f"{action.label}, {time.strftime('%H:%M:%S')}"
    answer = requests.request(
        action.method,
        url,
        headers={"Authorization": f"Bearer {access_token}"},
        json={"text": written} if action.method == "POST" else None,
        timeout=10,
        allow_redirects=False,
    )
    return {
        "label": action.label,
        "request": f"{action.method} {url}",
        "permission": action.permission,
        "status": answer.status_code,
        "reason": HTTPStatus(answer.status_code).phrase,
        "challenge": answer.headers.get("WWW-Authenticate"),
        "acr_values": _acr_values(answer.headers.get("WWW-Authenticate")),
        "body": answer.text[:5000],
    }


def _acr_values(challenge: str | None) -> str | None:
    """The levels of authentication, one of which a challenge asks for (RFC 9470 §3)."""
    said = WWWAuthenticate.from_header(challenge)
    is_step_up = said is not None and said.get("error") == "insufficient_user_authentication"
    return said.get("acr_values") if said is not None and is_step_up else None
