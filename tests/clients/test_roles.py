"""Roles that bring others along, groups, and the claims of a client, as clients.yaml has them."""

from pathlib import Path

import pytest

from authserver.protocol.claim_names import ClaimNames
from tests.clients.files import SOUND, faults_of, load_text, warnings_of, with_client

LEAD = SOUND.replace("  admin:", "  lead: {permissions: [write:reports], roles: [user]}\n  admin:")
SPA = "type: spa, redirect_uris: ['https://a.example/cb']"


def test_a_role_may_bring_others_along(tmp_path: Path) -> None:
    registry = load_text(tmp_path, LEAD).registry
    assert registry.included["lead"] == {"lead", "user"}
    assert registry.roles["lead"] == {"read:reports", "write:reports"}
    assert registry.permissions["reports"]["lead"] == {"read:reports", "write:reports"}


def test_a_group_is_a_bundle_of_roles(tmp_path: Path) -> None:
    registry = load_text(tmp_path, LEAD + "groups: {staff: [user, lead], guests: []}\n").registry
    assert registry.groups == {"staff": ("user", "lead"), "guests": ()}


@pytest.mark.parametrize(
    ("roles", "said"),
    [
        ("  lead: {roles: [lead]}", "8:18: roles.lead.roles[0]: a role cannot include itself: lead → lead"),
        (
            "  a: {roles: [b]}\n  b: {roles: [user, c]}\n  c: {roles: [a]}",
            "8:15: roles.a.roles[0]: a role cannot include itself: a → b → c → a",
        ),
        ("  lead: {roles: [usr]}", "8:18: roles.lead.roles[0]: no role is named usr; did you mean user?"),
        ("  lead: {role: [user]}", "8:10: roles.lead.role: unknown field; did you mean roles?"),
        (
            "  lead: {permissions: [read:report]}",
            "8:24: roles.lead.permissions[0]: no API has the permission read:report; did you mean read:reports?",
        ),
        ("  lead: {permissions: []}\n  odd: x", "9:8: roles.odd: must be a list, but YAML reads text here"),
        ("  lead: [read:reports, read:reports]", "8:9: roles.lead: read:reports is listed twice"),
    ],
)
def test_what_a_role_cannot_be_is_said_where_it_stands(tmp_path: Path, roles: str, said: str) -> None:
    (fault,) = faults_of(tmp_path, SOUND.replace("roles:\n", f"roles:\n{roles}\n"))
    assert fault == f"clients.yaml:{said}"


def test_a_group_of_an_unknown_role_is_refused(tmp_path: Path) -> None:
    (fault,) = faults_of(tmp_path, SOUND + "groups: {staff: [usr]}\n")
    assert fault.endswith("groups.staff[0]: no role is named usr; did you mean user?")


def test_a_client_says_where_it_looks_and_under_which_name(tmp_path: Path) -> None:
    fields = f"{SPA}, claims: {{id_token: {{roles: groups}}, userinfo: {{groups: teams, permissions: p}}}}"
    claims = load_text(tmp_path, with_client(fields)).registry.clients["other"].claims
    assert claims.access_token is None
    assert claims.id_token == ClaimNames(roles="groups")
    assert claims.userinfo == ClaimNames(groups="teams", permissions="p")


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ("id_token: {roles: r, groups: r}", "two of these would share one claim: give each its own name"),
        ("id_token: {roles: sub}", "sub is a claim with a meaning of its own: choose another name"),
        ("userinfo: {roles: email}", "email is a claim with a meaning of its own: choose another name"),
        ("id_token: {role: r}", "unknown field; did you mean roles?"),
        ("idtoken: {roles: r}", "unknown field; did you mean id_token?"),
    ],
)
def test_claims_that_cannot_be_are_refused(tmp_path: Path, claims: str, said: str) -> None:
    (fault,) = faults_of(tmp_path, with_client(f"{SPA}, claims: {{{claims}}}"))
    assert fault.endswith(said)


