"""Grafana, Argo CD, GitLab and Kubernetes find roles and groups where each of them looks."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from sqlalchemy import update

from authserver.protocol.token.userinfo import SUPPORTED
from authserver.store import directory
from authserver.store.tables import users
from tests.flows.browser import Browser
from tests.flows.databases import on_both
from tests.flows.provider import START, Provider
from tests.flows.registry import CLIENTS_YAML, digest
from tests.flows.relying_party import RelyingParty

EXAMPLES = Path(__file__).parents[2] / "examples" / "claims"
SECRET = "s" * 43
PERSONAL = set(SUPPORTED) - {"sub"}


def register(provider: Provider, name: str) -> RelyingParty:
    """Use an example as clients.yaml, with a secret whose digest is known here."""
    document = yaml.safe_load((EXAMPLES / f"{name}.yaml").read_text())
    (client,) = document["clients"]
    if "secrets" in client:
        client["secrets"] = [{"sha256": digest(SECRET)}]
    assert provider.declare(yaml.safe_dump(document))
    made = provider.client(name)
    return RelyingParty(provider, name, made.redirect_uri, made.method, SECRET if "secrets" in client else "")


def join(provider: Provider, username: str, groups: Iterable[str]) -> None:
    with provider.database.write() as connection:
        directory.set_groups(connection, provider.people[username], groups, provider.clock.now)


@on_both
def test_grafana_finds_roles_and_groups_in_the_id_token_and_in_userinfo(provider: Provider, browser: Browser) -> None:
    grafana = register(provider, "grafana")
    join(provider, "ada", ["operations"])
    tokens = grafana.sign_in(browser, scope="openid profile email")
    expected = {"roles": ["grafana-admin", "grafana-editor"], "groups": ["operations"]}
    assert expected.items() <= tokens.id_claims.items()
    assert expected.items() <= provider.userinfo(tokens.access_token).get_json().items()


def test_argo_cd_finds_groups_in_the_id_token_and_lets_in_nobody_else(provider: Provider, browser: Browser) -> None:
    argo = register(provider, "argo-cd")
    assert browser.sign_in(browser.open(argo.ask().url), "ada").heading == "No access to Argo CD"
    join(provider, "ada", ["deployers", "unknown"])
    claims = argo.sign_in(browser).id_claims
    assert claims["groups"] == ["deployers"]
    assert "roles" not in claims


@on_both
def test_gitlab_finds_roles_as_groups_in_the_id_token_and_in_userinfo(provider: Provider, browser: Browser) -> None:
    gitlab = register(provider, "gitlab")
    provider.give_roles("ada", "gitlab-admin")
    tokens = gitlab.sign_in(browser)
    assert tokens.id_claims["groups"] == ["gitlab-admin", "gitlab-user"]
    assert provider.userinfo(tokens.access_token).get_json()["groups"] == ["gitlab-admin", "gitlab-user"]
    provider.give_roles("ada", "gitlab-user")
    assert provider.userinfo(tokens.access_token).get_json()["groups"] == ["gitlab-user"]


def test_kubernetes_finds_roles_as_groups_in_the_id_token(provider: Provider, browser: Browser) -> None:
    kubernetes = register(provider, "kubernetes")
    provider.give_roles("ada", "cluster-viewer", "emperor")
    assert kubernetes.redirect_uri == "http://localhost"
    # What kubelogin sends: the port on which it listens, and no slash.
    at_its_port = replace(kubernetes, redirect_uri="http://localhost:8000")
    claims = at_its_port.sign_in(browser, scope="openid email").id_claims
    assert (claims["groups"], claims["aud"]) == (["cluster-viewer"], "kubernetes")
    assert (claims["email"], claims["email_verified"]) == ("ada@example.com", True)


PERSON = "[name, preferred_username, email, given_name, updated_at]"


def say_in_the_id_token(provider: Provider, what: str) -> None:
    at = CLIENTS_YAML.index("  - client_id: intranet")
    assert provider.declare(f"{CLIENTS_YAML[:at]}    claims: {{id_token: {what}}}\n{CLIENTS_YAML[at:]}")


@on_both
def test_an_id_token_says_of_a_person_what_the_client_is_to_know_as_far_as_its_scope_was_granted(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    say_in_the_id_token(provider, f"{{person: {PERSON}, roles: roles}}")
    profile = {"name": "Ada Example", "preferred_username": "ada", "updated_at": START - 1000}
    email = {"email": "ada@example.com", "email_verified": True}
    for scope, said in (
        ("openid", {}),
        ("openid email", email),
        ("openid profile", profile),
        ("openid profile email offline_access", profile | email),
    ):
        tokens = portal.sign_in(browser, scope=scope)
        claims = tokens.id_claims
        assert {name: claims[name] for name in PERSONAL if name in claims} == said
        assert (claims["sub"], claims["aud"], claims["roles"]) == (provider.people["ada"], "portal", ["user"])
        assert PERSONAL.isdisjoint(tokens.access_claims)
    narrower = portal.refreshed(tokens, scope="openid email").id_claims
    assert {name: narrower[name] for name in PERSONAL if name in narrower} == email


def test_an_id_token_says_what_is_true_at_each_refresh(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    say_in_the_id_token(provider, "{person: [email, name]}")
    tokens = portal.sign_in(browser, scope="openid profile email offline_access")
    with provider.database.write() as connection:
        connection.execute(update(users).where(users.c.username == "ada").values(name="Ada Lovelace", email=None))
    claims = portal.refreshed(tokens).id_claims
    assert claims["name"] == "Ada Lovelace"
    assert claims.keys().isdisjoint({"email", "email_verified"})


def test_without_being_told_to_an_id_token_says_nothing_of_a_person(browser: Browser, portal: RelyingParty) -> None:
    assert PERSONAL.isdisjoint(portal.sign_in(browser, scope="openid profile email").id_claims)


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ("access_token: {permissions: perms}", {"perms": ["read:reports"]}),
        ("access_token: {roles: r, groups: g}", {"r": ["guest"], "g": ["staff"]}),
    ],
)
def test_an_access_token_holds_what_the_client_says_and_introspection_the_same(
    provider: Provider, browser: Browser, claims: str, expected: dict[str, list[str]]
) -> None:
    text = CLIENTS_YAML.replace("    type: spa\n", f"    type: spa\n    claims: {{{claims}}}\n")
    assert provider.declare(text + "groups: {staff: [guest]}\n")
    provider.give_roles("ada", "guest")
    join(provider, "ada", ["staff"])
    tokens = provider.client("dashboard").sign_in(browser)
    held = tokens.access_claims
    assert {name: held[name] for name in expected} == expected
    assert not {"roles", "permissions", "groups"} & held.keys()
    assert expected.items() <= provider.introspect(tokens.access_token).items()


@on_both
def test_introspection_leaves_out_what_was_taken_away_since(provider: Provider, browser: Browser) -> None:
    provider.give_roles("ada", "moderator", "guest")
    tokens = provider.client("dashboard").sign_in(browser)
    provider.give_roles("ada", "guest", "admin")
    answer = provider.introspect(tokens.access_token)
    assert (answer["roles"], answer["permissions"]) == (["guest"], ["read:reports", "write:reports"])


def test_introspection_knows_the_roles_of_a_group_until_they_are_taken_away(
    provider: Provider, browser: Browser
) -> None:
    assert provider.declare(CLIENTS_YAML + "groups: {staff: [moderator]}\n")
    join(provider, "ada", ["staff"])
    token = provider.client("dashboard").sign_in(browser).access_token
    assert provider.introspect(token)["roles"] == ["moderator", "user"]
    join(provider, "ada", [])
    assert provider.introspect(token)["roles"] == ["user"]


def test_a_token_past_its_budget_is_issued_with_an_event(provider: Provider, browser: Browser) -> None:
    many = ", ".join(f"do:things:number:{number}: Do it" for number in range(200))
    provider.amend("permissions: {read:reports: Read reports,", f"permissions: {{{many}, read:reports: Read reports,")
    tokens = provider.client("dashboard").sign_in(browser, "root")
    (told,) = provider.events("token:access_token:oversized")
    assert (told["client_id"], told["size"]) == ("dashboard", len(tokens.access_token))
