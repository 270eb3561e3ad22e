"""Valid requests of an administrator, who may do everything: to the pages at /admin, and to the management API."""

import json
from collections.abc import Mapping

from authserver.management.operations import OPERATIONS
from authserver.protocol.management import PATH
from tests.adversary.request import Make, Valid
from tests.adversary.target import Target, pairs_of
from tests.flows.registry import CLIENTS_YAML

# Of each operation that takes one.
_BODIES: Mapping[str, Mapping[str, str]] = {
    "addPerson": {
        "username": "nia",
        "email": "nia@example.com",
        "name": "Nia",
        "birthdate": "2000-02-29",
        "zoneinfo": "Europe/Berlin",
        "locale": "de",
        "website": "https://nia.example.com/",
        "phone_number": "+49301234567",
        "address": '{"locality": "Berlin"}',
        "roles": '["user"]',
        "groups": "[]",
        "claims": "{}",
    },
    "changePerson": {"email": "other@example.com", "name": "Gus", "picture": "https://x.example/y", "claims": "{}"},
    "setRoles": {"roles": '["user", "guest"]'},
    "setGroups": {"groups": "[]"},
    "changeClient": {},
    "makeRegistrationToken": {"scope": "openid"},
    "planClients": {"file": CLIENTS_YAML},
    "rotateKeys": {"alg": "RS256"},
}
_QUERY = {"limit": "2", "cursor": "MTggeA"}
_QUERIES: Mapping[str, Mapping[str, str]] = {
    "listPeople": _QUERY | {"search": "a", "role": "user", "group": "staff", "disabled": "false"},
    "listEvents": _QUERY | {"name": "user:", "sub": "x", "client_id": "portal", "request_id": "x"},
    "listAuthorizations": _QUERY | {"client_id": "portal"},
    "explainClient": {"scope": "read:reports openid", "resource": "x"},
    "explainAccess": {"client_id": "portal", "scope": "openid profile", "provider": "google", "resource": "x"},
}
# What the address of each page takes.
_EVENTS = {"name": "user:", "sub": "x", "client_id": "portal", "request_id": "x"}
_PLACE = {"after": "ada", "sub": "x"}
_ARGUMENTS: Mapping[str, Mapping[str, str]] = {
    "/admin/people": _PLACE | {"search": "a", "role": "user", "group": "staff", "state": "enabled", "part": "x"},
    "/admin/people/<sub>": {"begun": "1", "sid": "x", "client": "a", "done": "roles"},
    "/admin/clients": {"after": "a"},
    "/admin/registered": {"after": "a"},
    "/admin/explanation": {"login": "ada", "client_id": "portal", "scope": "openid", "resource": "x", "provider": "x"},
    "/admin/roles/<role_name>": _PLACE,
    "/admin/events": _EVENTS | {"before": "9", "follow": "y"},
    "/admin/events/export": _EVENTS | {"as": "csv"},
    "/admin/mail/letters/<name>": {"language": "de"},
}
# What a button of a form sends beside its fields.
_BUTTONS: Mapping[str, Mapping[str, str]] = {"/admin/keys": {"alg": "RS256"}}


def administrators(method: str, rule: str, form: Make) -> Make | None:
    """A valid request of an administrator to an endpoint of theirs; None for one of others. `form` is what it shows."""
    if rule.startswith("/admin"):
        return lambda target: _to_page(target, method, rule, form)
    path = rule.removeprefix(PATH).replace("<", "{").replace(">", "}")
    operation = next((each for each in OPERATIONS if (each.method, each.path) == (method, path)), None)
    if not rule.startswith(PATH) or operation is None:
        return None
    query = _QUERIES.get(operation.name, _QUERY if operation.query else {})
    body = _BODIES.get(operation.name, {})
    return lambda target: Valid(
        query=pairs_of(dict(query)),
        body=pairs_of({"x": json.dumps([])} if operation.body and not body else dict(body)),
        authorization=f"Bearer {target.administrators_token}",
        headers={"HTTP_IF_MATCH": "*"},
        as_json=operation.body is not None,
    )


def _to_page(target: Target, method: str, rule: str, form: Make) -> Valid:
    fields = [*form(target).body, *pairs_of(dict(_BUTTONS.get(rule, {})))] if method == "POST" else []
    query = pairs_of(dict(_ARGUMENTS.get(rule, {}))) if method == "GET" else []
    return Valid(query=query, body=fields, browser="administrator")
