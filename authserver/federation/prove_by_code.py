"""`/federation/<provider>/prove/code`: the account is proven by six digits that are mailed to its address.

The digits belong to one page of one browser and to one attempt: whose identity is linked cannot be changed in between.
"""

from flask import Response, request, url_for

from authserver import mail
from authserver.events import emit
from authserver.federation.enter import enter_as, owned
from authserver.federation.prove import Proof, load_proof
from authserver.federation.provider import provider_of
from authserver.http import limits
from authserver.http.address import limit_key
from authserver.pages.browser import browser_digest
from authserver.pages.current import current_server
from authserver.pages.errors import stale_page
from authserver.pages.fault import WRONG_CODE, Fault, show, throttled_codes, too_many, too_many_mails
from authserver.pages.redirect import see_page
from authserver.protocol.digest import digest
from authserver.protocol.upstream.fault import UpstreamError
from authserver.signin import begin
from authserver.signin.begin import Begun, Halfway
from authserver.signin.credentials import ThrottledError, count_attempt
from authserver.store import links, signin_failures, users
from authserver.store.links import Link


def prove_by_code(name: str) -> Response:
    """Send the digits, ask for them, or take them: then the identity is linked, and the person signed in."""
    proof = load_proof(provider_of(name))
    if proof is None or proof.user.email is None:
        return stale_page()
    if "send" in request.form:
        return _send(proof, proof.user.email)
    return _page(proof) if request.method == "GET" else _submit(proof)


def _send(proof: Proof, email: str) -> Response:
    server, settings = current_server(), current_server().settings
    key = limit_key(request.environ["authserver.address"])
    wait = limits.hit(server.limiter, settings.mail_limit_address, "prove", key)
    if wait:
        return _page(proof, too_many(wait))
    wait = limits.hit_mail(server.limiter, settings, "prove", proof.user.sub, request.environ["authserver.address"])
    if wait:
        return _page(proof, too_many_mails(wait))
    lifetime = settings.request_lifetime
    with server.database.write() as connection:
        sent = links.make_with_page(
            connection,
            "prove",
            email,
            server.now(),
            lifetime,
            browser=browser_digest(),
            sub=proof.user.sub,
            detail={"attempt": _named(proof)},
        )
        label = proof.provider.label
        context = {"user": proof.user, "provider": label, "code": sent.code, "lifetime": lifetime}
        mail.queue(connection, server, "prove", email, **context)
    return see_page("federation.prove_by_code", name=proof.provider.name, attempt=proof.attempt.state, page=sent.handle)


def _submit(proof: Proof) -> Response:
    server = current_server()
    counted = server.settings.signin_limit_address, "code", limit_key(request.environ["authserver.address"])
    wait = limits.hit(server.limiter, *counted)
    if wait:
        return _page(proof, too_many(wait))
    try:
        begun = _take(proof, count_attempt(server, proof.user))
    except ThrottledError as error:
        return _page(proof, throttled_codes(error.retry_after))
    except UpstreamError as error:
        return proof.attempt.give_up(error)
    if begun is None:
        emit("user:code:failed", sub=proof.user.sub, provider=proof.provider.name)
        return _page(proof, WRONG_CODE)
    limits.give_back(server.limiter, *counted)
    return begin.finish(proof.sign_in.visit, begun)


def _take(proof: Proof, account: bytes) -> Begun | Halfway | None:
    server, handle, typed = current_server(), request.args.get("page", ""), request.form.get("code", "")
    with server.database.write() as connection:
        link = links.spend_code(connection, handle, browser_digest(), typed, server.now())
        user = users.get(connection, proof.user.sub)
        if link is None or user is None or not _is_for(link, proof, user.email):
            return None
        if user.disabled_at is not None:
            raise UpstreamError("disabled")
        if not proof.spend(connection):
            return None
        signin_failures.forget(connection, account)
        return enter_as(connection, proof.sign_in, owned(connection, proof.provider, user), ())


def _is_for(link: Link, proof: Proof, email: str | None) -> bool:
    is_same = link.kind == "prove" and link.detail.get("attempt") == _named(proof)
    return is_same and link.sub == proof.user.sub and link.email == email


def _named(proof: Proof) -> str:
    return digest(proof.attempt.state).hex()


def _page(proof: Proof, fault: Fault | None = None) -> Response:
    name, handle = proof.provider.name, request.args.get("page")
    return show(
        "federation/prove_by_code.html",
        provider=proof.provider,
        person=proof.user,
        is_sent=handle is not None,
        action=url_for("federation.prove_by_code", name=name, attempt=proof.attempt.state, page=handle),
        by_password=url_for("federation.prove", name=name, attempt=proof.attempt.state),
        fault=fault,
    )
