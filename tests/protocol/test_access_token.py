"""The claims of an access token (RFC 9068 §2.2), with roles and the permissions of its one API."""

from dataclasses import replace

import pytest

from authserver.protocol.client.client import Client
from authserver.protocol.token.access_token import Grantee, access_token_claims, audiences_of, lifetime
from authserver.protocol.token.granted_claims import granted_permissions
from authserver.protocol.token.reach import Allowed, TokenReach, reach_of_person
from tests.protocol.values import ISSUER, NOW, REPORTS, USERS, make_client, make_registry

PERSON = Grantee("person", ("user", "guest"), auth_time=NOW - 50)


def claims_for(
    audience: str, client: Client, grantee: Grantee = PERSON, scope: tuple[str, ...] = ("openid",)
) -> object:
    return access_token_claims(
        make_registry(),
        client,
        grantee,
        reach_of_person(make_registry(), client, tuple(grantee.roles), Allowed(scope, (audience,), None, None)),
        issuer=ISSUER,
        jti="j",
        now=NOW,
        default_lifetime=1800,
    )


def test_a_token_names_everything_that_rfc_9068_requires() -> None:
    assert claims_for(REPORTS.audience, make_client()) == {
        "iss": ISSUER,
        "sub": "person",
        "aud": REPORTS.audience,
        "client_id": "portal",
        "iat": NOW,
        "exp": NOW + 1800,
        "jti": "j",
        "scope": "openid",
        "auth_time": NOW - 50,
        "roles": ["guest", "user"],
        "permissions": ["read:reports", "write:reports"],
    }


def test_another_api_sees_its_own_permissions_claims_and_lifetime() -> None:
    claims = claims_for(USERS.audience, make_client())
    assert isinstance(claims, dict)
    assert (claims["aud"], claims["exp"]) == (USERS.audience, NOW + 300)
    assert (claims["groups"], claims["permissions"]) == (["guest", "user"], ["read:users"])
    assert "roles" not in claims


def test_a_client_may_rename_the_claims_and_shorten_the_life() -> None:
    client = make_client(roles_claim="https://a.example/roles", permissions_claim="perms", access_token_lifetime=60)
    claims = claims_for(REPORTS.audience, client)
    assert isinstance(claims, dict)
    assert claims["exp"] == NOW + 60
    assert {"https://a.example/roles", "perms"} <= claims.keys()
    assert not {"roles", "permissions"} & claims.keys()


def test_a_service_has_no_auth_time_and_no_scope() -> None:
    claims = claims_for(REPORTS.audience, make_client(), Grantee("portal", ("admin",)), scope=())
    assert isinstance(claims, dict)
    assert not {"auth_time", "scope"} & claims.keys()
    assert claims["permissions"] == ["read:reports", "write:reports"]


def test_the_issuer_may_stand_beside_an_api_whose_claims_they_are() -> None:
    claims = access_token_claims(
        make_registry(),
        make_client(),
        PERSON,
        TokenReach((REPORTS.audience, ISSUER), ("openid",), ("read:reports", "write:reports")),
        issuer=ISSUER,
        jti="j",
        now=NOW,
        default_lifetime=1800,
    )
    assert audiences_of(claims) == (REPORTS.audience, ISSUER)
    assert claims["permissions"] == ["read:reports", "write:reports"]


@pytest.mark.parametrize(
    ("aud", "audiences"),
    [("a", ("a",)), (["a", "b"], ("a", "b")), ([], ()), (["a", 1, None], ("a",)), (None, ()), ({"a": 1}, ())],
)
def test_whom_a_token_is_for_is_one_name_or_a_list(aud: object, audiences: tuple[str, ...]) -> None:
    assert audiences_of({"aud": aud}) == audiences


def test_a_token_for_the_issuer_says_nothing_of_roles() -> None:
    claims = claims_for(ISSUER, make_client(apis=()))
    assert isinstance(claims, dict)
    assert not {"roles", "permissions"} & claims.keys()


@pytest.mark.parametrize(
    ("roles", "permissions"),
    [
        ((), []),
        (("guest",), ["read:reports"]),
        (("guest", "user"), ["read:reports", "write:reports"]),
        (("admin",), ["read:reports", "write:reports"]),
        (("was-declared-once",), []),
    ],
)
def test_roles_give_the_permissions_of_one_api_and_unknown_ones_nothing(
    roles: tuple[str, ...], permissions: list[str]
) -> None:
    assert granted_permissions(make_registry(), REPORTS, roles) == permissions


def test_the_clients_lifetime_stands_over_the_apis_and_that_over_the_default() -> None:
    client = make_client()
    assert lifetime(client, None, 1800) == 1800
    assert lifetime(client, USERS, 1800) == 300
    assert lifetime(replace(client, access_token_lifetime=60), USERS, 1800) == 60
