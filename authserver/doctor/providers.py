"""Whether each provider upstream can be reached, and knows this server by the redirect URI that it will use."""

from collections.abc import Iterable
from urllib.parse import urlencode

from authserver.doctor.diagnosis import Diagnoses, fault, ok, warning
from authserver.doctor.outside import OPENID
from authserver.doctor.site import Site, Unreachable
from authserver.protocol.provider import Provider
from authserver.protocol.request.pkce import EXAMPLE


def providers(issuer: str, declared: Iterable[Provider]) -> Diagnoses:
    """Discovery of each, and what its authorization endpoint says to a request of ours."""
    for provider in declared:
        with Site(provider.issuer.rstrip("/")) as site:
            yield from _provider(site, issuer, provider)


def _provider(site: Site, issuer: str, provider: Provider) -> Diagnoses:
    part = f"provider {provider.name}"
    redirect_uri = f"{issuer}/federation/{provider.name}/callback"
    if provider.kind == "github":
        yield ok(part, f"GitHub publishes no metadata; its callback URL must be {redirect_uri}")
        return
    url = f"{site.base}{OPENID}"
    try:
        document = site.get(url).json()
    except Unreachable as error:
        yield fault(
            part, f"{url} cannot be read: {error}", "mend DNS, firewall, or HTTPS_PROXY, or the issuer in clients.yaml"
        )
        return
    except ValueError:
        document = None
    if not isinstance(document, dict) or document.get("issuer") != provider.issuer:
        yield fault(part, f"{url} is not the metadata of {provider.issuer}", "mend the issuer in clients.yaml")
        return
    yield from _asked(site, part, str(document.get("authorization_endpoint")), provider, redirect_uri)


def _asked(site: Site, part: str, endpoint: str, provider: Provider, redirect_uri: str) -> Diagnoses:
    asked = urlencode(
        {
            "client_id": provider.client_id,
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "scope": "openid",
            "state": "doctor",
            "nonce": "doctor",
            "code_challenge": EXAMPLE,
            "code_challenge_method": "S256",
        }
    )
    try:
        status = site.get(f"{endpoint}{'&' if '?' in endpoint else '?'}{asked}").status_code
    except Unreachable as error:
        if not error.is_redirect:
            advice = "mend DNS, firewall, or HTTPS_PROXY; if it is down, people cannot sign in by it until it is back"
            yield fault(part, f"its authorization endpoint, {endpoint[:200]}, cannot be reached: {error}", advice)
            return
        # As a rule to its sign-in page: it took the request.
        status = 302
    if status >= 400:
        yield warning(
            part,
            f"it answers a sign-in with {status}",
            f"register the redirect URI {redirect_uri} there, and compare client_id",
        )
    else:
        yield ok(part, f"it answers; the redirect URI there must be {redirect_uri}")
