"""Back from a provider without anybody signed in: the page that was left, with a sentence, its request alive."""

import structlog
from flask import Response

from authserver.events import emit
from authserver.federation.attempt import Held
from authserver.pages.redirect import see_page
from authserver.protocol.provider import Provider
from authserver.protocol.upstream.fault import UpstreamError

_log = structlog.get_logger("authserver")


def back_to_sign_in(provider: Provider, held: Held, error: UpstreamError) -> Response:
    """The sign-in page under the same handle."""
    report(provider, error)
    return see_page("accounts.sign_in", request=held.handle, to=held.to, via=provider.name, fault=error.fault)


def back_to_account(provider: Provider, error: UpstreamError) -> Response:
    """The page of linked sign-ins."""
    report(provider, error)
    return see_page("federation.linked", via=provider.name, fault=error.fault)


def report(provider: Provider, error: UpstreamError) -> None:
    """Say in the log and to auditors what went wrong; what the provider said is cut short and quoted."""
    _log.warning("federation:refused", provider=provider.name, fault=error.fault, detail=error.detail)
    emit("user:login:refused", provider=provider.name, reason=error.fault)
