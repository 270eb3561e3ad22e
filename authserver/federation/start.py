"""`/federation/<provider>/start`: send the browser to a provider, bound to this browser and to come back once.

OpenID Connect Core §3.1.2.1; RFC 7636; RFC 9700 §4.7. https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest
"""

import json
import secrets
from dataclasses import replace
from typing import Any

from flask import Response, abort, request

from authserver.federation import github
from authserver.federation.attempt import Attempt, Details, Freshness, new_attempt
from authserver.federation.provider import provider_of, upstream_of
from authserver.http import limits
from authserver.http.address import limit_key
from authserver.pages.current import current_server
from authserver.pages.errors import crowded_page, stale_page
from authserver.pages.fault import show
from authserver.pages.language import gettext
from authserver.protocol.provider import Provider
from authserver.protocol.upstream.fault import UpstreamError
from authserver.signin.own_pages import own_page
from authserver.signin.visit import Visit, load_visit


def start(name: str) -> Response:
    """Begin to sign in. By GET only where the client or the request's hints choose this provider."""
    provider, handle = provider_of(name), request.args.get("request")
    visit = load_visit(handle, request.args.get("to"))
    if visit is None:
        return stale_page()
    fixed = visit.waiting.client.provider if visit.waiting else None
    if fixed not in {None, name} or (request.method == "GET" and visit.chosen_provider != provider):
        abort(404)
    server, key = current_server(), limit_key(request.environ["authserver.address"])
    wait = 0 if visit.session else limits.hit(server.limiter, server.settings.request_limit, "federation", key)
    if wait:
        return crowded_page(wait)
    attempt = new_attempt(provider, "sign_in", Details(handle=handle, to=visit.to, demand=_freshness(visit)))
    try:
        return send(attempt, _login_hint(visit))
    except UpstreamError as error:
        return attempt.give_up(error)


def send(attempt: Attempt, login_hint: str | None = None) -> Response:
    """Keep an attempt and answer with the page that leads to the provider. Raises UpstreamError."""
    provider, upstream = attempt.provider, upstream_of(attempt.provider)
    details = replace(attempt.details, verifier=secrets.token_urlsafe(48), nonce=secrets.token_urlsafe(24))
    if provider.kind == "github":
        endpoint, extra = upstream.metadata()["authorization_endpoint"], github.parameters(login_hint)
    else:
        with upstream.called():
            endpoint = upstream.metadata()["authorization_endpoint"]
        extra = _parameters(provider, details.demand, login_hint) | {"nonce": details.nonce}
    with upstream.client(redirect_uri=callback_uri(provider)) as client:
        url, _ = client.create_authorization_url(endpoint, state=attempt.state, code_verifier=details.verifier, **extra)
    replace(attempt, details=details).keep()
    return onward(provider, url, gettext("Continue to %(client)s", client=provider.label))


def onward(provider: Provider, url: str, heading: str) -> Response:
    """A page that leads on by itself. A redirect would not do: browsers hold `form-action` against all that follow
    a form, and where a provider leads on to is not known here."""
    response = show("federation/onward.html", provider=provider, url=url, heading=heading)
    response.headers["Refresh"] = f"0; url={url}"
    return response


def callback_uri(provider: Provider) -> str:
    """Where the provider sends the browser back to, to be registered there."""
    return f"{current_server().settings.issuer}/federation/{provider.name}/callback"


def _freshness(visit: Visit) -> Freshness | None:
    if visit.waiting is not None:
        asked = visit.waiting.request
        anew = "login" in asked.prompt
        return Freshness(asked.max_age, anew) if anew or asked.max_age is not None else None
    if (page := own_page(visit.to)) is not None and page.fresh:
        return Freshness(current_server().settings.fresh_authentication)
    return None


def _parameters(provider: Provider, freshness: Freshness | None, login_hint: str | None) -> dict[str, Any]:
    parameters: dict[str, Any] = {}
    prompts = {provider.prompt} if provider.prompt else set()
    if freshness is not None:
        # Google knows no prompt=login, but says when the person signed in.
        prompts |= {"select_account" if provider.preset == "google" else "login"} if freshness.anew else set()
        # Core §3.1.2.1: with max_age the answer must say when the person signed in.
        parameters["max_age"] = 0 if freshness.anew else freshness.max_age
        if provider.preset == "google":
            parameters["claims"] = json.dumps({"id_token": {"auth_time": {"essential": True}}})
    if prompts:
        parameters["prompt"] = " ".join(sorted(prompts))
    if login_hint:
        parameters["login_hint"] = login_hint
    if provider.hd:
        parameters["hd"] = provider.hd
    return parameters


def _login_hint(visit: Visit) -> str | None:
    if visit.is_confirming and visit.person is not None:
        return visit.person.email
    return visit.waiting.request.login_hint if visit.waiting else None
