"""`/federation/<provider>/prove`: the account that has the address is proven once, here by its password.

Nobody gets into an account for having its address at a provider (pre-hijacking: USENIX Security 2022; nOAuth 2023).
"""

from flask import Response, render_template, request, url_for

from authserver.federation.back import back_to_sign_in
from authserver.federation.current import provider_of
from authserver.federation.proof import waiting as proofs
from authserver.federation.proof.waiting import Proof
from authserver.pages.current import current_server
from authserver.pages.errors import stale_page
from authserver.pages.fault import Fault, answered, throttled
from authserver.protocol.upstream.fault import UpstreamError
from authserver.protocol.words import marked
from authserver.signin import begin
from authserver.signin.credentials import Checked, ThrottledError, WrongCredentialsError, check
from authserver.signin.device import presented_device
from authserver.signin.password import PasswordsBusyError
from authserver.store import signin_failures, users

WRONG = marked("That password is wrong. Enter the one you chose here, not the one you use at %(label)s.")


def prove(name: str) -> Response:
    """Ask for the password of the account, or take it: then the identity is linked, and the person signed in."""
    proof = proofs.load(provider_of(name))
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
        return back_to_sign_in(proof.provider, proof.held, error)


def _linked(proof: Proof, checked: Checked) -> Response:
    with current_server().database.write() as connection:
        if checked.user.sub != proof.held.sub or not proofs.spend(connection, proof):
            return stale_page()
        if not users.confirm(connection, checked.user.sub, checked.password_hash):
            raise WrongCredentialsError
        signin_failures.forget(connection, checked.account)
        begun = proofs.enter(connection, proof, checked.user)
    return begin.finish(proof.visit, begun)


def _page(proof: Proof, fault: Fault | None = None) -> Response:
    waiting, name = proof.visit.waiting, proof.provider.name
    handle = waiting.handle if waiting else None
    page = render_template(
        "federation/prove.html",
        provider=proof.provider,
        person=proof.user,
        client=waiting.client if waiting else None,
        action=url_for("federation.prove", name=name, attempt=proof.state),
        by_code=url_for("federation.prove_by_code", name=name, attempt=proof.state),
        another=url_for("accounts.sign_in", request=handle, to=proof.visit.to, another=1),
        fault=fault,
    )
    return answered(page, fault)
