"""What the log says of a refusal at an endpoint for machines: error, reason and client, and nothing secret."""

import json
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.adversary.endpoints import METHODS
from tests.flows.browser import Browser
from tests.flows.conftest import MakeProvider
from tests.flows.provider import Provider
from tests.flows.registry import SECRETS, USERS
from tests.flows.relying_party import EVERYTHING, RelyingParty, basic

GRANT = {"grant_type": "client_credentials"}
SECRET = "k9-" + "A1b2C3d4" * 5


def refused(provider: Provider, path: str, *, method: str = "POST", **request: Any) -> dict[str, Any]:
    """The log line of a request that is refused, which holds what the client was told."""
    with capture_logs() as lines:
        answer = provider.call(method, path, **request)
    assert answer.status_code >= 400
    (line,) = (line for line in lines if line["event"] == "http:request")
    assert SECRET not in json.dumps(lines)
    told = json.loads(answer.data)
    assert (line["error"], line["reason"]) == (told["error"], told.get("error_description", told.get("detail")))
    assert line["error"]
    assert line["reason"]
    assert "client_id" in line
    return dict(line)


def test_every_endpoint_for_machines_says_why_it_refused_and_whom(provider: Provider) -> None:
    app = provider.app
    known = {path: endpoint for path, endpoint in app.endpoints.items() if not path.endswith("/readyz")}
    assert len(known) > 20
    header = {"Authorization": basic("portal", SECRET), "Content-Type": "application/x-www-form-urlencoded"}
    body = f"client_secret={SECRET}&token={SECRET}&code={SECRET}&refresh_token={SECRET}&code_verifier={SECRET}"
    for path, endpoint in sorted(known.items()):
        other = next(method for method in METHODS if method not in {*endpoint.methods, "HEAD", "OPTIONS"})
        line = refused(provider, path, method=other, headers=header, data=body)
        assert (line["status"], line["client_id"], line["claimed"]) == (405, "portal", True)
        if "POST" not in endpoint.methods and "PATCH" not in endpoint.methods and "{" not in path:
            continue
        for method in set(endpoint.methods) - {"HEAD"}:
            line = refused(provider, path, method=method, headers=header, data=body)
            assert (line["client_id"], line["claimed"]) == ("portal", True), (method, path)


@pytest.mark.parametrize("path", ["/token", "/revoke", "/introspect", "/par"])
def test_who_did_not_authenticate_is_logged_as_claimed(provider: Provider, path: str) -> None:
    for request in (
        {"headers": {"Authorization": basic("portal", SECRET)}, "data": GRANT},
        {"data": GRANT | {"client_id": "portal", "client_secret": SECRET, "token": "x"}},
        {"data": GRANT | {"client_id": "portal", "token": "x", "client_assertion": SECRET}},
        {"data": {"client_id": "portal", "x": ["1", "2"], "client_secret": SECRET}},
    ):
        line = refused(provider, path, **request)
        assert (line["client_id"], line["claimed"]) == ("portal", True)
    line = refused(provider, path, data=GRANT)
    assert (line["error"], line["client_id"], "claimed" in line) == ("invalid_client", None, False)
    line = refused(provider, path, json={"client_id": "portal"})
    assert (line["error"], line["client_id"]) == ("invalid_request", None)


def test_who_did_authenticate_is_logged_by_name_with_what_was_wrong(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    header = {"Authorization": basic("portal", SECRETS["portal"])}
    attempt = portal.ask()
    landing = portal.authorize(browser, attempt)
    code = {"grant_type": "authorization_code", "code": landing.code, "code_verifier": SECRET}
    for data, error, detail in (
        ({"grant_type": "refresh_token", "refresh_token": SECRET}, "invalid_grant", ""),
        (GRANT, "unauthorized_client", ""),
        (code | {"redirect_uri": portal.redirect_uri}, "invalid_grant", ""),
        (code | {"code_verifier": attempt.verifier, "redirect_uri": "https://x.example"}, "invalid_grant", "x.example"),
    ):
        line = refused(provider, "/token", headers=header, data=data)
        assert (line["error"], line["client_id"], "claimed" in line) == (error, "portal", False)
        assert detail in line.get("detail", "")
        assert str(landing.code) not in json.dumps(line)
    line = refused(provider, "/token", headers=header, data={"grant_type": "password", "password": SECRET})
    # Refused before anybody authenticates: whoever it says it is.
    assert (line["error"], line["client_id"], line["claimed"]) == ("unsupported_grant_type", "portal", True)


def test_the_client_of_a_refused_token_is_logged_where_the_token_is_ours(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    tokens = portal.sign_in(browser, scope=EVERYTHING)
    for_an_api = portal.refreshed(tokens, resource=USERS).access_token

    def line(path: str, token: str) -> dict[str, Any]:
        line = refused(provider, path, method="GET", headers={"Authorization": f"Bearer {token}"})
        assert token not in json.dumps(line)
        return line

    for path in ("/userinfo", "/api/v1/users"):
        for_other = line(path, for_an_api)
        assert (for_other["client_id"], for_other["error"], "claimed" in for_other) == (
            "portal",
            "invalid_token",
            False,
        )
        assert line(path, for_an_api[:-4] + "AAAA")["client_id"] is None
    provider.clock.pass_(1800)
    assert line("/userinfo", tokens.access_token)["client_id"] == "portal"
    assert line("/userinfo", tokens.access_token)["detail"] == "expired"


def test_a_secret_in_the_place_of_the_client_id_is_not_kept(provider: Provider) -> None:
    for headers, data in (
        ({"Authorization": basic(SECRET, "portal")}, GRANT),
        ({}, GRANT | {"client_id": SECRET, "client_secret": "portal"}),
    ):
        line = refused(provider, "/token", headers=headers, data=data)
        assert (line["client_id"], line["claimed"]) == (SECRET[:8] + "…", True)
    assert SECRET not in provider.dump()
    # What is short is a name with a slip of the pen in it.
    assert refused(provider, "/token", data=GRANT | {"client_id": "nightli"})["client_id"] == "nightli"


def test_a_body_that_is_too_large_is_a_refusal_of_whom_its_header_names(make_provider: MakeProvider) -> None:
    provider = make_provider(max_body=4096)
    header = {"Authorization": basic("nightly", SECRETS["nightly"])}
    line = refused(provider, "/token", headers=header, data={"x": "x" * 5000})
    assert (line["status"], line["client_id"], line["claimed"]) == (413, "nightly", True)


def test_a_link_that_is_shown_an_error_is_logged_with_its_client(provider: Provider) -> None:
    with capture_logs() as lines:
        assert provider.browser().open("/authorize?client_id=portal&redirect_uri=https://x.example").status == 400
    (line,) = (line for line in lines if line["event"] == "authorize:shown")
    assert (line["client_id"], line["error"]) == ("portal", "invalid_request")


def test_a_secret_in_the_place_of_the_client_id_of_a_link_is_not_kept(provider: Provider) -> None:
    with capture_logs() as lines:
        assert provider.browser().open(f"/authorize?client_id={SECRET}&redirect_uri=https://x.example").status == 400
    (line,) = (line for line in lines if line["event"] == "authorize:shown")
    assert line["client_id"] == SECRET[:8] + "…"
    assert SECRET not in json.dumps(lines)
    assert SECRET not in provider.dump()