def test_the_server_has_an_api_of_its_own_whose_permissions_roles_may_give(tmp_path: Path) -> None:
    text = SOUND.replace("user: [read:reports]", "user: [read:reports, read:events]")
    registry = load_text(tmp_path, text.replace("apis: [reports]", "apis: [reports, authserver]")).registry
    assert registry.apis["authserver"].audience == "http://localhost:8080/api/v1"
    assert registry.permissions["authserver"]["user"] == {"read:events"}
    assert "delete:users" in registry.permissions["authserver"]["admin"]


def test_its_name_is_taken(tmp_path: Path) -> None:
    (fault,) = faults_of(
        tmp_path, SOUND.replace("apis:\n", "apis:\n  authserver: {audience: 'https://a.example'}\n", 1)
    )
    assert fault.endswith("authserver is the API that manages this server: choose another name")


def test_a_default_role_that_brings_every_permission_along_is_worth_a_warning(tmp_path: Path) -> None:
    text = SOUND.replace("  user: [read:reports]", "  user: {roles: [admin]}")
    (warning,) = warnings_of(tmp_path, text)
    assert warning.endswith("default_role: every new person gets admin:all")


def test_an_access_token_that_can_outgrow_its_budget_is_worth_a_warning(tmp_path: Path) -> None:
    many = "".join(f"      do:things:number:{number}: Do it\n" for number in range(200))
    large = SOUND.replace("      read:reports: Read reports\n", f"      read:reports: Read reports\n{many}")
    (warning,) = warnings_of(tmp_path, large)
    assert "clients[0].apis[0]: an access token for reports can grow to " in warning
    assert "past 4096 (access_token_size)" in warning
    assert warnings_of(tmp_path, f"{large}    claims: {{access_token: {{roles: roles}}}}\n") == []


def test_a_role_says_which_roles_and_groups_it_lets_be_given(tmp_path: Path) -> None:
    text = LEAD.replace("roles: [user]}", "roles: [user], may_give: [user, staff]}") + "groups: {staff: [user]}\n"
    loaded = load_text(tmp_path, text)
    assert loaded.registry.may_give == {"user": frozenset(), "admin": frozenset(), "lead": {"user", "staff"}}
    assert loaded.warnings == ()


@pytest.mark.parametrize(
    ("roles", "said"),
    [
        ("may_give: [usr]", "roles.lead.may_give[0]: no role or group is named usr; did you mean user?"),
        ("may_give: [user, staf]", "roles.lead.may_give[1]: no role or group is named staf; did you mean staff?"),
        ("may_give: [user, user]", "roles.lead.may_give: user is listed twice"),
        ("may_grant: [user]", "roles.lead.may_grant: unknown field; did you mean may_give?"),
        ("can_give: [user]", "roles.lead.can_give: unknown field; did you mean may_give?"),
        (
            "may_give: [both]",
            "roles.lead.may_give[0]: a role and a group are both named both, and either could be meant: "
            "rename one of them",
        ),
    ],
)
def test_what_a_role_cannot_let_be_given_is_said_where_it_stands(tmp_path: Path, roles: str, said: str) -> None:
    text = SOUND.replace("  admin:", f"  lead: {{{roles}}}\n  both: []\n  admin:")
    (fault,) = faults_of(tmp_path, text + "groups: {staff: [user], both: []}\n")
    assert fault.endswith(said)


@pytest.mark.parametrize(
    ("roles", "said"),
    [
        ("lead: {may_give: [user, admin]}", "roles.lead.may_give[1]: anyone with this role can give admin:all"),
        ("lead: {may_give: [chiefs]}", "roles.lead.may_give[0]: anyone with this role can give admin:all"),
        (
            "lead: {may_give: [boss]}\n  boss: {roles: [owner]}\n  owner: {may_give: [chiefs]}",
            "roles.lead.may_give[0]: anyone with this role can give admin:all by way of boss → chiefs",
        ),
    ],
)
def test_a_role_that_can_give_everything_is_worth_a_warning_step_by_step(tmp_path: Path, roles: str, said: str) -> None:
    text = SOUND.replace("  admin:", f"  {roles}\n  admin:") + "groups: {chiefs: [admin]}\n"
    assert warnings_of(tmp_path, text)[0].endswith(said)
