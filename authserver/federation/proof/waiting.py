"""What waits for a proof: an identity of a provider whose address an account here has."""

from dataclasses import dataclass, fields
from typing import Any

from flask import request
from sqlalchemy import Connection

from authserver.federation.attempt import Held, unseal
from authserver.federation.enter import enter_as
from authserver.pages.browser import browser_digest
from authserver.pages.current import current_server
from authserver.protocol.provider import Provider
from authserver.protocol.upstream.vouched import Vouched
from authserver.signin import begin
from authserver.signin.visit import Visit, load_visit
from authserver.store import users
from authserver.store.upstream import federation_attempts
from authserver.store.users import User


@dataclass(frozen=True, slots=True)
class Proof:
    """The attempt under its state, the account that is to be proven, and where the person goes then."""

    provider: Provider
    state: str
    held: Held
    user: User
    visit: Visit


def load(provider: Provider) -> Proof | None:
    """The proof that `?attempt=` names; None where it is not of this browser, is over, or the account is gone."""
    server, state = current_server(), request.args.get("attempt", "")
    with server.database.read() as connection:
        attempt = federation_attempts.find(connection, state, provider.name, browser_digest(), server.now(), "prove")
        held = unseal(attempt.sealed, server) if attempt else None
        user = users.get(connection, held.sub) if held and held.sub else None
    visit = load_visit(held.handle, held.to) if held else None
    if held is None or user is None or visit is None:
        return None
    return Proof(provider, state, held, user, visit)


def spend(connection: Connection, proof: Proof) -> bool:
    """Spend the attempt, once, in the transaction that links; False where it was spent before."""
    now = current_server().now()
    spent = federation_attempts.spend(connection, proof.state, proof.provider.name, browser_digest(), now, "prove")
    return spent is not None


def enter(connection: Connection, proof: Proof, proven: User) -> begin.Begun:
    """Link and sign in. Raises UpstreamError where the identity signs in somebody else by now."""
    person = _vouched(proof.held.vouched or {})
    return enter_as(connection, proof.provider, proof.visit, proven, person, proof.held.tokens or {})


def _vouched(said: dict[str, Any]) -> Vouched:
    known = {each.name: said[each.name] for each in fields(Vouched) if each.name in said}
    return Vouched(**known | {"amr": tuple(known["amr"]), "roles": frozenset(known["roles"])})
