"""The sign-in page as a browser gets it: the cookie as it is really set, and the headers that protect it.

OWASP ASVS 3.3 (cookies), 3.4 (headers); RFC 6265bis §4.1.3 (prefixes).
"""

from requests import Response

from authserver.doctor.diagnosis import Diagnoses, fault, ok, warning
from authserver.doctor.site import Site, Unreachable

PATH = "/sign-in"
_HEADERS = ("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy")


def pages(site: Site, *, is_loopback: bool) -> Diagnoses:
    """What the proxy makes of a page."""
    url = f"{site.base}{PATH}"
    try:
        response = site.get(url)
    except Unreachable as error:
        yield fault(
            "pages", f"{url} cannot be read: {error}", "have the proxy lead every path below the issuer to the server"
        )
        return
    if response.status_code != 200:
        yield fault(
            "pages",
            f"{url} is answered with {response.status_code}",
            "have the proxy pass Host on, or set X-Forwarded-Host; the log has http:opened_elsewhere if that is it",
        )
        return
    yield ok("pages", f"{url} answers")
    yield from _cookie(response, is_loopback=is_loopback)
    needed = _HEADERS if is_loopback else (*_HEADERS, "Strict-Transport-Security")
    missing = [name for name in needed if name not in response.headers]
    if missing:
        yield warning("pages", f"these headers do not arrive: {', '.join(missing)}", "have the proxy pass them on")


def _cookie(response: Response, *, is_loopback: bool) -> Diagnoses:
    name = "authserver_browser" if is_loopback else "__Host-authserver_browser"
    # One header a cookie; requests would join them by commas, which dates have, too.
    headers = response.raw.headers.getlist("Set-Cookie") if response.raw is not None else []
    ours = next((each for each in headers if each.startswith(f"{name}=")), None)
    if ours is None:
        yield fault(
            "cookies", f"the cookie {name} is not set", "have the proxy pass Set-Cookie on with its name unchanged"
        )
        return
    attributes = {part.strip().lower() for part in ours.split(";")[1:]}
    wanted = {"httponly", "samesite=lax", "path=/"} | (set() if is_loopback else {"secure"})
    if lost := wanted - attributes:
        yield fault(
            "cookies",
            f"the cookie {name} has lost {', '.join(sorted(lost))}",
            "have the proxy leave Set-Cookie as it is",
        )
    elif any(each.startswith("domain=") for each in attributes) and not is_loopback:
        yield fault(
            "cookies",
            f"the cookie {name} has got a Domain, so browsers refuse it",
            "have the proxy leave Set-Cookie as it is",
        )
    else:
        yield ok("cookies", f"the cookie {name} arrives as it was set")
