"""What a changed clients.yaml would do, worked out against either database."""

from pathlib import Path

import pytest

from authserver.clients.registration.fit import fit_of
from authserver.plan.plan import Plan, plan
from authserver.protocol.request.authorization_request import BrowserRequest
from authserver.store import Connection, directory, sessions, users
from authserver.store.allowed import authorizations
from authserver.store.database import Database
from authserver.store.factors import totp
from authserver.store.sessions import SignIn
from authserver.store.upstream import identities
from tests.plan.files import IN_FORCE, NOW, changed, loaded


@pytest.fixture
def people(database: Database) -> Database:
    """Ana, an editor of the staff; ben, who has the default role and comes by GitHub alone; cy, who is disabled."""
    with database.write() as connection:
        ana = users.add(connection, username="ana", email="ana@example.com", roles=["editor"], now=NOW).sub
        ben = users.add(connection, username="ben", now=NOW).sub
        cy = users.add(connection, username="cy", roles=["editor"], now=NOW).sub
        directory.set_groups(connection, ana, ["staff"], NOW)
        users.disable(connection, cy, NOW)
        assert identities.add(
            connection,
            issuer="https://github.com",
            subject="7",
            sub=ben,
            provider="github",
            email=None,
            sealed_tokens=None,
            now=NOW,
        )
        for sub in (ana, ben):
            authorize(connection, sub)
    return database


def authorize(connection: Connection, sub: str) -> None:
    _, session = sessions.start(connection, SignIn(sub, ("pwd",), 3600, 3600), NOW)
    request = BrowserRequest(
        client_id="portal",
        redirect_uri="https://portal.example.com/old",
        redirect_uri_given=True,
        response_mode="query",
        scope=("openid", "email", "offline_access"),
        audiences=("https://reports.example.com",),
    )
    assert authorizations.start(
        connection,
        request,
        sub=sub,
        sid=session.sid,
        auth_time=NOW,
        amr=("pwd",),
        now=NOW,
        code_lifetime=60,
        expires_at=NOW + 86400,
    )


def planned(database: Database, folder: Path, *pairs: tuple[str, str]) -> Plan:
    before, after = loaded(folder, IN_FORCE), loaded(folder, changed(*pairs))
    with database.read() as connection:
        return plan(
            connection, before.registry, after.registry, NOW + 1, fit_of, expected=after.expected, with_names=True
        )


def told(found: Plan) -> list[tuple[str, str, str, int | None, tuple[str, ...]]]:
    return [(each.effect, each.subject, each.what, each.people, each.who) for each in found.consequences]


def test_the_same_file_does_nothing(people: Database, tmp_path: Path) -> None:
    assert planned(people, tmp_path) == Plan((), ())


def test_a_role_that_gives_less_takes_it_from_whoever_has_it_and_may_sign_in(people: Database, tmp_path: Path) -> None:
    found = planned(people, tmp_path, ("editor: [read:reports, write:reports]", "editor: [read:reports]"))
    assert told(found) == [("lost", "permission write:reports of reports", "is lost", 1, ("ana",))]


def test_a_role_that_goes_is_lost_with_all_it_opens(people: Database, tmp_path: Path) -> None:
    found = planned(
        people,
        tmp_path,
        ("  editor: [read:reports, write:reports]\n", ""),
        ("    allow: {roles: [editor]}\n", "    allow: {roles: [boss]}\n"),
        ("  boss: [see:users]", "  boss: [see:users, read:reports]"),
    )
    assert told(found) == [
        ("lost", "permission write:reports of reports", "is lost", 1, ("ana",)),
        ("lost", "role editor", "is lost", 1, ("ana",)),
    ]


def test_another_default_role_is_gained_by_whoever_has_no_other(people: Database, tmp_path: Path) -> None:
    assert told(planned(people, tmp_path, ("default_role: reader", "default_role: boss"))) == [
        ("lost", "permission read:reports of reports", "is lost", 1, ("ben",)),
        ("lost", "role reader", "is lost", 1, ("ben",)),
        ("gained", "permission see:users of users", "is gained", 1, ("ben",)),
        ("gained", "role boss", "is gained", 1, ("ben",)),
    ]


def test_a_client_that_lets_fewer_in_names_whom_it_shuts_out(people: Database, tmp_path: Path) -> None:
    apis = "    apis: [reports, users]"
    found = planned(people, tmp_path, (apis, f"{apis}\n    allow: {{roles: [boss]}}"))
    assert told(found) == [("lost", "client portal", "can no longer be signed in to", 1, ("ben",))]


