"""Whether clients and APIs can find this server: metadata at the issuer and path-inserted, the JWKS, CORS, caching.

OpenID Connect Discovery §4; RFC 8414 §3.1. https://www.rfc-editor.org/rfc/rfc8414#section-3.1
"""

from typing import Any
from urllib.parse import urlsplit

from requests import Response

from authserver.doctor.diagnosis import Diagnoses, Diagnosis, fault, ok, warning
from authserver.doctor.site import Site, Unreachable

OPENID, OAUTH = "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"
# Of a site that nobody registers, to see what is allowed for all.
STRANGER = "https://doctor.invalid"


def issuer(site: Site) -> Diagnoses:
    """The metadata, where a client looks for it."""
    url = f"{site.base}{OPENID}"
    try:
        document = _document(site, url)
    except Unreachable as error:
        advice = (
            "renew the certificate, or serve the whole chain"
            if error.is_tls
            else "start the server, or mend DNS, firewall, or proxy"
        )
        yield fault("issuer", f"{url} cannot be read: {error}", advice)
        return
    if document.get("issuer") != site.base:
        yield fault(
            "issuer",
            f"{url} names the issuer {str(document.get('issuer'))[:200]}",
            f"set AUTHSERVER_ISSUER to {site.base} where it runs",
        )
        return
    yield ok("issuer", f"{url} answers and names the issuer")
    yield from _path_inserted(site)
    yield from _jwks(site, str(document.get("jwks_uri")))


def _path_inserted(site: Site) -> Diagnoses:
    parts = urlsplit(site.base)
    if not parts.path:
        return
    for name in (OPENID, OAUTH):
        url = f"{parts.scheme}://{parts.netloc}{name}{parts.path}"
        try:
            found = _document(site, url).get("issuer")
        except Unreachable as error:
            found = str(error)
        if found == site.base:
            yield ok("metadata", f"{url} answers")
        else:
            yield warning(
                "metadata",
                f"{url} does not give the metadata",
                f"have the proxy lead {name}{parts.path} to this server: RFC 8414 clients look there",
            )


def _jwks(site: Site, url: str) -> Diagnoses:
    try:
        first = _fetched(site, url)
    except Unreachable as error:
        yield fault(
            "jwks",
            f"{url} cannot be read: {error}",
            "no API can check a token: have the proxy lead this path to the server",
        )
        return
    yield _keys(url, first)
    if "max-age" not in first.headers.get("Cache-Control", ""):
        yield warning(
            "jwks",
            "its Cache-Control does not arrive",
            "have the proxy pass Cache-Control on, or APIs ask for each token",
        )
    if first.headers.get("Access-Control-Allow-Origin") != "*":
        yield warning(
            "jwks", "applications in a browser cannot read it", "have the proxy pass Access-Control-Allow-Origin on"
        )
    yield from _revalidated(site, url, first)


def _keys(url: str, response: Response) -> Diagnosis:
    try:
        keys = [each for each in response.json()["keys"] if "kid" in each]
    except (ValueError, KeyError, TypeError):
        keys = []
    if not keys:
        return fault("jwks", f"{url} has no keys", "see whether another server answers there")
    return ok("jwks", f"{url} has {len(keys)} {'key' if len(keys) == 1 else 'keys'}")


def _revalidated(site: Site, url: str, first: Response) -> Diagnoses:
    tag = first.headers.get("ETag")
    if tag is None:
        yield warning(
            "jwks", "its ETag does not arrive", "have the proxy pass ETag on; compression at the proxy may take it away"
        )
        return
    try:
        again = site.get(url, {"If-None-Match": tag})
    except Unreachable as error:
        yield warning("jwks", f"a second request fails: {error}", "look into the proxy's log")
        return
    if again.status_code not in {200, 304}:
        yield warning(
            "jwks", f"If-None-Match is answered with {again.status_code}", "look into the proxy's configuration"
        )


def _document(site: Site, url: str) -> dict[str, Any]:
    try:
        found = _fetched(site, url).json()
    except ValueError:
        raise Unreachable("what answers there is no JSON") from None
    if not isinstance(found, dict):
        raise Unreachable("what answers there is no JSON object")
    return found


def _fetched(site: Site, url: str) -> Response:
    response = site.get(url, {"Accept": "application/json", "Origin": STRANGER})
    if response.status_code != 200:
        raise Unreachable(f"status {response.status_code}")
    return response
