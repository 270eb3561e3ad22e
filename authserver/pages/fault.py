"""Why a form was not taken, in words, with the status and the time to wait that go with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Response, make_response, render_template, request

from authserver.pages.language import duration, gettext
from authserver.protocol.provider import Provider
from authserver.protocol.upstream import fault as upstream_fault


@dataclass(frozen=True, slots=True)
class Fault:
    """What a page says above its form; `retry_after` is in seconds, `values` stand in the message as `%(name)s`."""

    message: str
    status: int = 400
    retry_after: int | None = None
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The message in the language of the page."""
        return gettext(self.message, **self.values)


WEAK_PASSWORD = Fault("Choose a different password. What it still needs is listed below.")
WRONG_CODE = Fault("That code is wrong, or there were too many attempts. Check it, or have a new one sent.")


def throttled(seconds: int) -> Fault:
    """Too many passwords were tried, be this one right or wrong."""
    return Fault(
        "There were too many attempts. Try again in %(duration)s. Until then, even the right password won’t work.",
        429,
        seconds,
        {"duration": duration(seconds)},
    )


def throttled_codes(seconds: int) -> Fault:
    """Too many codes or passwords of this account were tried."""
    return Fault(
        "There were too many attempts. Try again in %(duration)s. Until then, even the right code won’t work.",
        429,
        seconds,
        {"duration": duration(seconds)},
    )


def too_many(seconds: int) -> Fault:
    """Too much was asked for from this address."""
    return Fault(
        "There were too many requests from here. Try again in %(duration)s.",
        429,
        seconds,
        {"duration": duration(seconds)},
    )


def too_many_mails(seconds: int) -> Fault:
    """Too many mails were asked for to one recipient, by whomever. It is said whether or not there is an account."""
    return Fault(
        "Too many emails were requested, so none was sent this time. "
        "Try again in %(duration)s, or ask your administrator.",
        429,
        seconds,
        {"duration": duration(seconds)},
    )


def no_address(fault: str) -> Fault:
    """What was typed is no email address; `fault` says why."""
    return Fault("That isn’t a valid address: %(fault)s.", values={"fault": gettext(fault)})


def upstream_refusal(providers: Mapping[str, Provider]) -> Fault | None:
    """What went wrong at a provider: a browser that comes back from one brings it in the query."""
    fault = request.args.get("fault")
    if fault is None:
        return None
    provider = providers.get(request.args.get("via", ""))
    label = provider.label if provider else gettext("the provider")
    return Fault(upstream_fault.sentence(fault), 200, values={"label": label})


def show(template: str, *, fault: Fault | None = None, status: int = 200, **context: Any) -> Response:
    """The page of a template, with the status of its fault: what answers a person, unless that sends them on."""
    page = render_template(template, fault=fault, **context)
    response = make_response(page, fault.status if fault else status)
    if fault and fault.retry_after:
        response.headers["Retry-After"] = str(fault.retry_after)
    return response
