"""Claims that clients.yaml declares: which names and scopes they may have, and what is said about a slip."""

from pathlib import Path

import pytest

from authserver.protocol.registered_claims import REGISTERED
from tests.clients.files import SOUND, faults_of, load_text

GOOD = "department: {scope: employment, sentence: See your department}"


def declaring(*claims: str, client: str = "") -> str:
    """The sound file with these claims on the lines after it, and with a client that has these fields."""
    other = f"  - {{client_id: other, name: O, type: spa, redirect_uris: ['https://a.example/'], {client}}}\n"
    listed = "".join(f"  {claim}\n" for claim in claims)
    return f"{SOUND}{other if client else ''}claims:\n{listed}"


def test_a_claim_and_its_scope_are_known_to_the_clients_that_list_them(tmp_path: Path) -> None:
    fields = "scopes: [openid, employment], claims: {id_token: {person: [email, department]}}"
    registry = load_text(tmp_path, declaring(GOOD, client=fields)).registry
    assert registry.clients["other"].scopes == {"openid", "employment"}
    assert registry.clients["other"].claims.person == {"email", "department"}
    claim = registry.known.own["department"]
    assert (claim.label, claim.type, claim.changed_by) == ("department", "string", "administrator")
    assert "employment" not in registry.clients["portal"].scopes


@pytest.mark.parametrize(
    ("claim", "where", "what"),
    [
        ("birthdate: {scope: own, sentence: See it}", "claims.birthdate", "a standard claim, which needs no entry"),
        ("sub: {scope: own, sentence: See it}", "claims.sub", "a standard claim"),
        ("roles: {scope: own, sentence: See it}", "claims.roles", "a registered claim"),
        ("cnf: {scope: own, sentence: See it}", "claims.cnf", "a registered claim"),
        ("permissions: {scope: own, sentence: See it}", "claims.permissions", "a registered claim"),
        ("birthDate: {scope: own, sentence: See it}", "claims.birthDate", "did you mean birthdate?"),
        ("phone-number: {scope: own, sentence: See it}", "claims.phone-number", "did you mean phone_number?"),
        ("'a b': {scope: own, sentence: See it}", 'claims."a b"', "printable ASCII"),
        ("x: {scope: profile, sentence: See it}", "claims.x.scope", "is a scope of OpenID Connect"),
        ("x: {scope: 'read:reports', sentence: See it}", "claims.x.scope", "is a permission of the API reports"),
        ("x: {scope: 'read:users', sentence: See it}", "claims.x.scope", "is a permission of the API authserver"),
        ("x: {scope: 'admin:all', sentence: See it}", "claims.x.scope", "admin:all stands for every permission"),
        ("x: {scope: 'a b', sentence: See it}", "claims.x.scope", "must be a letter"),
        ("x: {scope: own}", "claims.x.sentence", "is missing"),
        ("x: {sentence: See it}", "claims.x.scope", "is missing"),
        ("x: {scope: own, sentence: See it, type: int}", "claims.x.type", "did you mean integer?"),
        ("x: {scope: own, sentence: See it, changed_by: persons}", "claims.x.changed_by", "did you mean person?"),
        ("x: {scope: own, sentence: See it, sentance: y}", "claims.x.sentance", "did you mean sentence?"),
        ("x: text", "claims.x", "must be a mapping"),
    ],
)
def test_a_slip_in_a_claim_is_named_at_its_place(tmp_path: Path, claim: str, where: str, what: str) -> None:
    (fault,) = faults_of(tmp_path, declaring(claim))
    _, at, said = fault.split(": ", 2)
    assert at == where
    assert what in said


@pytest.mark.parametrize("name", sorted(REGISTERED))
def test_no_registered_claim_can_be_declared(tmp_path: Path, name: str) -> None:
    (fault,) = faults_of(tmp_path, declaring(f"{name!r}: {{scope: own, sentence: See it}}"))
    assert "choose another name" in fault


@pytest.mark.parametrize(
    ("fields", "where", "what"),
    [
        ("scopes: [openid, employmnt]", "clients[1].scopes[1]", "did you mean employment?"),
        ("scopes: [openid, department]", "clients[1].scopes[1]", "no scope is named department"),
        ("claims: {id_token: {person: [departmant]}}", "clients[1].claims.id_token.person[0]", "mean department?"),
        ("claims: {id_token: {person: [email_verified]}}", "clients[1].claims.id_token.person[0]", "comes with email"),
        ("claims: {userinfo: {groups: department}}", "clients[1].claims.userinfo", "a meaning of its own"),
    ],
)
def test_a_client_can_name_only_what_is_declared(tmp_path: Path, fields: str, where: str, what: str) -> None:
    (fault,) = faults_of(tmp_path, declaring(GOOD, client=fields))
    _, at, said = fault.split(": ", 2)
    assert at == where
    assert what in said
