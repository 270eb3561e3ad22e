"""`/federation/<provider>/prove`: the account that has the address is proven once, here by its password.

Nobody gets into an account for having its address at a provider (pre-hijacking: USENIX Security 2022; nOAuth 2023).
"""

from dataclasses import dataclass, fields
from typing import Any

from flask import Response, request, url_for

from authserver.federation.attempt import Attempt, UpstreamSignIn, find_attempt, spend_attempt
from authserver.federation.enter import enter_as
from authserver.federation.provider import provider_of
from authserver.pages.current import current_server
from authserver.pages.errors import stale_page
from authserver.pages.fault import Fault, show, throttled
from authserver.protocol.provider import Provider
from authserver.protocol.upstream.fault import UpstreamError
from authserver.protocol.upstream.vouched import Vouched
from authserver.protocol.words import marked
from authserver.signin import begin
from authserver.signin.credentials import Checked, ThrottledError, WrongCredentialsError, check
from authserver.signin.device import presented_device
from authserver.signin.password import PasswordsBusyError
from authserver.signin.visit import load_visit
from authserver.store import Connection, signin_failures, users
from authserver.store.users import User

WRONG = marked("That password is wrong. Enter the one you chose here, not the one you use at %(label)s.")


@dataclass(frozen=True, slots=True)
class Proof:
    """A sign-in that waits for a proof, and the account that is to be proven."""

    sign_in: UpstreamSignIn
    user: User

    @property
    def attempt(self) -> Attempt:
        """The attempt that is spent with the proof."""
        return self.sign_in.attempt

    @property
    def provider(self) -> Provider:
        """Who vouches for the identity."""
        return self.sign_in.provider

    def spend(self, connection: Connection) -> bool:
        """Spend the attempt, once, in the transaction that links; False where it was spent before."""
        return spend_attempt(connection, self.provider, self.attempt.state, "prove") is not None


def load_proof(provider: Provider) -> Proof | None:
    """The proof that `?attempt=` names; None where it is not of this browser, is over, or the account is gone."""
    with current_server().database.read() as connection:
        attempt = find_attempt(connection, provider, request.args.get("attempt", ""), "prove")
        user = users.get(connection, attempt.details.sub) if attempt and attempt.details.sub else None
    visit = load_visit(attempt.details.handle, attempt.details.to) if attempt else None
    if attempt is None or user is None or visit is None:
        return None
    person, tokens = _restored(attempt.details.vouched or {}), attempt.details.tokens or {}
    return Proof(UpstreamSignIn(attempt, visit, person, tokens), user)


def _restored(said: dict[str, Any]) -> Vouched:
    known = {each.name: said[each.name] for each in fields(Vouched) if each.name in said}
    return Vouched(**known | {"amr": tuple(known["amr"]), "roles": frozenset(known["roles"])})


def prove(name: str) -> Response:
    """Ask for the password of the account, or take it: then the identity is linked, and the person signed in."""
    proof = load_proof(provider_of(name))
    if proof is None:
        return stale_page()
    return _page(proof) if request.method == "GET" else _submit(proof)


def _submit(proof: Proof) -> Response:
    try:
        address, password = request.environ["authserver.address"], request.form.get("password", "")
        return _linked(proof, check(current_server(), proof.user.username, password, address, presented_device()))
    except WrongCredentialsError:
        return _page(proof, Fault(WRONG, values={"label": proof.provider.label}))
    except ThrottledError as error:
        return _page(proof, throttled(error.retry_after))
    except PasswordsBusyError as error:
        return _page(proof, error.fault)
    except UpstreamError as error:
        return proof.attempt.give_up(error)


def _linked(proof: Proof, checked: Checked) -> Response:
    with current_server().database.write() as connection:
        if checked.user.sub != proof.user.sub or not proof.spend(connection):
            return stale_page()
        if not users.confirm(connection, checked.user.sub, checked.password_hash):
            raise WrongCredentialsError
        signin_failures.forget(connection, checked.account)
        begun = enter_as(connection, proof.sign_in, checked.user, ("pwd",))
    return begin.finish(proof.sign_in.visit, begun)


def _page(proof: Proof, fault: Fault | None = None) -> Response:
    waiting, name = proof.sign_in.visit.waiting, proof.provider.name
    handle = waiting.handle if waiting else None
    return show(
        "federation/prove.html",
        provider=proof.provider,
        person=proof.user,
        client=waiting.client if waiting else None,
        action=url_for("federation.prove", name=name, attempt=proof.attempt.state),
        by_code=url_for("federation.prove_by_code", name=name, attempt=proof.attempt.state),
        another=url_for("accounts.sign_in", request=handle, to=proof.sign_in.visit.to, another=1),
        fault=fault,
    )
