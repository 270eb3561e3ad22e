"""Signing keys on the page for administrators: a change and its event are one."""

from sqlalchemy import event, text

from tests.accounts.admin.conftest import signed_in
from tests.accounts.admin.steps import as_seen, told
from tests.accounts.site import Browser, Site
from tests.store.at_once import at_once


def _keys(site: Site) -> list[tuple[str, str]]:
    now = int(site.clock.now)
    site.app.server.keys.refresh(now)
    return [(each.kid, each.state) for each in site.app.server.keys.stages(now)]


def _rename(site: Site, before: str, after: str) -> None:
    site.app.server.recorder.flush()
    with site.app.server.database.write() as connection:
        connection.execute(text(f"ALTER TABLE {before} RENAME TO {after}"))


def test_of_two_who_publish_at_the_same_instant_one_does_and_says_so(site: Site, root: Browser) -> None:
    browsers = [root, signed_in(site, "root")]
    asked = [as_seen(each.get("/admin/keys").text) | {"alg": "RS256"} for each in browsers]
    answers = at_once(lambda number: browsers[number].post("/admin/keys", data=asked[number]), 2)
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    (made,) = [detail["kid"] for name, detail in told(site) if name == "server:key:rotated"]
    assert [state for _, state in _keys(site)].count("next") == 1
    assert (made, "next") in _keys(site)


def test_who_publishes_a_key_that_waits_already_changes_nothing(site: Site, root: Browser) -> None:
    for _ in range(2):
        asked = as_seen(root.get("/admin/keys").text) | {"alg": "RS256"}
        assert root.post("/admin/keys", data=asked).status_code == 303
    assert len([name for name, _ in told(site) if name == "server:key:rotated"]) == 1


def test_the_keys_are_read_once_before_another_one_is_published(site: Site, root: Browser) -> None:
    asked = as_seen(root.get("/admin/keys").text) | {"alg": "RS256"}
    seen: list[str] = []
    engine = site.app.server.database.engine
    event.listen(engine, "connect", lambda connection, _: connection.set_trace_callback(seen.append))
    engine.dispose()
    assert root.post("/admin/keys", data=asked).status_code == 303
    of_keys = [statement.split(maxsplit=1)[0] for statement in seen if "signing_keys" in statement]
    assert of_keys[: of_keys.index("INSERT")] == ["SELECT"]


def test_a_key_whose_event_cannot_be_kept_is_neither_published_nor_revoked(site: Site, root: Browser) -> None:
    asked = as_seen(root.get("/admin/keys").text)
    before = _keys(site)
    _rename(site, "events", "away")
    assert root.post("/admin/keys", data=asked | {"alg": "RS256"}).status_code == 503
    assert _keys(site) == before
    _rename(site, "away", "events")
    root.post("/admin/keys", data=asked | {"alg": "RS256"})
    (waiting,) = [kid for kid, state in _keys(site) if state == "next"]
    _rename(site, "events", "away")
    assert root.post("/admin/keys", data=asked | {"kid": waiting, "sure": "y"}).status_code == 503
    assert (waiting, "next") in _keys(site)
    _rename(site, "away", "events")
    assert [name for name, _ in told(site) if name.startswith("server:key:")] == ["server:key:rotated"]
