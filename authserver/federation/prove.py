"""`/federation/<provider>/prove`: the account that has the address is proven once, by its password.

Nobody gets into an account for having its address at a provider (pre-hijacking: USENIX Security 2022; nOAuth 2023).
"""

from dataclasses import fields
from typing import Any

from flask import Response, render_template, request, url_for

from authserver.accounts import begin, visit
from authserver.accounts.credentials import Checked, ThrottledError, WrongCredentialsError, check
from authserver.accounts.device import presented_device
from authserver.accounts.fault import Fault, answered, throttled
from authserver.accounts.password import PasswordsBusyError
from authserver.accounts.visit import Visit
from authserver.federation.attempt import Held, unseal
from authserver.federation.back import back_to_sign_in
from authserver.federation.current import provider_of
from authserver.federation.enter import enter_as
from authserver.protocol.provider import Provider
from authserver.protocol.upstream_fault import UpstreamError
from authserver.protocol.vouched import Vouched
from authserver.protocol.words import marked
from authserver.store import federation_attempts, signin_failures, users
from authserver.store.users import User
from authserver.web.browser import browser_digest
from authserver.web.current import current_server
from authserver.web.errors import stale_page

WRONG = marked("The password is not right. It is the one that you chose here, not the one of %(label)s.")


def prove(name: str) -> Response:
    """Ask for the password of the account, or take it: then the identity is linked, and the person signed in."""
    provider, server, state = provider_of(name), current_server(), request.args.get("attempt", "")
    with server.database.read() as connection:
        attempt = federation_attempts.find(connection, state, name, browser_digest(), server.now(), "prove")
        held = unseal(attempt.sealed, server) if attempt else None
        user = users.get(connection, held.sub) if held and held.sub else None
    here = visit.load(held.handle, held.to) if held else None
    if held is None or user is None or here is None:
        return stale_page()
    return _page(provider, user, state, here) if request.method == "GET" else _submit(provider, held, user, here, state)


def _submit(provider: Provider, held: Held, user: User, here: Visit, state: str) -> Response:
    try:
        address = request.environ["authserver.address"]
        checked = check(current_server(), user.username, request.form.get("password", ""), address, presented_device())
        return _linked(provider, held, here, state, checked)
    except WrongCredentialsError:
        return _page(provider, user, state, here, Fault(WRONG, values={"label": provider.label}))
    except ThrottledError as error:
        return _page(provider, user, state, here, throttled(error.retry_after))
    except PasswordsBusyError as error:
        return _page(provider, user, state, here, Fault(str(error), 503, error.retry_after))
    except UpstreamError as error:
        return back_to_sign_in(provider, held, error)


def _linked(provider: Provider, held: Held, here: Visit, state: str, checked: Checked) -> Response:
    server, user = current_server(), checked.user
    with server.database.write() as connection:
        spent = federation_attempts.spend(connection, state, provider.name, browser_digest(), server.now(), "prove")
        if spent is None or user.sub != held.sub:
            return stale_page()
        if not users.confirm(connection, user.sub, checked.password_hash):
            raise WrongCredentialsError
        signin_failures.forget(connection, checked.account)
        begun = enter_as(connection, provider, here, user, _vouched(held.vouched or {}), held.tokens or {})
    return begin.finish(here, begun)


def _vouched(said: dict[str, Any]) -> Vouched:
    known = {each.name: said[each.name] for each in fields(Vouched) if each.name in said}
    return Vouched(**known | {"amr": tuple(known["amr"]), "roles": frozenset(known["roles"])})


def _page(provider: Provider, user: User, state: str, here: Visit, fault: Fault | None = None) -> Response:
    handle = here.waiting.handle if here.waiting else None
    page = render_template(
        "federation/prove.html",
        provider=provider,
        person=user,
        client=here.waiting.client if here.waiting else None,
        action=url_for("federation.prove", name=provider.name, attempt=state),
        forgot=url_for("accounts.forgot", request=handle),
        another=url_for("accounts.sign_in", request=handle, to=here.to, another=1),
        fault=fault,
    )
    return answered(page, fault)
