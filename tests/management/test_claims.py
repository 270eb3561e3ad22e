"""Every claim of the table reaches every place that is made from it, and is checked the same in each."""

import json
from pathlib import Path
from typing import Any

import pytest

from authserver.cli.users.add import add
from authserver.federation.enter import profile_by
from authserver.people.lines.person import read
from authserver.people.profile_fields import profile_of
from authserver.protocol.person.claims import FIELDS, PERSON_CLAIMS, PROFILE, value_fault
from authserver.protocol.provider import Provider as Upstream
from authserver.protocol.upstream.vouched import vouched
from authserver.store import imports, profiles, users
from tests.flows.browser import Browser
from tests.flows.databases import on_both
from tests.flows.provider import START, Provider
from tests.flows.relying_party import ALL_SCOPES
from tests.management.api import Api

VALUES: dict[str, Any] = {
    "name": "Ada Lovelace",
    "given_name": "Ada",
    "middle_name": "King",
    "family_name": "Lovelace",
    "nickname": "Countess",
    "picture": "https://example.com/ada.png",
    "profile": "https://example.com/ada",
    "website": "http://ada.example",
    "gender": "female",
    "birthdate": "1815-12-10",
    "locale": "en-GB",
    "zoneinfo": "Europe/Vienna",
    "address": {
        "street_address": "12 St James’s Square\nAttic",
        "postal_code": "SW1Y 4JH",
        "locality": "London",
        "region": "England",
        "country": "UK",
        "formatted": "12 St James’s Square\nLondon\nUK",
    },
    "phone_number": "+442012345678",
    "phone_number_verified": True,
}
TYPED = {
    name: VALUES[claim.name][field.name] if claim.members else VALUES[claim.name]
    for claim in PROFILE.values()
    for name, field in claim.fields()
}
# A picture is uploaded, on a page of its own.
BY_THEMSELVES = {
    name: text for name, text in TYPED.items() if FIELDS[name].changed_by == "person" and name != "picture"
}
# What nobody but an administrator says, and what follows the browser until the person chooses.
NOT_OF_PROVIDERS = {"phone_number_verified", "locale", "zoneinfo"}
FAULTS = [
    ("name", "Ada\u202eL"),
    ("name", " \u200d"),
    ("picture", "http://example.com/a.png"),
    ("picture", "https://example.com/'"),
    ("picture", "https://example.com\n/a"),
    ("profile", "javascript:alert(1)"),
    ("website", "ftp://example.com"),
    ("gender", "\u0000"),
    ("birthdate", "1815-02-30"),
    ("phone_number", "0301234567"),
    ("locale", "de_AT"),
    ("zoneinfo", "Mars/Base"),
]
DOCS = Path(__file__).parents[2] / "docs"
OPENED_BY = DOCS / "relying-party.md"
UPSTREAM = Upstream("x", "openid", "https://x.example", "client", "secret", "X", ("openid",))


def test_every_claim_has_a_value_here_so_that_none_is_forgotten_below() -> None:
    assert PROFILE.keys() == VALUES.keys()
    assert all(TYPED.values())


@on_both
def test_a_claim_goes_from_the_api_to_the_profile_page_the_export_and_userinfo(
    provider: Provider, browser: Browser, admin: Api
) -> None:
    ada, tag = admin.person("ada")
    changed = admin.call("PATCH", f"/users/{ada['sub']}", VALUES, If_Match=tag).get_json()
    assert {name: changed[name] for name in PROFILE} == VALUES
    tokens = provider.client("intranet").sign_in(browser, scope=ALL_SCOPES)
    told = provider.userinfo(tokens.access_token).get_json()
    form = browser.open(f"{provider.issuer}/account/profile").page.form_with(BY_THEMSELVES)
    with provider.database.read() as connection:
        exported = next(each for each in imports.everybody(connection) if each["username"] == "ada")
    for name, value in VALUES.items():
        assert told[name] == exported[name] == value
    assert {name: form.fields[name] for name in BY_THEMSELVES} == BY_THEMSELVES
    assert not form.fields.keys() & (TYPED.keys() - BY_THEMSELVES.keys())


@on_both
def test_what_a_person_types_reaches_userinfo_and_nobody_is_vouched_for(provider: Provider, browser: Browser) -> None:
    tokens = provider.client("intranet").sign_in(browser, scope=ALL_SCOPES)
    page = browser.open(f"{provider.issuer}/account/profile")
    browser.submit(page, form=page.page.form_with(["name"]), **BY_THEMSELVES, phone_number_verified="true")
    told = provider.userinfo(tokens.access_token).get_json()
    with provider.database.read() as connection:
        ada = users.get(connection, provider.people["ada"])
    assert ada is not None
    for name, value in (VALUES | {"phone_number_verified": False}).items():
        assert name == "picture" or told[name] == ada.profile[name] == value, name


def test_every_claim_of_the_profile_can_be_in_the_id_token(provider: Provider, browser: Browser) -> None:
    names = [name for name, claim in PROFILE.items() if not claim.beside]
    with provider.database.write() as connection:
        profiles.set_profile(connection, provider.people["ada"], VALUES, START)
        profiles.set_picture_url(connection, provider.people["ada"], VALUES["picture"], START)
    provider.amend(
        "    consent: never\n    scopes",
        f"    consent: never\n    claims: {{id_token: {{person: {names}}}}}\n    scopes",
    )
    told = provider.client("intranet").sign_in(browser, scope=ALL_SCOPES).id_claims
    assert {name: told[name] for name in VALUES} == VALUES
    some = provider.client("intranet").sign_in(browser, scope="openid phone").id_claims
    assert {name for name in VALUES if name in some} == {"phone_number", "phone_number_verified"}


