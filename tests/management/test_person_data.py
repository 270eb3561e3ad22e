"""Everything that is kept about a person, over the management API."""

from tests.flows.databases import on_both
from tests.flows.provider import Provider
from tests.management.api import Api, signed_in


@on_both
def test_all_that_is_kept_of_a_person_is_handed_over_and_told(provider: Provider, admin: Api) -> None:
    tokens = provider.client("portal").sign_in(provider.browser(), "ada", scope="openid offline_access")
    ada = provider.people["ada"]
    answer = admin.call("POST", f"/users/{ada}/export")
    data = answer.get_json()
    assert answer.status_code == 200
    assert (data["account"]["username"], data["account"]["sub"]) == ("ada", ada)
    assert [each["client_id"] for each in data["applications"]] == ["portal"]
    assert len(data["sessions"]) == 1
    assert "user:login:succeeded" in {each["name"] for each in data["activity"]}
    for secret in ("argon2", "password_hash", tokens.refresh_token, tokens.access_token):
        assert secret not in answer.text
    (told,) = provider.events("user:data:disclosed")
    assert (told["by"], told["through"], told["caller"]) == (provider.people["root"], "api", "console")


def test_who_may_change_people_may_not_for_that_have_their_data(provider: Provider, moderator: Api) -> None:
    answer = moderator.call("POST", f"/users/{provider.people['gus']}/export")
    assert (answer.status_code, answer.get_json()["error"]) == (403, "insufficient_scope")
    assert provider.events("user:data:disclosed") == []


def test_who_is_above_the_caller_is_not_touched(provider: Provider) -> None:
    provider.amend("moderator: [read:users,", 'moderator: ["export:users", read:users,')
    mia = signed_in(provider, "mia")
    refused = mia.call("POST", f"/users/{provider.people['root']}/export")
    assert (refused.status_code, refused.get_json()["error"]) == (403, "forbidden")
    assert provider.events("user:data:disclosed") == []
    assert mia.call("POST", f"/users/{provider.people['gus']}/export").status_code == 200


def test_of_nobody_there_is_nothing(admin: Api) -> None:
    assert admin.call("POST", "/users/nobody/export").status_code == 404
