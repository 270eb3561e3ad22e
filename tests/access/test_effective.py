"""Which roles count, and what they add up to."""

import pytest

from authserver.access.effective import all_roles, declared_groups, effective_roles, undeclared
from authserver.access.included import circles, included_roles
from authserver.access.permissions import powers
from authserver.protocol.client.api import Api
from authserver.protocol.client.registry import Registry, build_registry
from authserver.protocol.token.granted_claims import granted_permissions

REPORTS = Api("reports", "https://reports.example.com", {"read": "Read", "write": "Write", "delete": "Delete"})
USERS = Api("users", "https://users.example.com", {"see": "See", "read": "Read"})
INCLUDES = {"guest": (), "user": ("guest",), "lead": ("user",), "moderator": (), "admin": ()}


def registry(default_role: str | None = "guest") -> Registry:
    return build_registry(
        "1",
        {},
        {api.name: api for api in (REPORTS, USERS)},
        {
            "guest": frozenset({"read"}),
            "user": frozenset({"write"}),
            "lead": frozenset(),
            "moderator": frozenset({"see", "write"}),
            "admin": frozenset({"admin:all"}),
        },
        default_role,
        frozenset(),
        included=included_roles(INCLUDES),
        groups={"staff": ("user", "moderator"), "empty": ()},
    )


@pytest.mark.parametrize(
    ("roles", "groups", "expected"),
    [
        (("user",), (), ("guest", "user")),
        (("lead",), (), ("guest", "lead", "user")),
        ((), ("staff",), ("guest", "moderator", "user")),
        (("admin",), ("staff",), ("admin", "guest", "moderator", "user")),
        ((), (), ("guest",)),
        ((), ("empty",), ("guest",)),
        (("emperor",), (), ()),
        (("emperor", "user"), ("guild",), ("guest", "user")),
        ((), ("guild",), ()),
        ((), ("guild", "staff"), ("guest", "moderator", "user")),
    ],
)
def test_the_roles_that_count_are_a_persons_own_those_of_groups_and_all_they_bring_along(
    roles: tuple[str, ...], groups: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    assert effective_roles(registry(), roles, groups) == expected


def test_without_a_default_role_who_has_none_has_none() -> None:
    assert effective_roles(registry(None), (), ()) == ()


def test_a_service_never_gets_the_default_role() -> None:
    assert all_roles(registry(), ()) == ()
    assert all_roles(registry(), ("lead",)) == ("guest", "lead", "user")


def test_what_no_file_declares_is_named() -> None:
    found = undeclared(registry(), ("user", "emperor"), ("staff", "guild"))
    assert (found.roles, found.groups, bool(found)) == (("emperor",), ("guild",), True)
    assert not undeclared(registry(), ("user",), ("staff",))
    assert declared_groups(registry(), ("staff", "guild")) == ("staff",)


def test_a_role_gives_what_it_brings_along_and_admin_all_every_permission_of_the_api_asked_for() -> None:
    assert granted_permissions(registry(), REPORTS, ("lead",)) == ["read", "write"]
    assert granted_permissions(registry(), REPORTS, ("admin",)) == ["delete", "read", "write"]
    assert granted_permissions(registry(), USERS, ("admin",)) == ["read", "see"]


def test_powers_are_told_apart_by_api() -> None:
    assert powers(registry(), ("guest", "emperor")) == {("reports", "read"), ("users", "read")}


@pytest.mark.parametrize(
    ("includes", "expected"),
    [
        ({"a": ("b",), "b": ("c",), "c": ()}, []),
        ({"a": ("a",)}, [("a", "a")]),
        ({"x": (), "a": ("b",), "b": ("c",), "c": ("b",)}, [("b", "c", "b")]),
        ({"a": ("b", "c"), "b": ("d",), "c": ("d",), "d": ()}, []),
        ({"a": ("b",), "b": ("a",), "c": ("d",), "d": ("c",)}, [("a", "b", "a"), ("c", "d", "c")]),
    ],
)
def test_a_circle_is_found_once_with_the_way_round_it(
    includes: dict[str, tuple[str, ...]], expected: list[tuple[str, ...]]
) -> None:
    assert list(circles(includes)) == expected


def test_a_chain_of_thousands_of_roles_is_followed_to_its_end() -> None:
    chain: dict[str, tuple[str, ...]] = {str(number): (str(number + 1),) for number in range(3000)}
    chain["3000"] = ()
    assert list(circles(chain)) == []
    assert len(included_roles(chain)["0"]) == 3001
