"""Claims that an administrator declares, from clients.yaml through every place where they are kept and told."""

import json
from typing import Any

import pytest

from authserver.store import imports, users
from tests.flows.browser import Browser
from tests.flows.databases import on_both
from tests.flows.provider import Provider
from tests.management.api import Api

CLAIMS = """
claims:
  department: {scope: employment, sentence: See your department, label: Department}
  level: {scope: employment, sentence: See your level, type: integer}
  is_contractor: {scope: employment, sentence: See your level, type: boolean}
  https://example.com/languages:
    {scope: languages, sentence: See which languages you speak, type: list, changed_by: person, label: Languages}
  motto: {scope: languages, sentence: See your motto, changed_by: person, label: Motto}
  night_owl: {scope: languages, sentence: See your motto, type: boolean, changed_by: person, label: Night owl}
"""
LANGUAGES = "https://example.com/languages"
OF_EMPLOYMENT: dict[str, Any] = {"department": "Sales", "level": 0, "is_contractor": False}
OF_LANGUAGES: dict[str, Any] = {LANGUAGES: ["English", "German"], "motto": "Onward", "night_owl": True}
VALUES = OF_EMPLOYMENT | OF_LANGUAGES
PORTAL = "    apis: [reports, users]\n    consent: once\n"
LISTED = f"{PORTAL}    scopes: [openid, profile, email, employment, languages, offline_access]\n"


@pytest.fixture(autouse=True)
def declare(provider: Provider) -> None:
    """Add the claims, and the client that may ask for them."""
    provider.amend("clients:\n  - client_id: portal\n", f"{CLAIMS}clients:\n  - client_id: portal\n")
    provider.amend(PORTAL, LISTED)


def keep(admin: Api, claims: dict[str, Any] | None = None) -> dict[str, Any]:
    changed = admin.change("PATCH", "ada", json={"claims": VALUES if claims is None else claims})
    assert changed.status_code == 200, changed.text
    person: dict[str, Any] = changed.get_json()
    return person


@on_both
def test_they_go_from_the_api_to_userinfo_and_the_export_as_far_as_their_scopes_were_allowed(
    provider: Provider, browser: Browser, admin: Api
) -> None:
    person = keep(admin)
    assert (person["claims"], person["undeclared_claims"]) == (VALUES, [])
    portal = provider.client("portal")
    tokens = portal.sign_in(browser, scope="openid languages employment offline_access")
    assert tokens.body["scope"] == "openid offline_access employment languages"
    sub = {"sub": provider.people["ada"]}
    assert provider.userinfo(tokens.access_token).get_json() == sub | VALUES
    narrow = portal.refreshed(tokens, scope="openid languages")
    assert provider.userinfo(narrow.access_token).get_json() == sub | OF_LANGUAGES
    some = portal.sign_in(browser, scope="openid employment")
    assert provider.userinfo(some.access_token).get_json() == sub | OF_EMPLOYMENT
    with provider.database.read() as connection:
        exported = {each["username"]: each["claims"] for each in imports.everybody(connection)}
    assert (exported["ada"], exported["mia"]) == (VALUES, None)


def test_the_consent_page_and_the_list_of_applications_say_each_sentence_once(
    provider: Provider, browser: Browser, admin: Api
) -> None:
    portal = provider.client("portal")
    attempt = portal.ask(scope="openid employment")
    page = browser.sign_in(browser.open(attempt.url), "ada")
    assert "See your department See your level In reports" in page.page.words
    assert "See which languages" not in page.page.words
    portal.finish(attempt, browser.allow(page))
    listed = browser.open(f"{provider.issuer}/account/applications").page.words
    assert "See your department" in listed
    assert "See your motto" not in listed
    # What was allowed is remembered by scope: another one is asked for.
    assert browser.open(portal.ask(scope="openid languages").url).heading == "Allow Team portal?"


def test_a_client_that_does_not_list_the_scope_gets_neither_scope_nor_claim(
    provider: Provider, browser: Browser, admin: Api
) -> None:
    keep(admin)
    asked = json.dumps({"userinfo": {"department": None}, "id_token": {"motto": None}})
    tokens = provider.client("intranet").sign_in(browser, scope="openid employment", claims=asked)
    assert tokens.body["scope"] == "openid"
    assert provider.userinfo(tokens.access_token).get_json() == {"sub": provider.people["ada"]}
    assert "motto" not in tokens.id_claims


def test_single_claims_are_given_after_consent_for_their_scope(
    provider: Provider, browser: Browser, admin: Api
) -> None:
    keep(admin)
    portal = provider.client("portal")
    asked = json.dumps({"userinfo": {"department": None}, "id_token": {LANGUAGES: None}})
    attempt = portal.ask(scope="openid", claims=asked)
    page = browser.sign_in(browser.open(attempt.url), "ada")
    assert "See your department" in page.page.words
    assert "See which languages you speak" in page.page.words
    tokens = portal.finish(attempt, browser.allow(page))
    told = provider.userinfo(tokens.access_token).get_json()
    assert told == {"sub": provider.people["ada"], "department": "Sales"}
    assert tokens.id_claims[LANGUAGES] == ["English", "German"]
    assert not tokens.id_claims.keys() & OF_EMPLOYMENT.keys()


def test_the_id_token_has_those_that_the_entry_names(provider: Provider, browser: Browser, admin: Api) -> None:
    keep(admin)
    provider.amend(LISTED, f"{LISTED}    claims: {{id_token: {{person: [level, email, motto]}}}}\n")
    told = provider.client("portal").sign_in(browser, scope="openid employment").id_claims
    assert {name for name in (*VALUES, "email") if name in told} == {"level"}
    assert told["level"] == 0


