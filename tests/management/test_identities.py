"""Linked sign-ins over the management API: seen and removed, but never the last way in."""

import pytest

from authserver.store import users
from authserver.store.upstream import identities
from tests.flows.databases import on_both
from tests.flows.provider import Provider
from tests.management.api import Api


def link(provider: Provider, sub: str, subject: str, issuer: str = "https://id.example.com") -> None:
    with provider.database.write() as connection:
        assert identities.add(
            connection,
            issuer=issuer,
            subject=subject,
            sub=sub,
            provider="work",
            email=None,
            sealed_tokens=b"sealed",
            now=1,
        )


@on_both
def test_a_linked_sign_in_is_seen_and_removed(provider: Provider, admin: Api) -> None:
    ada = provider.people["ada"]
    # Where issuer and subject run together, they are two all the same.
    link(provider, ada, "x/1")
    link(provider, ada, "1", "https://id.example.com/x/")
    answer = admin.call("GET", f"/users/{ada}/identities")
    first, second = answer.get_json()["items"]
    assert {each["subject"] for each in (first, second)} == {"x/1", "1"}
    assert first["id"] != second["id"]
    assert "sealed" not in answer.text
    assert admin.call("DELETE", f"/users/{ada}/identities/{first['id']}").status_code == 204
    assert admin.call("DELETE", f"/users/{ada}/identities/{first['id']}").status_code == 404
    assert [each["id"] for each in admin.get(f"/users/{ada}/identities")["items"]] == [second["id"]]
    (told,) = provider.events("user:identity:unlinked")
    assert (told["sub"], told["by"], told["through"]) == (ada, provider.people["root"], "api")


@on_both
def test_the_last_way_in_stays(provider: Provider, admin: Api) -> None:
    with provider.database.write() as connection:
        sub = users.add(connection, username="bea", email="bea@example.com", now=1).sub
    link(provider, sub, "1")
    (found,) = admin.get(f"/users/{sub}/identities")["items"]
    refused = admin.call("DELETE", f"/users/{sub}/identities/{found['id']}")
    assert (refused.status_code, refused.get_json()["error"]) == (409, "conflict")
    assert "only way to sign in" in refused.get_json()["detail"]
    assert len(admin.get(f"/users/{sub}/identities")["items"]) == 1


@pytest.mark.parametrize("who", ["root", "gus"])
def test_nobody_is_unlinked_who_is_above_the_caller_or_by_anothers_id(
    provider: Provider, admin: Api, moderator: Api, who: str
) -> None:
    for name in ("root", "ada"):
        link(provider, provider.people[name], name)
    (of_root,) = admin.get(f"/users/{provider.people['root']}/identities")["items"]
    answer = moderator.call("DELETE", f"/users/{provider.people[who]}/identities/{of_root['id']}")
    assert answer.status_code == (403 if who == "root" else 404)
    assert provider.events("user:identity:unlinked") == []
