"""A signing key that is asked for over the API, and its event: both or neither."""

from sqlalchemy import text

from tests.flows.databases import on_both
from tests.flows.provider import Provider
from tests.management.api import Api
from tests.store.at_once import at_once

ROTATED = "server:key:rotated"


@on_both
def test_many_who_publish_at_once_make_one_key_and_one_event(provider: Provider, admin: Api) -> None:
    answers = at_once(lambda _: admin.call("POST", "/keys", {}), 4)
    assert [answer.status_code for answer in answers] == [201] * 4
    (kid,) = {answer.get_json()["kid"] for answer in answers}
    assert [event["kid"] for event in provider.events(ROTATED)] == [kid]


@on_both
def test_a_repeated_request_at_the_same_instant_publishes_one_key(provider: Provider, admin: Api) -> None:
    def publish(_: int) -> str:
        answer = admin.call("POST", "/keys", {"at_once": True}, Idempotency_Key="k1")
        assert answer.status_code == 201
        return str(answer.get_json()["kid"])

    (kid,) = set(at_once(publish, 2))
    assert [event["kid"] for event in provider.events(ROTATED)] == [kid]


@on_both
def test_a_key_whose_event_cannot_be_kept_is_not_published(provider: Provider, admin: Api) -> None:
    def publish() -> int:
        headers = {"Authorization": f"Bearer {admin.token}", "Idempotency-Key": "k1"}
        return provider.call("POST", "/api/v1/keys", json={}, headers=headers).status_code

    def rename(before: str, after: str) -> None:
        with provider.app.server.database.write() as connection:
            connection.execute(text(f"ALTER TABLE {before} RENAME TO {after}"))

    before = admin.get("/keys")
    provider.events()
    rename("events", "away")
    assert publish() >= 500
    rename("away", "events")
    assert (admin.get("/keys"), provider.events(ROTATED)) == (before, [])
    # The Idempotency-Key was not used up, either.
    assert publish() == 201
    assert len(provider.events(ROTATED)) == 1
