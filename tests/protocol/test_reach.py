"""How far one token goes: never past roles, client, or what was asked and allowed (RFC 6749 §6, RFC 8707 §2)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.protocol.client.api import Api
from authserver.protocol.errors import ProtocolError
from authserver.protocol.request.scope import in_order
from authserver.protocol.token.api_scopes import asked_of_apis
from authserver.protocol.token.reach import Allowed, TokenReach, may_say_names, reach_of_person, reach_of_service
from tests.protocol.values import ISSUER, REPORTS, USERS, make_client, make_registry

AUDIENCES = (REPORTS.audience, USERS.audience)
EVERYTHING = Allowed(("openid", "email"), AUDIENCES, None, ISSUER)
WORDS = st.lists(
    st.sampled_from(["openid", "email", "read:reports", "write:reports", "read:users", "admin:all", ""])
    | st.text(max_size=5),
    max_size=5,
)
RESOURCES = st.lists(st.sampled_from([*AUDIENCES, ISSUER, "https://x.example"]) | st.text(max_size=9), max_size=2)
API_SCOPES = st.none() | st.lists(
    st.sampled_from([REPORTS.scope("read:reports"), REPORTS.scope("gone"), USERS.scope("read:users")]), max_size=3
)
LIMITS = st.sampled_from([{}, {"reports": frozenset({"read:reports"})}, {"users": frozenset[str]()}])
ROLES = st.sampled_from([(), ("guest",), ("user",), ("admin",), ("unknown",)])


def permissions_of(api: Api, roles: tuple[str, ...]) -> set[str]:
    registry = make_registry()
    return set().union(*(registry.permissions[api.name].get(role, frozenset()) for role in roles))


@pytest.mark.parametrize(
    ("requested", "scope"),
    [(None, "openid email"), ("openid", "openid"), ("email openid", "openid email"), ("email", "email")],
)
def test_a_refresh_may_ask_for_less(requested: str | None, scope: str) -> None:
    reach = reach_of_person(make_registry(), make_client(), ("user",), EVERYTHING, requested)
    assert reach.scope == tuple(scope.split())
    assert reach.permissions == ("read:reports", "write:reports")


@pytest.mark.parametrize(
    "requested", ["profile", "openid profile", "openid ", " ", "OPENID", "openid\0", "openid delete:reports"]
)
def test_a_refresh_may_not_ask_for_more(requested: str) -> None:
    with pytest.raises(ProtocolError) as refused:
        reach_of_person(make_registry(), make_client(), ("user",), EVERYTHING, requested)
    assert refused.value.error == "invalid_scope"


@given(WORDS, RESOURCES, API_SCOPES, LIMITS, ROLES)
def test_no_request_of_a_person_goes_past_roles_client_and_what_was_allowed(
    words: list[str],
    resources: list[str],
    api_scopes: list[str] | None,
    limits: dict[str, frozenset[str]],
    roles: tuple[str, ...],
) -> None:
    allowed = Allowed(("openid", "email"), AUDIENCES, None if api_scopes is None else tuple(api_scopes), ISSUER)
    client, requested = make_client(api_limits=limits), " ".join(words) or None
    try:
        reach = reach_of_person(make_registry(), client, roles, allowed, requested, tuple(resources))
    except ProtocolError:
        return
    api = next((each for each in (REPORTS, USERS) if each.audience == reach.audiences[0]), None)
    assert set(reach.audiences[1:]) <= {ISSUER}
    if api is None:
        assert (reach.audiences, reach.permissions) == ((ISSUER,), ())
        return
    assert set(reach.permissions) <= permissions_of(api, roles)
    assert set(reach.permissions) <= limits.get(api.name, frozenset(api.permissions))
    if api_scopes is not None:
        assert set(reach.permissions) <= {each.partition("#")[2] for each in api_scopes}
        # Whatever was narrowed says in its scope what came out.
        assert set(reach.permissions) <= set(reach.scope)
    if asked := set(words) & api.permissions.keys():
        assert set(reach.permissions) <= asked
    if requested is not None:
        assert set(reach.scope) <= {*words, *reach.permissions}
    if reach.says_names:
        assert set(reach.permissions) == permissions_of(api, roles)


@given(WORDS, RESOURCES, LIMITS, ROLES, st.booleans())
def test_no_request_of_a_service_goes_past_its_roles_and_entry(
    words: list[str],
    resources: list[str],
    limits: dict[str, frozenset[str]],
    roles: tuple[str, ...],
    gets_unasked: bool,
) -> None:
    client = make_client(api_limits=limits, gets_unasked=gets_unasked)
    try:
        reach = reach_of_service(make_registry(), client, roles, ISSUER, " ".join(words), tuple(resources))
    except ProtocolError:
        return
    api = next(each for each in (REPORTS, USERS) if each.audience == reach.audiences[0])
    assert set(reach.permissions) <= permissions_of(api, roles) & limits.get(api.name, frozenset(api.permissions))
    assert set(reach.scope) <= set(reach.permissions)
    asked = set(words) & {*REPORTS.permissions, *USERS.permissions}
    if asked or not gets_unasked:
        assert set(reach.permissions) <= asked
    if reach.says_names:
        assert set(reach.permissions) == permissions_of(api, roles)


@given(WORDS, st.booleans(), LIMITS, st.booleans())
def test_what_is_asked_for_at_first_is_open_to_the_client_and_named(
    words: list[str], by_resource: bool, limits: dict[str, frozenset[str]], gets_unasked: bool
) -> None:
    client = make_client(api_limits=limits, gets_unasked=gets_unasked)
    asked = asked_of_apis(words, client, make_registry(), AUDIENCES, by_resource=by_resource)
    named = set(words) & {*REPORTS.permissions, *USERS.permissions}
    if asked.api_scopes is None:
        assert (gets_unasked, named) == (True, set())
    for each in asked.api_scopes or ():
        audience, _, permission = each.partition("#")
        api = REPORTS if audience == REPORTS.audience else USERS
        assert permission in named & limits.get(api.name, frozenset(api.permissions))
        assert audience in asked.audiences


def test_each_scope_of_an_api_is_its_own_whatever_another_api_calls_its_permissions() -> None:
    alike = Api("alike", "https://reports.example.com/v2", {"read:reports": "Read"})
    assert alike.permissions_among([REPORTS.scope("read:reports")]) == frozenset()
    assert REPORTS.permissions_among([alike.scope("read:reports"), REPORTS.scope("read:reports")]) == {"read:reports"}


def test_names_stand_only_where_nothing_of_the_api_is_missing() -> None:
    few, whole = frozenset({"read:reports"}), frozenset(REPORTS.permissions)
    assert may_say_names(REPORTS, None)
    assert may_say_names(REPORTS, whole)
    # A person whose roles give no more than that today may have a name that opens more.
    assert not may_say_names(REPORTS, few)
    assert may_say_names(REPORTS, few, ["read:reports"])
    # An API without permissions decides by names: a token for it that was narrowed elsewhere says none.
    assert not may_say_names(Api("bare", "https://bare.example.com", {}), frozenset())


def test_a_token_of_a_whole_api_is_as_it_was_before_there_were_scopes() -> None:
    assert reach_of_person(make_registry(), make_client(), ("user",), EVERYTHING) == TokenReach(
        (REPORTS.audience, ISSUER), in_order(("openid", "email")), ("read:reports", "write:reports")
    )
