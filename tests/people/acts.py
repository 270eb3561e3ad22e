"""Each act on a person, by each surface that offers it, and what it leaves behind."""

from dataclasses import dataclass, field
from typing import Any

from tests.flows.browser import PASSWORD
from tests.flows.provider import START
from tests.people.surfaces import (
    NEW_PASSWORD,
    Do,
    added_by_api,
    address_by_page,
    api,
    by_provider,
    came,
    command,
    imported,
    invited,
    link,
    others_by_page,
    owner_by_provider,
    page,
    renamed,
    reset,
    run,
    run_all,
    session_by_page,
    sign_out,
    sign_out_by_client,
    signed_up,
    unlink,
    unlink_by_api,
    unlink_by_command,
    with_app,
    withdraw,
    withdraw_scope,
)

Letters = list[tuple[str, str]]
Events = list[tuple[str, dict[str, Any]]]
AT = "twin@example.com"
ALL_ENDED = ("user:sessions:ended", {"sessions": 2, "authorizations": 2})


@dataclass(frozen=True)
class Act:
    """What an act is expected to leave behind, and who offers it: `own` letters where it is not an administrator."""

    by: dict[str, Do]
    events: Events
    letters: Letters = field(default_factory=list)
    own: Letters | None = None
    # Of a surface, the name of the first event, where it says how it came about.
    names: dict[str, str] = field(default_factory=dict)
    # Rows that need not be alike.
    apart: frozenset[str] = frozenset()
    verified: bool = True
    issuer: str | None = None
    before: Do | None = None
    # Whether another act follows in the same transaction.
    goes_on: bool = False


