"""Who may give which roles and groups, and so whom they may change."""

from collections.abc import Collection, Mapping

import pytest

from authserver.access.escalation import ways_to_everything
from authserver.access.giving import Names, beyond, known_by_name
from authserver.access.included import included_roles
from authserver.protocol.claim_names import ClaimNames, ClaimPlaces
from authserver.protocol.client.api import Api
from authserver.protocol.client.client import Client
from authserver.protocol.client.registry import Registry, build_registry

REPORTS = Api("reports", "https://reports.example.com", {"read": "Read", "write": "Write"})
USERS = Api("users", "https://users.example.com", {"see": "See", "change": "Change"})
OWN: Mapping[str, frozenset[str]] = {
    "guest": frozenset({"read"}),
    "user": frozenset({"read", "see"}),
    "bundle": frozenset(),
    "writer": frozenset({"write"}),
    "finance": frozenset(),
    "auditor": frozenset({"read"}),
    "moderator": frozenset({"read", "see", "change"}),
    "supervisor": frozenset({"read", "see", "change"}),
    "chief": frozenset({"see"}),
    "everything": frozenset({"read", "write", "see", "change"}),
    "admin": frozenset({"admin:all"}),
}
INCLUDED = {"bundle": ("user", "guest"), "chief": ("moderator",)}
GROUPS = {"staff": ("user",), "ops": ("writer",), "platform-admins": (), "owners": ("admin",)}
READ = ClaimNames(roles="roles")
LET = {"moderator": frozenset({"bundle", "staff"}), "supervisor": frozenset({"moderator"})}


def web(client_id: str, allowed: Collection[str] | None = None, claims: ClaimPlaces | None = None) -> Client:
    return Client(
        client_id,
        client_id,
        "web",
        "client_secret_basic",
        allowed_roles=frozenset(allowed) if allowed is not None else None,
        claims=claims or ClaimPlaces(),
    )


def registry(*clients: Client, may_give: Mapping[str, frozenset[str]] = LET, default: str | None = "guest") -> Registry:
    return build_registry(
        "1",
        {each.client_id: each for each in (web("ledger", ["auditor"]), *clients)},
        {api.name: api for api in (REPORTS, USERS)},
        OWN,
        default,
        frozenset(),
        included=included_roles({role: INCLUDED.get(role, ()) for role in OWN}),
        groups=GROUPS,
        may_give=may_give,
    )


def has(*roles: str, groups: Collection[str] = ()) -> Names:
    return Names(frozenset(roles), frozenset(groups))


@pytest.mark.parametrize(
    ("own", "roles", "groups", "over"),
    [
        # What opens nothing but permissions is given by who has them all.
        (has("moderator"), ("user",), (), has()),
        (has("moderator"), (), (), has()),
        (has("moderator"), ("writer",), (), has("writer")),
        (has("everything"), ("writer", "user"), (), has()),
        # A role without permissions, and one that a client allows in, are given by who has them.
        (has("everything"), ("finance",), (), has("finance")),
        (has("everything", "finance"), ("finance",), (), has()),
        (has("everything"), ("auditor", "user"), (), has("auditor")),
        (has("guest", "auditor"), ("auditor",), (), has()),
        # What only bundles others is good as a name alone.
        (has("everything"), ("bundle",), (), has("bundle")),
        # A group is given by who is in it, whatever roles it has; so are the roles that it gives.
        (has("everything"), (), ("platform-admins",), has(groups=["platform-admins"])),
        (has("everything"), (), ("ops",), has(groups=["ops"])),
        (has("moderator"), (), ("ops",), has("writer", groups=["ops"])),
        (has("guest", groups=["platform-admins"]), (), ("platform-admins",), has()),
        (has("guest", "writer", groups=["ops"]), ("writer",), ("ops",), has()),
        # What a role lets give is given with all that it brings along.
        (has("moderator"), ("bundle", "guest", "user"), ("staff",), has()),
        (has("everything"), ("bundle",), ("staff",), has("bundle", groups=["staff"])),
        # Permissions that are as large are not enough for a role that may give others, nor for what brings one along.
        (has("moderator"), ("supervisor",), (), has("supervisor")),
        (has("moderator"), ("moderator",), (), has()),
        (has("everything"), ("moderator",), (), has("moderator")),
        (has("everything"), ("chief",), (), has("chief", "moderator")),
        # Step by step: a supervisor makes moderators, and what these may give takes being one.
        (has("supervisor"), ("moderator",), (), has()),
        (has("supervisor"), ("bundle",), (), has("bundle")),
        # Every permission there is is not every permission there will be.
        (has("everything"), ("admin",), (), has("admin")),
        (has("everything"), (), ("owners",), has("admin", groups=["owners"])),
        (has("admin"), (*OWN, "emperor"), (*GROUPS, "guild"), has()),
        # What no file declares opens nothing, and takes the default role away with it.
        (has("moderator"), ("emperor",), ("guild",), has()),
        (has("emperor"), (), (), has("guest")),
        (has(), (), (), has("guest")),
    ],
)
def test_a_name_is_given_by_who_has_it_may_do_everything_or_is_let(
    own: Names, roles: tuple[str, ...], groups: tuple[str, ...], over: Names
) -> None:
    assert beyond(registry(), own, roles, groups) == over


@pytest.mark.parametrize("places", [ClaimPlaces(READ), ClaimPlaces(id_token=READ), ClaimPlaces(userinfo=READ)])
def test_where_a_client_reads_the_names_of_roles_every_role_opens_something(places: ClaimPlaces) -> None:
    reading = registry(web("grafana", claims=places))
    assert known_by_name(reading) == OWN.keys()
    assert beyond(reading, has("everything"), ("user",)) == has("user")
    assert not beyond(reading, has("moderator"), ("user",), ("staff",))


def test_a_client_that_reads_groups_or_permissions_alone_reads_no_roles() -> None:
    others = registry(web("wiki", claims=ClaimPlaces(id_token=ClaimNames(groups="groups", permissions="may"))))
    assert "user" not in known_by_name(others)


@pytest.mark.parametrize(
    ("may_give", "ways"),
    [
        ({"moderator": ["user", "staff"]}, []),
        ({"moderator": ["admin"]}, [("moderator", "admin")]),
        ({"moderator": ["owners"]}, [("moderator", "owners")]),
        ({"admin": ["admin"]}, []),
        (
            {"supervisor": ["guest", "chief"], "moderator": ["guest", "owners"]},
            [("supervisor", "chief", "owners"), ("moderator", "owners")],
        ),
        ({"moderator": ["supervisor"], "supervisor": ["moderator"]}, []),
    ],
)
def test_every_way_by_which_a_role_that_may_give_others_reaches_everything_is_found(
    may_give: dict[str, list[str]], ways: list[tuple[str, ...]]
) -> None:
    known = registry(may_give={role: frozenset(names) for role, names in may_give.items()})
    assert list(ways_to_everything(known)) == ways