def test_single_claims_are_given_by_the_claims_parameter(provider: Provider, browser: Browser) -> None:
    with provider.database.write() as connection:
        profiles.set_profile(connection, provider.people["ada"], VALUES, START)
        profiles.set_picture_url(connection, provider.people["ada"], VALUES["picture"], START)
    asked = json.dumps({"userinfo": {"birthdate": None, "phone_number": None}, "id_token": {"address": None}})
    tokens = provider.client("intranet").sign_in(browser, scope="openid", claims=asked)
    told = provider.userinfo(tokens.access_token).get_json()
    assert told.keys() == {"sub", "birthdate", "phone_number", "phone_number_verified"}
    assert tokens.id_claims["address"] == VALUES["address"]
    portal = provider.client("portal").sign_in(browser, scope="openid profile", claims=asked)
    assert "phone_number" not in provider.userinfo(portal.access_token).get_json()
    assert "address" not in portal.id_claims


def test_a_new_person_may_have_every_claim(provider: Provider, admin: Api) -> None:
    added = admin.call("POST", "/users", {"username": "eve", **VALUES})
    assert added.status_code == 201
    with provider.database.read() as connection:
        eve = users.get(connection, added.get_json()["sub"])
    assert eve is not None
    assert eve.profile == VALUES


def test_a_person_is_added_at_the_terminal_with_every_claim() -> None:
    names = [parameter.name for parameter in add.params]
    assert set(FIELDS) <= set(names)
    line = json.dumps({"username": "eve", **VALUES}).encode()
    assert profile_of(read(line).model_dump()) == VALUES


def test_the_description_and_the_documents_name_every_claim(provider: Provider) -> None:
    schemas = provider.call("GET", "/api/v1/openapi.json").get_json()["components"]["schemas"]
    for model in ("PersonRecord", "NewPerson", "PersonChange"):
        assert PROFILE.keys() <= schemas[model]["properties"].keys(), model
    members = {member.name for claim in PROFILE.values() for member in claim.members}
    assert members <= {name for schema in schemas.values() for name in schema.get("properties", {})}


def test_an_address_is_changed_in_parts_over_the_api(provider: Provider, admin: Api) -> None:
    assert admin.change("PATCH", "ada", json={"address": {"locality": "London", "country": "UK"}}).status_code == 200
    parts = {"locality": None, "postal_code": "SW1"}
    changed = admin.change("PATCH", "ada", json={"address": parts}).get_json()
    assert {name: text for name, text in changed["address"].items() if text} == {"postal_code": "SW1", "country": "UK"}
    gone = {"postal_code": None, "country": None}
    assert admin.change("PATCH", "ada", json={"address": gone}).get_json()["address"] is None


def test_a_number_that_is_known_to_be_theirs_is_so_until_it_changes(
    provider: Provider, browser: Browser, admin: Api, moderator: Api
) -> None:
    number = {"phone_number": "+442012345678"}
    assert moderator.change("PATCH", "ada", json=number | {"phone_number_verified": True}).status_code == 403
    assert admin.change("PATCH", "ada", json={"phone_number_verified": True}).status_code == 422
    known = admin.change("PATCH", "ada", json=number | {"phone_number_verified": True}).get_json()
    assert known["phone_number_verified"] is True
    assert moderator.change("PATCH", "ada", json=number | {"phone_number_verified": True}).status_code == 200
    moved = moderator.change("PATCH", "ada", json={"phone_number": "+442012345679"}).get_json()
    assert moved["phone_number_verified"] is False


@pytest.mark.parametrize("name", [name for name in PROFILE if name not in NOT_OF_PROVIDERS])
def test_what_a_provider_says_is_taken_for_a_new_account_and_later_only_where_a_rule_says_so(name: str) -> None:
    person = vouched(UPSTREAM, {"sub": "1", "name": "Ada", **VALUES})
    assert person is not None
    assert profile_by(UPSTREAM, person, is_new=True)[name] == VALUES[name]
    assert profile_by(UPSTREAM, person, is_new=False) == {}


@pytest.mark.parametrize(
    "value", [7, [], {"country": 7}, {"country": ["UK"]}, {"country": "\u0007"}, {"planet": "Mars"}, "UK"]
)
def test_an_odd_address_of_a_provider_is_none(value: Any) -> None:
    person = vouched(UPSTREAM, {"sub": "1", "address": value, "birthdate": value, "phone_number_verified": True})
    assert person is not None
    assert person.further == {}


@pytest.mark.parametrize(("name", "value"), FAULTS)
def test_the_api_refuses_what_the_profile_page_refuses_and_says_why(admin: Api, name: str, value: str) -> None:
    ada, tag = admin.person("ada")
    refused = admin.call("PATCH", f"/users/{ada['sub']}", {name: value}, If_Match=tag)
    assert refused.status_code == 422
    [fault] = refused.get_json()["errors"]
    assert fault == {"pointer": f"#/{name}", "detail": value_fault(PROFILE[name], value)}


@pytest.mark.parametrize("value", [value for name, value in FAULTS if name == "picture"])
def test_no_picture_is_taken_over_that_the_person_could_not_save(value: str) -> None:
    person = vouched(UPSTREAM, {"sub": "1", "picture": value})
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