# Who is new, by how they come: the event that says so.
NEWCOMERS: dict[str, tuple[Do, str]] = {
    "api": (added_by_api, "user:account:created"),
    "command": (
        command("add", "*", "--email", "*@example.com", "--email-verified", "--name", "Twin", "--no-password"),
        "user:account:created",
    ),
    "import": (imported, "user:account:imported"),
    "page": (signed_up, "user:sign_up:completed"),
    "invitation": (invited, "user:invitation:accepted"),
    "provider": (came, "user:account:created"),
}
END = {"end_access": True}
ROLES = {"roles": ["moderator"]}
GROUPS: dict[str, Any] = {"groups": []}
CHANGED = {"before": ["user"], "after": ["moderator"]}
LEFT = {"before": ["staff"], "after": []}
ACTS: dict[str, Act] = {
    "disable": Act(
        {"api": api("PATCH", json={"disabled": True}), "command": command("disable", "*")},
        [("user:account:disabled", {}), ALL_ENDED],
        [("account_disabled", AT)],
    ),
    "enable": Act(
        {"api": api("PATCH", json={"disabled": False}), "command": command("enable", "*")},
        [("user:account:enabled", {})],
        [("account_enabled", AT)],
        before=lambda world, username: world.journey.site.disable(username),
    ),
    "delete": Act(
        {
            "api": api("DELETE", status=204),
            "command": command("delete", "*", "--yes"),
            "page": page("delete", sure="y"),
        },
        [("user:account:deleted", {}), ALL_ENDED],
        [("account_deleted", AT)],
    ),
    "set_password": Act(
        {
            "command": command("set-password", "*", "--password-stdin", given=NEW_PASSWORD),
            "page": page("password", current_password=PASSWORD, password=NEW_PASSWORD),
            "reset": reset,
        },
        [("user:password:set", {}), ALL_ENDED],
        [("password_changed", AT)],
        names={"page": "user:password:changed", "reset": "user:password:reset"},
    ),
    "change_email": Act(
        {"api": api("PATCH", json={"email": "*@new.example", "email_verified": True}), "page": address_by_page},
        [("user:email:changed", {})],
        [("email_changed", AT), ("email_given", "twin@new.example")],
    ),
    "set_roles": Act(
        {"api": api("PUT", "/roles", ROLES), "command": command("roles", "*", "moderator")},
        [("user:roles:changed", CHANGED)],
        [("roles_changed", AT)],
    ),
    "set_roles and end": Act(
        {"api": api("PUT", "/roles", ROLES | END), "command": command("roles", "*", "moderator", "--now")},
        [("user:roles:changed", CHANGED), ALL_ENDED],
        [("roles_changed", AT)],
    ),
    "set_groups": Act(
        {"api": api("PUT", "/groups", GROUPS), "command": command("groups", "*", "--remove", "staff")},
        [("user:groups:changed", LEFT)],
        [("roles_changed", AT)],
    ),
    "set_groups and end": Act(
        {"api": api("PUT", "/groups", GROUPS | END), "command": command("groups", "*", "--remove", "staff", "--now")},
        [("user:groups:changed", LEFT), ALL_ENDED],
        [("roles_changed", AT)],
    ),
    "change_profile": Act(
        {
            "api": api("PATCH", json={"name": "New Name"}),
            "page": page("profile", name="New Name"),
            "provider": renamed,
        },
        [("user:profile:changed", {"fields": ["name"]})],
        [("profile_changed", AT)],
        own=[],
    ),
    "change_profile by a claim of clients.yaml": Act(
        {
            "api": api("PATCH", json={"claims": {"motto": "Onward"}}),
            "command": command("claims", "*", "--set", "motto=Onward"),
            "page": page("profile", **{"claim:motto": "Onward"}),
        },
        [("user:profile:changed", {"fields": ["motto"]})],
        [("profile_changed", AT)],
        own=[],
    ),
    "end_session": Act(
        {
            "api": lambda world, username: run(world, "DELETE", "sessions", username, "sessions"),
            "command": lambda world, username: world.command(
                "sessions", username, "--end", world.running(username)["sessions"][0]
            ),
            "page": session_by_page,
        },
        [("user:session:ended", {})],
        [("access_ended", AT)],
        own=[],
        apart=frozenset({"online", "offline"}),
    ),
    "end_sessions": Act(
        {
            "api": lambda world, username: run_all(world, username, "sessions"),
            "command": command("sessions", "*", "--end-all"),
            "page": others_by_page,
        },
        [("user:sessions:ended", {"sessions": 2})],
        [("access_ended", AT)],
        own=[],
    ),
    "end_these": Act({"provider": by_provider}, [("user:sessions:ended", {"sessions": 1})]),
    "withdraw": Act({"page": withdraw}, [("user:access:withdrawn", {})]),
    "withdraw_scope": Act({"page": withdraw_scope}, [("user:access:withdrawn", {"scope": "offline_access"})]),
    "revoke": Act(
        {"api": lambda world, username: run(world, "DELETE", "offline", username, "authorizations")},
        [("user:access:withdrawn", {})],
        [("access_ended", AT)],
    ),
    "revoke_all": Act(
        {"api": lambda world, username: run_all(world, username, "authorizations")},
        [("user:access:withdrawn", {"authorizations": 2})],
        [("access_ended", AT)],
    ),
    "link": Act({"page": link}, [("user:identity:linked", {})], own=[("sign_in_linked", AT)]),
    "unlink": Act(
        {"api": unlink_by_api, "command": unlink_by_command, "page": unlink},
        [("user:identity:unlinked", {})],
        [("sign_in_unlinked", AT)],
    ),
    "hand_over": Act(
        {"reset": reset, "provider": owner_by_provider},
        [("user:account:handed_over", {}), ALL_ENDED],
        verified=False,
        issuer="https://elsewhere.example",
        goes_on=True,
        apart=frozenset({"account"}),
    ),
    "log_out": Act({"page": sign_out, "client": sign_out_by_client}, [("user:logout:done", {})]),
    "request_factor_reset": Act(
        {"api": api("POST", "/factors/reset", status=201), "command": command("reset-factors", "*")},
        [("user:factors:reset_requested", {"works_from": START + 86400})],
        [("factor_reset_requested", AT)],
        before=with_app,
    ),
    "export": Act(
        {"api": api("POST", "/export"), "command": command("data", "*"), "page": page("export")},
        [("user:data:disclosed", {})],
        [("data_disclosed", AT)],
        own=[],
        names={"page": "user:data:exported"},
    ),
    "unlock": Act({"command": command("unlock", "*")}, [("user:login:unlocked", {})]),
}
