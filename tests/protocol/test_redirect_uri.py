"""Redirect URIs: what may be registered and what matches."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.protocol.client.client import ClientType
from authserver.protocol.origin import origin_fault, origin_of
from authserver.protocol.request.redirect_uri import MAX_LENGTH, matches, registration_fault

WEB = "https://portal.example.com/callback"
NATIVE = "http://127.0.0.1/callback"
TYPES: list[ClientType] = ["web", "spa", "native", "service"]


@pytest.mark.parametrize(
    ("uri", "client_type"),
    [
        (WEB, "web"),
        ("https://portal.example.com", "web"),
        ("https://portal.example.com:8443/a/b?tenant=1&x=%20", "spa"),
        ("https://xn--bcher-kva.example/cb", "web"),
        ("https://192.0.2.7/cb", "web"),
        ("https://[2001:db8::1]/cb", "web"),
        ("https://host/~a/b@c", "web"),
        ("http://localhost:8081/callback", "web"),
        ("http://localhost/", "spa"),
        ("http://127.0.0.1:3000/", "spa"),
        ("http://[::1]:3000/", "web"),
        (NATIVE, "native"),
        ("http://[::1]:8000/callback", "native"),
        ("http://localhost/callback", "native"),
        ("https://app.example.com/callback", "native"),
        ("com.example.app:/callback", "native"),
        ("com.example.app://callback", "native"),
    ],
)
def test_a_sound_uri_may_be_registered(uri: str, client_type: ClientType) -> None:
    assert registration_fault(uri, client_type) is None


@pytest.mark.parametrize(
    ("uri", "word"),
    [
        ("", "characters"),
        ("https://h/" + "a" * MAX_LENGTH, "characters"),
        ("/callback", "absolute"),
        ("callback", "absolute"),
        ("//portal.example.com/cb", "absolute"),
        (f"{WEB}#", "fragment"),
        (f"{WEB}#a", "fragment"),
        ("https://user@portal.example.com/", "username or password"),
        ("https://user:pass@portal.example.com/", "username or password"),
        ("https://127.0.0.1@evil.example/", "username or password"),
        ("https://*.example.com/cb", "wildcard"),
        ("https://portal.example.com/*", "wildcard"),
        ("https://portal.example.com\\@evil.example/", "backslash"),
        ("https://portal.example.com/\x00", "ASCII"),
        ("https://portal.example.com/\r\nSet-Cookie:a", "ASCII"),
        ("https://portal.example.com/ a", "ASCII"),
        ("https://portal.example.com/\u202ecb", "ASCII"),
        ("https://bücher.example/cb", "ASCII"),
        ('https://portal.example.com/"', "ASCII"),
        ("https://portal.example.com/<script>", "ASCII"),
        ("https://portal.example.com/%zz", "hexadecimal"),
        ("https://portal.example.com/%", "hexadecimal"),
        ("https://portal.example.com/a/../b", "segments"),
        ("https://portal.example.com/.", "segments"),
        ("https://portal.example.com/%2e%2E/b", "escape"),
        ("https://portal.example.com/a%2Fb", "escape"),
        ("https://portal.example.com/a%5cb", "escape"),
        ("https://portal.example.com/a%0d%0ab", "escape"),
        ("https://portal.example.com/%00", "escape"),
        ("http://portal.example.com/cb", "https://"),
        ("http://localhost.example.com/cb", "https://"),
        ("http://127.0.0.1.example.com/cb", "https://"),
        ("http://127.1/", "usual spelling"),
        ("http://2130706433/", "usual spelling"),
        ("http://0x7f000001/", "usual spelling"),
        ("https://[0:0:0:0:0:0:0:1]/", "usual spelling"),
        ("https://[::zz]/", "malformed"),
        ("https://PORTAL.example.com/", "lower-case"),
        ("https://portal..example.com/", "lower-case"),
        ("https://portal.example.com./", "lower-case"),
        ("https:///cb", "lower-case"),
        ("https://portal.example.com:/cb", "malformed"),
        ("https://portal.example.com:0/cb", "malformed"),
        ("https://portal.example.com:65536/cb", "malformed"),
        ("https://portal.example.com:80:80/cb", "malformed"),
        ("https:portal.example.com", "https://host"),
        ("HTTPS://portal.example.com/", "lowercase"),
        ("javascript:alert(1)", "browser"),
        ("javascript://portal.example.com/%250aalert(1)", "browser"),
        ("JavaScript:alert(1)", "lowercase"),
        ("data:text/html,x", "browser"),
        ("file:///etc/passwd", "browser"),
        ("vbscript:x", "browser"),
        ("blob:https://portal.example.com/x", "browser"),
        ("ftp://portal.example.com/", "https://"),
        (f"{WEB}?code=planted", "code"),
        (f"{WEB}?a=1&state=x", "state"),
        (f"{WEB}?iss=https://evil.example", "iss"),
        (f"{WEB}?error", "error"),
        (f"{WEB}?%63ode=planted", "code"),
        (f"{WEB}?%2563ode=planted", "code"),
    ],
)
def test_a_dangerous_uri_may_not_be_registered_by_a_website(uri: str, word: str) -> None:
    for client_type in ("web", "spa"):
        assert word in (registration_fault(uri, client_type) or "")


@pytest.mark.parametrize(
    ("uri", "word"),
    [
        ("http://app.example.com/callback", "127.0.0.1"),
        ("http://grafana.lan/callback", "127.0.0.1"),
        ("http://localhost.example.com/callback", "127.0.0.1"),
        ("myapp:/callback", "needs a dot"),
        ("com.example.app:callback", "path"),
        ("com.example.app:", "path"),
        ("com.example.app://user@host/", "username or password"),
        ("com.example.app:/a/../b", "segments"),
        ("com.example.app:/cb?code=1", "code"),
        ("javascript:alert(1)", "browser"),
        ("data:text/html,x", "browser"),
        ("file:/x", "browser"),
    ],
)
def test_a_dangerous_uri_may_not_be_registered_by_a_native_application(uri: str, word: str) -> None:
    assert word in (registration_fault(uri, "native") or "")


def test_a_service_client_has_no_redirect_uri() -> None:
    assert registration_fault(WEB, "service")


@pytest.mark.parametrize("client_type", TYPES)
def test_a_registered_uri_matches_itself_only(client_type: ClientType) -> None:
    registered = [WEB, f"{WEB}?tenant=1"]
    assert all(matches(registered, uri, client_type) for uri in registered)
    for other in (
        "",
        f"{WEB}/",
        f"{WEB}/extra",
        WEB[:-1],
        WEB.upper(),
        WEB.replace("portal", "PORTAL"),
        WEB.replace("https", "HTTPS"),
        WEB.replace("https", "http"),
        WEB.replace(".com", ".com:443"),
        WEB.replace(".com", ".com:8443"),
        WEB.replace(".com", ".com."),
        WEB.replace(".com", ".com.evil.example"),
        WEB.replace("//", "//user@"),
        WEB.replace("//", "//evil.example\\@"),
        WEB.replace("callback", "%63allback"),
        WEB.replace("callback", "x/../callback"),
        WEB.replace("callback", "./callback"),
        f"{WEB}#",
        f"{WEB}#a",
        f"{WEB}?",
        f"{WEB}?code=planted",
        f"{WEB}?state=planted",
        f"{WEB}?iss=https://evil.example",
        f"{WEB}?tenant=1&code=planted",
        f"{WEB}?tenant=2",
        f"{WEB}\x00",
        f"{WEB}\r\n",
        f"{WEB}\n",
        f" {WEB}",
        f"{WEB}\u202e",
    ):
        assert not matches(registered, other, client_type), other


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost"])
@pytest.mark.parametrize("registered_port", ["", ":8000"])
def test_a_native_loopback_uri_matches_at_every_port(host: str, registered_port: str) -> None:
    registered = [f"http://{host}{registered_port}/callback?a=1"]
    for port in ("", ":1", ":80", ":8000", ":51004", ":65535"):
        assert matches(registered, f"http://{host}{port}/callback?a=1", "native")


@pytest.mark.parametrize(
    "other",
    [
        "http://127.0.0.1:8000/callback/",
        "http://127.0.0.1:8000/Callback",
        "http://127.0.0.1:8000",
        "http://127.0.0.1:8000/callback?a=1",
        "http://127.0.0.1:8000/callback?code=planted",
        "http://127.0.0.1:8000/callback#a",
        "http://127.0.0.1:8000/callback\n",
        "http://127.0.0.1:8000/x/../callback",
        "http://127.0.0.1:8000/%63allback",
        "http://127.0.0.1:8000\\/callback",
        "http://127.0.0.1:8000@evil.example/callback",
        "http://127.0.0.1@evil.example/callback",
        "http://user@127.0.0.1:8000/callback",
        "http://127.0.0.1:/callback",
        "http://127.0.0.1:0/callback",
        "http://127.0.0.1:08000/callback",
        "http://127.0.0.1:65536/callback",
        "http://127.0.0.1:999999/callback",
        "http://127.0.0.1:8o/callback",
        "http://127.0.0.1:٨٠٠٠/callback",
        "http://localhost:8000/callback",
        "http://localhost/callback",
        "http://[::1]:8000/callback",
        "http://127.0.0.2:8000/callback",
        "http://127.1:8000/callback",
        "http://2130706433:8000/callback",
        "http://[::ffff:127.0.0.1]:8000/callback",
        "https://127.0.0.1:8000/callback",
        "HTTP://127.0.0.1:8000/callback",
        "http://127.0.0.1.evil.example/callback",
    ],
)
def test_a_native_loopback_uri_differs_in_nothing_but_the_port(other: str) -> None:
    assert not matches([NATIVE], other, "native")


@pytest.mark.parametrize("client_type", ["web", "spa", "service"])
def test_the_port_is_free_for_native_clients_only(client_type: ClientType) -> None:
    assert not matches([NATIVE], "http://127.0.0.1:8000/callback", client_type)


@pytest.mark.parametrize("registered", ["127.0.0.1", "[::1]", "localhost"])
@pytest.mark.parametrize("requested", ["127.0.0.1", "[::1]", "localhost", "LOCALHOST", "localhost.", "localhost.lan"])
def test_localhost_and_each_loopback_address_stand_for_themselves_alone(registered: str, requested: str) -> None:
    found = matches([f"http://{registered}:1/cb"], f"http://{requested}:8000/cb", "native")
    assert found == (registered == requested)


def test_the_port_of_https_and_of_a_name_of_this_machine_is_never_free() -> None:
    for registered in (
        "https://localhost/cb",
        "https://127.0.0.1/cb",
        "https://app.example.com/cb",
        "http://a.localhost/cb",
    ):
        host = registered.removesuffix("/cb")
        assert not matches([registered], f"{host}:8000/cb", "native")


URI_PARTS = st.sampled_from(
    ["http", "https", "://", ":", "/", "//", "127.0.0.1", "[::1]", "localhost", "@", "\\", "#", "?", "%2e", "..", "*"]
)
URIS = st.one_of(st.text(), st.lists(st.one_of(URI_PARTS, st.text(max_size=3)), max_size=12).map("".join))


@given(URIS, st.sampled_from(TYPES))
def test_any_text_is_judged_without_trouble(uri: str, client_type: ClientType) -> None:
    if registration_fault(uri, client_type) is None:
        assert client_type != "service"
        assert set(uri) <= set(string.ascii_letters + string.digits + "-._~:/?[]@!$&'()+,;=%")
        assert matches([uri], uri, client_type)


@given(URIS, URIS, st.sampled_from(["web", "spa", "service"]))
def test_without_the_native_relaxation_only_equal_texts_match(
    registered: str, requested: str, client_type: ClientType
) -> None:
    assert matches([registered], requested, client_type) == (registered == requested)


@given(st.integers(1, 65535), st.sampled_from(["127.0.0.1", "[::1]", "localhost"]), st.text(max_size=20))
def test_whatever_port_a_native_client_listens_on_the_rest_is_exact(port: int, host: str, rest: str) -> None:
    expected = rest == "/cb"
    assert matches([f"http://{host}/cb"], f"http://{host}:{port}{rest}", "native") == expected
    assert matches([f"http://{host}/cb"], f"http://{host}:{port}/cb", "native")


@pytest.mark.parametrize(
    ("uri", "origin"),
    [
        ("https://app.example.com/a?b", "https://app.example.com"),
        ("https://app.example.com:443/", "https://app.example.com"),
        ("https://app.example.com:8443/", "https://app.example.com:8443"),
        ("http://localhost:80/", "http://localhost"),
        ("http://[::1]:3000/", "http://[::1]:3000"),
        ("com.example.app:/cb", None),
    ],
)
def test_an_origin_is_written_as_a_browser_writes_it(uri: str, origin: str | None) -> None:
    assert origin_of(uri) == origin
    assert origin is None or origin_fault(origin) is None


@pytest.mark.parametrize(
    "origin",
    ["*", "null", "https://*.example.com", "https://a.example/", "https://a.example:443", "https://a.example/b",
     "http://a.example", "https://A.example", "a.example", "https://u@a.example", "com.example.app:/"],
)  # fmt: skip
def test_an_origin_that_is_no_exact_origin_is_refused(origin: str) -> None:
    assert origin_fault(origin)
