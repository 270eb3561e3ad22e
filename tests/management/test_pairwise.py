"""An administrator finds whom a client with pairwise subs knows by one."""

from tests.flows.provider import Provider
from tests.management.api import Api


def test_a_person_is_found_by_the_sub_of_any_client(provider: Provider, admin: Api) -> None:
    provider.amend("  - client_id: notes\n", "  - client_id: notes\n    subject_type: pairwise\n")
    assert admin.get("/users?sub=unknown")["items"] == []
    seen = provider.client("notes").sign_in(provider.browser()).id_claims["sub"]
    for sub in (seen, provider.people["ada"]):
        assert [each["username"] for each in admin.get(f"/users?sub={sub}")["items"]] == ["ada"]
    assert admin.get(f"/users?sub={seen[:-1]}")["items"] == []
    # Past a change, by its own sub alone.
    assert admin.call("GET", f"/users/{seen}").status_code == 404


def test_a_caller_whose_client_has_pairwise_subs_is_the_person_all_the_same(provider: Provider, admin: Api) -> None:
    provider.amend("  - client_id: console\n", "  - client_id: console\n    subject_type: pairwise\n")
    tokens = provider.client("console").sign_in(provider.browser(), "root", resource=f"{provider.issuer}/api/v1")
    again = Api(provider, tokens.access_token)
    root = provider.people["root"]
    assert again.call("DELETE", f"/users/{provider.people['gus']}/sessions").status_code == 204
    (event,) = provider.events("user:sessions:ended")
    assert event["by"] == root
