"""The metadata of APIs: what a client that knows only an API must know to get a token for it (RFC 9728)."""

from tests.flows.browser import Browser
from tests.flows.conftest import MakeProvider
from tests.flows.provider import Provider
from tests.flows.registry import REPORTS, USERS

PLACE = "/.well-known/oauth-protected-resource"


def test_each_api_has_a_document_with_its_permissions_as_scopes(provider: Provider) -> None:
    answer = provider.call("GET", f"{PLACE}/reports")
    assert answer.get_json() == {
        "resource": REPORTS,
        "authorization_servers": [provider.issuer],
        "bearer_methods_supported": ["header"],
        "scopes_supported": ["read:reports", "write:reports", "delete:reports"],
    }
    assert (answer.headers["Access-Control-Allow-Origin"], answer.mimetype) == ("*", "application/json")
    assert provider.call("GET", f"{PLACE}/users").get_json()["resource"] == USERS


def test_every_scope_of_a_document_can_be_asked_for_where_it_says(provider: Provider, browser: Browser) -> None:
    intranet = provider.client("intranet")
    for name in ("reports", "users"):
        document = provider.call("GET", f"{PLACE}/{name}").get_json()
        (issuer,) = document["authorization_servers"]
        assert provider.call("GET", "/.well-known/openid-configuration").get_json()["issuer"] == issuer
        for scope in document["scopes_supported"]:
            tokens = intranet.sign_in(browser, "root", scope=f"openid {scope}", resource=document["resource"])
            assert (tokens.access_claims["aud"], tokens.access_claims["scope"]) == (
                document["resource"],
                f"openid {scope}",
            )


def test_the_metadata_of_the_server_name_no_scope_of_an_api(provider: Provider) -> None:
    supported = provider.call("GET", "/.well-known/openid-configuration").get_json()["scopes_supported"]
    assert supported == ["openid", "profile", "email", "address", "phone", "offline_access"]


def test_a_changed_file_changes_the_documents_at_once(provider: Provider) -> None:
    provider.amend(", delete:reports: Delete reports", ", audit:reports: Audit reports")
    assert "audit:reports" in provider.call("GET", f"{PLACE}/reports").get_json()["scopes_supported"]


def test_what_is_no_api_or_has_no_address_has_no_document(provider: Provider) -> None:
    provider.amend("audience: https://users.example.com", "audience: urn:example:users")
    for name in ("users", "nonsense", "portal", "%00", "..", "reports/"):
        answer = provider.call("GET", f"{PLACE}/{name}")
        assert answer.status_code == 404, name
    assert provider.call("POST", f"{PLACE}/reports").status_code == 405


def test_the_api_of_this_server_has_its_own_where_rfc_9728_looks_for_it(make_provider: MakeProvider) -> None:
    for issuer in ("http://localhost:8080", "http://localhost:8080/auth"):
        provider = make_provider(issuer=issuer)
        path = issuer.removeprefix("http://localhost:8080")
        client = provider.app.test_client()
        document = client.get(f"{PLACE}{path}/api/v1").get_json()
        assert document["resource"] == f"{issuer}/api/v1"
        assert "read:users" in document["scopes_supported"]
        assert client.get(f"{path}{PLACE}/authserver").get_json() == document
