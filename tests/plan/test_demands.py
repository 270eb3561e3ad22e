"""What a changed clients.yaml asks of software, and whom a provider shuts out, worked out against either database."""

from pathlib import Path

from sqlalchemy import insert, update

from authserver.clients.registration.fit import fit_of
from authserver.plan.plan import plan
from authserver.store import users
from authserver.store.database import Database
from authserver.store.factors.tables import passkeys
from authserver.store.tables import identities as identities_table
from authserver.store.tables import user_roles
from tests.plan.files import IN_FORCE, NOW, changed, loaded
from tests.plan.test_plan import people, planned, told

__all__ = ["people"]


def test_what_a_clients_software_must_newly_do_is_told(people: Database, tmp_path: Path) -> None:
    apis = "    apis: [reports, users]"
    more = (
        "    require_pushed_authorization_requests: true\n    dpop_bound_access_tokens: true\n"
        "    subject_type: pairwise\n    claims: {access_token: {roles: groups_of_old}}"
    )
    assert told(planned(people, tmp_path, (apis, f"{apis}\n{more}"))) == [
        ("lost", "client portal", "must push its requests from now on (PAR); others are refused", None, ()),
        (
            "lost",
            "client portal",
            "must prove a key from now on (DPoP); requests without a proof are refused",
            None,
            (),
        ),
        ("lost", "client portal", "knows everybody by another sub from now on, as if they were new there", None, ()),
        ("told", "client portal", "gets claims under other names, or in other places", None, ()),
    ]


def test_an_api_that_goes_or_is_called_otherwise_is_told(people: Database, tmp_path: Path) -> None:
    (lost,) = told(planned(people, tmp_path, ("https://users.example.com", "https://people.example.com")))
    assert lost[:3] == (
        "lost",
        "API users",
        "has the audience https://people.example.com instead of https://users.example.com; tokens, and clients that "
        "name it, must follow",
    )
    users_api = "  users:\n    audience: https://users.example.com\n    permissions: {see:users: See}\n"
    found = told(
        planned(people, tmp_path, (users_api, ""), ("apis: [reports, users]", "apis: [reports]"), ("[see:users]", "[]"))
    )
    assert ("lost", "API users", "is removed; no token is issued for it any more", None, ()) in found


def test_a_client_that_one_provider_alone_opens_names_who_has_not_linked_it(people: Database, tmp_path: Path) -> None:
    apis = "    apis: [reports, users]"
    (lost,) = told(planned(people, tmp_path, (apis, f"{apis}\n    provider: github")))
    what = "lets people in by the provider github alone; who has not linked it cannot sign in any more"
    assert lost == ("lost", "client portal", what, 1, ("ana",))


def test_who_has_a_passkey_can_sign_in_without_the_provider(people: Database, tmp_path: Path) -> None:
    providers = IN_FORCE[IN_FORCE.index("providers:") :]
    with people.write() as connection:
        ben = users.by_login(connection, "ben")
        assert ben is not None
        row = {"id": "k", "sub": ben.sub, "name": "Phone", "credential_id": "c", "public_key": "p", "sign_count": 0}
        more = {"aaguid": "", "transports": "", "is_synced": False, "is_backed_up": False, "created_at": NOW}
        connection.execute(insert(passkeys), row | more)
    assert [each[0] for each in told(planned(people, tmp_path, (providers, "")))] == ["told"]


def test_a_provider_that_lets_in_fewer_domains_names_whom_it_shuts_out(people: Database, tmp_path: Path) -> None:
    with people.write() as connection:
        connection.execute(update(identities_table).values(email="ben@Example.org"))
    github = "{preset: github, client_id: x, secret: {env: GITHUB_SECRET}"
    (lost,) = told(planned(people, tmp_path, (github, f"{github}, allowed_domains: [example.com]")))
    what = "lets in example.com alone; who has another address there cannot sign in any more"
    assert lost == ("lost", "provider github", what, 1, ("ben",))
    assert told(planned(people, tmp_path, (github, f"{github}, allowed_domains: [example.org]"))) == []


def test_a_provider_that_gives_a_role_no_more_names_who_has_it_that_way(people: Database, tmp_path: Path) -> None:
    github = "{preset: github, client_id: x, secret: {env: GITHUB_SECRET}"
    giving = changed((github, f"{github}, roles: {{orgs: {{acme: editor}}}}"))
    with people.write() as connection:
        ben = users.by_login(connection, "ben")
        assert ben is not None
        row = {"sub": ben.sub, "role": "editor", "source": "provider:github", "expires_at": NOW + 60}
        connection.execute(insert(user_roles), row)
    before, after = loaded(tmp_path, giving), loaded(tmp_path, IN_FORCE)
    with people.read() as connection:
        found = plan(connection, before.registry, after.registry, NOW + 1, fit_of, with_names=True)
    what = "no longer gives the role editor; who has it that way loses it at the next sign-in"
    assert told(found) == [("lost", "provider github", what, 1, ("ben",))]
