"""What a proxy spoils is seen from outside: metadata, JWKS, caching, CORS, cookies, headers."""

import pytest

from authserver.doctor.machine import clock_of_site
from authserver.doctor.outside import issuer
from authserver.doctor.pages import pages
from authserver.doctor.site import Site
from tests.doctor.conftest import PATH, told
from tests.doctor.proxy import Mischief
from tests.ports import free_port

METADATA = "/.well-known/openid-configuration"


def test_behind_a_proxy_that_does_its_work_all_is_well(site: Site, mischief: Mischief) -> None:
    assert told(issuer(site)) == told(pages(site, is_loopback=True)) == told(clock_of_site(site)) == []


def test_a_server_that_is_not_there(mischief: Mischief) -> None:
    with Site(f"http://127.0.0.1:{free_port()}") as nobody:
        ((level, part, found),) = told(issuer(nobody))
        assert (level, part, "refused" in found) == ("fault", "issuer", True)
        assert [each[:2] for each in told(pages(nobody, is_loopback=True))] == [("fault", "pages")]


def test_why_nobody_answers_is_told_without_the_names_of_a_library(mischief: Mischief) -> None:
    base = f"http://127.0.0.1:{free_port()}"
    with Site(base) as nobody:
        assert told(issuer(nobody)) == [
            ("fault", "issuer", f"{base}{METADATA} cannot be read: the connection failed: Connection refused")
        ]
    with Site("https://nobody.invalid") as nobody:
        ((_, _, found),) = told(issuer(nobody))
        assert found.startswith(f"https://nobody.invalid{METADATA} cannot be read: the host name cannot be resolved: ")


def test_another_issuer_than_the_one_that_is_called(site: Site, mischief: Mischief) -> None:
    mischief.replaced[site.base] = "https://other.example.com"
    assert told(issuer(site)) == [
        ("fault", "issuer", f"{site.base}{METADATA} names the issuer https://other.example.com")
    ]


@pytest.mark.parametrize("status", [301, 404, 502])
def test_metadata_that_the_proxy_does_not_lead_to_the_server(site: Site, mischief: Mischief, status: int) -> None:
    mischief.answers[f"{PATH}{METADATA}"] = status
    ((level, _, found),) = told(issuer(site))
    assert (level, "cannot be read" in found) == ("fault", True)


def test_path_inserted_metadata_that_the_proxy_does_not_lead_to_the_server(site: Site, mischief: Mischief) -> None:
    root = site.base.removesuffix(PATH)
    for name in (METADATA, "/.well-known/oauth-authorization-server"):
        mischief.answers[f"{name}{PATH}"] = 404
    assert told(issuer(site)) == [
        ("warning", "metadata", f"{root}{METADATA}{PATH} does not give the metadata"),
        ("warning", "metadata", f"{root}/.well-known/oauth-authorization-server{PATH} does not give the metadata"),
    ]


def test_keys_that_nobody_can_read(site: Site, mischief: Mischief) -> None:
    mischief.answers[f"{PATH}/jwks.json"] = 403
    assert told(issuer(site)) == [("fault", "jwks", f"{site.base}/jwks.json cannot be read: status 403")]
    mischief.answers.clear()
    mischief.replaced['"keys"'] = '"key"'
    assert told(issuer(site)) == [("fault", "jwks", f"{site.base}/jwks.json has no keys")]


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("cache-control", "its Cache-Control does not arrive"),
        ("etag", "its ETag does not arrive"),
        ("access-control-allow-origin", "applications in a browser cannot read it"),
    ],
)
def test_headers_of_the_keys_that_the_proxy_drops(site: Site, mischief: Mischief, header: str, found: str) -> None:
    mischief.dropped.add(header)
    assert told(issuer(site)) == [("warning", "jwks", found)]


def test_headers_of_pages_that_the_proxy_drops(site: Site, mischief: Mischief) -> None:
    mischief.dropped |= {"content-security-policy", "referrer-policy"}
    assert told(pages(site, is_loopback=True)) == [
        ("warning", "pages", "these headers do not arrive: Content-Security-Policy, Referrer-Policy")
    ]


def test_a_page_that_is_not_answered(site: Site, mischief: Mischief) -> None:
    mischief.answers[f"{PATH}/sign-in"] = 421
    assert told(pages(site, is_loopback=True)) == [("fault", "pages", f"{site.base}/sign-in is answered with 421")]


def test_a_cookie_that_does_not_arrive_as_it_was_set(site: Site, mischief: Mischief) -> None:
    mischief.replaced["SameSite=Lax"] = "SameSite=None"
    name = "the cookie authserver_browser"
    assert told(pages(site, is_loopback=True)) == [("fault", "cookies", f"{name} has lost samesite=lax")]
    mischief.replaced = {"; HttpOnly": ""}
    assert told(pages(site, is_loopback=True)) == [("fault", "cookies", f"{name} has lost httponly")]
    mischief.replaced = {"authserver_browser": "proxied_browser"}
    assert told(pages(site, is_loopback=True)) == [("fault", "cookies", f"{name} is not set")]


def test_on_the_internet_a_cookie_is_secure_and_of_one_host_and_pages_want_https(
    site: Site, mischief: Mischief
) -> None:
    mischief.replaced["authserver_browser"] = "__Host-authserver_browser"
    name = "the cookie __Host-authserver_browser"
    missing = ("warning", "pages", "these headers do not arrive: Strict-Transport-Security")
    assert told(pages(site, is_loopback=False)) == [("fault", "cookies", f"{name} has lost secure"), missing]
    mischief.replaced["Path=/"] = "Secure; Domain=example.com; Path=/"
    domain = ("fault", "cookies", f"{name} has got a Domain, so browsers refuse it")
    assert told(pages(site, is_loopback=False)) == [domain, missing]