def test_a_client_that_lets_more_in_names_them_too(people: Database, tmp_path: Path) -> None:
    found = planned(people, tmp_path, ("    allow: {roles: [editor]}\n", ""))
    assert told(found) == [("gained", "client desk", "can be signed in to", 1, ("ben",))]


def test_a_client_that_goes_takes_what_lives_with_it(people: Database, tmp_path: Path) -> None:
    portal = IN_FORCE[IN_FORCE.index("  - client_id: portal") : IN_FORCE.index("  - client_id: desk")]
    assert told(planned(people, tmp_path, (portal, ""))) == [
        ("lost", "client portal", "is removed; 2 authorizations that live end with it", 2, ())
    ]
    assert told(planned(people, tmp_path, ("client_id: portal", "client_id: portal2"))) == [
        ("lost", "client portal", "is removed; 2 authorizations that live end with it", 2, ()),
        ("gained", "client portal2", "is new", None, ()),
    ]


def test_an_address_that_was_used_and_is_withdrawn_is_named(people: Database, tmp_path: Path) -> None:
    uri = "https://portal.example.com/old"
    withdrawn = f"the redirect URI {uri} is withdrawn and was used by 2 sign-ins that are still kept"
    assert told(planned(people, tmp_path, (f"{uri}, ", ""))) == [("lost", "client portal", withdrawn, None, ())]
    assert told(planned(people, tmp_path, (", https://portal.example.com/new]", "]"))) == []


def test_scopes_and_apis_that_are_withdrawn_say_who_has_them(people: Database, tmp_path: Path) -> None:
    less = "    apis: [users]\n    scopes: [openid, profile, offline_access]"
    found = planned(people, tmp_path, ("    apis: [reports, users]", less))
    assert told(found) == [
        ("lost", "client portal", "the scope email is withdrawn; 2 living authorizations have it", None, ()),
        (
            "lost",
            "client portal",
            "may no longer call the API https://reports.example.com; 2 living authorizations were given for it",
            None,
            (),
        ),
    ]


def test_a_client_that_may_have_less_of_an_api_is_told_of(people: Database, tmp_path: Path) -> None:
    less = "    apis: {reports: [read:reports], users: [see:users]}\n    unasked: none"
    assert told(planned(people, tmp_path, ("    apis: [reports, users]", less))) == [
        ("lost", "client portal", "may no longer have write:reports of reports", None, ()),
        ("lost", "client portal", "gets only the permissions that it names in scope", None, ()),
    ]


def test_another_signature_is_told_of_whether_client_or_api_asks_for_it(people: Database, tmp_path: Path) -> None:
    signed = "    apis: [reports, users]\n    signing_alg: ES256"
    of_api = (
        "    audience: https://users.example.com",
        "    audience: https://users.example.com\n    signing_alg: EdDSA",
    )
    assert told(planned(people, tmp_path, ("    apis: [reports, users]", signed), of_api)) == [
        ("told", "client portal", "its ID tokens are signed with ES256 instead of RS256", None, ()),
        ("told", "client portal", "its access tokens for reports are signed with ES256 instead of RS256", None, ()),
        ("told", "client portal", "its access tokens for users are signed with EdDSA instead of RS256", None, ()),
    ]


def test_a_secret_that_ends_is_lost_where_none_of_the_old_ones_stays(people: Database, tmp_path: Path) -> None:
    assert told(planned(people, tmp_path, ("{env: PORTAL_SECRET}", "{env: NEW_SECRET}"))) == [
        ("lost", "client portal", "1 secret is no longer valid; none that it may know stays", None, ())
    ]
    assert told(planned(people, tmp_path, ("{env: PORTAL_SECRET}", "{env: PORTAL_SECRET}, {env: NEW_SECRET}"))) == []
    # 2027-01-15, by the clock of these tests.
    ending = "{env: PORTAL_SECRET, expires: 2027-01-20}"
    assert told(planned(people, tmp_path, ("{env: PORTAL_SECRET}", ending))) == [
        ("told", "client portal", "its last secret ends in 4 days", None, ())
    ]


