"""Every claim of the table reaches every place that is made from it, and is checked the same in each."""

import re
from pathlib import Path

import pytest

from authserver.protocol.person.claims import PERSON_CLAIMS, PROFILE, value_fault
from authserver.protocol.provider import Provider as Upstream
from authserver.protocol.upstream.vouched import vouched
from authserver.store import imports, users
from tests.flows.browser import Browser
from tests.flows.databases import on_both
from tests.flows.provider import Provider
from tests.flows.relying_party import EVERYTHING
from tests.management.api import Api

VALUES: dict[str, str] = {
    "name": "Ada Lovelace",
    "given_name": "Ada",
    "family_name": "Lovelace",
    "picture": "https://example.com/ada.png",
    "locale": "en-GB",
    "zoneinfo": "Europe/Vienna",
}
FAULTS = [
    ("name", "Ada\u202eL"),
    ("name", " \u200d"),
    ("picture", "http://example.com/a.png"),
    ("picture", "https://example.com/'"),
    ("picture", "https://example.com\n/a"),
    ("locale", "de_AT"),
    ("zoneinfo", "Mars/Base"),
]
OPENED_BY = Path(__file__).parents[2] / "docs" / "relying-party.md"


@on_both
def test_a_claim_goes_from_the_api_to_the_profile_page_the_export_and_userinfo(
    provider: Provider, browser: Browser, admin: Api
) -> None:
    ada, tag = admin.person("ada")
    changed = admin.call("PATCH", f"/users/{ada['sub']}", VALUES, If_Match=tag).get_json()
    assert {name: changed[name] for name in PROFILE} == VALUES
    tokens = provider.client("portal").sign_in(browser, scope=EVERYTHING)
    told = provider.userinfo(tokens.access_token).get_json()
    page = browser.open(f"{provider.issuer}/account/profile").text
    with provider.database.read() as connection:
        exported = next(each for each in imports.everybody(connection) if each["username"] == "ada")
    for name, value in VALUES.items():
        assert told[name] == exported[name] == value
        assert re.search(rf'id="{name}"[^>]* value="{re.escape(value)}"', page), name


def test_a_new_person_may_have_every_claim(provider: Provider, admin: Api) -> None:
    added = admin.call("POST", "/users", {"username": "eve", **VALUES})
    assert added.status_code == 201
    with provider.database.read() as connection:
        eve = users.get(connection, added.get_json()["sub"])
    assert eve is not None
    assert eve.profile == VALUES


@pytest.mark.parametrize(("name", "value"), FAULTS)
def test_the_api_refuses_what_the_profile_page_refuses_and_says_why(admin: Api, name: str, value: str) -> None:
    ada, tag = admin.person("ada")
    refused = admin.call("PATCH", f"/users/{ada['sub']}", {name: value}, If_Match=tag)
    assert refused.status_code == 422
    [fault] = refused.get_json()["errors"]
    assert fault == {"pointer": f"#/{name}", "detail": value_fault(PROFILE[name], value)}


@pytest.mark.parametrize("value", [value for name, value in FAULTS if name == "picture"])
def test_no_picture_is_taken_over_that_the_person_could_not_save(value: str) -> None:
    upstream = Upstream("x", "openid", "https://x.example", "client", "secret", "X", ("openid",))
    person = vouched(upstream, {"sub": "1", "picture": value})
    assert person is not None
    assert person.picture is None


@pytest.mark.parametrize("name", ["علی\u200cرضا", "María-José O’Brien", "山田 太郎", "👩\u200d🔬"])
def test_a_name_is_written_as_people_write_it(name: str) -> None:
    assert value_fault(PROFILE["name"], name) is None


def test_applications_are_told_which_scope_opens_which_claim() -> None:
    page = OPENED_BY.read_text()
    for claim in PERSON_CLAIMS:
        row = next(line for line in page.splitlines() if line.startswith(f"| `{claim.scope}` |"))
        assert f"`{claim.name}`" in row