def test_a_claim_that_is_declared_no_longer_or_as_another_type_is_told_to_nobody_and_kept_until_it_is_cleaned(
    provider: Provider, browser: Browser, admin: Api
) -> None:
    keep(admin)
    tokens = provider.client("portal").sign_in(browser, scope="openid employment")
    provider.amend("  department: {scope: employment, sentence: See your department, label: Department}\n", "")
    provider.amend("sentence: See your level, type: integer", "sentence: See your level")
    told = provider.userinfo(tokens.access_token).get_json()
    assert told == {"sub": provider.people["ada"], "is_contractor": False}
    person, _ = admin.person("ada")
    assert (person["claims"], person["undeclared_claims"]) == (VALUES, ["department"])
    assert admin.change("PATCH", "ada", json={"claims": {"department": "Legal"}}).status_code == 422
    assert keep(admin, {"department": None, "level": "senior"})["claims"] == OF_LANGUAGES | {
        "is_contractor": False,
        "level": "senior",
    }


FAULTS: list[tuple[str, Any, str]] = [
    ("department", "", "at most 500 characters"),
    ("department", "x" * 501, "at most 500 characters"),
    ("department", "a\u0000b", "cannot be printed"),
    ("department", 7, "Enter a text"),
    ("level", "7", "whole number"),
    ("level", True, "whole number"),
    ("level", 2**53, "whole number"),
    ("is_contractor", 1, "true or false"),
    (LANGUAGES, "English", "list of 1 to 50"),
    (LANGUAGES, [], "list of 1 to 50"),
    (LANGUAGES, ["x"] * 51, "list of 1 to 50"),
    (LANGUAGES, ["\u202e"], "cannot be printed"),
    ("departmant", "Sales", "does not declare"),
    ("departmant", None, "does not declare"),
]


@pytest.mark.parametrize(("name", "value", "why"), FAULTS)
def test_the_api_refuses_what_is_no_value_of_a_declared_claim(admin: Api, name: str, value: Any, why: str) -> None:
    refused = admin.change("PATCH", "ada", json={"claims": {name: value}})
    assert refused.status_code == 422
    [fault] = refused.get_json()["errors"]
    assert fault["pointer"] == "#/claims/" + name.replace("/", "~1")
    assert why in fault["detail"]
    assert admin.call("POST", "/users", {"username": "eve", "claims": {name: value}}).status_code == 422


def test_a_service_that_sends_the_scopes_of_a_sign_in_gets_all_that_it_may_have(provider: Provider) -> None:
    nightly = provider.client("nightly")
    data = {"grant_type": "client_credentials", "scope": "openid employment"}
    assert nightly.post("/token", data).get_json()["scope"]
    assert nightly.post("/token", data | {"scope": "employmnt"}).get_json()["error"] == "invalid_scope"


def test_a_new_person_may_have_them(provider: Provider, admin: Api) -> None:
    added = admin.call("POST", "/users", {"username": "eve", "claims": VALUES})
    assert added.status_code == 201
    with provider.database.read() as connection:
        eve = users.get(connection, added.get_json()["sub"])
    assert eve is not None
    assert eve.claims == VALUES


def test_a_change_is_one_event_whatever_it_is_of(provider: Provider, admin: Api) -> None:
    changed = {"name": "Ada King", "claims": {"department": "Sales"}}
    assert admin.change("PATCH", "ada", json=changed).status_code == 200
    assert [each["fields"] for each in provider.events("user:profile:changed")] == [["department", "name"]]
    assert admin.change("PATCH", "ada", json=changed).status_code == 200
    assert len(provider.events("user:profile:changed")) == 1


def test_a_person_changes_what_is_theirs_to_change_and_sees_the_rest(
    provider: Provider, browser: Browser, admin: Api
) -> None:
    keep(admin)
    provider.client("portal").sign_in(browser)
    page = browser.open(f"{provider.issuer}/account/profile")
    form = page.page.form_with(["claim:motto"])
    assert form.fields["claim:motto"] == "Onward"
    assert form.fields[f"claim:{LANGUAGES}"] == "English\nGerman"
    assert "Department Sales" in page.page.words
    assert not any("department" in name for name in form.fields)
    forged = {"claim:department": "Board", "claim:level": "99", "claim:motto": "", "claim:night_owl": "false"}
    after = browser.submit(page, form=form, **{f"claim:{LANGUAGES}": " French\r\n\r\n Latin "}, **forged)
    assert "Your profile has been saved." in after.page.words
    person, _ = admin.person("ada")
    assert person["claims"] == OF_EMPLOYMENT | {LANGUAGES: ["French", "Latin"], "night_owl": False}


def test_a_fault_is_named_at_its_field_and_nothing_is_saved(provider: Provider, browser: Browser, admin: Api) -> None:
    keep(admin)
    provider.client("portal").sign_in(browser)
    page = browser.open(f"{provider.issuer}/account/profile")
    answer = browser.submit(page, form=page.page.form_with(["name"]), **{"claim:motto": "x" * 501, "name": "Eve"})
    assert 'id="claim:motto-note"' in answer.text
    person, _ = admin.person("ada")
    assert (person["claims"], person["name"]) == (VALUES, "Ada Example")


def test_the_metadata_lists_scopes_and_claims(provider: Provider) -> None:
    document = provider.call("GET", "/.well-known/openid-configuration").get_json()
    assert document["scopes_supported"][-2:] == ["employment", "languages"]
    assert VALUES.keys() <= set(document["claims_supported"])
    provider.amend("  motto: {", "  maxim: {")
    again = provider.call("GET", "/.well-known/openid-configuration").get_json()
    assert {"maxim", "motto"} & set(again["claims_supported"]) == {"maxim"}