def test_a_provider_that_goes_names_who_has_no_other_way_in(people: Database, tmp_path: Path) -> None:
    providers = IN_FORCE[IN_FORCE.index("providers:") :]
    left = "is removed; who has no password and no other provider cannot sign in any more"
    assert told(planned(people, tmp_path, (providers, ""))) == [("lost", "provider github", left, 1, ("ben",))]
    with people.write() as connection:
        ben = users.by_login(connection, "ben")
        assert ben is not None
        users.set_password(connection, ben.sub, "$argon2id$", NOW)
    assert told(planned(people, tmp_path, (providers, ""))) == [
        ("told", "provider github", "is removed; everybody who uses it has another way to sign in", None, ())
    ]


EXPECTED = """\
expect:
  - ana may sign in to desk
  - ben may not sign in to desk
  - ana@example.com in portal has role boss
  - ana has permission write:reports
  - ben in desk has no role reader
"""


def test_expectations_that_hold_say_nothing(people: Database, tmp_path: Path) -> None:
    assert planned(people, tmp_path, ("providers:", f"{EXPECTED}providers:")) == Plan((), ())


def test_each_expectation_that_does_not_hold_says_why(people: Database, tmp_path: Path) -> None:
    wrong = """\
expect:
  - ben may sign in to desk
  - ben in desk has role reader
  - ana has no permission see:users
  - ana in portal has role reader
  - zoe has role reader
  - cy has role editor
  - cy has no role reader
"""
    found = planned(people, tmp_path, ("providers:", f"{wrong}providers:"))
    assert [(each.text, each.why) for each in found.disappointed] == [
        ("ben may sign in to desk", "they may not sign in there"),
        ("ben in desk has role reader", "they may not sign in to desk"),
        ("ana has no permission see:users", "the permissions are read:reports, see:users, write:reports"),
        ("ana in portal has role reader", "the roles are boss, editor"),
        ("zoe has role reader", "nobody is named zoe"),
        ("cy has role editor", "cy is disabled"),
    ]
    begins = changed(("providers:", f"{wrong}providers:")).partition("expect:")[0].count("\n") + 2
    assert [each.line for each in found.disappointed] == list(range(begins, begins + 6))


def test_workloads_that_may_act_as_a_client_come_and_go(people: Database, tmp_path: Path) -> None:
    issuer = "workload_issuers: {ci: {issuer: https://ci.example.com}}\n"
    job = "  - {client_id: job, name: J, type: service, workloads: [{issuer: ci, subject: 'SUBJECT'}]}\nproviders:"
    before, after = (
        loaded(tmp_path, issuer + IN_FORCE.replace("providers:", job.replace("SUBJECT", each))).registry
        for each in ("a", "b")
    )
    with people.read() as connection:
        found = plan(connection, before, after, NOW, fit_of)
    assert told(found) == [
        ("lost", "client job", "a of ci may no longer act as it", None, ()),
        ("gained", "client job", "b of ci may act as it", None, ()),
    ]


@pytest.mark.parametrize(
    ("roles", "whose", "who"),
    [("", "of everybody", ("ana", "ben")), (", roles: [boss]", "of people with the role boss", ("ana",))],
)
def test_a_second_factor_that_will_be_required_names_those_who_have_none(
    people: Database, tmp_path: Path, roles: str, whose: str, who: tuple[str, ...]
) -> None:
    rule = f"second_factor: {{required_from: 2099-03-01{roles}}}\ndefault_role"
    found = planned(people, tmp_path, ("default_role", rule))
    what = f"is required from 2099-03-01 on {whose}; who has none must set one up before they go on"
    assert told(found) == [("lost", "second factor", what, len(who), who)]
    with people.write() as connection:
        for username in who:
            user = users.by_login(connection, username)
            assert user is not None
            assert totp.add(connection, user.sub, "Phone", username, b"sealed", 1, NOW)
    assert [(each.effect, each.people) for each in planned(people, tmp_path, ("default_role", rule)).consequences] == [
        ("told", 0)
    ]


def test_a_second_factor_that_is_required_at_once_and_one_that_is_no_longer(people: Database, tmp_path: Path) -> None:
    rule = "second_factor: {required_from: 2020-01-01}\ndefault_role"
    (found,) = planned(people, tmp_path, ("default_role", rule)).consequences
    assert found.what.startswith("is required now of everybody")
    before, after = loaded(tmp_path, changed(("default_role", rule))), loaded(tmp_path, IN_FORCE)
    with people.read() as connection:
        (gone,) = plan(connection, before.registry, after.registry, NOW, fit_of).consequences
    assert (gone.effect, gone.what) == ("gained", "is no longer required of anybody")
